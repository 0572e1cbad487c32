"""What the main thread's tick raises, and what feeds the watchdog."""

import math
from dataclasses import dataclass, field

import pytest

from edgecry.alarm_desk import AlarmDesk
from edgecry.clock import ManualClock
from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm import AlarmBoard
from edgecry.health.liveness import Liveness
from edgecry.health.supervisor import BROKER_LOST_AFTER_S, Supervisor


@dataclass
class Notified:
    """The messages that systemd would have got."""

    fed: int = 0
    texts: list[str] = field(default_factory=list)

    def watchdog(self) -> None:
        self.fed += 1

    def status(self, text: str) -> None:
        self.texts.append(text)


@dataclass
class Stepping:
    """The annunciator."""

    stepped_s: float = 0.0


@dataclass
class Link:
    heard_mono_s: float = math.inf


@dataclass
class Store:
    durable: bool = True


class Rig:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.liveness = Liveness(blind_after_s=5.0, now_s=0.0)
        self.events = []
        self.desk = AlarmDesk(
            AlarmBoard(AlarmSettings()),
            lambda _signal: None,
            [lambda event: self.events.append((event.code, event.phase, event.priority))],
            self.clock,
        )
        self.systemd, self.link, self.store, self.reports = Notified(), Link(), Store(), []
        self.panel = Stepping()
        self.supervisor = Supervisor(
            liveness=self.liveness,
            faults=self.desk,
            signaller=self.panel,
            link=self.link,
            store=self.store,
            manager=self.systemd,
            clock=self.clock,
            status=lambda: "listening",
            report_health=lambda: self.reports.append(self.clock.monotonic_s()),
            health_interval_s=10.0,
        )

    def tick(
        self, seconds: float, scoring: bool, lost: bool = False, panel_works: bool = True
    ) -> None:
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            now_s = self.clock.monotonic_s()
            if scoring:
                self.liveness.decided(now_s - 0.1, now_s)
            if lost:
                self.liveness.declared_blind(now_s)
            if panel_works:
                self.panel.stepped_s = now_s
            self.supervisor.step(source_lost=lost)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_watchdog_is_fed_by_fresh_decisions_only(rig) -> None:
    rig.tick(10, scoring=True)
    fed = rig.systemd.fed
    assert fed == 20
    rig.tick(60, scoring=False)
    assert rig.systemd.fed == fed


def test_a_panel_that_hangs_is_a_reason_to_restart(rig) -> None:
    rig.tick(60, scoring=True, panel_works=False)
    assert rig.systemd.fed < 10


def test_a_stalled_pipeline_is_an_alarm_before_ten_seconds_and_ends_when_it_recovers(rig) -> None:
    rig.tick(4.5, scoring=False)
    assert rig.events == []
    rig.tick(1, scoring=False)
    assert rig.events == [("overload", "start", "medium")]
    rig.tick(1, scoring=True)
    assert rig.events[-1] == ("overload", "end", "medium")


def test_a_lost_microphone_that_is_known_is_not_reported_twice_and_is_no_reason_to_restart(
    rig,
) -> None:
    rig.tick(20, scoring=False, lost=True)
    assert rig.events == []
    assert rig.systemd.fed == 40


def test_the_first_window_after_a_known_loss_may_take_its_time_but_has_to_come(rig) -> None:
    rig.tick(20, scoring=False, lost=True)
    rig.tick(1.5, scoring=False)
    rig.tick(5, scoring=True)
    assert rig.events == []
    rig.tick(20, scoring=False, lost=True)
    rig.tick(6, scoring=False)
    assert rig.events == [("overload", "start", "medium")]


def test_a_broker_that_stays_away_is_a_low_alarm(rig) -> None:
    rig.link.heard_mono_s = 0.0
    rig.tick(BROKER_LOST_AFTER_S - 1, scoring=True)
    assert rig.events == []
    rig.tick(2, scoring=True)
    assert rig.events == [("broker-lost", "start", "low")]
    rig.link.heard_mono_s = rig.clock.monotonic_s()
    rig.tick(1, scoring=True)
    assert rig.events[-1] == ("broker-lost", "end", "low")


def test_storage_that_fails_is_a_low_alarm(rig) -> None:
    rig.store.durable = False
    rig.tick(1, scoring=True)
    assert rig.events == [("storage", "start", "low")]


def test_health_is_reported_at_its_interval(rig) -> None:
    rig.tick(35, scoring=True)
    assert rig.reports == [0.5, 10.5, 20.5, 30.5]
    assert set(rig.systemd.texts) == {"listening"}
