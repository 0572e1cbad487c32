"""What is written down of what happens."""

from dataclasses import dataclass

import msgspec
import pytest

from edgecry import __version__
from edgecry.chronicle import DELIVERY_EVERY_S, MISTAKE_CHARACTERS, MISTAKES, Chronicle
from edgecry.clock import ManualClock
from edgecry.outputs.journal.entries import (
    CommandEntry,
    ConfigEntry,
    ControlEntry,
    DeliveryEntry,
    StartEntry,
)
from edgecry.outputs.journal.line import MAX_ENTRY_BYTES
from edgecry.outputs.messages import Identity, event_message
from edgecry.types import AlarmEvent, ControlEvent, ModelName

MODEL = ModelName(name="cry-detector", version="1.0.0", sha256="ab" * 32)
IDENTITY = Identity("cot-1", "NICU", "7", "boot", "run", MODEL)


@dataclass
class Link:
    connected: bool = False
    connects: int = 0
    refused: int = 0
    dropped: int = 0


@dataclass
class Store:
    depth: int = 0
    dropped: int = 0


class Rig:
    def __init__(self) -> None:
        self.entries, self.words = [], []
        self.link, self.store, self.clock = Link(), Store(), ManualClock()
        self.chronicle = Chronicle(self, IDENTITY, self.link, self.store, self.clock)

    def record(self, entry, words) -> None:
        self.entries.append(entry)
        self.words.append(words)

    def tick(self, seconds: float) -> None:
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            self.chronicle.step()


@pytest.fixture
def rig() -> Rig:
    return Rig()


ACKNOWLEDGED = AlarmEvent(
    alarm=3,
    kind="patient",
    code="cry",
    phase="acknowledge",
    priority="medium",
    at_s=20.0,
    onset_s=8.0,
    detected_s=9.5,
    p_cry=0.97,
    acknowledged_by="nurse-7",
    acknowledged_for_s=120.0,
)


def test_an_alarm_is_kept_as_the_station_is_told_with_who_and_for_how_long(rig) -> None:
    message = event_message(ACKNOWLEDGED, IDENTITY, rig.clock)
    rig.chronicle.alarm(ACKNOWLEDGED, message)
    [kept] = rig.entries
    names = set(kept.__struct_fields__) - {"acknowledged_for_s"}
    assert all(getattr(kept, name) == getattr(message, name) for name in names)
    assert kept.acknowledged_for_s == 120.0
    assert rig.words == [
        "alarm 3: cry acknowledge, medium, p_cry 0.97, 12.0 s, "
        "acknowledged by nurse-7, for 120 s at most"
    ]


def test_what_an_operator_does_is_kept_with_who_and_until_when(rig) -> None:
    rig.clock.advance(100.0)
    rig.chronicle.event(ControlEvent("audio-paused", "nurse-7", 99.0, 219.0))
    rig.chronicle.event(ControlEvent("audio-on", None, 219.0))
    rig.chronicle.event(ACKNOWLEDGED)
    assert rig.entries == [
        ControlEntry(change="audio-paused", by="nurse-7", until="2026-01-01T00:03:39.000Z"),
        ControlEntry(change="audio-on"),
    ]
    assert rig.words == ["sound paused by nurse-7, for 120 s", "sound on again"]


def test_a_command_is_kept_with_who_and_what_came_of_it(rig) -> None:
    rig.chronicle.command("test", "anna", "r-1", None, "ward 4 showed the test after 0.4 s")
    rig.chronicle.command("reload", "anna", "r-2", "a: wrong\n" * 1000, "")
    rig.chronicle.command("standby", "anna", "r-3", None, "")
    assert rig.entries[0] == CommandEntry(
        verb="test", by="anna", request_id="r-1", detail="ward 4 showed the test after 0.4 s"
    )
    assert len(rig.entries[1].error) == MISTAKE_CHARACTERS
    assert rig.words[0] == "command test by anna: ward 4 showed the test after 0.4 s"
    assert rig.words[1].startswith("command reload by anna: refused: a: wrong a: wrong")
    assert rig.words[2] == "command standby by anna: done"


def test_a_start_says_what_runs(rig) -> None:
    rig.chronicle.started("tflite", "12ab" * 16)
    [start] = rig.entries
    assert isinstance(start, StartEntry)
    assert (start.run_id, start.model, start.ward, start.bed) == ("run", MODEL, "NICU", "7")
    assert rig.words == [
        f"started: edgecry {__version__}, cry-detector 1.0.0, configuration 12ab12ab12ab, "
        "ward NICU, bed 7"
    ]


def test_delivery_is_told_when_it_changes(rig) -> None:
    rig.tick(10)
    assert rig.entries == [], "not connected yet is no change"
    rig.link.connected, rig.link.connects = True, 1
    rig.tick(300)
    assert rig.entries == [DeliveryEntry(connected=True, waiting=0, connects=1, refused=0, lost=0)]
    rig.link.connected, rig.store.depth, rig.store.dropped = False, 5, 2
    rig.tick(300)
    assert rig.entries[1:] == [
        DeliveryEntry(connected=False, waiting=5, connects=1, refused=0, lost=2)
    ]
    assert rig.words[1] == "broker not connected, 5 event(s) wait, 2 event(s) lost"


def test_a_link_that_flaps_does_not_fill_the_journal_and_its_last_word_is_true(rig) -> None:
    for _ in range(600):
        rig.link.connected = not rig.link.connected
        rig.link.connects += rig.link.connected
        rig.tick(1)
    assert len(rig.entries) <= 600 / DELIVERY_EVERY_S + 1
    rig.tick(DELIVERY_EVERY_S)
    assert (rig.entries[-1].connected, rig.entries[-1].connects) == (False, 300)


def test_a_refused_configuration_fits_into_a_line_however_wrong_it_is(rig) -> None:
    rig.chronicle.config_refused("\n".join("x" * 1000 for _ in range(1000)))
    [entry] = rig.entries
    assert len(entry.mistakes) == MISTAKES
    assert len(msgspec.json.encode(entry)) + len(rig.words[0]) < MAX_ENTRY_BYTES


@pytest.mark.parametrize(
    ("changed", "waiting", "words"),
    [
        ([], [], "configuration read again: nothing changed"),
        (["logging.level"], [], "configuration read again: changed logging.level"),
        (
            ["logging.level"],
            ["mqtt.host", "mqtt.port"],
            "configuration read again: changed logging.level; "
            "a restart is needed for mqtt.host, mqtt.port",
        ),
    ],
)
def test_a_change_of_the_configuration(rig, changed, waiting, words) -> None:
    rig.chronicle.config_read(changed, waiting)
    assert rig.entries == [ConfigEntry(changed=tuple(changed), waiting=tuple(waiting))]
    assert rig.words == [words]


def test_a_refused_configuration_says_the_first_mistake_and_how_many_more(rig) -> None:
    rig.chronicle.config_refused("a: wrong\nb: wrong")
    assert rig.words == ["configuration refused, nothing changed: a: wrong (and 1 more)"]
