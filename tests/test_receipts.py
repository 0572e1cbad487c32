"""Events, receipts and the broker together: `no-receipt`, and whether the cot may sound."""

from dataclasses import dataclass

import pytest
from support.messages import CRY
from support.supervised import Supervised

from edgecry.clock import ManualClock
from edgecry.health.check import Check
from edgecry.receipts import BROKER_QUIET_AFTER_S, Receipts

RECEIPT_S = 10.0


@dataclass
class Link:
    """The broker takes all, since the start, unless told otherwise."""

    clock: ManualClock
    connected_since_mono_s: float = 0.0
    silent_since_s: float | None = None

    @property
    def heard_mono_s(self) -> float:
        return self.clock.monotonic_s() if self.silent_since_s is None else self.silent_since_s


class Rig:
    def __init__(self, receipt_s: float | None = RECEIPT_S, buzzer="when-unreceived") -> None:
        self.clock = ManualClock()
        self.link = Link(self.clock)
        self.receipts = Receipts(receipt_s, buzzer, self.link, self.clock)

    @property
    def missing(self) -> bool:
        return self.receipts.look(self.clock.monotonic_s()) is not None

    @property
    def audible(self) -> bool:
        return self.receipts.audible()

    def loses_the_broker(self) -> None:
        self.link.silent_since_s = self.clock.monotonic_s()

    def finds_the_broker(self) -> None:
        self.link.connected_since_mono_s = self.clock.monotonic_s()
        self.link.silent_since_s = None


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_station_that_confirms_keeps_the_cot_quiet(rig) -> None:
    for number in range(20):
        rig.receipts.raised(CRY, f"e{number}")
        rig.clock.advance(2.0)
        rig.receipts.confirmed(f"e{number}", "ward")
        rig.clock.advance(30.0)
        assert not rig.missing
        assert not rig.audible


def test_a_missing_receipt_is_a_fault_and_the_cot_sounds_until_the_next_receipt(rig) -> None:
    rig.receipts.raised(CRY, "a")
    rig.clock.advance(RECEIPT_S - 0.1)
    assert (rig.missing, rig.audible) == (False, False)
    rig.clock.advance(0.1)
    assert (rig.missing, rig.audible) == (True, True)
    rig.receipts.raised(CRY, "b")
    assert (rig.missing, rig.audible) == (True, True)
    rig.receipts.confirmed("b", "ward")
    assert (rig.missing, rig.audible) == (False, False)


def test_a_lost_broker_sounds_at_once_and_is_not_called_a_missing_receipt(rig) -> None:
    rig.receipts.raised(CRY, "a")
    rig.loses_the_broker()
    rig.clock.advance(BROKER_QUIET_AFTER_S)
    assert rig.audible
    rig.clock.advance(60.0)
    assert (rig.missing, rig.audible) == (False, True)


def test_what_went_out_late_is_no_fault_but_sounds_until_a_station_shows_it(rig) -> None:
    rig.receipts.raised(CRY, "a")
    rig.loses_the_broker()
    rig.clock.advance(60.0)
    rig.finds_the_broker()
    rig.clock.advance(60.0)
    assert (rig.missing, rig.audible) == (False, True)
    rig.receipts.confirmed("a", "ward")
    assert (rig.missing, rig.audible) == (False, False)


def test_a_missing_receipt_stays_missing_while_the_broker_is_away(rig) -> None:
    rig.receipts.raised(CRY, "a")
    rig.clock.advance(RECEIPT_S)
    assert rig.missing
    rig.loses_the_broker()
    rig.clock.advance(60.0)
    assert rig.missing
    rig.finds_the_broker()
    assert rig.missing


def test_a_receipt_from_before_the_restart_does_not_count(rig) -> None:
    rig.receipts.raised(CRY, "a")
    rig.clock.advance(RECEIPT_S)
    rig.receipts.confirmed("of-yesterday", "ward")
    assert rig.missing


def test_where_no_station_is_expected_none_is_missed_and_one_that_comes_is_named_once(
    caplog,
) -> None:
    caplog.set_level("INFO")
    rig = Rig(receipt_s=None, buzzer="always")
    rig.receipts.raised(CRY, "a")
    rig.clock.advance(1e6)
    assert (rig.missing, rig.audible) == (False, True)
    for _ in range(3):
        rig.receipts.confirmed("a", "ward 4")
    assert [record.message for record in caplog.records] == [
        "ward 4 confirms what it shows; set alarm.receipt_s to be told when it stops"
    ]


def test_it_is_raised_and_cleared_as_an_alarm_of_its_own() -> None:
    supervised = Supervised()
    rig = Rig()
    rig.link.clock = supervised.clock
    rig.receipts = Receipts(RECEIPT_S, "always", rig.link, supervised.clock)
    supervised.checks.append(Check("no-receipt", "low", rig.receipts.look))
    rig.receipts.raised(CRY, "a")
    assert supervised.until_raised("no-receipt", RECEIPT_S + 1) >= RECEIPT_S
    assert supervised.told == [("no-receipt", "start", "low")]
    rig.receipts.confirmed("a", "ward")
    supervised.until_cleared("no-receipt", 1.0)
