"""Audio blocks of any size in, feature windows out; every frame is computed once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from edgecry.features.mel import FRAMES_PER_BATCH, LogMel, MelParams, span_samples
from edgecry.types import AudioBlock, FeatureWindow, Float32Array

MIN_LEVEL_DBFS = -180.0
"""A level under this is digital silence in all but name (float dust of a resampler)."""


class FeatureStream:
    """Cuts a stream of audio into overlapping windows of log-mel frames.

    A window is `window_frames` long and a new one is due every FRAMES_PER_BATCH frames (the hop of
    the windows), so a window is a whole number of batches. A gap in the audio starts afresh: no
    window spans a loss.

    Raises ValueError if `window_frames` is not a multiple of FRAMES_PER_BATCH.
    """

    def __init__(self, params: MelParams, window_frames: int) -> None:
        if window_frames < 1 or window_frames % FRAMES_PER_BATCH:
            raise ValueError(f"window_frames must be a multiple of {FRAMES_PER_BATCH}")
        self.params = params
        self.window_samples = span_samples(window_frames, params)
        self.hop_samples = FRAMES_PER_BATCH * params.hop_samples
        self._mel = LogMel(params)
        self._span = span_samples(FRAMES_PER_BATCH, params)
        self._batches: deque[Float32Array] = deque(maxlen=window_frames // FRAMES_PER_BATCH)
        self._pending = np.empty(0, np.float32)
        self._first_pending = 0

    def push(self, block: AudioBlock) -> Iterator[FeatureWindow]:
        """Take a block and yield the windows that it completes, oldest first.

        Raises ValueError if the block is not at the model's rate.
        """
        if block.sample_rate_hz != self.params.sample_rate_hz:
            raise ValueError(
                f"audio is at {block.sample_rate_hz} Hz, "
                f"the model needs {self.params.sample_rate_hz} Hz"
            )
        if block.first_sample != self._first_pending + len(self._pending):
            self._batches.clear()
            self._pending = np.empty(0, np.float32)
            self._first_pending = block.first_sample
        self._pending = np.concatenate((self._pending, block.samples))
        while len(self._pending) >= self._span:
            samples = self._pending[: self._span]
            self._batches.append(self._mel.batch(samples))
            end_sample = self._first_pending + self._span
            self._pending = self._pending[self.hop_samples :]
            self._first_pending += self.hop_samples
            if len(self._batches) == self._batches.maxlen:
                log_mel = np.concatenate(self._batches)
                yield FeatureWindow(log_mel, end_sample, level_dbfs(samples[-self.hop_samples :]))

    def pad_to_window(self) -> Iterator[FeatureWindow]:
        """At the end of a recording shorter than one window: pad it with silence to one window."""
        heard = self._first_pending + len(self._pending)
        if 0 < heard < self.window_samples:
            silence = np.zeros(self.window_samples - heard, np.float32)
            yield from self.push(AudioBlock(silence, self.params.sample_rate_hz, heard, 0.0))


def level_dbfs(samples: Float32Array) -> float | None:
    """RMS level re full scale (a square wave at full scale is 0 dBFS); None in digital silence."""
    mean_square = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    if mean_square <= 10.0 ** (MIN_LEVEL_DBFS / 10.0):
        return None
    return 10.0 * float(np.log10(mean_square))
