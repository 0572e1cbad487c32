"""What int8 costs: its logits against those of float, on the same windows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from convert.measuring.metrics import figures
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
    in_float, in_int8 = figures(cry, float_logits), figures(cry, int8_logits)
    threshold, float_f1 = in_float["best_f1_threshold"], in_float["best_f1"]
    int8_f1 = float(f1_score(cry, int8_logits >= threshold))
    return {
        "windows": len(cry),
        "cries": int(cry.sum()),
        "logit_difference_median": float(np.median(difference)),
        "logit_difference_p99": float(np.percentile(difference, 99)),
        "logit_difference_max": float(difference.max()),
        "float_average_precision": in_float["average_precision"],
        "int8_average_precision": in_int8["average_precision"],
        "f1_threshold_logit": threshold,
        "float_f1": float_f1,
        "int8_f1": int8_f1,
        "f1_loss": float_f1 - int8_f1,
        "logit_differences": distribution(int8_logits - float_logits, cry),
        "score_differences": distribution(_score(int8_logits) - _score(float_logits), cry),
    }


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
