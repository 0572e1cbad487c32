"""A ring of audio frames between a writer that must never wait and readers that may be late.

Pure: no locks, no threads of its own. Every frame has an absolute index that only grows, so that a
reader always knows what it has missed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int16Frames = NDArray[np.int16]


class Chunk(NamedTuple):
    """What a reader got.

    frames: (n, channels) int16, the reader's own copy; n may be 0.
    first_frame: absolute index of frames[0].
    lost: frames that this reader will never see, between its last chunk and this one.
    """

    frames: Int16Frames
    first_frame: int
    lost: int


class Ring:
    """The newest `capacity` frames of (channels,) int16: one writer, any number of readers.

    The writer announces what it is about to overwrite before it copies (`_claimed`) and publishes
    after (`_written`); a reader copies first and then drops whatever was claimed meanwhile. This
    needs no lock, only that a reader sees the writer's assignments in their order, which CPython
    guarantees. A skip ends the run before it: readers see nothing from across it, so that frames
    which are next to each other in a chunk were next to each other in the air.
    """

    def __init__(self, capacity: int, channels: int) -> None:
        if capacity < 1 or channels < 1:
            raise ValueError("a ring needs at least one frame and one channel")
        self._frames: Int16Frames = np.zeros((capacity, channels), np.int16)
        self._written = 0
        self._claimed = 0
        self._run_start = 0

    @property
    def capacity(self) -> int:
        """How many frames the ring can hold."""
        return len(self._frames)

    @property
    def end_frame(self) -> int:
        """Absolute index one past the newest frame; lost frames are counted."""
        return self._written

    def write(self, frames: Int16Frames) -> None:
        """Append (n, channels) frames, over the oldest. Never waits; the writer's thread only."""
        capacity = len(self._frames)
        end = self._written + len(frames)
        newest = frames[-capacity:]
        self._claimed = end
        at = (end - len(newest)) % capacity
        before_wrap = min(len(newest), capacity - at)
        self._frames[at : at + before_wrap] = newest[:before_wrap]
        self._frames[: len(newest) - before_wrap] = newest[before_wrap:]
        self._written = end

    def skip(self, count: int) -> None:
        """Advance by `count` frames (>= 0) known to be lost. The writer's thread only."""
        if count < 0:
            raise ValueError(f"cannot skip {count} frames")
        if count:
            end = self._written + count
            self._run_start = end
            self._written = end

    def reader(self) -> RingReader:
        """A reader that starts at the next frame to be written."""
        return RingReader(self)

    def _oldest(self) -> int:
        return max(self._run_start, self._claimed - len(self._frames))

    def _copy(self, start: int, end: int) -> Int16Frames:
        return self._frames.take(np.arange(start, end), axis=0, mode="wrap")


class RingReader:
    """One reader's place in a ring; used by one thread."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._next = ring.end_frame

    @property
    def unread(self) -> int:
        """Frames written or lost since the last read."""
        return self._ring.end_frame - self._next

    def read(self, max_frames: int) -> Chunk:
        """The oldest unread frames, at most `max_frames` and perhaps none. Never waits."""
        ring = self._ring
        end = ring.end_frame
        start = max(self._next, ring._oldest())
        if start >= end:
            return Chunk(ring._frames[:0].copy(), self._next, 0)
        frames = ring._copy(start, min(end, start + max_frames))
        torn = min(max(0, ring._oldest() - start), len(frames))
        first_frame = start + torn
        lost = first_frame - self._next
        self._next = start + len(frames)
        return Chunk(frames[torn:], first_frame, lost)
