"""What the main thread's tick raises, and what feeds the watchdog."""

import pytest
from support.supervised import Supervised

from edgecry.health.check import Check


@pytest.fixture
def monitor() -> Supervised:
    return Supervised()


def scoring(monitor: Supervised) -> None:
    monitor.before_tick = lambda now_s: monitor.liveness.decided(now_s - 0.1, now_s, 0.5)


def test_the_watchdog_is_fed_by_fresh_decisions_only(monitor) -> None:
    scoring(monitor)
    monitor.tick(10)
    assert monitor.systemd.fed == 20
    monitor.before_tick = lambda _now_s: None
    monitor.tick(60)
    assert monitor.systemd.fed == 20


def test_a_panel_that_hangs_is_a_reason_to_restart(monitor) -> None:
    scoring(monitor)
    monitor.tick(60, panel_works=False)
    assert monitor.systemd.fed < 10


def test_the_buzzer_is_limited_at_every_tick_whatever_else_fails(monitor) -> None:
    monitor.tick(10, panel_works=False)
    assert monitor.panel.limits == 20


def test_a_known_loss_of_the_microphone_is_no_reason_to_restart(monitor) -> None:
    monitor.before_tick = monitor.liveness.declared_blind
    monitor.tick(20)
    assert monitor.systemd.fed == 40


def test_a_pause_ends_at_a_tick_although_nothing_else_happens(monitor) -> None:
    monitor.tick(1)
    monitor.desk.pause_audio("ann", 10.0)
    monitor.tick(9.5)
    assert monitor.station.states[-1].audio == "paused"
    monitor.tick(0.5)
    assert monitor.station.states[-1].audio == "on"


def test_every_check_is_an_alarm_of_its_own_and_ends_by_itself(monitor) -> None:
    wrong = {"clock": "the clock", "storage": "the card"}
    monitor.checks += [
        Check("storage", "low", lambda _: wrong.get("storage")),
        Check("clock", "medium", lambda _: wrong.get("clock")),
    ]
    monitor.tick(1)
    assert monitor.told == [("storage", "start", "low"), ("clock", "start", "medium")]
    assert monitor.active == {"storage": "the card", "clock": "the clock"}
    assert monitor.station.states[-1].mode == "fault"
    del wrong["clock"]
    monitor.tick(1)
    assert monitor.told[2:] == [("clock", "end", "medium")]
    assert monitor.active == {"storage": "the card"}
    assert monitor.station.states[-1].mode == "monitoring"


def test_health_is_reported_at_its_interval(monitor) -> None:
    monitor.tick(35)
    assert monitor.health_at_s == [0.5, 10.5, 20.5, 30.5]
    assert set(monitor.systemd.texts) == {"listening"}
