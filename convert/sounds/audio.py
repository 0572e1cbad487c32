"""Recordings as the network hears them: mono float32 at the model's rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr

from edgecry.capture.mp3 import mp3_of_unknown_length
from edgecry.capture.recording import Recording
from edgecry.capture.sndfile import UNKNOWN_FRAMES
from edgecry.types import Float32Array

RATE_HZ = 16_000


def load_audio(path: Path) -> Float32Array:
    """The whole recording as the device has it, (n,) float32 at RATE_HZ; channels are averaged.

    Raises RecordingError if it cannot be decoded.
    """
    with Recording(path, RATE_HZ) as blocks:
        return np.concatenate(list(blocks))


def duration_s(path: Path) -> float:
    """By its header where that is known to tell it, else by decoding. Raises RecordingError."""
    if not mp3_of_unknown_length(path):
        try:
            header = soundfile.info(path)
        except soundfile.LibsndfileError:
            pass  # for ffmpeg, or no recording
        else:
            if 0 < header.frames < UNKNOWN_FRAMES:
                return float(header.duration)
    return len(load_audio(path)) / RATE_HZ


def resample(samples: Float32Array, from_hz: float, to_hz: float) -> Float32Array:
    """Band-limited resampling, (n,) float32."""
    if from_hz == to_hz:
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz), np.float32)
