"""From which probability on a label may be answered. Pure.

A label is answered from the lowest of a few thresholds from which its precision is proved to be
above its share of the clips. The thresholds are fixed by how many answers they keep, before anybody
looks who is right; the level of 95 % is shared by all of them and all labels (Bonferroni), so that
of models that hear nothing one in twenty at most gets to answer anything. Whoever is right about
many clips of one baby has proved it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from convert.measuring.metrics import wilson_interval
from convert.reasons.out_of_fold import Floats, Numbers, OutOfFold

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

    answers, babies: that it is answered for. right, right_babies: of those. low: of precision minus
    share, the lower end of the interval.
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


def trials(p: Floats, heard: OutOfFold) -> list[list[Trial]]:
    """Every threshold of every label, the lowest first; [] for a label that is never likeliest.

    p: (clips, classes), not fitted on their own babies.
    """
    likeliest = p.argmax(axis=1)
    names, baby = np.unique(heard.groups, return_inverse=True)
    tail = (1 - CONFIDENCE) / 2 / (heard.classes * len(KEPT))
    drawn = np.random.default_rng(0).multinomial(
        len(names), np.full(len(names), 1 / len(names)), DRAWS
    )
    return [
        [
            _trial(
                p[:, label], likeliest == label, threshold, label, heard.labels, baby, drawn, tail
            )
            for threshold in _thresholds(p[likeliest == label, label])
        ]
        for label in range(heard.classes)
    ]


def answer_from(of_label: list[Trial]) -> float | None:
    """The lowest threshold that is proved; None: the label is never answered."""
    return min((t.threshold for t in of_label if t.proved), default=None)


def _thresholds(p: Floats) -> list[float]:
    """Rounded down; the lowest first."""
    if not len(p):
        return []
    found = np.quantile(p, [1 - kept for kept in KEPT], method="lower")
    return sorted({max(10.0**-DIGITS, float(np.floor(t * 10**DIGITS) / 10**DIGITS)) for t in found})


def _trial(
    p: Floats,
    likeliest: NDArray[np.bool_],
    threshold: float,
    label: int,
    labels: Numbers,
    baby: Numbers,
    drawn: NDArray[np.int64],
    tail: float,
) -> Trial:
    answered, there = likeliest & (p >= threshold), labels == label
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
        threshold=threshold,
        answers=int(answered.sum()),
        babies=int((counts > 0).sum()),
        right=int(hits),
        right_babies=int((by_baby[0] > 0).sum()),
        share=share,
        low=float(min(bootstrap, wilson - share)),
    )
