"""How much of what a converter gives is not the sound but its own limit. Pure.

A sound that is too loud for a converter, or for what stands before it, is cut off: at the rails of
16 bits, or, where a digital gain follows or the analogue side gives up first, at any lower level.
Then many samples in a row have the greatest value, or the least, within a few steps of noise.
It has to be looked for in the converter's own samples: resampling rounds the flat tops.

What cannot be seen: a converter that takes a constant away after it has clipped (its tops are then
tilted), and an amplifier that limits softly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgecry.capture.ring import Int16Frames

LOUD = 0.05 * 32768
"""Lower tops are not looked at, nor a smaller swing beside a constant that the converter adds:
quiet sound has few steps, and so equal samples."""
RAIL = 32767
NOISE_STEPS = 4
RUN = 3
"""Samples in a row that make a top flat. That of a tone within its NOISE_STEPS is 1 % of it."""


def flat_share(frames: Int16Frames) -> float:
    """Share of the samples that lie on flat tops, of the channel that has most of them, 0..1.

    frames: (n, channels), as the converter gave them.
    """
    if not len(frames) or max(int(frames.max()), -int(frames.min())) < LOUD:
        return 0.0
    return max(_flat_count(channel) for channel in frames.T) / len(frames)


def _flat_count(samples: NDArray[np.int16]) -> int:
    """Samples of one channel, (n,), on flat tops and flat bottoms."""
    count = 0
    top, bottom = int(samples.max()), int(samples.min())
    if top - bottom < LOUD and max(top, -bottom) < RAIL:
        return 0
    if top >= LOUD:
        count += _in_runs(samples >= top - NOISE_STEPS)
    if -bottom >= LOUD:
        count += _in_runs(samples <= bottom + NOISE_STEPS)
    return count


def _in_runs(marked: NDArray[np.bool_]) -> int:
    """How many of the marks, (n,), stand in a row of RUN or more."""
    if np.count_nonzero(marked) < RUN:
        return 0
    edges = np.flatnonzero(np.diff(marked, prepend=False, append=False))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= RUN].sum())
