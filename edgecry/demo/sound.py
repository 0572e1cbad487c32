"""What every synthetic sound is made with: levels, contours, coloured noise and a room. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000

FloatArray = NDArray[np.float64]


def sample_count(seconds: float) -> int:
    """Samples in `seconds`."""
    return round(seconds * SAMPLE_RATE_HZ)


def times_s(samples: int) -> FloatArray:
    """Time of each of `samples` samples, from 0."""
    return np.arange(samples) / SAMPLE_RATE_HZ


def at_level(samples: FloatArray, rms_db: float) -> FloatArray:
    """Remove the mean and scale to an RMS level in dB re 1 (full scale). Silence stays silence."""
    return unit_rms(samples - np.mean(samples)) * float(10.0 ** (rms_db / 20.0))


def unit_rms(samples: FloatArray) -> FloatArray:
    """Scaled to an RMS of 1. Silence stays silence."""
    rms = np.sqrt(np.mean(np.square(samples)))
    scaled: FloatArray = samples / rms if rms > 0.0 else samples.copy()
    return scaled


def contour(points: Sequence[tuple[float, float]], samples: int) -> FloatArray:
    """A smooth line through (position 0..1, value) points: (samples,)."""
    positions, values = zip(*points, strict=True)
    grid = np.linspace(0.0, 1.0, 256)
    smooth = np.hanning(19)[1:-1]
    line = np.pad(np.interp(grid, positions, values), len(smooth) // 2, mode="edge")
    line = np.convolve(line, smooth / smooth.sum(), "valid")
    return np.interp(np.linspace(0.0, 1.0, samples), grid, line)


def wander(rng: np.random.Generator, samples: int, rate_hz: float) -> FloatArray:
    """Slow random movement: unit-variance noise, about `rate_hz` independent values a second."""
    knots = max(2, round(samples / SAMPLE_RATE_HZ * rate_hz) + 1)
    return np.interp(
        np.linspace(0.0, 1.0, samples), np.linspace(0.0, 1.0, knots), rng.standard_normal(knots)
    )


def faded(samples: FloatArray, seconds: float) -> FloatArray:
    """Raised-cosine ramps of `seconds` at both ends, so that nothing clicks."""
    ramp = min(sample_count(seconds), len(samples) // 2)
    out = samples.copy()
    if ramp:
        rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(ramp) + 0.5) / ramp)
        out[:ramp] *= rise
        out[-ramp:] *= rise[::-1]
    return out


def coloured_noise(
    rng: np.random.Generator, samples: int, gain: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Gaussian noise with the amplitude response `gain(frequency_hz)`, at unit RMS."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hz = np.fft.rfftfreq(samples, 1.0 / SAMPLE_RATE_HZ)
    return unit_rms(np.fft.irfft(spectrum * gain(hz), n=samples))


def band(low_hz: float, high_hz: float) -> Callable[[FloatArray], FloatArray]:
    """Response of second-order slopes around a pass band; for `coloured_noise`."""

    def gain(hz: FloatArray) -> FloatArray:
        low = np.square(hz / low_hz)
        response: FloatArray = low / (1.0 + low) / (1.0 + np.square(hz / high_hz))
        return response

    return gain


def in_room(
    rng: np.random.Generator, samples: FloatArray, rt60_s: float, direct_to_reverberant_db: float
) -> FloatArray:
    """The sound, and its reverberation as exponentially decaying noise; same length as `samples`.

    rt60_s: time in which the reverberation falls by 60 dB; 0.3 to 0.6 s in a patient room.
    J.-D. Polack's model of the late response: Gaussian noise times exp(-6.91 t / RT60).
    """
    tail = sample_count(rt60_s)
    response = rng.standard_normal(tail) * np.exp(-6.91 * times_s(tail) / rt60_s)
    response *= 10.0 ** (-direct_to_reverberant_db / 20.0) / np.linalg.norm(response)
    response[0] += 1.0
    size = 1 << (len(samples) + tail - 1).bit_length()
    wet: FloatArray = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    return wet[: len(samples)]
