"""What synthetic sounds are built from: partials, pulses, glides, noise. Pure, float64, (n,)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convert.sounds.audio import RATE_HZ

Waveform = NDArray[np.float64]
SECONDS = 4.0
SAMPLES = int(SECONDS * RATE_HZ)
HIGHEST_HZ = 7600.0
"""Partials above this are left out: they would fold back."""


def seconds(n: int = SAMPLES) -> Waveform:
    """The time of each of n samples."""
    return np.arange(n) / RATE_HZ


def log_uniform(low: float, high: float, rng: np.random.Generator) -> float:
    """A frequency or rate, each octave between low and high as likely as another."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def add(out: Waveform, at_s: float, wave: Waveform) -> None:
    """Add a wave at a time of `out`; what hangs over its end is cut off."""
    first = int(at_s * RATE_HZ)
    wave = wave[: max(0, len(out) - first)]
    out[first : first + len(wave)] += wave


def partials(
    notes_hz: Waveform, amplitudes: Waveform, n: int, rng: np.random.Generator
) -> Waveform:
    """n samples of steady sines in random phase."""
    heard = notes_hz < HIGHEST_HZ
    phases = rng.uniform(0.0, 2 * np.pi, len(notes_hz))
    waves = np.sin(2 * np.pi * notes_hz[heard, None] * seconds(n) + phases[heard, None])
    return np.asarray(amplitudes[heard] @ waves)


def edges(n: int, rise: int, fall: int) -> Waveform:
    """An envelope of n samples that rises and falls in straight lines."""
    at = np.arange(n)
    return np.minimum(1.0, np.minimum((at + 1) / max(1, rise), (n - at) / max(1, fall)))


def pulse(
    notes_hz: Waveform, amplitudes: Waveform, length_s: float, rng: np.random.Generator
) -> Waveform:
    """Sines with soft edges."""
    n = int(length_s * RATE_HZ)
    ramp = int(n * rng.uniform(0.02, 0.4))
    return partials(notes_hz, amplitudes, n, rng) * edges(n, ramp, ramp)


def gliding(f0_hz: Waveform, amplitudes: Waveform) -> Waveform:
    """Harmonics of a fundamental that moves.

    f0_hz: (n,), its frequency at each sample. amplitudes: (harmonics,), from the fundamental up.
    """
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    out = np.zeros(len(f0_hz))
    for order, amplitude in enumerate(amplitudes, start=1):
        out += amplitude * np.sin(order * phase) * (order * f0_hz < HIGHEST_HZ)
    return out


def wander(per_second: float, n: int, rng: np.random.Generator) -> Waveform:
    """A smooth random curve of n samples within -1 and 1, with so many turns a second."""
    knots = max(2, int(n / RATE_HZ * per_second) + 2)
    return np.interp(np.linspace(0, knots - 1, n), np.arange(knots), rng.uniform(-1, 1, knots))


def coloured(gain: Waveform, rng: np.random.Generator) -> Waveform:
    """SAMPLES of noise through an amplitude response over `spectrum_hz`; peak 1."""
    wave = np.fft.irfft(np.fft.rfft(rng.standard_normal(SAMPLES)) * gain, n=SAMPLES)
    return wave / max(float(np.abs(wave).max()), 1e-12)


def spectrum_hz() -> Waveform:
    """The frequencies of the spectrum of SAMPLES samples."""
    return np.fft.rfftfreq(SAMPLES, 1 / RATE_HZ)


def resonance(centre_hz: float, octaves: float) -> Waveform:
    """A bell around a frequency, 1 at its top, over `spectrum_hz`; octaves: its half width."""
    hz = np.maximum(spectrum_hz(), 20.0)
    return np.exp(-((np.log2(hz / centre_hz) / octaves) ** 2))


def noise(rng: np.random.Generator) -> Waveform:
    """Noise with a power spectrum of f**-slope, sometimes through one resonance; peak 1."""
    gain = np.maximum(spectrum_hz(), 20.0) ** -(rng.uniform(-0.5, 2.0) / 2)
    if rng.random() < 0.4:
        bell = resonance(rng.uniform(100.0, 5000.0), rng.uniform(0.07, 0.9))
        gain = gain * (1.0 + rng.uniform(2.0, 20.0) * bell)
    return coloured(gain, rng)
