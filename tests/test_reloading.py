"""Read again: what is taken over, what waits, and what a wrong file leaves alone."""

import threading
from collections.abc import Sequence

import msgspec
import pytest
from support.mosquitto import eventually

from edgecry.clock import ManualClock
from edgecry.config.schema import Alarm, Logging, Settings
from edgecry.errors import ConfigError, RefusedError
from edgecry.reloading import ANSWER_WITHIN_S, Reloader
from edgecry.remote.answers import Answer


class Rig:
    def __init__(self) -> None:
        self.wanted: Settings | ConfigError = Settings()
        self.applied: list[str] = []
        self.written: list[object] = []
        self.clock = ManualClock()
        self.answers_now = threading.Event()
        self.answers_now.set()
        self.reloader = Reloader(self._load, self._apply, Settings(), self, self.clock)

    def _load(self) -> Settings:
        assert self.answers_now.wait(20)
        if isinstance(self.wanted, ConfigError):
            raise self.wanted
        return self.wanted

    def config_read(self, changed: Sequence[str], waiting: Sequence[str]) -> None:
        self.written.append((list(changed), list(waiting)))

    def config_refused(self, why: str) -> None:
        self.written.append(why)

    def _apply(self, settings: Settings) -> None:
        self.applied.append(settings.logging.level)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_nothing_has_changed(rig) -> None:
    assert rig.reloader.reload() == "read again; nothing has changed"


def test_what_is_taken_over_and_what_waits(rig) -> None:
    rig.wanted = Settings(logging=Logging(level="debug"), alarm=Alarm(escalate_s=30.0))
    waits = "these need a restart: alarm.escalate_s"
    assert rig.reloader.reload() == f"read again; taken over: logging.level; {waits}"
    assert rig.reloader.reload() == f"read again; {waits}", "it still waits"
    assert set(rig.applied) == {"debug"}
    assert rig.written == [
        (["logging.level"], ["alarm.escalate_s"]),
        ([], ["alarm.escalate_s"]),
    ]


def test_a_wrong_file_changes_nothing_and_every_mistake_is_told(rig, caplog) -> None:
    rig.wanted = ConfigError("config.yaml:2:3: wrong\nconfig.yaml:3:3: wrong too")
    with pytest.raises(ConfigError, match="wrong too"):
        rig.reloader.reload()
    assert rig.applied == []
    assert rig.written == [str(rig.wanted)]
    assert len(caplog.records) == 2
    rig.wanted = msgspec.structs.replace(Settings(), logging=Logging(level="debug"))
    assert "taken over: logging.level" in rig.reloader.reload()


def outcome(rig: Rig) -> Answer:
    return eventually(rig.reloader.outcome, "the outcome")


def test_it_is_read_beside_and_what_came_of_it_is_told_once(rig) -> None:
    assert rig.reloader.outcome() is None
    rig.reloader.begin()
    assert outcome(rig) == Answer(detail="read again; nothing has changed")
    assert rig.reloader.outcome() is None
    rig.wanted = ConfigError("config.yaml:2:3: wrong")
    rig.reloader.begin()
    assert outcome(rig) == Answer(error="config.yaml:2:3: wrong")


def test_a_disk_that_hangs_holds_nobody_and_is_told_of(rig) -> None:
    rig.answers_now.clear()
    rig.reloader.begin()
    with pytest.raises(RefusedError, match="is being read"):
        rig.reloader.begin()
    assert rig.reloader.outcome() is None
    rig.clock.advance(ANSWER_WITHIN_S)
    answer = rig.reloader.outcome()
    assert answer is not None
    assert "the disk does not answer" in answer.error
    rig.answers_now.set()
    eventually(lambda: rig.written, "it is read in the end")
    assert rig.reloader.outcome() is None, "told once"


def test_a_defect_in_reading_is_told_and_ends_nothing(rig, caplog) -> None:
    def broken() -> Settings:
        raise ZeroDivisionError("a defect")

    reloader = Reloader(broken, rig._apply, Settings(), rig, rig.clock)
    reloader.begin()
    answer = eventually(reloader.outcome, "the outcome")
    assert answer == Answer(error="a defect of the monitor: see its log")
    assert "ZeroDivisionError" in caplog.text
