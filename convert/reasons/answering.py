"""From which probability on a label may be answered. Pure.

A label is answered from the lowest of a few thresholds from which its precision is proved to be
above its share of the clips. A threshold is fixed by how many answers it keeps. What is proved is
the way to it: every baby is judged with a calibration and thresholds that other babies gave, and
what ships is the calibration and the thresholds that all babies give in the same way. The level of
95 % is shared by all thresholds and all labels (Bonferroni), so that of models that hear nothing
one in twenty at most gets to answer anything. Whoever is right about many clips of one baby has
proved it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from convert.measuring.metrics import wilson_interval
from convert.reasons.calibrating import Part
from convert.reasons.out_of_fold import Floats, Numbers, OutOfFold
from edgecry.inference.reasons_manifest import ReasonsCalibration

KEPT = (1.0, 0.5, 0.25)
"""The thresholds: such shares of a label's answers, the surest ones, are at or above them."""
FEWEST_BABIES = 10
"""Who is right about fewer babies has proved nothing."""
CONFIDENCE = 0.95
DRAWS = 10_000
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Trial:
    """One threshold of one label.

    threshold: of the calibration that ships; it keeps as many answers as the thresholds by which
    the babies of each part are judged. answers, babies: that it is answered for. right,
    right_babies: of those. low: of precision minus share, the lower end of the interval.
    """

    threshold: float
    answers: int
    babies: int
    right: int
    right_babies: int
    share: float
    low: float

    @property
    def proved(self) -> bool:
        """Is the precision clearly above the share?"""
        return self.low > 0 and self.right_babies >= FEWEST_BABIES


def trials(heard: OutOfFold, ships: ReasonsCalibration, parts: Sequence[Part]) -> list[list[Trial]]:
    """Every threshold of every label, the lowest first; [] for a label that is never answered.

    ships: of all babies. parts: that the babies are judged in.
    """
    _, baby = np.unique(heard.groups, return_inverse=True)
    tail = (1 - CONFIDENCE) / 2 / (heard.classes * len(KEPT))
    babies = baby.max() + 1
    drawn = np.random.default_rng(0).multinomial(babies, np.full(babies, 1 / babies), DRAWS)
    answered = np.zeros((len(heard.labels), heard.classes, len(KEPT)), bool)
    for part in parts:
        p = part.calibration.probabilities(heard.log_mean)
        answered[part.held] = _answered(p[part.held], _thresholds(p[~part.held]))
    shipped = _thresholds(ships.probabilities(heard.log_mean))
    return [
        [
            _trial(answered[:, label, kept], threshold, heard.labels == label, baby, drawn, tail)
            # Of those that rounding makes one, the first keeps the most answers.
            for threshold, kept in zip(*np.unique(shipped[label], return_index=True), strict=True)
            if np.isfinite(threshold) and answered[:, label, kept].any()
        ]
        for label in range(heard.classes)
    ]


def answer_from(of_label: list[Trial]) -> float | None:
    """The lowest threshold that is proved; None: the label is never answered."""
    return min((t.threshold for t in of_label if t.proved), default=None)


def _thresholds(p: Floats) -> Floats:
    """(clips, classes) -> (classes, KEPT), rounded down; infinite where a label is never
    likeliest."""
    out = np.full((p.shape[1], len(KEPT)), np.inf)
    likeliest = p.argmax(axis=1)
    for label in np.unique(likeliest):
        found = np.quantile(p[likeliest == label, label], 1 - np.array(KEPT), method="lower")
        out[label] = np.maximum(1, np.floor(found * 10**DIGITS)) / 10**DIGITS
    return out


def _answered(p: Floats, thresholds: Floats) -> NDArray[np.bool_]:
    """(clips, classes) -> (clips, classes, KEPT)."""
    likeliest = np.arange(p.shape[1]) == p.argmax(axis=1)[:, None]
    return likeliest[:, :, None] & (p[:, :, None] >= thresholds)


def _trial(
    answered: NDArray[np.bool_],
    threshold: float,
    there: NDArray[np.bool_],
    baby: Numbers,
    drawn: NDArray[np.int64],
    tail: float,
) -> Trial:
    by_baby = np.stack(
        [np.bincount(baby, of, drawn.shape[1]) for of in (answered & there, answered, there)]
        + [np.bincount(baby, minlength=drawn.shape[1])]
    )
    right, answers, own, clips = (drawn @ by_baby.T).T
    bootstrap = np.quantile(right / np.maximum(answers, 1) - own / clips, tail)
    # A bootstrap of answers that are all right sees no spread: then babies count as one clip each.
    counts, hits = by_baby[1], float(by_baby[0].sum())
    independent = float(counts.sum() ** 2 / np.square(counts).sum())
    wilson, _ = wilson_interval(
        independent * hits / counts.sum(), independent, NormalDist().inv_cdf(1 - tail)
    )
    share = float(there.mean())
    return Trial(
        threshold=float(threshold),
        answers=int(answered.sum()),
        babies=int((counts > 0).sum()),
        right=int(hits),
        right_babies=int((by_baby[0] > 0).sum()),
        share=share,
        low=float(min(bootstrap, wilson - share)),
    )
