"""Is the sound too loud for the microphone? Pure: times are of the sound that was handed in.

TOO_MUCH leaves some room. Of 37 cries that chose thresholds, the shipped detector (balanced) finds
34; driven over the rails until a fifth of the samples is cut off 32, and 31 with half of them. Of
253 other recordings it takes 1, 2 and 2 for a cry. Of 1,489 recordings as they are, two
would raise the fault: a thunder and a siren that were recorded so.
`python tests/measure_clipping.py ../shared/data` measures it again.
"""

from __future__ import annotations

from collections import deque

from edgecry.types import AudioBlock

TOO_MUCH = 0.1
GOOD_AGAIN = 0.05
SHARE_OF_S = 4.0
CLEAR_AFTER_S = 10.0
"""A baby breathes: a cry that clips is one fault."""


class Clipping:
    """TOO_MUCH of the last SHARE_OF_S was clipped; over after CLEAR_AFTER_S under GOOD_AGAIN."""

    def __init__(self) -> None:
        self._heard_s = 0.0
        self._recent: deque[tuple[float, float]] = deque()
        self._clipped_s = 0.0
        self._bad_s = 0.0
        self.trouble: str | None = None

    def hear(self, block: AudioBlock) -> None:
        """Take the next block."""
        length_s = len(block.samples) / block.sample_rate_hz
        self._heard_s = now_s = self._heard_s + length_s
        clipped_s = (block.clipped or 0.0) * length_s
        self._recent.append((now_s, clipped_s))
        self._clipped_s += clipped_s
        while now_s - self._recent[0][0] >= SHARE_OF_S:
            self._clipped_s -= self._recent.popleft()[1]
        share = self._clipped_s / SHARE_OF_S
        if share >= GOOD_AGAIN:
            self._bad_s = now_s
        if share >= TOO_MUCH:
            self.trouble = _words(share)
        elif now_s - self._bad_s >= CLEAR_AFTER_S:
            self.trouble = None


def _words(share: float) -> str:
    return (
        f"the sound is too loud for the microphone, {share:.0%} of it is cut off: cries may not be "
        "told from noise; turn its gain down in `alsamixer`, or move it away from what is loud"
    )
