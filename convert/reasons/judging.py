"""What answers are worth: figures of a confusion matrix, with intervals that respect babies. Pure.

Intervals are 95 %, by bootstrap: of each class's groups as many are drawn, with replacement, as
there are, so that no class is lost in a draw (as of several samples: B. Efron and R. Tibshirani, An
Introduction to the Bootstrap, 1993, chapter 8). Macro figures are means over the classes that are
there to be found; balanced accuracy is macro recall.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convert.measuring.metrics import RESAMPLES, Interval, interval

FIGURES = ("accuracy", "balanced_accuracy", "macro_precision", "macro_f1")

Matrix = NDArray[np.int64]


def answers(probabilities: NDArray[np.float64], threshold: float | None = None) -> NDArray[np.intp]:
    """(items, classes) -> (items,): the likeliest class; with a threshold the first of two classes
    from this probability on."""
    if threshold is not None:
        return np.where(probabilities[:, 0] >= threshold, 0, 1)
    return probabilities.argmax(axis=1)


def confusion_by_group(
    labels: NDArray[np.intp], answered: NDArray[np.intp], groups: Sequence[str], classes: int
) -> Matrix:
    """(groups, classes, classes): how often an item of the row's class was called the column's."""
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    matrix = np.zeros((len(names), classes, classes), np.int64)
    np.add.at(matrix, (member, labels, answered), 1)
    return matrix


def figures(confusion: Matrix | NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """FIGURES of confusion matrices, (..., classes, classes) -> (...); NaN of one without items."""
    precision, recall, f1 = of_classes(confusion)
    there = confusion.sum(axis=-1) > 0
    hits = np.trace(confusion, axis1=-2, axis2=-1)

    def macro(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(there, values, 0.0).sum(axis=-1) / there.sum(axis=-1)

    with np.errstate(invalid="ignore"):
        return {
            "accuracy": hits / confusion.sum(axis=(-2, -1)),
            "balanced_accuracy": macro(recall),
            "macro_precision": macro(precision),
            "macro_f1": macro(f1),
        }


def of_classes(
    confusion: Matrix | NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(precision, recall, F1) of each class, (..., classes); 0 where nothing was called so."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    called, there = confusion.sum(axis=-2), confusion.sum(axis=-1)
    return (
        hits / np.maximum(called, 1),
        hits / np.maximum(there, 1),
        2 * hits / np.maximum(called + there, 1),
    )


def with_intervals(by_group: Matrix) -> dict[str, tuple[float, Interval]]:
    """FIGURES, each with its interval."""
    measured, drawn = figures(by_group.sum(axis=0)), figures(_draws(by_group))
    return {name: (float(measured[name]), interval(drawn[name])) for name in FIGURES}


def of_rows(by_group: Matrix, rows: Sequence[int]) -> Matrix:
    """The items of these true classes alone, whatever they were called."""
    kept = np.zeros_like(by_group)
    kept[:, rows] = by_group[:, rows]
    return kept


def differences(ours: Matrix, theirs: Matrix) -> dict[str, tuple[float, Interval]]:
    """Ours minus theirs over the same items; each draw judges both on the same groups."""
    mine, other = figures(ours.sum(axis=0)), figures(theirs.sum(axis=0))
    drawn, others = figures(_draws(ours)), figures(_draws(theirs))
    return {
        name: (float(mine[name] - other[name]), interval(drawn[name] - others[name]))
        for name in FIGURES
    }


def chance(by_group: Matrix) -> dict[str, float]:
    """FIGURES to be expected of the same answers, each as often, given to items at random."""
    return {name: float(v) for name, v in figures(_unrelated(by_group.sum(axis=0))).items()}


def above_chance(by_group: Matrix) -> dict[str, tuple[float, Interval]]:
    """FIGURES minus those of `chance`."""
    whole, drawn = by_group.sum(axis=0), _draws(by_group)
    measured, unrelated = figures(whole), figures(_unrelated(whole))
    theirs, others = figures(drawn), figures(_unrelated(drawn))
    return {
        name: (float(measured[name] - unrelated[name]), interval(theirs[name] - others[name]))
        for name in FIGURES
    }


def _unrelated(confusion: Matrix) -> NDArray[np.float64]:
    """What is to be expected of a confusion matrix with the same sums of rows and columns."""
    rows, columns = confusion.sum(axis=-1), confusion.sum(axis=-2)
    return rows[..., :, None] * columns[..., None, :] / confusion.sum(axis=(-2, -1), keepdims=True)


def _draws(by_group: Matrix) -> Matrix:
    """(RESAMPLES, classes, classes); the same draws for groups of the same items. The class of a
    group is that of most of its items."""
    rng = np.random.default_rng(0)
    items = by_group.sum(axis=-1)
    class_of = np.where(items.any(axis=1), items.argmax(axis=1), -1)
    drawn = np.zeros((RESAMPLES, *by_group.shape[1:]), np.int64)
    for number in range(by_group.shape[1]):
        members = by_group[class_of == number]
        if len(members):
            times = rng.multinomial(
                len(members), np.full(len(members), 1 / len(members)), RESAMPLES
            )
            drawn += np.tensordot(times, members, axes=1)
    return drawn
