"""Recordings as the network hears them: mono float32 at the model's rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr

from edgecry.types import Float32Array

RATE_HZ = 16_000


def load_audio(path: Path) -> Float32Array:
    """The whole recording, (n,) float32 at RATE_HZ; channels are averaged."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return resample(samples.mean(axis=1), rate_hz, RATE_HZ)


def resample(samples: Float32Array, from_hz: float, to_hz: float) -> Float32Array:
    """Band-limited resampling, (n,) float32."""
    if from_hz == to_hz:
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz), np.float32)
