"""Scores -> evidence: one window is an opinion, several in a row are evidence."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable

from edgecry.types import Score


def recording_p_cry(p_cry: Iterable[float], windows: int) -> float:
    """The p_cry of a whole recording: the mean of its `windows` most cry-like windows.

    They need not be in a row, as they must for an alarm: what ranks recordings best is how sure
    the surest second is. Of a recording that has fewer windows, the mean of all; 0 without any.
    """
    surest = heapq.nlargest(windows, p_cry)
    return sum(surest) / len(surest) if surest else 0.0


class Evidence:
    """Mean of the calibrated p_cry of the last `windows` windows, fewer after a start or a gap."""

    def __init__(self, windows: int, hop_samples: int) -> None:
        self._recent: deque[float] = deque(maxlen=windows)
        self._hop_samples = hop_samples
        self._due_end_sample: int | None = None

    def update(self, score: Score) -> float:
        """Take the next score and return the evidence, 0..1."""
        self.skip(score)
        self._recent.append(score.p_cry)
        return self.value

    def skip(self, score: Score) -> float:
        """Take the next score as saying nothing: the evidence stays as it is, and goes on after."""
        if score.end_sample != self._due_end_sample:
            self._recent.clear()
        self._due_end_sample = score.end_sample + self._hop_samples
        return self.value

    @property
    def value(self) -> float:
        """The evidence; 0 before the first score and after a gap."""
        return sum(self._recent) / len(self._recent) if self._recent else 0.0
