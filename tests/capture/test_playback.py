"""Recordings and arrays as sources: in blocks, in order, when they are due."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecry.capture import playback
from edgecry.capture.playback import Playback, Replay, Samples
from edgecry.clock import Clock, ManualClock
from edgecry.errors import EndOfAudio
from edgecry.types import AudioBlock

RATE_HZ = 16000
BLOCK = 1600


class Parts:
    """Audio in arrays of given lengths."""

    def __init__(self, samples: np.ndarray, cuts: list[int]) -> None:
        self._parts = iter(np.split(samples, sorted(cut % (len(samples) + 1) for cut in cuts)))
        self.closed = 0

    def __next__(self) -> np.ndarray:
        return next(self._parts)

    def close(self) -> None:
        self.closed += 1


def noise(count: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(count).astype(np.float32)


def all_blocks(source: Playback | Replay) -> list[AudioBlock]:
    heard = []
    with pytest.raises(EndOfAudio):
        while True:
            block = source.read(0.25)
            assert block is not None
            heard.append(block)
    return heard


@given(count=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 10_000), max_size=10))
def test_the_blocks_do_not_depend_on_the_arrays(count: int, cuts: list[int]) -> None:
    heard = all_blocks(Replay(Parts(noise(count), cuts), RATE_HZ, ManualClock()))
    samples = [block.samples for block in heard]
    np.testing.assert_array_equal(np.concatenate([np.empty(0), *samples]), noise(count))
    assert [block.first_sample for block in heard] == list(range(0, count, BLOCK))
    assert not any(part.flags.writeable for part in samples)


def test_a_replay_moves_the_clock_with_the_audio() -> None:
    clock = ManualClock()
    clock.advance(100.0)
    heard = all_blocks(Replay(Samples(noise(3 * BLOCK + 800)), RATE_HZ, clock))
    assert [block.captured_mono_s for block in heard] == pytest.approx(
        [100.1, 100.2, 100.3, 100.35]
    )
    assert clock.monotonic_s() == heard[-1].captured_mono_s


def advance_instead_of_sleeping(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    monkeypatch.setattr(playback.time, "sleep", clock.advance)


@pytest.mark.parametrize("speed", [1.0, 8.0])
def test_a_playback_gives_each_block_when_it_is_due(
    monkeypatch: pytest.MonkeyPatch, speed: float
) -> None:
    clock = ManualClock()
    advance_instead_of_sleeping(monkeypatch, clock)
    heard = all_blocks(Playback(Samples(noise(5 * BLOCK)), RATE_HZ, clock, speed))
    for block in heard:
        late_s = block.captured_mono_s - block.end_sample / RATE_HZ / speed
        assert -1e-9 <= late_s <= 0.011


def test_a_block_that_is_not_due_in_time_is_given_later(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()
    advance_instead_of_sleeping(monkeypatch, clock)
    source = Playback(Samples(noise(BLOCK)), RATE_HZ, clock)
    assert source.read(0.05) is None
    assert clock.monotonic_s() == pytest.approx(0.05)
    block = source.read(0.1)
    assert block is not None
    np.testing.assert_array_equal(block.samples, noise(BLOCK))


def test_a_reader_that_falls_behind_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()
    monkeypatch.setattr(playback.time, "sleep", lambda _: pytest.fail("all of it was due"))
    source = Playback(Samples(noise(50 * BLOCK)), RATE_HZ, clock)
    assert source.read(0.0) is None
    clock.advance(60.0)
    assert [block.first_sample for block in all_blocks(source)] == list(range(0, 50 * BLOCK, BLOCK))


@pytest.mark.parametrize("make", [Replay, Playback])
def test_closing_gives_the_recording_back(make: type[Playback] | type[Replay]) -> None:
    audio = Parts(noise(10), [])
    clock: Clock = ManualClock()
    make(audio, RATE_HZ, clock).close()  # type: ignore[arg-type]
    assert audio.closed == 1
