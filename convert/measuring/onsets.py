"""Where in a recording of a cry the cry begins and ends: it seldom fills its clip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convert.sounds.audio import RATE_HZ
from edgecry.types import Float32Array

HOP_SAMPLES, FRAME_SAMPLES = 160, 400
BAND_HZ = (300.0, 7500.0)
"""From the lowest fundamental of a cry on: the hum and rumble under it say nothing."""
BELOW_LOUD_DB = 20.0
"""Frames within this of the loud ones sound..."""
ABOVE_FLOOR_DB = 6.0
"""...if they also are this far above the recording's own noise,"""
SURELY_LOUD_DB = 10.0
"""...which is not asked of frames this near the loud ones: a cry may leave no pause to hear it."""
LOUD_PERCENTILE, FLOOR_PERCENTILE = 95, 5
BREATH_S = 1.5
"""Two windows with a cry this near to each other are of one bout."""
STEADY_FRAMES = 21
"""Half of this many frames around it must sound as well: a click is no onset."""


def cry_span(
    samples: Float32Array, cry_windows_s: NDArray[np.float64] | None = None
) -> tuple[float, float]:
    """Onset and offset of the cry in a recording, in seconds: from its level, and within the
    longest bout of windows that a teacher says hold a cry, where there is a teacher.

    samples: (n,) at RATE_HZ, at least a frame long. cry_windows_s: (windows, 2) begin and end of
    each such window, in order. Without them, a recording in which nothing stands out is a cry from
    end to end; a teacher who hears none leaves a span of no length.
    """
    active = sounding(samples)
    centre_s = (HOP_SAMPLES * np.arange(len(active)) + FRAME_SAMPLES / 2) / RATE_HZ
    if cry_windows_s is not None:
        begin_s, end_s = longest_bout(cry_windows_s)
        within = (centre_s >= begin_s) & (centre_s <= end_s)
        active = active & within if (active & within).any() else within
        if not active.any():
            return begin_s, begin_s
    at = np.flatnonzero(active)
    if not len(at):
        return 0.0, len(samples) / RATE_HZ
    end = min(len(samples), at[-1] * HOP_SAMPLES + FRAME_SAMPLES)
    return float(at[0] * HOP_SAMPLES / RATE_HZ), float(end / RATE_HZ)


def longest_bout(windows_s: NDArray[np.float64]) -> tuple[float, float]:
    """Begin and end of the longest run of windows with no more than BREATH_S between two."""
    if not len(windows_s):
        return 0.0, 0.0
    apart = np.flatnonzero(windows_s[1:, 0] - windows_s[:-1, 1] > BREATH_S) + 1
    bouts = [(bout[0, 0], bout[-1, 1]) for bout in np.split(windows_s, apart)]
    begin_s, end_s = max(bouts, key=lambda bout: bout[1] - bout[0])
    return float(begin_s), float(end_s)


def sounding(samples: Float32Array) -> NDArray[np.bool_]:
    """Which frames of FRAME_SAMPLES, HOP_SAMPLES apart, sound: (frames,)."""
    level_db = frame_level_db(samples)
    loud_db = np.percentile(level_db, LOUD_PERCENTILE)
    floor_db = np.percentile(level_db, FLOOR_PERCENTILE)
    least_db = max(
        loud_db - BELOW_LOUD_DB, min(floor_db + ABOVE_FLOOR_DB, loud_db - SURELY_LOUD_DB)
    )
    near = np.convolve(level_db >= least_db, np.ones(STEADY_FRAMES), mode="same")
    return (level_db >= least_db) & (near >= min(STEADY_FRAMES, len(level_db)) / 2)


def frame_level_db(samples: Float32Array) -> NDArray[np.float64]:
    """Power of every frame within BAND_HZ, in dB: (frames,)."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME_SAMPLES)[::HOP_SAMPLES]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(FRAME_SAMPLES))))
    hz = np.fft.rfftfreq(FRAME_SAMPLES, 1 / RATE_HZ)
    inside = (hz >= BAND_HZ[0]) & (hz <= BAND_HZ[1])
    return np.asarray(10.0 * np.log10(power[:, inside].sum(axis=1) + 1e-12))
