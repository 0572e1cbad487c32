"""Metrics of scores against labels, with intervals that respect groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

RESAMPLES = 300


def clip_metrics(
    cry: NDArray[np.bool_], scores: NDArray[np.float64], groups: Sequence[str]
) -> dict[str, object]:
    """ROC-AUC, average precision, TPR at fixed FPR and best F1 of file scores.

    Intervals: 95 %, bootstrap over groups (babies, recordings), not over clips.
    """
    rng = np.random.default_rng(0)
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    clips_of = [np.flatnonzero(member == g) for g in range(len(names))]
    drawn: list[tuple[float, float]] = []
    for _ in range(RESAMPLES):
        chosen = rng.integers(len(names), size=len(names))
        at = np.concatenate([clips_of[g] for g in chosen])
        if cry[at].any() and not cry[at].all():
            drawn.append((auc(cry[at], scores[at]), tpr_at(cry[at], scores[at], 0.01)))
    low, high = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    return {
        "clips": len(cry),
        "cries": int(cry.sum()),
        "groups_with_cries": len({g for g, c in zip(groups, cry, strict=True) if c}),
        "auc": auc(cry, scores),
        "auc_ci95": [float(low[0]), float(high[0])],
        "average_precision": float(average_precision_score(cry, scores)),
        "tpr_at_fpr_1pct": tpr_at(cry, scores, 0.01),
        "tpr_at_fpr_1pct_ci95": [float(low[1]), float(high[1])],
        "tpr_at_fpr_0_1pct": tpr_at(cry, scores, 0.001),
        **best_f1(cry, scores),
    }


def best_f1(cry: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, float]:
    """The highest F1 that any threshold gives, and that threshold."""
    precision, recall, thresholds = precision_recall_curve(cry, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(f1[:-1].argmax())
    return {"best_f1": float(f1[best]), "best_f1_threshold": float(thresholds[best])}


def auc(cry: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Area under the ROC curve."""
    return float(roc_auc_score(cry, scores))


def tpr_at(cry: NDArray[np.bool_], scores: NDArray[np.float64], fpr_limit: float) -> float:
    """The highest share of cries found at a false positive rate of at most `fpr_limit`."""
    fpr, tpr, _ = roc_curve(cry, scores)
    return float(tpr[fpr <= fpr_limit][-1])
