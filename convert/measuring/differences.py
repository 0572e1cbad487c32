"""What int8 costs: its logits against those of float, on the same windows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

from edgecry.types import Float32Array

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
BINS = 40


def compare(
    float_logits: Float32Array, int8_logits: Float32Array, cry: NDArray[np.bool_]
) -> dict[str, Any]:
    """How far int8 is from float, and what that costs in average precision and F1.

    Differences are int8 - float, for each class, of the logit and of the score before calibration,
    1 / (1 + exp(-logit)). F1 is of windows, of both at the threshold that is best for float.
    All arguments (n,), with both classes.
    """
    difference = np.abs(int8_logits - float_logits)
    threshold, float_f1 = best_f1(float_logits, cry)
    int8_f1 = float(f1_score(cry, int8_logits >= threshold))
    return {
        "windows": len(cry),
        "cries": int(cry.sum()),
        "logit_difference_median": float(np.median(difference)),
        "logit_difference_p99": float(np.percentile(difference, 99)),
        "logit_difference_max": float(difference.max()),
        "float_average_precision": float(average_precision_score(cry, float_logits)),
        "int8_average_precision": float(average_precision_score(cry, int8_logits)),
        "f1_threshold_logit": threshold,
        "float_f1": float_f1,
        "int8_f1": int8_f1,
        "f1_loss": float_f1 - int8_f1,
        "logit_differences": distribution(int8_logits - float_logits, cry),
        "score_differences": distribution(_score(int8_logits) - _score(float_logits), cry),
    }


def best_f1(logits: Float32Array, cry: NDArray[np.bool_]) -> tuple[float, float]:
    """The threshold with the best F1, and that F1; a logit at the threshold is a cry."""
    precision, recall, thresholds = precision_recall_curve(cry, logits)
    f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).tiny)
    best = int(np.argmax(f1[:-1]))
    return float(thresholds[best]), float(f1[best])


def distribution(difference: Float32Array, cry: NDArray[np.bool_]) -> dict[str, Any]:
    """Quantiles, and counts in BINS equal bins between `edges`, for cries and non-cries."""
    edges = np.histogram_bin_edges(difference, BINS)
    classes = {"cry": difference[cry], "noncry": difference[~cry]}
    return {
        "quantiles": {
            name: {f"{q:g}": float(np.quantile(of, q)) for q in QUANTILES}
            for name, of in classes.items()
        },
        "edges": edges.tolist(),
        "counts": {name: np.histogram(of, edges)[0].tolist() for name, of in classes.items()},
    }


def _score(logits: Float32Array) -> Float32Array:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float32)
