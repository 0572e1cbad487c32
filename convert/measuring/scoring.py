"""What a detector made of a recording: its evidence, its score, its false alarms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MERGE_S = 3.0
"""False alarms nearer than this are one."""
REARM_S = 10.0
"""A false alarm that lasts counts again after this long: a detector stuck on scores 360 an hour."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a detector made of one recording. end_s, evidence: (windows,); score ranks it."""

    end_s: NDArray[np.float64]
    evidence: NDArray[np.float64]
    duration_s: float
    score: float

    @property
    def peak(self) -> float:
        """The highest evidence, which an alarm looks at."""
        return float(self.evidence.max())


def smoothed(p_cry: NDArray[np.float64], windows: int) -> NDArray[np.float64]:
    """Mean of the last `windows` values, fewer at the start: the device's
    `edgecry.decision.evidence.Evidence`, for a whole recording."""
    total = np.cumsum(np.concatenate(([0.0], p_cry)))
    last = np.arange(1, len(p_cry) + 1)
    first = np.maximum(0, last - windows)
    return (total[last] - total[first]) / (last - first)


def false_alarms(heard: Heard, on: float, window_s: float) -> int:
    """Alarms in a recording without a cry."""
    ends = heard.end_s[heard.evidence >= on]
    if not len(ends):
        return 0
    segments = np.split(ends, np.flatnonzero(np.diff(ends) > MERGE_S + window_s) + 1)
    return sum(int(np.ceil((s[-1] - s[0] + window_s) / REARM_S)) for s in segments)
