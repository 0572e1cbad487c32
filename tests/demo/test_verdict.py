"""The demo's verdict: every cry alarmed, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecry.demo.scene import SceneEvent
from edgecry.demo.verdict import TOLERANCE_S, judge, report
from edgecry.types import AlarmEvent

FUSS = SceneEvent("cry", 10.0, 14.0, "a fuss")
LONG = SceneEvent("cry", 30.0, 60.0, "a long cry")


def alarm(number, phase, at_s, priority="low", code="cry", detected_s=None):
    return AlarmEvent(
        alarm=number,
        kind="patient" if code == "cry" else "technical",
        code=code,
        phase=phase,
        priority=priority,
        at_s=at_s,
        onset_s=at_s,
        detected_s=at_s if detected_s is None else detected_s,
    )


def test_every_cry_alarmed_and_nothing_else_passes():
    events = [
        alarm(1, "start", 11.5),
        alarm(1, "end", 19.0, detected_s=11.5),
        alarm(2, "start", 32.0),
        alarm(2, "update", 41.0, "medium", detected_s=32.0),
        alarm(2, "end", 66.0, "medium", detected_s=32.0),
    ]
    verdict = judge([FUSS, LONG], events)
    assert verdict.passed
    assert [cry.delay_s for cry in verdict.cries] == [1.5, 2.0]
    assert [cry.priority for cry in verdict.cries] == ["low", "medium"]
    assert report(verdict) == [
        "alarmed      00:10  a fuss, 4 s: after 1.5 s, low priority",
        "alarmed      00:30  a long cry, 30 s: after 2.0 s, medium priority",
        "PASSED: 2 of 2 cries alarmed, 0 false alarms",
    ]


def test_a_missed_cry_fails():
    verdict = judge([FUSS, LONG], [alarm(1, "start", 12.0)])
    assert not verdict.passed
    assert verdict.cries[1].delay_s is None
    assert report(verdict)[1] == "missed       00:30  a long cry, 30 s"


def test_an_alarm_elsewhere_fails():
    verdict = judge([FUSS], [alarm(1, "start", 12.0), alarm(2, "start", 22.0)])
    assert not verdict.passed
    assert [false.alarm for false in verdict.false_alarms] == [2]
    assert report(verdict)[-1] == "FAILED: 1 of 1 cries alarmed, 1 false alarm"


def test_an_alarm_that_never_ended_does_not_answer_the_next_cry():
    events = [alarm(1, "start", 12.0), alarm(1, "escalate", 40.0, "medium", detected_s=12.0)]
    assert judge([FUSS, LONG], events).cries[1].alarm is None


def test_a_technical_alarm_is_a_false_one_even_during_a_cry():
    verdict = judge([FUSS], [alarm(1, "start", 12.0), alarm(2, "start", 12.5, code="overload")])
    assert not verdict.passed
    assert "overload" in report(verdict)[1]


def test_a_second_alarm_in_one_cry_is_not_false():
    verdict = judge([LONG], [alarm(1, "start", 32.0), alarm(2, "start", 50.0)])
    assert verdict.passed
    assert verdict.cries[0].delay_s == 2.0


@pytest.mark.parametrize(
    ("at_s", "passes"),
    [(9.99, False), (10.0, True), (14.0 + TOLERANCE_S, True), (14.1 + TOLERANCE_S, False)],
)
def test_when_an_alarm_answers_a_cry(at_s, passes):
    assert judge([FUSS], [alarm(1, "start", at_s)]).passed == passes


@given(st.lists(st.floats(0.0, 80.0), max_size=8))
def test_every_start_is_either_an_answer_or_false(starts_s):
    events = [alarm(number, "start", at_s) for number, at_s in enumerate(starts_s)]
    verdict = judge([FUSS, LONG], events)
    false = {event.alarm for event in verdict.false_alarms}
    for event in events:
        inside = any(cry.onset_s <= event.at_s <= cry.end_s + TOLERANCE_S for cry in (FUSS, LONG))
        assert inside != (event.alarm in false)
