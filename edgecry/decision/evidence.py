"""Scores -> evidence: one window is an opinion, several in a row are evidence."""

from __future__ import annotations

from collections import deque

from edgecry.types import Score


class Evidence:
    """Mean of the calibrated p_cry of the last `windows` windows, fewer after a start or a gap."""

    def __init__(self, windows: int, hop_samples: int) -> None:
        self._recent: deque[float] = deque(maxlen=windows)
        self._hop_samples = hop_samples
        self._due_end_sample: int | None = None

    def update(self, score: Score) -> float:
        """Take the next score and return the evidence, 0..1."""
        if score.end_sample != self._due_end_sample:
            self._recent.clear()
        self._due_end_sample = score.end_sample + self._hop_samples
        self._recent.append(score.p_cry)
        return sum(self._recent) / len(self._recent)
