"""A spectrogram, and where its frames lie in time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from edgecry.types import Float32Array

FFT_SAMPLES, HOP_SAMPLES = 512, 160
RANGE_DB = 70.0
FLOOR_DB = -120.0
QUIETEST_TOP_DB = -50.0
"""The brightest colour is no lower, so that silence looks dark."""


def spectrogram_db(samples: Float32Array) -> NDArray[np.float64]:
    """(frames, bins) of a Hann window, dB re a sine at full scale."""
    padded = np.pad(samples, (0, max(0, FFT_SAMPLES - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT_SAMPLES)[::HOP_SAMPLES]
    hann = np.hanning(FFT_SAMPLES)
    power = np.abs(np.fft.rfft(frames * hann * (2 / hann.sum()), axis=1)) ** 2
    return np.asarray(10 * np.log10(power + 10 ** (FLOOR_DB / 10)))


def draw_spectrogram(
    axes: Axes, samples: Float32Array, rate_hz: int, first_s: float = 0.0
) -> AxesImage:
    """Seconds to the right, kHz upwards. first_s: when the samples begin."""
    level_db = spectrogram_db(samples)
    top_db = max(float(level_db.max()), QUIETEST_TOP_DB)
    return axes.imshow(
        level_db.T,
        origin="lower",
        aspect="auto",
        cmap="cividis",
        vmin=top_db - RANGE_DB,
        vmax=top_db,
        extent=(
            *frame_edges_s(len(level_db), FFT_SAMPLES, HOP_SAMPLES, rate_hz, first_s),
            0,
            rate_hz / 2000,
        ),
    )


def frame_edges_s(
    frames: int, window_samples: int, hop_samples: int, rate_hz: int, first_s: float
) -> tuple[float, float]:
    """Left edge of the first frame and right edge of the last, each a hop wide about its middle."""
    left = first_s + (window_samples - hop_samples) / 2 / rate_hz
    return left, left + frames * hop_samples / rate_hz
