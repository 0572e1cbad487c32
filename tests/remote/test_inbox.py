"""What comes in is bounded, whatever it is, and what is refused says why."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecry.clock import ManualClock
from edgecry.remote.inbox import (
    CAPACITY,
    COMMANDS_AT_ONCE,
    DONE_AT_ONCE,
    DONE_PER_S,
    LOG_LINES_AT_ONCE,
    LOG_LINES_PER_S,
    Inbox,
    Refusal,
    Waiting,
)
from edgecry.remote.requests import Acknowledge, Command, Receipt

GOOD = json.dumps({"request_id": "r-1", "by": "anna"}).encode()
SHOWN = json.dumps(
    {"event_id": "e", "station": "s", "displayed_at": "2026-03-01T12:00:00Z"}
).encode()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def inbox(clock) -> Inbox:
    return Inbox(clock)


def everything(inbox: Inbox) -> list[Waiting]:
    return list(iter(lambda: inbox.next(0.0), None))


def test_commands_and_receipts_come_out_in_order_with_their_time(inbox, clock) -> None:
    inbox.take("cmd/acknowledge", GOOD, False)
    clock.advance(1.0)
    inbox.take("receipt", SHOWN, False)
    command, receipt = everything(inbox)
    assert (command.verb, type(command.content), command.received_mono_s) == (
        "acknowledge",
        Acknowledge,
        0.0,
    )
    assert (receipt.verb, type(receipt.content), receipt.received_mono_s) == ("", Receipt, 1.0)


@pytest.mark.parametrize(
    ("topic", "payload", "retained"),
    [("cmd/acknowledge", GOOD, True), ("cmd/acknowledge", b"{", False), ("cmd/dance", GOOD, False)],
)
def test_a_bad_command_is_counted_and_passed_on_to_be_answered(
    inbox, topic, payload, retained
) -> None:
    inbox.take(topic, payload, retained)
    [waiting] = everything(inbox)
    assert isinstance(waiting.content, Refusal)
    assert waiting.content.words
    assert inbox.refused == 1


@pytest.mark.parametrize("topic", ["receipt", "cmd/", "cmd/A B", "cmd/../event", "cmd/" + "x" * 99])
def test_what_cannot_be_answered_is_only_counted(inbox, topic) -> None:
    inbox.take(topic, b"no JSON", False)
    assert everything(inbox) == []
    assert inbox.refused == 1


@given(st.lists(st.tuples(st.text(max_size=40), st.binary(max_size=40), st.booleans())))
def test_nothing_that_comes_in_raises(messages) -> None:
    inbox = Inbox(ManualClock())
    for topic, payload, retained in messages:
        inbox.take(topic, payload, retained)
        inbox.take(f"cmd/{topic}", payload, retained)


def test_a_flood_of_commands_is_cut_and_takes_no_receipt_with_it(inbox, caplog) -> None:
    for _ in range(10_000):
        inbox.take("cmd/acknowledge", GOOD, False)
    inbox.take("receipt", SHOWN, False)
    waiting = everything(inbox)
    assert len(waiting) == COMMANDS_AT_ONCE + 1
    assert isinstance(waiting[-1].content, Receipt)
    assert inbox.dropped == 10_000 - COMMANDS_AT_ONCE
    assert "the broker's ACL" in caplog.text
    assert len(caplog.records) == LOG_LINES_AT_ONCE


def test_commands_without_end_are_refused_and_garbage_uses_up_none_of_them(inbox, clock) -> None:
    for _ in range(1000):
        clock.advance(1.0)
        inbox.take("cmd/acknowledge", b"\xff", False)
        everything(inbox)
    done = []
    for _ in range(3600):
        clock.advance(1.0)
        inbox.take("cmd/acknowledge", GOOD, False)
        done += [isinstance(each.content, Command) for each in everything(inbox)]
    assert done[:DONE_AT_ONCE] == [True] * DONE_AT_ONCE
    assert sum(done) == pytest.approx(DONE_AT_ONCE + 3600 * DONE_PER_S, abs=1)
    assert len(done) == 3600, "those that are not done are answered"


def test_a_flood_of_garbage_does_not_fill_the_log(inbox, clock, caplog) -> None:
    for _ in range(1000):
        clock.advance(1.0)
        inbox.take("cmd/acknowledge", b"\xff", False)
        everything(inbox)
    assert inbox.refused == 1000
    assert len(caplog.records) <= LOG_LINES_AT_ONCE + 1000 * LOG_LINES_PER_S


def test_nobody_takes_them_and_memory_stays_bounded(inbox, clock) -> None:
    for _ in range(10 * CAPACITY):
        clock.advance(1 / DONE_PER_S)
        inbox.take("cmd/acknowledge", GOOD, False)
    assert len(everything(inbox)) == CAPACITY
    assert inbox.dropped == 9 * CAPACITY
