"""The ring against a model that never forgets, and under two threads."""

import sys
import threading
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edgecry.capture.ring import Ring


def numbered(first_frame: int, count: int, channels: int) -> np.ndarray:
    """Frames that say which they are, in 15 bits, on every channel."""
    frames = (np.arange(first_frame, first_frame + count) % 32749).astype(np.int16)
    return np.repeat(frames[:, None], channels, axis=1)


class RingAgainstModel(RuleBasedStateMachine):
    """Whatever is written, skipped and read, a reader gets every frame once or is told."""

    @initialize(capacity=st.integers(1, 40), channels=st.integers(1, 3))
    def make(self, capacity: int, channels: int) -> None:
        self.capacity, self.channels = capacity, channels
        self.ring = Ring(capacity, channels)
        self.readers = [self.ring.reader(), self.ring.reader()]
        self.next = [0, 0]
        self.run_start = 0
        self.end = 0

    @rule(count=st.integers(0, 100))
    def write(self, count: int) -> None:
        self.ring.write(numbered(self.end, count, self.channels))
        self.end += count

    @rule(count=st.integers(0, 100))
    def skip(self, count: int) -> None:
        self.ring.skip(count)
        self.end += count
        if count:
            self.run_start = self.end

    @rule(which=st.integers(0, 1), most=st.integers(1, 60))
    def read(self, which: int, most: int) -> None:
        oldest = max(self.next[which], self.run_start, self.end - self.capacity)
        chunk = self.readers[which].read(most)
        if oldest == self.end:
            assert (len(chunk.frames), chunk.lost) == (0, 0)
            return
        assert chunk.first_frame == oldest
        assert chunk.lost == oldest - self.next[which]
        expected = numbered(oldest, min(most, self.end - oldest), self.channels)
        np.testing.assert_array_equal(chunk.frames, expected)
        self.next[which] = chunk.first_frame + len(chunk.frames)

    @invariant()
    def counts(self) -> None:
        if hasattr(self, "ring"):
            assert self.ring.end_frame == self.end
            assert [reader.unread for reader in self.readers] == [self.end - n for n in self.next]


TestRingAgainstModel = RingAgainstModel.TestCase
TestRingAgainstModel.settings = settings(max_examples=200, deadline=None)


def test_a_reader_starts_with_what_comes_next() -> None:
    ring = Ring(8, 1)
    ring.write(numbered(0, 5, 1))
    late = ring.reader()
    ring.write(numbered(5, 2, 1))
    chunk = late.read(8)
    assert (chunk.first_frame, chunk.lost, len(chunk.frames)) == (5, 0, 2)


def test_what_a_reader_got_is_its_own() -> None:
    ring = Ring(4, 1)
    reader = ring.reader()
    ring.write(numbered(0, 4, 1))
    chunk = reader.read(4)
    ring.write(numbered(4, 4, 1))
    np.testing.assert_array_equal(chunk.frames, numbered(0, 4, 1))


@given(before=st.integers(1, 8), during=st.integers(0, 20))
def test_frames_overwritten_while_they_are_copied_are_lost_not_wrong(
    before: int, during: int
) -> None:
    class Overtaken(Ring):
        """A ring whose writer runs between the reader's look and the end of its copy."""

        def _copy(self, start: int, end: int) -> np.ndarray:
            self.write(numbered(before, during, 1))
            return super()._copy(start, end)

    ring = Overtaken(8, 1)
    reader = ring.reader()
    ring.write(numbered(0, before, 1))
    chunk = reader.read(8)
    overwritten = min(before, max(0, before + during - 8))
    assert chunk.lost == overwritten
    np.testing.assert_array_equal(chunk.frames, numbered(overwritten, before - overwritten, 1))


@dataclass
class Reading:
    """What one reader saw."""

    seen: int = 0
    lost: int = 0
    wrong: list[int] = field(default_factory=list)


def test_two_readers_and_a_writer_that_laps_them() -> None:
    ring = Ring(1000, 2)
    total = 3_000_000
    done = threading.Event()
    readings = [Reading(), Reading()]
    readers = [ring.reader(), ring.reader()]

    def read(index: int) -> None:
        reader, reading = readers[index], readings[index]
        while True:
            last_look = done.is_set()
            chunk = reader.read(700)
            reading.seen += len(chunk.frames)
            reading.lost += chunk.lost
            if not np.array_equal(chunk.frames, numbered(chunk.first_frame, len(chunk.frames), 2)):
                reading.wrong.append(chunk.first_frame)
            if last_look and reader.unread == 0:
                return

    threads = [threading.Thread(target=read, args=(index,)) for index in range(2)]
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # change threads in the middle of things
    for thread in threads:
        thread.start()
    for first_frame in range(0, total, 300):
        ring.write(numbered(first_frame, 300, 2))
    sys.setswitchinterval(usual_s)
    done.set()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    for reading in readings:
        assert reading.wrong == []
        assert reading.seen + reading.lost == total
        assert reading.seen > 0
