"""What a buzzer at the cot sounds like to a microphone beside it."""

from __future__ import annotations

import numpy as np

from edgecry.types import Float32Array

RATE_HZ = 16_000
REVERBERATION_S = 0.6
"""Of a ward; an incubator's hood rings for a quarter of it."""
_RISE_S, _RING_S = 0.003, 0.015
"""Of a piezo disc: a resonance of 3 kHz with a quality of some 50."""


class Buzzer:
    """Pulses of one buzzer as (n,) float32 with the room's tail, at a peak of 1.

    hz: of an active piezo buzzer, from 2000 to 4000; of a passive one whatever drives it.
    A passive disc is driven by a square wave, off its resonance: all odd harmonics, the low ones
    weak. An active one swings at its resonance: the harmonics are weak.
    """

    def __init__(self, kind: str, hz: float, reverberation_s: float = REVERBERATION_S) -> None:
        self._hz = hz
        self._resonance_hz = hz if kind == "active" else 4_000.0
        random = np.random.default_rng(int(hz))
        t = np.arange(int(2 * reverberation_s * RATE_HZ)) / RATE_HZ
        tail = random.standard_normal(len(t)) * 10 ** (-3 * t / reverberation_s)
        tail *= 0.5 / np.sqrt(np.sum(np.square(tail)))
        self._room = np.concatenate(([1.0], tail))

    def pulse(self, seconds: float) -> Float32Array:
        """One pulse, with all that follows it."""
        length = seconds + 10 * _RING_S
        t = np.arange(int(length * RATE_HZ)) / RATE_HZ
        sound = np.zeros(len(t))
        for harmonic in range(1, int(RATE_HZ / 2 / self._hz) + 1, 2):
            hz = harmonic * self._hz
            off = hz / self._resonance_hz - self._resonance_hz / hz
            sound += np.sin(2 * np.pi * hz * t) / harmonic / np.hypot(1.0, 5.0 * off)
        rise = 1 - np.exp(-t / _RISE_S)
        sound *= np.where(t < seconds, rise, np.exp(-(t - seconds) / _RING_S))
        wet = np.convolve(sound, self._room)
        return (wet / np.abs(wet).max()).astype(np.float32)
