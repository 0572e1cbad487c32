"""What the station is told: an event, then the state that it leads to; and how the monitor is."""

from dataclasses import dataclass, field, replace

import pytest
from support.messages import CRY

from edgecry.alarm_desk import AlarmDesk
from edgecry.clock import ManualClock
from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.decision.cry import Cry
from edgecry.detection import Decision
from edgecry.health.liveness import Liveness
from edgecry.health.metrics import Machine
from edgecry.outputs.messages import Identity
from edgecry.remote.inbox import Inbox
from edgecry.report import Reporter
from edgecry.types import ModelName, Score

MODEL = ModelName(name="cry-detector", version="1.0.0", sha256="ab" * 32)
IDENTITY = Identity("cot-1", "NICU", "7", "boot", "run", MODEL)


@dataclass
class Sender:
    """What would have been sent, in its order."""

    events: list = field(default_factory=list)
    states: list = field(default_factory=list)
    health: list = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    def post(self, event) -> None:
        self.events.append(event)
        self.order.append("event")

    def post_state(self, state) -> None:
        self.states.append(state)
        self.order.append("state")

    def post_health(self, health) -> None:
        self.health.append(health)


@dataclass
class Heard:
    """As much of a pipeline as health asks for."""

    last: Decision | None = None
    overflows: int = 0


class Rig:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.sender = Sender()
        self.kept = []
        self.reporter = Reporter(
            self.sender,
            lambda event, message: self.kept.append((event.code, message)),
            IDENTITY,
            self.clock,
            runtime="tflite",
            machine=Machine(),
        )
        system = AlarmSystem(AlarmSettings())
        self.desk = AlarmDesk(
            system, lambda _signal: None, [self.reporter.event], self.clock, [self.reporter.state]
        )


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_each_event_is_followed_by_the_state_that_it_leads_to(rig) -> None:
    rig.desk.fault("broker-lost", "check the network", "low")
    rig.desk.fault("broker-lost", None, "low")
    assert rig.sender.order == ["event", "state", "event", "state"]
    raised, ended = rig.sender.states
    assert [condition.code for condition in raised.active] == ["broker-lost"]
    assert raised.active[0].alarm_id == rig.sender.events[0].alarm_id
    assert (raised.highest_priority, raised.last_event_id) == (
        "low",
        rig.sender.events[0].event_id,
    )
    assert (ended.active, ended.highest_priority) == ((), None)
    assert ended.last_event_id == rig.sender.events[1].event_id
    kept = [("broker-lost", message) for message in rig.sender.events]
    assert rig.kept == kept, "the journal has what the station is told"


@pytest.mark.parametrize(
    ("code", "priority", "mode"),
    [
        ("broker-lost", "low", "monitoring"),
        ("mic-lost", "medium", "fault"),
        ("overload", "medium", "fault"),
    ],
)
def test_a_fault_that_blinds_the_monitor_is_its_mode(rig, code, priority, mode) -> None:
    rig.desk.fault(code, "what to do", priority)
    assert rig.sender.states[-1].mode == mode
    rig.desk.fault(code, None, priority)
    assert rig.sender.states[-1].mode == "monitoring"


def test_an_acknowledgement_shows_in_the_state(rig) -> None:
    rig.desk.fault("mic-lost", "plug it in", "medium")
    rig.desk.acknowledge("button")
    assert rig.sender.states[-1].active[0].acknowledged_by == "button"
    assert rig.sender.states[-1].mode == "fault"


def test_the_state_says_until_when_somebody_has_acknowledged(rig) -> None:
    rig.desk.fault("mic-lost", "plug it in", "medium")
    rig.desk.acknowledge("ann")
    [condition] = rig.sender.states[-1].active
    assert (condition.acknowledged_by, condition.acknowledged_until) == (
        "ann",
        "2026-01-01T00:03:00.000Z",
    )
    rig.clock.advance(180)
    rig.desk.tick()
    [condition] = rig.sender.states[-1].active
    assert (condition.acknowledged_by, condition.acknowledged_until) == (None, None)


