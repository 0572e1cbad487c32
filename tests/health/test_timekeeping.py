"""A clock that follows no time server, and one that is set."""

from datetime import datetime, timedelta

import pytest
from support.supervised import Supervised

from edgecry.clock import ManualClock, SystemClock
from edgecry.health.check import Check
from edgecry.health.timekeeping import STEP_SHOWN_S, UNSYNCHRONISED_AFTER_S, Timekeeping


class Clock(ManualClock):
    """A machine's clock, which can be set and can lose its time server."""

    def __init__(self) -> None:
        super().__init__()
        self.server = True
        self._set_by = timedelta()

    def set(self, seconds: float) -> None:
        self._set_by += timedelta(seconds=seconds)

    def utc(self) -> datetime:
        return super().utc() + self._set_by

    def synchronised(self) -> bool:
        return self.server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def monitor(clock) -> Supervised:
    monitor = Supervised(clock)
    monitor.checks.append(Check("clock", "low", Timekeeping(clock).look))
    return monitor


def test_without_a_time_server_it_is_a_low_alarm_after_ten_minutes(clock, monitor) -> None:
    clock.server = False
    monitor.tick(UNSYNCHRONISED_AFTER_S - 1)
    assert monitor.told == []
    monitor.until_raised("clock", 2)
    assert "NTP server" in monitor.active["clock"]
    clock.server = True
    monitor.until_cleared("clock", 1)
    assert monitor.told == [("clock", "start", "low"), ("clock", "end", "low")]


def test_the_first_synchronisation_sets_the_clock_and_is_no_alarm(clock, monitor) -> None:
    clock.server = False
    monitor.tick(120)
    clock.set(3e7)
    monitor.tick(5)
    clock.server = True
    monitor.tick(3600)
    assert monitor.told == []


@pytest.mark.parametrize(
    ("seconds", "words"), [(90.0, "set forward by 90.0 s"), (-3600.0, "set back by 3600.0 s")]
)
def test_a_believed_clock_that_is_set_is_shown_for_ten_minutes(
    clock, monitor, seconds, words
) -> None:
    monitor.tick(60)
    clock.set(seconds)
    assert monitor.until_raised("clock", 1) == 0.5
    assert words in monitor.active["clock"]
    assert monitor.until_cleared("clock", STEP_SHOWN_S + 1) >= STEP_SHOWN_S - 0.5


def test_a_clock_that_is_slewed_is_no_alarm(clock, monitor) -> None:
    for _ in range(60):
        clock.set(0.2)
        monitor.tick(2)
    assert monitor.told == []


def test_the_clock_of_this_machine_does_not_step() -> None:
    timekeeping = Timekeeping(SystemClock())
    assert timekeeping.look(0.0) is None
    assert timekeeping.look(0.1) is None
