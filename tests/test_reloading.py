"""Read again: what is taken over, what waits, and what a wrong file leaves alone."""

from collections.abc import Sequence

import msgspec
import pytest

from edgecry.config.schema import Alarm, Logging, Settings
from edgecry.errors import ConfigError
from edgecry.reloading import Reloader


class Rig:
    def __init__(self) -> None:
        self.wanted: Settings | ConfigError = Settings()
        self.applied: list[str] = []
        self.written: list[object] = []
        self.reloader = Reloader(self._load, self._apply, Settings(), self)

    def _load(self) -> Settings:
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
