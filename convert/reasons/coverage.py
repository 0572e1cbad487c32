"""How often the answer is wrong, if only the surest clips are answered. Pure.

R. El-Yaniv and Y. Wiener, On the foundations of noise-free selective classification, 2010.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from convert.measuring.metrics import group_draws, interval
from convert.reasons.calibrating import Part
from convert.reasons.out_of_fold import Floats, OutOfFold
from convert.reasons.results import Figure

COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


class Point(msgspec.Struct, frozen=True):
    """So large a share of the clips is answered, the surest. risk: share of wrong answers.
    majority: if the most frequent class were answered for the same clips; above: risk minus that.
    """

    coverage: float
    risk: Figure
    majority: Figure
    above: Figure


class RiskCoverage(msgspec.Struct, frozen=True):
    """The curve at COVERAGES, and the area under all of it (AURC): the mean risk over all numbers
    of answered clips. aurc_above: that minus the majority's on the same clips."""

    points: list[Point]
    aurc: Figure
    aurc_majority: Figure
    aurc_above: Figure


def risk_coverage(heard: OutOfFold, parts: Sequence[Part]) -> RiskCoverage:
    """By the probability of the likeliest class, calibrated by the babies of all other parts.

    How sure a clip is, is the share of those babies' clips that are no surer: parts are calibrated
    differently, so that from one to another the probabilities themselves cannot be compared.
    """
    wrong, sure = np.empty(len(heard.labels)), np.empty(len(heard.labels))
    for part in parts:
        p = part.calibration.probabilities(heard.log_mean)
        highest, held = p.max(axis=1), part.held
        others = np.sort(highest[~held])
        sure[held] = np.searchsorted(others, highest[held], side="right") / len(others)
        wrong[held] = (p.argmax(axis=1) != heard.labels)[held]
    majority = (heard.majority != heard.labels).astype(float)

    def measured(at: NDArray[np.intp]) -> NDArray[np.float64]:
        """(ours, majority, difference) x (areas, then COVERAGES)."""
        both = [_areas_and_risks(sure[at], of[at]) for of in (wrong, majority)]
        return np.stack([*both, both[0] - both[1]])

    values = measured(np.arange(len(sure)))
    drawn = np.stack([measured(at) for at in group_draws(heard.groups.tolist())])

    def figure(of: int, number: int) -> Figure:
        return Figure(float(values[of, number]), interval(drawn[:, of, number]))

    points = [
        Point(coverage, *(figure(of, number) for of in range(3)))
        for number, coverage in enumerate(COVERAGES, start=1)
    ]
    return RiskCoverage(points, *(figure(of, 0) for of in range(3)))


def risks(sure: Floats, wrong: Floats) -> Floats:
    """(n,): risk if the surest 1, 2, ... n are answered. Among equally sure ones nobody is first:
    each counts as their mean."""
    levels, level = np.unique(-sure, return_inverse=True)
    mean = np.bincount(level, wrong, len(levels)) / np.bincount(level)
    expected = mean[np.sort(level)]
    return np.cumsum(expected) / np.arange(1, len(sure) + 1)


def _areas_and_risks(sure: Floats, wrong: Floats) -> NDArray[np.float64]:
    curve = risks(sure, wrong)
    counts = np.ceil(np.array(COVERAGES) * len(curve) - 1e-9).astype(int)
    return np.concatenate([[curve.mean()], curve[counts - 1]])