def test_the_state_counts_down_a_pause_and_says_who_asked_for_it(rig) -> None:
    rig.clock.advance(10)
    rig.desk.pause_audio("ann", 60)
    state = rig.sender.states[-1]
    assert (state.audio, state.audio_by, state.audio_paused_until) == (
        *("paused", "ann"),
        "2026-01-01T00:01:10.000Z",
    )
    assert rig.sender.events == []
    rig.clock.advance(60)
    rig.desk.tick()
    state = rig.sender.states[-1]
    assert (state.audio, state.audio_by, state.audio_paused_until) == ("on", None, None)


def test_standby_is_the_mode_even_while_a_fault_blinds_the_monitor(rig) -> None:
    rig.clock.advance(10)
    rig.desk.standby("ann")
    rig.desk.fault("mic-lost", "plug it in", "medium")
    state = rig.sender.states[-1]
    assert (state.mode, state.standby_by) == ("standby", "ann")
    assert state.standby_since == "2026-01-01T00:00:10.000Z"
    assert [condition.code for condition in state.active] == ["mic-lost"]
    rig.desk.resume("ann")
    state = rig.sender.states[-1]
    assert (state.mode, state.standby_by, state.standby_since) == ("fault", None, None)


def test_missed_cries_stay_in_the_state_until_they_are_acknowledged(rig) -> None:
    for start_s in (0.0, 100.0):
        rig.clock.advance(20)
        score = Score(0.9, 0, -30.0, 1.0)
        cry = Cry(start_s, start_s + 1, start_s + 2, 0.9, 0.9)
        rig.desk.decided(Decision(start_s + 2, score, 0.9, cry), 0.6)
        rig.desk.decided(Decision(start_s + 9, score, 0.1, None), 0.6)
    missed = rig.sender.states[-1].missed
    assert (missed.count, missed.since) == (2, "2026-01-01T00:00:20.000Z")
    assert (rig.sender.states[-1].mode, rig.sender.states[-1].highest_priority) == (
        "monitoring",
        None,
    )
    rig.desk.short_press("ann")
    assert rig.sender.states[-1].missed is None


def test_health_before_any_sound_does_not_invent_any(rig) -> None:
    rig.clock.advance(3)
    rig.reporter.health(Heard(), Liveness(5.0, 0.0), Inbox(rig.clock))
    [health] = rig.sender.health
    assert (health.frame_age_s, health.level_dbfs) == (None, None)
    assert (health.uptime_s, health.overruns) == (3.0, 0)
    assert health.versions["runtime"] == "tflite"


def test_health_tells_the_age_and_level_of_the_newest_scored_sound(rig) -> None:
    liveness = Liveness(5.0, 0.0)
    rig.clock.advance(10)
    liveness.decided(captured_s=9.75, now_s=10.0, hop_s=0.24)
    decision = Decision(9.75, Score(0.1, 156000, -43.21987, 1.0), 0.1, None)
    inbox = Inbox(rig.clock)
    inbox.take("cmd/standby", b"", True)
    rig.reporter.health(Heard(decision, overflows=2), liveness, inbox)
    [health] = rig.sender.health
    assert (health.commands_refused, health.messages_dropped) == (1, 0)
    assert (health.frame_age_s, health.level_dbfs, health.overruns) == (0.25, -43.2, 2)
    assert (health.device, health.model) == ("cot-1", MODEL)


def test_a_self_test_is_told_and_kept_and_is_part_of_no_state(rig) -> None:
    rig.desk.fault("mic-lost", "plug it in", "medium")
    states = len(rig.sender.states)
    event_id = rig.reporter.self_test(replace(CRY, test=True))
    told = rig.sender.events[-1]
    assert (told.event_id, told.test, told.alarm_id) == (event_id, True, "run-test-1")
    assert rig.kept[-1] == ("cry", told)
    assert len(rig.sender.states) == states
    rig.desk.acknowledge("button")
    assert [each.code for each in rig.sender.states[-1].active] == ["mic-lost"]
    assert rig.sender.states[-1].last_event_id != event_id
