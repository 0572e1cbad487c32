"""A pipeline that stands, is too slow, or loses sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.supervised import Supervised

from edgecry.health.check import Check
from edgecry.health.liveness import RECENT_S, Liveness
from edgecry.health.overload import Overload

HOP_S = 0.25


@pytest.fixture
def monitor() -> Supervised:
    """Under half a second of sound is scored every half second."""
    monitor = Supervised()
    monitor.share, monitor.lost, monitor.lost_to_another = 1.0, False, False

    def pipeline(now_s: float) -> None:
        if monitor.lost:
            monitor.liveness.declared_blind(now_s)
        elif monitor.share:
            monitor.liveness.decided(now_s - 0.1, now_s, 0.5 * monitor.share)

    monitor.before_tick = pipeline
    overload = Overload(monitor.liveness, excused=lambda: monitor.lost or monitor.lost_to_another)
    monitor.checks.append(Check("overload", "medium", overload.look))
    monitor.tick(30)
    assert monitor.told == []
    return monitor


def test_a_pipeline_that_stands_is_an_alarm_within_ten_seconds_until_it_goes_on(monitor) -> None:
    monitor.share = 0.0
    assert monitor.until_raised("overload", 10) <= 5.5
    assert "not being listened to" in monitor.active["overload"]
    monitor.share = 1.0
    monitor.until_cleared("overload", 20)
    assert monitor.told == [("overload", "start", "medium"), ("overload", "end", "medium")]


def test_a_pipeline_at_half_its_speed_is_an_alarm_within_ten_seconds(monitor) -> None:
    monitor.share = 0.5
    assert monitor.until_raised("overload", 10) <= 8.5
    assert "too busy" in monitor.active["overload"]
    monitor.share = 1.0
    monitor.until_cleared("overload", 20)


def test_a_little_loss_is_none(monitor) -> None:
    monitor.share = 0.85
    monitor.tick(120)
    assert monitor.told == []


def test_a_lost_microphone_is_not_told_twice_and_what_follows_may_take_its_time(monitor) -> None:
    monitor.lost = True
    monitor.tick(60)
    monitor.lost, monitor.share = False, 0.0
    monitor.tick(1.5)
    monitor.share = 1.0
    monitor.tick(60)
    assert monitor.told == []


def test_after_a_loss_the_first_window_has_to_come(monitor) -> None:
    monitor.lost = True
    monitor.tick(20)
    monitor.lost, monitor.share = False, 0.0
    monitor.until_raised("overload", 10)


def test_it_is_known_as_soon_after_the_start_and_after_a_loss(monitor) -> None:
    monitor.lost = True
    monitor.tick(20)
    monitor.lost, monitor.share = False, 0.5
    assert monitor.until_raised("overload", 10) <= 9.0


def test_what_another_fault_explains_is_not_told_once_that_is_over(monitor) -> None:
    """A detector that fails scores nothing, and is trusted again 10 s after it works."""
    monitor.lost_to_another = True
    monitor.share = 0.0
    monitor.tick(30)
    monitor.share = 1.0
    monitor.tick(10)
    monitor.lost_to_another = False
    monitor.tick(60)
    assert monitor.told == []
    monitor.share = 0.5
    monitor.until_raised("overload", 10)


@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_unscored_is_what_was_not_scored_of_the_last_twenty_seconds(scored: list[bool]) -> None:
    liveness = Liveness(5.0, 0.0)
    scored = [True, *scored]
    for index, was in enumerate(scored):
        if was:
            liveness.decided(index * HOP_S, index * HOP_S, HOP_S)
    now_s = (len(scored) - 1) * HOP_S
    recent = scored[1:][-round(RECENT_S / HOP_S) :]
    assert liveness.unscored_s(now_s) == pytest.approx(recent.count(False) * HOP_S)
