"""Does the microphone still hear? A live one has noise: its room's, and its own. Pure.

A dead capsule or amplifier and a muted or turned-down input leave what the converter makes by
itself: one value, its last bit flickering, the dither of a driver, a constant, and often mains hum.
So what counts is the noise between the lines of a hum, in octaves from 500 Hz up: in a room that a
baby can be in, one of them at least is far above the converter's.

LIMIT_DBFS is 1.5 steps of 16 bits. Dithered digital zero is half a step (PortAudio's dither is
triangular, of 2 steps). The quietest of 67 phone recordings in silent rooms, through noise
reduction and speech codec, is 14 dB above the limit. A microphone of low sensitivity (INMP441:
-26 dBFS at 94 dB SPL) is at -75 dBFS in an incubator of 45 dBA. What cannot be told from a quiet
room is an input that is dead behind an amplifier which hisses more than the limit.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from edgecry.health.check import Lasting
from edgecry.types import AudioBlock, Float32Array

LIMIT_DBFS = -87.0
"""Level of white noise, as a microphone at the model's rate would have it."""
RAISE_AFTER_S = 5.0
CLEAR_AFTER_S = 5.0
"""A contact that crackles is one fault."""

_FRAME = 4096
_LOWEST_HZ = 500.0
_QUARTILE_OF_NOISE = float(-np.log(0.75))
"""Of a power that is exponentially distributed, with the mean 1: what noise has in each bin. The
lines of a hum move its quartile much less than its mean."""


class Silence:
    """All octaves have been under LIMIT_DBFS for RAISE_AFTER_S of what was handed in."""

    def __init__(self) -> None:
        self._pending = np.empty(0, np.float32)
        self._next_sample = 0
        self._heard_s = 0.0
        self._lasting = Lasting(RAISE_AFTER_S, CLEAR_AFTER_S)
        self.trouble: str | None = None

    def hear(self, block: AudioBlock) -> None:
        """Take the next block. Sound on both sides of a gap is never looked at as one."""
        if block.first_sample != self._next_sample:
            self._pending = np.empty(0, np.float32)
        self._next_sample = block.end_sample
        self._pending = np.concatenate((self._pending, block.samples))
        while len(self._pending) >= _FRAME:
            frame, self._pending = self._pending[:_FRAME], self._pending[_FRAME:]
            level_dbfs = noise_dbfs(frame, block.sample_rate_hz)
            self._heard_s += _FRAME / block.sample_rate_hz
            self.trouble = self._lasting.step(_words(level_dbfs), self._heard_s)


def noise_dbfs(frame: Float32Array, sample_rate_hz: int) -> float:
    """Noise in the loudest octave from 500 Hz up, as the level of white noise of that density.

    frame: (n,) float32. Tones, hum and a constant do not count. -inf in digital silence.
    """
    window = _blackman(len(frame))
    spectrum = np.fft.rfft(frame * window)
    power = (np.square(spectrum.real) + np.square(spectrum.imag)) / np.sum(np.square(window))
    first = round(_LOWEST_HZ / sample_rate_hz * len(frame))
    loudest = 0.0
    while 2 * first < len(power):
        quartile = float(np.partition(power[first : 2 * first], rank := first // 4)[rank])
        loudest = max(loudest, quartile / _QUARTILE_OF_NOISE)
        first *= 2
    return 10.0 * float(np.log10(loudest)) if loudest else -np.inf


@functools.cache
def _blackman(size: int) -> NDArray[np.float64]:
    return np.blackman(size + 1)[:-1]


def _words(level_dbfs: float) -> str | None:
    if level_dbfs >= LIMIT_DBFS:
        return None
    return (
        "the microphone hears nothing, not even the noise of the room: its capsule or amplifier "
        "is dead, or its input is muted or turned down; check its switch, its plug and `alsamixer`,"
        " then try another one"
    )
