"""Sounds of an incubator's surroundings that nobody has recorded for us, synthesised as non-cries.

There are no voices here, neither infant nor adult: those are learnt from recordings only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convert.sounds.alarms import beeps, free_alarm, standard_alarm
from convert.sounds.audio import RATE_HZ
from convert.sounds.gliding import birds, instrument, siren, squeak, whistle
from convert.sounds.machines import bubbles, fan, hum, pump, suction, ventilator
from convert.sounds.waves import (
    HIGHEST_HZ,
    SAMPLES,
    SECONDS,
    Waveform,
    add,
    log_uniform,
    noise,
    partials,
    pulse,
    seconds,
)
from edgecry.types import Float32Array

Maker = Callable[[np.random.Generator], Waveform]


def synthetic_noncry(rng: np.random.Generator, gliding_share: float) -> tuple[str, Float32Array]:
    """A random sound of SECONDS and what it is, peak between -40 dBFS and full scale.

    gliding_share: how many of them are harmonic and glide as a voice does.
    """
    kind = GLIDING if rng.random() < gliding_share else STEADY
    makers, weights = list(kind), np.array(list(kind.values()))
    make = makers[rng.choice(len(makers), p=weights / weights.sum())]
    wave = make(rng)
    peak = 10.0 ** (rng.uniform(-40.0, 0.0) / 20.0)
    wave = wave * (peak / max(float(np.abs(wave).max()), 1e-9))
    if rng.random() < 0.5:
        wave = wave + 10.0 ** (rng.uniform(-90.0, -35.0) / 20.0) * noise(rng)
    return make.__name__, np.clip(wave, -1.0, 1.0).astype(np.float32)


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
            add(out, at_s, pulse(notes_hz, amplitudes, note_s * rng.uniform(0.7, 1.0), rng))
    return out


def tone(rng: np.random.Generator) -> Waveform:
    """A steady tone: sine, square or sawtooth."""
    hz = log_uniform(60.0, 6000.0, rng)
    orders = np.arange(1, max(2, int(HIGHEST_HZ / hz)))
    amplitudes = {
        "sine": (orders == 1) * 1.0,
        "square": (orders % 2) / orders,
        "sawtooth": 1.0 / orders,
    }[str(rng.choice(["sine", "square", "sawtooth"]))]
    return partials(hz * orders, amplitudes, SAMPLES, rng)


def chirps(rng: np.random.Generator) -> Waveform:
    """Sweeps of a sine up, down, or both: radios, sensors, toys."""
    low, high = np.sort(np.exp(rng.uniform(np.log(150.0), np.log(6000.0), 2)))
    phase = seconds() / rng.uniform(0.2, 4.0) % 1.0
    if rng.random() < 0.5:
        phase = 1.0 - np.abs(2.0 * phase - 1.0)
    hz = low * (high / low) ** phase
    return np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ)


def clicks(rng: np.random.Generator) -> Waveform:
    """Relays, doors, knocks: decaying bursts."""
    out = np.zeros(SAMPLES)
    for at_s in rng.uniform(0.0, SECONDS, rng.integers(1, 20)):
        n = int(rng.uniform(0.002, 0.15) * RATE_HZ)
        decay = np.exp(-np.arange(n) / (n / 5))
        add(out, at_s, rng.standard_normal(n) * decay * rng.uniform(0.2, 1.0))
    return out


GLIDING: dict[Maker, float] = {instrument: 9, siren: 6, squeak: 5, whistle: 4, birds: 4}
STEADY: dict[Maker, float] = {
    standard_alarm: 14,
    free_alarm: 10,
    beeps: 8,
    melody: 8,
    ventilator: 4,
    bubbles: 4,
    suction: 2,
    pump: 2,
    hum: 4,
    fan: 4,
    tone: 4,
    chirps: 4,
    clicks: 2,
    noise: 4,
}
"""What is made, and how often in relation to the others of its kind."""
