"""What is known of a microphone: by its source, by its samples, and one thing at a time."""

import numpy as np
import pytest

from edgecry.health.microphone import BACK_AFTER_S, MicrophoneHealth
from edgecry.types import AudioBlock, Fault

RATE_HZ = 16_000
UNPLUGGED = Fault("mic-lost", "unplugged: plug it in")
MUTED = Fault("mic-silent", "muted: unmute it")


class Microphone:
    """Feeds a MicrophoneHealth, a tenth of a second a block."""

    def __init__(self) -> None:
        self.own_sound = False
        self.health = MicrophoneHealth(lambda _begin_s, _end_s: self.own_sound)
        self._next = 0

    def give(self, seconds: float, level: float, clipped: float | None = 0.0) -> None:
        for _ in range(round(seconds * 10)):
            samples = np.random.default_rng(self._next).normal(0, level, RATE_HZ // 10)
            block = AudioBlock(samples.astype(np.float32), RATE_HZ, self._next, 0.0, False, clipped)
            self._next = block.end_sample
            self.health.hear(block)

    @property
    def troubles(self) -> set[str]:
        codes = "mic-lost", "mic-silent", "mic-clipping"
        return {code for code in codes if self.health.trouble(code)}


@pytest.fixture
def microphone() -> Microphone:
    return Microphone()


def test_what_its_samples_say(microphone) -> None:
    microphone.give(10, level=0.01)
    assert microphone.troubles == set()
    microphone.give(6, level=1e-6)
    assert microphone.troubles == {"mic-silent"}
    microphone.give(8, level=0.5, clipped=0.5)
    assert microphone.troubles == {"mic-clipping"}
    microphone.give(20, level=0.01)
    assert microphone.troubles == set()


def test_its_own_buzzer_is_no_fault_and_does_not_end_one(microphone) -> None:
    microphone.give(10, level=0.01)
    microphone.own_sound = True
    microphone.give(4, level=0.5, clipped=0.9)
    assert microphone.troubles == set()
    microphone.own_sound = False
    microphone.give(6, level=1e-6)
    microphone.own_sound = True
    microphone.give(4, level=0.01)
    microphone.own_sound = False
    microphone.give(0.9, level=1e-6)
    assert microphone.troubles == {"mic-silent"}


def test_between_the_bursts_of_its_own_buzzer_a_dead_one_is_known(microphone) -> None:
    """3 s of 15 are the buzzer's while a cry sounds."""
    microphone.own_sound = True
    microphone.give(3, level=1e-6)
    microphone.own_sound = False
    microphone.give(6, level=1e-6)
    assert microphone.troubles == {"mic-silent"}


@pytest.mark.parametrize("fault", [UNPLUGGED, MUTED])
def test_a_loss_is_the_only_trouble_and_what_was_heard_before_it_is_forgotten(
    microphone, fault
) -> None:
    microphone.give(6, level=0.5, clipped=0.5)
    microphone.health.lost(fault)
    assert microphone.troubles == {fault.code}
    assert microphone.health.trouble(fault.code) == fault.detail
    microphone.give(BACK_AFTER_S - 0.1, level=0.01)
    assert microphone.troubles == {fault.code}
    microphone.give(0.2, level=0.01)
    assert microphone.troubles == set()
    assert not microphone.health.is_lost


def test_a_recording_has_no_converter_that_could_be_dead(microphone) -> None:
    microphone.give(60, level=0.0, clipped=None)
    assert microphone.troubles == set()
