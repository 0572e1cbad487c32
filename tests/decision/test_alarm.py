"""The alarm state machine: what is raised, when it grows, what an acknowledgement does."""

import pytest

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm import AlarmBoard, Finding
from edgecry.errors import RefusedError

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


def test_a_low_fault_sounds_once_and_is_told_again_after_a_minute_and_then_each_hour() -> None:
    board = AlarmBoard(TIMES)
    events = []
    for now_s in range(0, 8000, 10):
        events += board.assess("broker-lost", fault(now_s, "low"), now_s)
        events += board.tick(now_s)
        assert board.announcements == 1
        [alarm] = board.alarms
        assert alarm.sounds == (now_s < 60)
    assert [(e.phase, e.at_s) for e in events] == [
        ("start", 0),
        ("escalate", 60),
        ("escalate", 3660),
        ("escalate", 7260),
    ]
    assert {e.priority for e in events} == {"low"}


def test_a_low_fault_whose_acknowledgement_has_run_out_is_told_again_without_sound() -> None:
    board = AlarmBoard(TIMES)
    board.assess("broker-lost", fault(0, "low"), 0)
    board.acknowledge("ann", 0.0)
    [again] = board.tick(TIMES.acknowledge_fault_s)
    assert (again.phase, again.acknowledged_by) == ("escalate", None)
    [alarm] = board.alarms
    assert (alarm.sounds, board.announcements) == (False, 1)
    [seen] = board.acknowledge("ben", 5000.0)
    assert seen.acknowledged_by == "ben"


def test_a_low_fault_that_becomes_graver_sounds_however_long_it_has_been_there() -> None:
    board = AlarmBoard(TIMES)
    for now_s in (0, 60):
        board.assess("storage", fault(now_s, "low"), now_s)
    [worse] = board.assess("storage", fault(70), 70)
    [alarm] = board.alarms
    assert (worse.phase, alarm.sounds, board.announcements) == ("update", True, 2)


def test_acknowledged_it_keeps_quiet_until_it_ends_though_it_grows() -> None:
    board = AlarmBoard(TIMES)
    board.assess("cry", cry(0, 0), 0)
    [event] = board.acknowledge("button", 1000.0)
    assert (event.phase, event.acknowledged_by) == ("acknowledge", "button")
    assert event.acknowledged_for_s == TIMES.acknowledge_s
    assert board.acknowledge("button", 1001.0) == []
    announced = board.announcements
    later = [e for t in range(1, 300) for e in board.assess("cry", cry(0, t), t)]
    assert [(e.phase, e.priority, e.acknowledged_by) for e in later] == [
        ("update", "medium", "button")
    ]
    assert board.announcements == announced
    [end] = board.assess("cry", None, 310)
    assert (end.acknowledged_by, end.acknowledged_for_s) == ("button", None)
    [again] = board.assess("cry", cry(400, 400), 400)
    assert again.acknowledged_by is None
    assert again.alarm != end.alarm


def test_an_acknowledgement_runs_out_and_what_still_is_is_announced_again() -> None:
    board = AlarmBoard(TIMES)
    board.assess("cry", cry(0, 0), 0)
    board.assess("mic-lost", fault(1000.0), 1000.0)
    board.acknowledge("ann", 1000.0)
    assert board.tick(1000.0 + TIMES.acknowledge_s - 0.1) == []
    announced = board.announcements
    events = board.tick(1000.0 + TIMES.acknowledge_s)
    assert [(e.code, e.phase, e.priority, e.acknowledged_by) for e in events] == [
        ("cry", "escalate", "medium", None),
        ("mic-lost", "escalate", "medium", None),
    ]
    assert board.announcements > announced
    assert board.tick(1000.0 + 2 * TIMES.acknowledge_s) == []
    assert len(board.acknowledge("ben", 2000.0)) == 2


def test_an_acknowledged_low_fault_may_wait_for_the_technician() -> None:
    board = AlarmBoard(TIMES)
    board.assess("broker-lost", fault(1000.0, "low"), 1000.0)
    [seen] = board.acknowledge("ann", 1000.0)
    assert seen.acknowledged_for_s == TIMES.acknowledge_fault_s
    assert board.tick(1000.0 + TIMES.acknowledge_fault_s - 0.1) == []
    [again] = board.tick(1000.0 + TIMES.acknowledge_fault_s)
    assert (again.phase, again.priority, again.acknowledged_by) == ("escalate", "low", None)


def test_one_alarm_can_be_acknowledged_by_its_number() -> None:
    board = AlarmBoard(TIMES)
    [raised] = board.assess("cry", cry(0, 0), 0)
    board.assess("mic-lost", fault(0), 0)
    board.acknowledge("ann", 0.0, raised.alarm)
    assert [(a.code, a.acknowledged) for a in board.alarms] == [("cry", True), ("mic-lost", False)]


def test_an_alarm_that_is_not_raised_cannot_be_acknowledged() -> None:
    board = AlarmBoard(TIMES)
    [raised] = board.assess("cry", cry(0, 0), 0)
    board.assess("cry", None, 10)
    with pytest.raises(RefusedError, match=f"alarm {raised.alarm} is not raised"):
        board.acknowledge("ann", 11.0, raised.alarm)


def test_a_fault_that_becomes_graver_is_no_longer_acknowledged() -> None:
    board = AlarmBoard(TIMES)
    board.assess("broker-lost", fault(0, "low"), 0)
    board.acknowledge("ann", 0.0)
    announced = board.announcements
    [event] = board.assess("broker-lost", fault(5, "medium"), 5)
    assert (event.phase, event.priority, event.acknowledged_by) == ("update", "medium", None)
    assert board.announcements > announced
    assert board.tick(1e6) == []


def test_a_fault_that_becomes_lighter_keeps_its_priority_until_it_ends() -> None:
    board = AlarmBoard(TIMES)
    board.assess("broker-lost", fault(0, "medium"), 0)
    assert board.assess("broker-lost", fault(5, "low"), 5) == []
    assert board.alarms[0].priority == "medium"


def test_what_is_dismissed_is_seen_and_ends() -> None:
    board = AlarmBoard(TIMES)
    cry_for(board, 3.0)
    events = board.dismiss("cry", "ann", 500.0)
    assert [(e.phase, e.acknowledged_by) for e in events] == [
        ("acknowledge", "ann"),
        ("end", "ann"),
    ]
    assert board.alarms == ()
    assert board.dismiss("cry", "ann", 501.0) == []


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
