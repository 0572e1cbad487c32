"""Audio that exists already (recordings, an array) as a source for the pipeline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np

from edgecry.clock import Clock, ManualClock
from edgecry.errors import EndOfAudio
from edgecry.types import AudioBlock, Fault, Float32Array

BLOCK_S = 0.1
_POLL_S = 0.01
"""After this the clock is asked again: it need not run at the machine's speed."""


class Audio(Protocol):
    """(n,) float32 mono arrays of any length, one after the other: `Recordings`, `Samples`."""

    def __next__(self) -> Float32Array: ...
    def close(self) -> None: ...


class Samples:
    """One (n,) float32 array in memory."""

    def __init__(self, samples: Float32Array) -> None:
        self._parts = iter([samples])

    def __next__(self) -> Float32Array:
        return next(self._parts)

    def close(self) -> None:
        """There is nothing to give back."""


class Replay:
    """A source that is as fast as its reader: the audio moves the clock, not the reverse."""

    lost: Fault | None = None

    def __init__(self, audio: Audio, sample_rate_hz: int, clock: ManualClock) -> None:
        self._audio = audio
        self._clock = clock
        self._blocks = _blocks(audio, sample_rate_hz)

    def read(self, timeout_s: float) -> AudioBlock | None:  # noqa: ARG002 (it never waits)
        """The next block. Raises EndOfAudio after the last, RecordingError if it is damaged."""
        block = _next(self._blocks)
        self._clock.advance(len(block.samples) / block.sample_rate_hz)
        return replace(block, captured_mono_s=self._clock.monotonic_s())

    def close(self) -> None:
        """Give the recording back. May be called twice."""
        self._audio.close()


class Playback:
    """A source that gives each block when it is due: at `speed` times the clock's pace.

    A reader that falls behind gets all of it, late; nothing is skipped.
    """

    lost: Fault | None = None

    def __init__(self, audio: Audio, sample_rate_hz: int, clock: Clock, speed: float = 1.0) -> None:
        self._audio = audio
        self._clock = clock
        self._speed = speed
        self._blocks = _blocks(audio, sample_rate_hz)
        self._waiting: AudioBlock | None = None
        self._start_mono_s: float | None = None

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block, or None if it is not due in time (seconds of the machine).

        Raises EndOfAudio after the last, RecordingError if it is damaged.
        """
        if self._start_mono_s is None:
            self._start_mono_s = self._clock.monotonic_s()
        if self._waiting is None:
            self._waiting = _next(self._blocks)
        block = self._waiting
        due_mono_s = self._start_mono_s + block.end_sample / block.sample_rate_hz / self._speed
        waited_s = 0.0
        while self._clock.monotonic_s() < due_mono_s:
            if waited_s >= timeout_s:
                return None
            time.sleep(_POLL_S)
            waited_s += _POLL_S
        self._waiting = None
        return replace(block, captured_mono_s=self._clock.monotonic_s())

    def close(self) -> None:
        """Give the recording back. May be called twice."""
        self._audio.close()


def _next(blocks: Iterator[AudioBlock]) -> AudioBlock:
    try:
        return next(blocks)
    except StopIteration:
        raise EndOfAudio("the recording is over") from None


def _blocks(audio: Audio, sample_rate_hz: int) -> Iterator[AudioBlock]:
    """Blocks of BLOCK_S, whatever the lengths of the arrays; the last may be shorter."""
    size = max(1, round(BLOCK_S * sample_rate_hz))
    pending = np.empty(0, np.float32)
    first_sample = 0
    more = True
    while more:
        try:
            pending = np.concatenate((pending, next(audio)))
        except StopIteration:
            more = False
        while len(pending) >= size or (len(pending) and not more):
            samples, pending = pending[:size], pending[size:]
            yield AudioBlock(samples, sample_rate_hz, first_sample, captured_mono_s=0.0)
            first_sample += len(samples)
