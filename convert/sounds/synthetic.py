"""Sounds of an incubator's surroundings that nobody has recorded for us, synthesised as non-cries.

Alarm tones follow IEC 60601-1-8 (bursts of 3 or 5 pulses with at least four harmonics) and the
frequencies measured in neonatal wards (PMC7363066, table 1). There are no voices here, neither
infant nor adult: those are learnt from recordings only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from convert.sounds.audio import RATE_HZ
from edgecry.types import Float32Array

Waveform = NDArray[np.float64]
SECONDS = 4.0
SAMPLES = int(SECONDS * RATE_HZ)

MEASURED_ALARMS_HZ = (
    (960.0, 2880.0),
    (480.0, 960.0, 1440.0, 1920.0),
    (2745.0,),
    (2761.0,),
    (384.0, 783.0, 1173.0),
    (550.0, 1100.0, 1650.0, 2200.0),
    (1001.0, 2002.0, 3003.0),
)
BURST_PULSES = (1, 2, 3, 5, 10)


def synthetic_noncry(rng: np.random.Generator) -> tuple[str, Float32Array]:
    """A random sound of SECONDS and what it is, peak between -40 dBFS and full scale."""
    kinds: tuple[tuple[float, Callable[[np.random.Generator], Waveform]], ...] = (
        (0.24, alarm),
        (0.12, beeps),
        (0.14, melody),
        (0.10, hum),
        (0.10, fan),
        (0.08, tone),
        (0.08, chirps),
        (0.05, clicks),
        (0.09, noise),
    )
    make = kinds[rng.choice(len(kinds), p=[share for share, _ in kinds])][1]
    wave = make(rng)
    peak = 10.0 ** (rng.uniform(-40.0, 0.0) / 20.0)
    wave = wave * (peak / max(float(np.abs(wave).max()), 1e-9))
    if rng.random() < 0.5:
        wave = wave + 10.0 ** (rng.uniform(-90.0, -35.0) / 20.0) * noise(rng)
    return make.__name__, np.clip(wave, -1.0, 1.0).astype(np.float32)


def alarm(rng: np.random.Generator) -> Waveform:
    """A melody of an alarm: a burst of pulses, each with harmonics and soft edges."""
    out = np.zeros(SAMPLES)
    pulse_s, gap_s = rng.uniform(0.08, 0.35), rng.uniform(0.04, 0.3)
    measured = rng.random() < 0.6
    partials = MEASURED_ALARMS_HZ[rng.integers(len(MEASURED_ALARMS_HZ))]
    base_hz = rng.uniform(150.0, 1000.0)
    scale = 2.0 ** (rng.integers(-5, 13, size=rng.choice(BURST_PULSES)) / 12.0)
    at_s = rng.uniform(0.0, 0.8)
    while at_s < SECONDS:
        for step in scale:
            notes = np.array(partials) if measured else base_hz * step * np.arange(1, 6)
            amplitudes = rng.uniform(0.2, 1.0, len(notes))
            _add(out, at_s, _pulse(notes, amplitudes, pulse_s, rng))
            at_s += pulse_s + gap_s
        at_s += rng.uniform(0.2, 2.5)
    return out


def beeps(rng: np.random.Generator) -> Waveform:
    """A pulse oximeter or a timer: one pitch, at a steady rate."""
    out = np.zeros(SAMPLES)
    notes = rng.uniform(300.0, 3200.0) * np.arange(1, rng.integers(2, 6))
    amplitudes = rng.uniform(0.05, 1.0, len(notes))
    length_s, period_s = rng.uniform(0.03, 0.4), rng.uniform(0.28, 1.6)
    at_s = rng.uniform(0.0, period_s)
    while at_s < SECONDS:
        _add(out, at_s, _pulse(notes, amplitudes, min(length_s, 0.9 * period_s), rng))
        at_s += period_s
    return out


def melody(rng: np.random.Generator) -> Waveform:
    """An organ, a toy or a phone: notes of a scale with harmonics, one to three voices."""
    out = np.zeros(SAMPLES)
    steps = np.array([0, 2, 4, 5, 7, 9, 11, 12])
    base_hz = rng.uniform(130.0, 900.0)
    orders = np.arange(1, rng.integers(3, 11))
    amplitudes = 1.0 / orders ** rng.uniform(0.3, 2.0)
    note_s = rng.uniform(0.1, 1.0)
    for at_s in np.arange(0.0, SECONDS, note_s):
        for step in rng.choice(steps, rng.integers(1, 4)):
            notes_hz = base_hz * 2.0 ** (step / 12.0) * orders
            _add(out, at_s, _pulse(notes_hz, amplitudes, note_s * rng.uniform(0.7, 1.0), rng))
    return out


def hum(rng: np.random.Generator) -> Waveform:
    """Mains hum, transformers and compressors: harmonics of 50 or 60 Hz, or of a motor."""
    base_hz = rng.choice([50.0, 60.0, 100.0, 120.0, rng.uniform(40.0, 400.0)])
    orders = np.arange(1, rng.integers(2, 25))
    amplitudes = rng.uniform(0.05, 1.0, len(orders)) / orders ** rng.uniform(0.0, 1.5)
    return _partials(base_hz * orders, amplitudes, SAMPLES, rng)


def fan(rng: np.random.Generator) -> Waveform:
    """A fan or a ventilator: coloured noise that swells and falls, with a blade tone."""
    out = noise(rng)
    time_s = np.arange(SAMPLES) / RATE_HZ
    rate_hz = rng.choice([rng.uniform(0.3, 1.2), rng.uniform(5.0, 40.0)])
    out *= 1.0 + rng.uniform(0.0, 0.9) * np.sin(2 * np.pi * rate_hz * time_s)
    blade_hz = rng.uniform(60.0, 900.0) * np.arange(1, 6)
    return out + rng.uniform(0.0, 0.5) * _partials(blade_hz, 0.6 ** np.arange(5), SAMPLES, rng)


def tone(rng: np.random.Generator) -> Waveform:
    """A steady tone: sine, square or sawtooth."""
    hz = np.exp(rng.uniform(np.log(60.0), np.log(6000.0)))
    orders = np.arange(1, max(2, int(7000.0 / hz)))
    amplitudes = {
        "sine": (orders == 1) * 1.0,
        "square": (orders % 2) / orders,
        "sawtooth": 1.0 / orders,
    }[str(rng.choice(["sine", "square", "sawtooth"]))]
    return _partials(hz * orders, amplitudes, SAMPLES, rng)


def chirps(rng: np.random.Generator) -> Waveform:
    """Sweeps of a sine up, down, or both: sirens, radios, sensors."""
    time_s = np.arange(SAMPLES) / RATE_HZ
    low, high = np.sort(np.exp(rng.uniform(np.log(150.0), np.log(6000.0), 2)))
    phase = time_s / rng.uniform(0.2, 4.0) % 1.0
    if rng.random() < 0.5:
        phase = 1.0 - np.abs(2.0 * phase - 1.0)
    hz = low * (high / low) ** phase
    return np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ)


def clicks(rng: np.random.Generator) -> Waveform:
    """Relays, doors, knocks: decaying bursts at random or steady times."""
    out = np.zeros(SAMPLES)
    for at_s in np.sort(rng.uniform(0.0, SECONDS, rng.integers(1, 20))):
        length_s = rng.uniform(0.002, 0.15)
        n = int(length_s * RATE_HZ)
        decay = np.exp(-np.arange(n) / (n / 5))
        _add(out, at_s, rng.standard_normal(n) * decay * rng.uniform(0.2, 1.0))
    return out


def noise(rng: np.random.Generator) -> Waveform:
    """Noise with a power spectrum of f**-slope, sometimes through one resonance; peak 1."""
    spectrum = np.fft.rfft(rng.standard_normal(SAMPLES))
    hz = np.maximum(np.fft.rfftfreq(SAMPLES, 1 / RATE_HZ), 20.0)
    gain = hz ** -(rng.uniform(-0.5, 2.0) / 2)
    if rng.random() < 0.4:
        centre_hz, width = rng.uniform(100.0, 5000.0), rng.uniform(0.05, 0.6)
        gain = gain * (
            1.0 + rng.uniform(2.0, 20.0) * np.exp(-((np.log(hz / centre_hz) / width) ** 2))
        )
    wave = np.fft.irfft(spectrum * gain, n=SAMPLES)
    return wave / np.abs(wave).max()


def _pulse(
    notes_hz: NDArray[np.float64],
    amplitudes: NDArray[np.float64],
    seconds: float,
    rng: np.random.Generator,
) -> Waveform:
    n = int(seconds * RATE_HZ)
    ramp = max(1, int(n * rng.uniform(0.02, 0.4)))
    edges = np.minimum(1.0, np.minimum(np.arange(n), np.arange(n)[::-1]) / ramp)
    return _partials(notes_hz, amplitudes, n, rng) * edges


def _partials(
    notes_hz: NDArray[np.float64],
    amplitudes: NDArray[np.float64],
    n: int,
    rng: np.random.Generator,
) -> Waveform:
    heard = notes_hz < 7600.0
    time_s = np.arange(n) / RATE_HZ
    phases = rng.uniform(0.0, 2 * np.pi, len(notes_hz))
    waves = np.sin(2 * np.pi * notes_hz[heard, None] * time_s + phases[heard, None])
    return np.asarray(amplitudes[heard] @ waves)


def _add(out: Waveform, at_s: float, wave: Waveform) -> None:
    first = int(at_s * RATE_HZ)
    wave = wave[: max(0, len(out) - first)]
    out[first : first + len(wave)] += wave
