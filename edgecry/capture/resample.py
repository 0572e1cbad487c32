"""Frames as a device or file has them -> mono float32 at the model's rate."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from edgecry.types import Float32Array

Frames = NDArray[np.int16] | NDArray[np.float32]

_INT16_FULL_SCALE = 32768.0


class Resampler:
    """One stream of audio from `input_hz` to `output_hz`; the identity if they are equal.

    Output sample k is the sound at k / output_hz seconds after the stream's first frame, exactly:
    soxr's filter is linear in phase and its delay is taken off. What has been pushed comes out up
    to 0.1 s late, the filter's length, and whole with `finish`. The output does not depend on how
    the input is cut into blocks. Method: the SoX resampler, https://sourceforge.net/p/soxr.
    """

    def __init__(self, input_hz: int, output_hz: int) -> None:
        self.input_hz = input_hz
        self.output_hz = output_hz
        self._soxr = (
            None
            if input_hz == output_hz
            else soxr.ResampleStream(input_hz, output_hz, 1, dtype="float32", quality="HQ")
        )

    def push(self, frames: Frames) -> Float32Array:
        """Take (n, channels) frames, int16 or float32 at full scale 1.0; give what is ready."""
        mono = to_mono(frames)
        if self._soxr is None:
            return mono
        resampled: Float32Array = self._soxr.resample_chunk(mono)
        return resampled

    def finish(self) -> Float32Array:
        """The rest of the stream; afterwards ready for a new one, which starts at sample 0."""
        if self._soxr is None:
            return np.empty(0, np.float32)
        rest: Float32Array = self._soxr.resample_chunk(np.empty(0, np.float32), last=True)
        self._soxr.clear()
        return rest


def to_mono(frames: Frames) -> Float32Array:
    """Mean of the channels at full scale 1.0: (n, channels) int16 or float32 -> (n,) float32."""
    mono: Float32Array = frames.mean(axis=1, dtype=np.float32)
    if frames.dtype == np.int16:
        mono /= np.float32(_INT16_FULL_SCALE)
    return mono
