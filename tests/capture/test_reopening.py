"""A microphone that comes and goes, on a clock that moves when told."""

from collections import deque
from itertools import pairwise
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgecry.capture.reopening import FIRST_RETRY_S, LAST_RETRY_S, ReopeningSource
from edgecry.clock import ManualClock
from edgecry.errors import CaptureError
from edgecry.types import AudioBlock, Fault

RATE_HZ = 1000
BLOCK = 100


class Ward:
    """Microphones that do what the script says, one word a read: hear, zeros, nothing, lose."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.script: deque[str] = deque()
        self.present = True
        self.opened_at_s: list[float] = []
        self.tried_at_s: list[float] = []
        self.open = 0

    def __call__(self) -> "FakeMicrophone":
        self.tried_at_s.append(self.clock.monotonic_s())
        if not self.present:
            raise CaptureError("no microphone: plug one in")
        self.opened_at_s.append(self.clock.monotonic_s())
        self.open += 1
        assert self.open == 1, "two microphones are open"
        return FakeMicrophone(self)


class FakeMicrophone:
    def __init__(self, ward: Ward) -> None:
        self._ward = ward
        self._next_sample = 0
        self._closed = False

    def read(self, timeout_s: float) -> AudioBlock | None:
        assert not self._closed
        word = self._ward.script.popleft() if self._ward.script else "hear"
        if word == "lose":
            raise CaptureError("microphone has gone")
        if word == "nothing":
            self._ward.clock.advance(timeout_s)
            return None
        self._ward.clock.advance(BLOCK / RATE_HZ)
        samples = np.full(BLOCK, 0.0 if word == "zeros" else 0.1, np.float32)
        block = AudioBlock(samples, RATE_HZ, self._next_sample, self._ward.clock.monotonic_s())
        self._next_sample = block.end_sample
        return block

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._ward.open -= 1


def make(seed: int = 0) -> tuple[ManualClock, Ward, ReopeningSource]:
    clock = ManualClock()
    ward = Ward(clock)
    return clock, ward, ReopeningSource(ward, clock, Random(seed), clock.advance)


def read_for(clock: ManualClock, source: ReopeningSource, seconds: float) -> list[AudioBlock]:
    end_s = clock.monotonic_s() + seconds
    heard = []
    while clock.monotonic_s() < end_s:
        if (block := source.read(0.25)) is not None:
            heard.append(block)
    return heard


def test_a_microphone_that_works_is_passed_through() -> None:
    clock, ward, source = make()
    heard = read_for(clock, source, 0.95)
    assert [block.first_sample for block in heard] == list(range(0, 1000, BLOCK))
    assert not any(block.overflowed for block in heard)
    assert source.lost is None
    assert len(ward.opened_at_s) == 1


def test_a_loss_is_shown_until_it_is_heard_again() -> None:
    clock, ward, source = make()
    read_for(clock, source, 1.0)
    ward.present = False
    ward.script.append("lose")
    assert source.read(0.25) is None
    assert source.lost == Fault("mic-lost", "microphone has gone")
    read_for(clock, source, 5.0)
    assert source.lost == Fault("mic-lost", "no microphone: plug one in")
    ward.present = True
    back = read_for(clock, source, 12.0)
    assert source.lost is None
    assert [block.overflowed for block in back[:3]] == [True, False, False]


def test_audio_time_goes_on_while_it_is_lost() -> None:
    clock, ward, source = make()
    read_for(clock, source, 1.0)
    ward.script.append("lose")
    back = read_for(clock, source, 5.0)[0]
    assert back.end_sample == round(back.captured_mono_s * RATE_HZ)


@given(st.integers(0, 1000))
def test_retries_back_off_to_a_limit_with_jitter(seed: int) -> None:
    clock, ward, source = make(seed)
    ward.present = False
    read_for(clock, source, 120.0)
    waits = np.diff(ward.tried_at_s)
    full = np.minimum(LAST_RETRY_S, FIRST_RETRY_S * 2.0 ** np.arange(len(waits)))
    assert (waits >= full / 2 - 1e-9).all()
    assert (waits <= full + 1e-9).all()
    assert len(set(np.round(waits[-5:], 6))) > 1


def test_after_it_has_been_heard_the_first_retry_is_soon_again() -> None:
    clock, ward, source = make()
    ward.present = False
    read_for(clock, source, 60.0)
    ward.present = True
    read_for(clock, source, 12.0)
    ward.script.append("lose")
    source.read(0.25)
    lost_at_s = clock.monotonic_s()
    read_for(clock, source, 2.0)
    assert ward.opened_at_s[-1] - lost_at_s <= FIRST_RETRY_S


def test_zeros_are_not_a_microphone_that_is_back() -> None:
    clock, ward, source = make()
    read_for(clock, source, 1.0)
    ward.script.extend(["lose", "zeros", "zeros", "nothing", "lose", "zeros"])
    heard = read_for(clock, source, 0.9)
    assert heard == []
    assert source.lost is not None
    back = read_for(clock, source, 3.0)
    assert back[0].overflowed
    assert back[0].end_sample == round(back[0].captured_mono_s * RATE_HZ)
    assert source.lost is None


def test_zeros_from_a_microphone_that_was_never_lost_are_audio() -> None:
    clock, ward, source = make()
    ward.script.extend(["zeros"] * 5)
    assert len(read_for(clock, source, 0.5)) == 5


def test_between_retries_a_read_ends_within_its_timeout() -> None:
    clock, ward, source = make()
    ward.present = False
    for _ in range(100):
        before_s = clock.monotonic_s()
        assert source.read(0.25) is None
        assert clock.monotonic_s() - before_s <= 0.25 + 1e-9


@given(st.lists(st.sampled_from(["hear", "zeros", "nothing", "lose"]), max_size=60))
def test_samples_are_counted_up_and_every_jump_is_marked(script: list[str]) -> None:
    clock, ward, source = make()
    ward.script.extend(script)
    heard = read_for(clock, source, 12.0 * (1 + script.count("lose")))
    for before, block in pairwise(heard):
        assert block.first_sample >= before.end_sample
        assert block.overflowed or block.first_sample == before.end_sample
    assert heard[-1].end_sample <= round(clock.monotonic_s() * RATE_HZ)
    source.close()
    source.close()
    assert ward.open == 0
