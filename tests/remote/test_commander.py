"""Requests in, actions and answers out: once each, in order, and never late."""

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mosquitto import eventually

from edgecry.clock import ManualClock
from edgecry.errors import RefusedError
from edgecry.remote.answers import Answer
from edgecry.remote.commander import REMEMBERED, STALE_AFTER_S, Commander
from edgecry.remote.inbox import DONE_PER_S, Inbox
from edgecry.remote.self_test import SelfTest

WITHIN_S = 10.0


class Desk:
    """Takes down who asked for what; `trouble` is raised instead."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self.trouble: Exception | None = None

    def _take(self, *action: object) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.done.append(action)

    def acknowledge(self, by: str, alarm: int) -> None:
        self._take("acknowledge", by, alarm)

    def short_press(self, by: str) -> None:
        self._take("short_press", by)

    def pause_audio(self, by: str, duration_s: float | None) -> None:
        self._take("pause_audio", by, duration_s)

    def audio_off(self, by: str) -> None:
        self._take("audio_off", by)

    def resume_audio(self, by: str) -> None:
        self._take("resume_audio", by)

    def standby(self, by: str) -> None:
        self._take("standby", by)

    def resume(self, by: str) -> None:
        self._take("resume", by)


class Receipts:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def confirmed(self, event_id: str, station: str) -> None:
        self.seen.append((event_id, station))


class Reloader:
    """Has an outcome once a test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self.answer: Answer | None = None

    def begin(self) -> None:
        self.begun += 1

    def outcome(self) -> Answer | None:
        answer, self.answer = self.answer, None
        return answer


class Rig:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.inbox = Inbox(self.clock)
        self.desk, self.receipts = Desk(), Receipts()
        self.told: list[Any] = []
        self.answers: list[tuple[str, dict[str, Any]]] = []
        self.recorded: list[tuple[str | None, ...]] = []
        self.panel_tried = 0
        self.reloader = Reloader()
        self.commander = Commander(
            self.inbox,
            self.desk,
            SelfTest(self._try_panel, self._tell, WITHIN_S, self.clock),
            self.receipts,
            number_of={"run-3": 3}.get,
            reloader=self.reloader,
            answer=lambda verb, result: self.answers.append((verb, json.loads(result.encode()))),
            record=lambda *facts: self.recorded.append(facts),
            clock=self.clock,
        )

    def _try_panel(self) -> None:
        self.panel_tried += 1

    def _tell(self, event: Any) -> str:
        self.told.append(event)
        return f"event-{len(self.told)}"

    def ask(self, verb: str, request_id: str = "r-1", **fields: object) -> None:
        payload = {"request_id": request_id, "by": "anna", **fields}
        self.inbox.take(f"cmd/{verb}", json.dumps(payload).encode(), False)

    def send(self, verb: str, request_id: str = "r-1", **fields: object) -> None:
        self.ask(verb, request_id, **fields)
        self.commander.step(0.0)

    def shown(self, event_id: str) -> None:
        receipt = {"event_id": event_id, "station": "ward", "displayed_at": "2026-03-01T12:00:00Z"}
        self.inbox.take("receipt", json.dumps(receipt).encode(), False)
        self.commander.step(0.0)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def answer(request_id: str | None = "r-1", error: str | None = None, detail: str = "") -> dict:
    return {
        "schema": "edgecry.result/1",
        "request_id": request_id,
        "ok": error is None,
        "error": error,
        "detail": detail,
    }


@pytest.mark.parametrize(
    ("verb", "fields", "action"),
    [
        ("acknowledge", {}, ("short_press", "anna")),
        ("acknowledge", {"alarm_id": None}, ("short_press", "anna")),
        ("acknowledge", {"alarm_id": "run-3"}, ("acknowledge", "anna", 3)),
        ("pause-audio", {}, ("pause_audio", "anna", None)),
        ("pause-audio", {"seconds": 90}, ("pause_audio", "anna", 90.0)),
        ("audio-off", {}, ("audio_off", "anna")),
        ("resume-audio", {}, ("resume_audio", "anna")),
        ("standby", {}, ("standby", "anna")),
        ("resume", {}, ("resume", "anna")),
    ],
)
def test_a_command_is_done_in_the_name_of_who_asked_and_answered(rig, verb, fields, action) -> None:
    rig.send(verb, **fields)
    assert rig.desk.done == [action]
    assert rig.answers == [(verb, answer())]
    assert rig.recorded == [(verb, "anna", "r-1", None, "")]


def test_a_repeated_request_is_answered_again_and_not_done_again(rig) -> None:
    rig.send("standby")
    rig.send("resume", "r-2")
    rig.send("standby")
    assert rig.desk.done == [("standby", "anna"), ("resume", "anna")]
    assert [verb for verb, _ in rig.answers] == ["standby", "resume", "standby"]
    assert [verb for verb, *_ in rig.recorded] == ["standby", "resume"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["acknowledge", "standby", "resume", "audio-off"]),
            st.sampled_from("abc"),
            st.booleans(),
            st.floats(0.0, 2 * STALE_AFTER_S),
        ),
        max_size=30,
    )
)
def test_whatever_comes_however_often_each_is_done_at_most_once_and_always_answered_alike(
    steps,
) -> None:
    rig = Rig()
    for verb, request_id, refused, waits_s in steps:
        rig.desk.trouble = RefusedError("not now") if refused else None
        rig.clock.advance(10.0)
        rig.ask(verb, request_id)
        rig.clock.advance(waits_s)
        rig.commander.step(0.0)
    assert [verb for verb, _ in rig.answers] == [verb for verb, *_ in steps]
    asked = {(verb, request_id) for verb, request_id, *_ in steps}
    assert len(rig.recorded) == len(asked)
    assert len(rig.desk.done) <= len(asked)
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for verb, result in rig.answers:
        assert first.setdefault((verb, result["request_id"]), result) == result
    assert len(rig.desk.done) == sum(result["ok"] for result in first.values())


