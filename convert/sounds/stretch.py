"""Time-stretch that keeps the pitch: WSOLA (W. Verhelst and M. Roelands, ICASSP 1993)."""

from __future__ import annotations

import numpy as np

from convert.sounds.audio import RATE_HZ
from edgecry.types import Float32Array

FRAME = int(0.032 * RATE_HZ)
"""Two periods of a deep voice."""
HOP = FRAME // 2
REACH = FRAME // 4
"""How far a frame may be shifted so that its wave goes on where the one before ended."""


def stretch(samples: Float32Array, rate: float) -> Float32Array:
    """The same sound `rate` times as fast at the same pitch: (n,) -> (round(n / rate),)."""
    length = round(len(samples) / rate)
    count = length // HOP + 2
    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    spare = REACH + 2 * FRAME
    padded = np.concatenate((np.zeros(FRAME), samples, np.zeros(spare + int(2 * HOP * rate))))
    padded = padded.astype(np.float32)
    out = np.zeros(count * HOP + FRAME, np.float32)
    follows = 0
    for i in range(count):
        wanted = int(i * HOP * rate) + HOP
        found = min(wanted, len(padded) - spare)
        if i > 0:
            found = _best(padded, found, padded[follows : follows + FRAME])
        out[i * HOP : i * HOP + FRAME] += window * padded[found : found + FRAME]
        follows = found + HOP
    return out[HOP : HOP + length]


def _best(samples: Float32Array, near: int, template: Float32Array) -> int:
    """Where within REACH of `near` the samples are most like the template."""
    first = max(0, near - REACH)
    region = samples[first : near + REACH + len(template)]
    likeness = np.correlate(region, template, mode="valid")
    energy = np.cumsum(np.square(region, dtype=np.float64))
    energy = energy[len(template) - 1 :] - np.concatenate(([0.0], energy[: -len(template)]))
    return first + int(np.argmax(likeness / np.sqrt(np.maximum(energy, 1e-9))))
