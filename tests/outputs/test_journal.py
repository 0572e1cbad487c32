"""The journal's thread and queue: nobody waits for a disk, and what is lost is counted."""

import json
import logging
import subprocess
import threading
from pathlib import Path

import pytest
from support.mosquitto import eventually

from edgecry.clock import ManualClock, SystemClock
from edgecry.outputs.journal import Journal, JournalReader
from edgecry.outputs.journal.entries import StopEntry
from edgecry.outputs.journal.recorder import CAPACITY, STUCK_AFTER_S
from edgecry.outputs.journal.segments import segments_in


class Rig:
    """A journal without its thread; its folder cannot be made while `card` is a file."""

    def __init__(self, card: Path) -> None:
        self.card = card
        self.clock = ManualClock()
        self.journal = Journal(card / "journal", "cot-1", "boot", self.clock)

    def say(self, words: str) -> None:
        self.journal.record(StopEntry(why="test"), words)

    def step(self, later_s: float = 0.0) -> None:
        self.clock.advance(later_s)
        self.journal.step(self.clock.monotonic_s())

    def break_card(self) -> None:
        self.card.write_text("")

    def mend_card(self) -> None:
        self.card.unlink()

    def said(self) -> list[str]:
        return [line.words for line in JournalReader(self.card / "journal").read()]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "card")


def test_a_line_says_when_and_where(rig) -> None:
    rig.clock.advance(12.3456)
    rig.say("a")
    rig.step()
    [line] = JournalReader(rig.card / "journal").read()
    assert (line.seq, line.device, line.boot_id, line.mono_s) == (1, "cot-1", "boot", 12.346)
    assert (line.at, line.clock_synced) == ("2026-01-01T00:00:12.345Z", True)


def test_a_card_that_cannot_be_written_is_known_and_tried_again_and_nothing_is_lost(rig) -> None:
    rig.break_card()
    rig.say("a")
    assert rig.journal.durable
    rig.step()
    assert not rig.journal.durable
    rig.mend_card()
    rig.say("b")
    rig.step(1.0)
    assert not rig.journal.durable, "it waits before it tries again"
    rig.step(10.0)
    assert rig.journal.durable
    assert rig.said() == ["a", "b"]


def test_a_card_that_is_read_only_for_a_while_costs_nothing(small_disk) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    rig = Rig(small_disk)
    rig.say("a")
    rig.step()
    assert not rig.journal.durable
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    rig.step(10.0)
    assert rig.journal.durable
    assert rig.said() == ["a"]


def test_a_card_that_fills_up_and_is_emptied_costs_nothing(small_disk) -> None:
    rig = Rig(small_disk)
    rig.say("0")
    rig.step()
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(56 * 1024))
    for number in range(1, 100):
        rig.say(str(number))
    rig.step()
    assert not rig.journal.durable
    assert rig.said() == ["0"], "no half of a batch is there"
    ballast.unlink()
    rig.step(10.0)
    assert rig.journal.durable
    assert rig.said() == [str(number) for number in range(100)]


def test_too_many_for_the_queue_are_counted_where_they_are_missing(rig) -> None:
    rig.break_card()
    for number in range(CAPACITY + 7):
        rig.say(str(number))
    rig.step()
    rig.mend_card()
    rig.step(10.0)
    rig.say("after")
    rig.step()
    *kept, lost, after = JournalReader(rig.card / "journal").read()
    assert [line.words for line in kept] == [str(number) for number in range(CAPACITY)]
    assert (lost.what, json.loads(bytes(lost.facts))) == ("lost", {"count": 7})
    assert after.words == "after"


@pytest.mark.parametrize("words", ["a name of any bytes: \udcff", "x" * 100_000])
def test_what_cannot_be_a_line_is_counted_and_stops_nothing(rig, words, caplog) -> None:
    rig.say("before")
    rig.say(words)
    rig.say("after")
    rig.step()
    before, after, lost = rig.said()
    assert (before, after) == ("before", "after")
    assert lost.startswith("1 line(s)")
    assert "cannot be written down" in caplog.text


def test_a_write_that_hangs_is_trouble_too(rig) -> None:
    """The thread does not come back from the disk, as with a card that has half died."""
    rig.say("a")
    rig.clock.advance(STUCK_AFTER_S + 1)
    assert not rig.journal.durable
    rig.step()
    assert rig.journal.durable


def test_trouble_is_logged_once_and_its_end_too(rig, caplog) -> None:
    caplog.set_level(logging.INFO)
    rig.break_card()
    rig.say("a")
    for _ in range(5):
        rig.step(10.0)
    rig.mend_card()
    rig.step(10.0)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "check free space" in said[0]
    assert "can be written again" in said[1]


def test_the_thread_writes_as_it_comes_and_the_rest_at_the_end(tmp_path) -> None:
    journal = Journal(tmp_path / "journal", "cot-1", "boot", SystemClock())
    journal.start()
    journal.record(StopEntry(why="test"), "a")
    eventually((tmp_path / "journal").exists, "the first line", 10.0)
    threads = [
        threading.Thread(target=journal.record, args=[StopEntry(why="test"), f"b{n}"])
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    journal.join(10.0)
    said = [line.words for line in JournalReader(tmp_path / "journal").read()]
    assert said[0] == "a"
    assert sorted(said[1:]) == sorted(f"b{n}" for n in range(20))


def test_what_could_not_be_written_at_the_end_is_said(tmp_path, caplog) -> None:
    (tmp_path / "card").write_text("")
    journal = Journal(tmp_path / "card" / "journal", "cot-1", "boot", SystemClock())
    journal.start()
    journal.record(StopEntry(why="test"), "a")
    journal.close()
    journal.join(10.0)
    assert "1 line(s) could not be written" in caplog.text


def test_each_line_is_json_for_whoever_has_no_edgecry_at_hand(rig) -> None:
    rig.say('a "quoted"\nword')
    rig.step()
    [(_, path)] = segments_in(rig.card / "journal")
    [text] = path.read_text().splitlines()
    assert json.loads(text)["words"] == 'a "quoted"\nword'
