"""Metrics of file scores against labels, with intervals that respect groups.

All intervals are 95 %. A group (a baby, a speaker, a recording) is drawn or left out as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import auc as area
from sklearn.metrics import precision_recall_curve, roc_curve

RESAMPLES = 500
NORMAL_97_5 = 1.959964

Labels = NDArray[np.bool_]
Scores = NDArray[np.float32] | NDArray[np.float64]
Interval = tuple[float, float]


METRICS = ("auc", "average_precision", "tpr_at_fpr_1pct", "tpr_at_fpr_0_1pct", "best_f1")
"""What a set of clips with both classes is judged by."""


def figures(cry: Labels, scores: Scores) -> dict[str, float]:
    """METRICS, and `best_f1_threshold`. cry, scores: (clips,); both classes must be there.

    The TPR is the highest at a false positive rate of at most so much; the F1 is the highest that
    any threshold gives. Average precision is not interpolated.
    """
    fpr, tpr, _ = roc_curve(cry, scores)
    precision, recall, thresholds = precision_recall_curve(cry, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(f1[:-1].argmax())
    return {
        "auc": float(area(fpr, tpr)),
        "average_precision": float(-np.sum(np.diff(recall) * precision[:-1])),
        "tpr_at_fpr_1pct": float(tpr[fpr <= 0.01][-1]),
        "tpr_at_fpr_0_1pct": float(tpr[fpr <= 0.001][-1]),
        "best_f1": float(f1[best]),
        "best_f1_threshold": float(thresholds[best]),
    }


def clip_metrics(cry: Labels, scores: Scores, groups: Sequence[str]) -> dict[str, Any]:
    """`figures`, and for each of METRICS `<name>_ci95` by bootstrap over groups."""
    drawn = [figures(cry[at], scores[at]) for at in _draws(cry, groups)]
    intervals = {f"{name}_ci95": interval([d[name] for d in drawn]) for name in METRICS}
    return {**figures(cry, scores), **intervals}


def paired_differences(
    cry: Labels, ours: Scores, theirs: Scores, groups: Sequence[str]
) -> dict[str, tuple[float, Interval]]:
    """For each of METRICS ours minus theirs on the same clips, and its interval.

    Bootstrap over groups; each draw judges both detectors on the same clips.
    """

    def differences(at: NDArray[np.intp]) -> dict[str, float]:
        mine, other = figures(cry[at], ours[at]), figures(cry[at], theirs[at])
        return {name: mine[name] - other[name] for name in METRICS}

    measured = differences(np.arange(len(cry)))
    drawn = [differences(at) for at in _draws(cry, groups)]
    return {name: (measured[name], interval([d[name] for d in drawn])) for name in METRICS}


def mean_interval(values: Sequence[float], groups: Sequence[str]) -> Interval:
    """Of the mean of values, by bootstrap over groups."""
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    sums, counts = np.bincount(member, values), np.bincount(member)
    drawn = np.random.default_rng(0).integers(len(names), size=(RESAMPLES, len(names)))
    return interval(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))


def share_interval(found: Sequence[bool], groups: Sequence[str]) -> Interval:
    """Of a share: the wider, at each end, of bootstrap over groups and Wilson's.

    All or none of few have no spread that a bootstrap could see.
    """
    bootstrap = mean_interval([float(f) for f in found], groups)
    wilson = wilson_interval(sum(found), len(found))
    return min(bootstrap[0], wilson[0]), max(bootstrap[1], wilson[1])


def wilson_interval(found: float, of: float, z: float = NORMAL_97_5) -> Interval:
    """Of a share found / of (E. B. Wilson, 1927); as if every clip were independent. of > 0.

    z: how many standard deviations of a normal distribution the interval reaches to each side.
    """
    z2 = z**2
    middle = (found + z2 / 2) / (of + z2)
    half = z / (of + z2) * math.sqrt(found * (of - found) / of + z2 / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def _draws(cry: Labels, groups: Sequence[str]) -> Iterator[NDArray[np.intp]]:
    """Those draws that hold both classes."""
    return (at for at in group_draws(groups) if cry[at].any() and not cry[at].all())


def group_draws(groups: Sequence[str]) -> Iterator[NDArray[np.intp]]:
    """RESAMPLES times the clips of groups drawn with replacement; the same for the same groups."""
    rng = np.random.default_rng(0)
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    clips_of = [np.flatnonzero(member == g) for g in range(len(names))]
    for _ in range(RESAMPLES):
        yield np.concatenate([clips_of[g] for g in rng.integers(len(names), size=len(names))])


def interval(values: Sequence[float] | Scores) -> Interval:
    """95 % of what was drawn."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
