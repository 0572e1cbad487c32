"""The alarm state machine: what is raised, when it grows, what an acknowledgement does."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm import AlarmBoard, Finding
from edgecry.decision.signal import signal_of

TIMES = AlarmSettings(sustained_s=10.0, escalate_s=60.0)


def cry(onset_s: float, heard_s: float) -> Finding:
    return Finding("patient", "low", onset_s, heard_s, p_cry=0.9, threshold=0.6, level_dbfs=-30.0)


def fault(now_s: float, priority="medium") -> Finding:
    return Finding("technical", priority, now_s, now_s, detail="unplugged: plug it in")


def cry_for(board: AlarmBoard, seconds: float, step_s: float = 0.25):
    events = []
    for i in range(int(seconds / step_s) + 1):
        events += board.assess("cry", cry(0.0, i * step_s), i * step_s)
    return events


def test_a_cry_starts_low_and_is_medium_once_sustained() -> None:
    events = cry_for(AlarmBoard(TIMES), 12.0)
    assert [(e.phase, e.priority, e.at_s) for e in events] == [
        ("start", "low", 0.0),
        ("update", "medium", 10.0),
    ]


def test_a_short_fuss_raises_nothing_above_low() -> None:
    board = AlarmBoard(TIMES)
    events = cry_for(board, 3.0) + board.assess("cry", None, 8.0)
    assert {e.priority for e in events} == {"low"}
    assert [e.phase for e in events] == ["start", "end"]
    assert events[-1].ended_s == 3.0
    assert events[-1].duration_s == 3.0


def test_quiet_while_waiting_for_the_clear_time_does_not_count_as_crying() -> None:
    board = AlarmBoard(TIMES)
    events = cry_for(board, 8.0)
    for i in range(1, 20):
        events += board.assess("cry", cry(0.0, 8.0), 8.0 + i * 0.25)
    assert {e.priority for e in events} == {"low"}


def test_unacknowledged_it_is_announced_again_and_again() -> None:
    events = cry_for(AlarmBoard(TIMES), 200.0)
    escalations = [e.at_s for e in events if e.phase == "escalate"]
    assert escalations == [70.0, 130.0, 190.0]


def test_an_unanswered_short_cry_that_stays_is_raised_to_medium() -> None:
    board = AlarmBoard(AlarmSettings(sustained_s=300.0, escalate_s=20.0))
    events = cry_for(board, 25.0)
    assert [(e.phase, e.priority) for e in events] == [("start", "low"), ("escalate", "medium")]


def test_a_low_fault_stays_low_however_long_nobody_answers() -> None:
    board = AlarmBoard(TIMES)
    events = []
    for now_s in range(0, 200, 10):
        events += board.assess("broker-lost", fault(now_s, "low"), now_s)
    assert [e.phase for e in events] == ["start", "escalate", "escalate", "escalate"]
    assert {e.priority for e in events} == {"low"}


def test_acknowledged_it_keeps_quiet_until_it_ends() -> None:
    board = AlarmBoard(TIMES)
    board.assess("cry", cry(0, 0), 0)
    [event] = board.acknowledge("button")
    assert (event.phase, event.acknowledged_by) == ("acknowledge", "button")
    assert board.acknowledge("button") == []
    later = [e for t in range(1, 300) for e in board.assess("cry", cry(0, t), t)]
    assert [e.phase for e in later] == ["update"]
    assert signal_of(board.alarms, board.announcements).sound is None
    [end] = board.assess("cry", None, 310)
    assert end.acknowledged_by == "button"
    [again] = board.assess("cry", cry(400, 400), 400)
    assert again.acknowledged_by is None
    assert again.alarm != end.alarm


def test_acknowledging_one_condition_does_not_silence_the_next() -> None:
    board = AlarmBoard(TIMES)
    board.assess("cry", cry(0, 0), 0)
    board.acknowledge("button")
    board.assess("mic-lost", fault(5), 5)
    assert signal_of(board.alarms, board.announcements).sound == "medium"


class Board(RuleBasedStateMachine):
    """Conditions come and go in any order, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.board = AlarmBoard(TIMES)
        self.now_s = 0.0
        self.present: dict[str, float] = {}
        self.events = []

    @rule(seconds=st.floats(0, 100))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    @rule(code=st.sampled_from(["cry", "mic-lost", "broker-lost"]))
    def assess_present(self, code: str) -> None:
        onset_s = self.present.setdefault(code, self.now_s)
        new = code not in {alarm.code for alarm in self.board.alarms}
        before = self.board.announcements
        finding = cry(onset_s, self.now_s) if code == "cry" else fault(self.now_s)
        self.events += self.board.assess(code, finding, self.now_s)
        if new:
            assert self.board.announcements > before, "a new condition always sounds"
            assert signal_of(self.board.alarms, self.board.announcements).sound is not None

    @rule(code=st.sampled_from(["cry", "mic-lost", "broker-lost"]))
    def assess_absent(self, code: str) -> None:
        self.present.pop(code, None)
        self.events += self.board.assess(code, None, self.now_s)

    @rule()
    def acknowledge(self) -> None:
        self.events += self.board.acknowledge("button")
        assert signal_of(self.board.alarms, self.board.announcements).sound is None

    @invariant()
    def only_what_is_present_is_raised(self) -> None:
        assert {alarm.code for alarm in self.board.alarms} == set(self.present)

    @invariant()
    def the_panel_is_dark_and_silent_when_nothing_is_raised(self) -> None:
        signal = signal_of(self.board.alarms, self.board.announcements)
        assert (signal.light == "off") == (not self.present)
        if not self.present:
            assert signal.sound is None

    @invariant()
    def every_episode_is_started_once_and_ended_at_most_once(self) -> None:
        for number in {event.alarm for event in self.events}:
            phases = [event.phase for event in self.events if event.alarm == number]
            assert phases[0] == "start"
            assert phases.count("start") == 1
            assert "end" not in phases[:-1]
            assert phases.count("acknowledge") <= 1


TestBoard = Board.TestCase
TestBoard.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@pytest.mark.parametrize("field", ["onset_s", "detected_s"])
def test_events_of_one_episode_agree_on_when_it_began(field: str) -> None:
    board = AlarmBoard(TIMES)
    events = cry_for(board, 100.0) + board.assess("cry", None, 110.0)
    assert len({getattr(event, field) for event in events}) == 1


def test_an_end_does_not_repeat_the_remedy() -> None:
    board = AlarmBoard(TIMES)
    [start] = board.assess("mic-lost", fault(0), 0)
    [end] = board.assess("mic-lost", None, 5)
    assert (start.detail, end.detail) == ("unplugged: plug it in", "")
