"""When an event has waited too long for a station's receipt."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.messages import CRY

from edgecry.decision.receipt import LATE_AFTER_S, ReceiptWatch, demands_receipt

WITHIN_S = 10.0


@pytest.mark.parametrize(
    ("change", "demands"),
    [
        ({}, True),
        ({"phase": "update", "priority": "medium"}, True),
        ({"phase": "escalate"}, True),
        ({"phase": "acknowledge"}, False),
        ({"phase": "end"}, False),
        ({"test": True}, False),
        ({"kind": "technical", "code": "mic-lost", "priority": "medium"}, True),
        ({"kind": "technical", "code": "storage"}, True),
        ({"kind": "technical", "code": "broker-lost"}, False),
        ({"kind": "technical", "code": "no-receipt"}, False),
    ],
    ids=str,
)
def test_which_events_a_station_has_to_confirm(change, demands) -> None:
    assert demands_receipt(replace(CRY, **change)) is demands


def test_missing_from_receipt_s_on_until_the_next_receipt() -> None:
    watch = ReceiptWatch(WITHIN_S)
    watch.raised("a", demands=True, now_s=100.0)
    assert not watch.unconfirmed(109.9)
    assert watch.unconfirmed(110.0)
    assert watch.missing(110.0, connected_since_s=0.0)
    watch.raised("end", demands=False, now_s=120.0)
    assert watch.confirmed("end")
    assert not watch.unconfirmed(121.0)


def test_a_receipt_stands_for_all_before_it_and_for_none_after() -> None:
    watch = ReceiptWatch(WITHIN_S)
    for second, name in enumerate("abc"):
        watch.raised(name, demands=True, now_s=float(second))
    watch.confirmed("b")
    assert not watch.unconfirmed(11.9)
    assert watch.unconfirmed(12.0), "c"


def test_a_receipt_of_another_run_proves_nothing() -> None:
    watch = ReceiptWatch(WITHIN_S)
    watch.raised("a", demands=True, now_s=0.0)
    assert not watch.confirmed("of-yesterday")
    assert watch.unconfirmed(WITHIN_S)


@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_what_went_out_late_is_owed_no_receipt_and_still_counts_as_unseen(
    raised_s, connected_s
) -> None:
    watch = ReceiptWatch(WITHIN_S)
    watch.raised("a", demands=True, now_s=raised_s)
    late = connected_s - raised_s > LATE_AFTER_S
    assert watch.missing(1000.0, connected_s) is not late
    assert watch.unconfirmed(1000.0)


def test_what_was_raised_just_before_the_connection_has_its_time_from_then_on() -> None:
    watch = ReceiptWatch(WITHIN_S)
    watch.raised("a", demands=True, now_s=0.0)
    assert not watch.missing(WITHIN_S, connected_since_s=4.0)
    assert watch.missing(4.0 + WITHIN_S, connected_since_s=4.0)


class WatchAgainstModel(RuleBasedStateMachine):
    """Against a plain list of all events: bounded memory overlooks no missing receipt."""

    CAPACITY = 4

    def __init__(self) -> None:
        super().__init__()
        self.watch = ReceiptWatch(WITHIN_S, self.CAPACITY)
        self.now_s = 0.0
        self.events: list[tuple[bool, float]] = []
        self.seen = 0
        self.overflowed = False

    @rule(demands=st.booleans())
    def raise_event(self, demands) -> None:
        self.watch.raised(str(len(self.events)), demands, self.now_s)
        self.events.append((demands, self.now_s))
        self.overflowed |= len(self.waiting) > self.CAPACITY

    @rule(seconds=st.floats(0.0, 15.0))
    def wait(self, seconds) -> None:
        self.now_s += seconds

    @rule(back=st.integers(-1, 5))
    def receipt(self, back) -> None:
        number = len(self.events) - 1 - back
        known = 0 <= back < min(self.CAPACITY, len(self.events))
        assert self.watch.confirmed(str(number)) == known
        if known:
            self.seen = max(self.seen, number + 1)

    @property
    def waiting(self) -> list[float]:
        return [at_s for demands, at_s in self.events[self.seen :] if demands]

    @invariant()
    def missing_when_an_event_waits_too_long(self) -> None:
        overdue = any(self.now_s - at_s >= WITHIN_S for at_s in self.waiting)
        assert self.watch.unconfirmed(self.now_s) >= overdue
        if not self.overflowed:
            assert self.watch.unconfirmed(self.now_s) == overdue
        if not self.waiting:
            assert not self.watch.unconfirmed(self.now_s)


TestWatchAgainstModel = WatchAgainstModel.TestCase