def test_a_failed_request_is_not_tried_again_under_its_name(rig) -> None:
    rig.desk.trouble = RefusedError("not now")
    rig.send("standby")
    rig.desk.trouble = None
    rig.send("standby")
    rig.send("standby", "r-2")
    assert [result["error"] for _, result in rig.answers] == ["not now", "not now", None]
    assert rig.desk.done == [("standby", "anna")]


def test_only_the_newest_requests_are_remembered(rig) -> None:
    rig.send("standby", "first")
    for number in range(REMEMBERED):
        rig.clock.advance(1 / DONE_PER_S)
        rig.send("resume", f"r-{number}")
    rig.send("standby", "first")
    assert rig.desk.done.count(("standby", "anna")) == 2


def test_an_alarm_of_another_run_is_not_acknowledged(rig) -> None:
    rig.send("acknowledge", alarm_id="yesterday-3")
    assert rig.desk.done == []
    assert "alarm_id" in rig.answers[0][1]["error"]


def test_a_command_that_waited_too_long_is_not_done(rig) -> None:
    rig.ask("standby")
    rig.clock.advance(STALE_AFTER_S + 0.1)
    rig.commander.step(0.0)
    assert rig.desk.done == []
    assert "was not done" in rig.answers[0][1]["error"]


def test_what_cannot_be_read_is_answered_with_the_reason(rig) -> None:
    rig.send("standby", seconds=3)
    assert rig.recorded == [], "whoever floods it with nonsense fills no journal"
    [(verb, result)] = rig.answers
    assert (verb, result["request_id"], result["ok"]) == ("standby", "r-1", False)
    assert "seconds" in result["error"]


class TestSelfTest:
    def test_from_the_panel_to_a_screen_and_back(self, rig) -> None:
        rig.send("test")
        assert rig.panel_tried == 1
        assert [(event.phase, event.test) for event in rig.told] == [("start", True)]
        assert rig.answers == []
        rig.clock.advance(2.0)
        rig.shown("event-1")
        assert rig.answers == [("test", answer(detail="ward showed the test after 2.0 s"))]
        assert [(event.phase, event.test) for event in rig.told] == [("start", True), ("end", True)]
        assert "anna" in rig.told[0].detail

    def test_nobody_shows_it(self, rig) -> None:
        rig.send("test")
        rig.shown("another-event")
        rig.clock.advance(WITHIN_S - 0.1)
        rig.commander.step(0.0)
        assert rig.answers == []
        rig.clock.advance(0.1)
        rig.commander.step(0.0)
        assert "no station" in rig.answers[0][1]["error"]
        assert rig.told[-1].phase == "end"
        rig.shown("event-1")
        assert len(rig.answers) == 1, "too late"

    def test_one_at_a_time_and_a_repetition_waits_for_the_same_result(self, rig) -> None:
        rig.send("test")
        rig.send("test")
        rig.send("test", "r-2")
        assert [result["request_id"] for _, result in rig.answers] == ["r-2"]
        assert "running" in rig.answers[0][1]["error"]
        rig.shown("event-1")
        rig.send("test")
        assert [result["request_id"] for _, result in rig.answers] == ["r-2", "r-1", "r-1"]
        assert rig.panel_tried == 1
        rig.send("test", "r-3")
        assert rig.panel_tried == 2


def test_a_receipt_is_passed_on(rig) -> None:
    rig.shown("e-7")
    assert rig.receipts.seen == [("e-7", "ward")]
    assert rig.answers == []


def test_reload_is_answered_once_it_is_over_and_holds_nobody_meanwhile(rig) -> None:
    rig.send("reload")
    rig.send("standby", "r-2")
    assert rig.desk.done == [("standby", "anna")]
    rig.reloader.answer = Answer(error="config.yaml:2:3: wrong\nconfig.yaml:3:3: wrong too")
    rig.commander.step(0.0)
    assert rig.answers == [
        ("standby", answer("r-2")),
        ("reload", answer(error="config.yaml:2:3: wrong\nconfig.yaml:3:3: wrong too")),
    ]
    rig.send("reload")
    assert (rig.reloader.begun, len(rig.answers)) == (1, 3), "again is answered and not done"


def test_what_a_signal_has_read_again_is_answered_to_nobody(rig) -> None:
    rig.reloader.answer = Answer(detail="read again")
    rig.commander.step(0.0)
    assert rig.answers == []


def test_a_defect_in_a_command_is_told_and_ends_nothing(rig, caplog) -> None:
    rig.desk.trouble = ZeroDivisionError("a defect")
    rig.send("standby")
    assert "defect" in rig.answers[0][1]["error"]
    assert "ZeroDivisionError" in caplog.text
    rig.desk.trouble = None
    rig.send("standby", "r-2")
    assert rig.answers[-1] == ("standby", answer("r-2"))


def test_its_thread_works_until_it_is_stopped(rig) -> None:
    rig.commander.start()
    rig.ask("standby")
    eventually(lambda: rig.answers, "it is answered")
    rig.commander.stop(5.0)
    assert not any(thread.name == "commander" for thread in threading.enumerate())
