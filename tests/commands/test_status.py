"""`edgecry status`: what people see, and that nothing old ever looks alive."""

import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecry import cli
from edgecry.commands.status import as_text, duration_text
from edgecry.outputs.messages import (
    ActiveCondition,
    HealthMessage,
    MissedCries,
    StateMessage,
)
from edgecry.outputs.status import STALE_AFTER_S, Seen, Status, seen
from edgecry.outputs.status_file import StatusFile, read_status, status_path
from edgecry.types import ModelName

NOW = datetime(2026, 1, 31, 3, 4, 5, tzinfo=UTC)
CRY = ActiveCondition(
    alarm_id="run-1",
    kind="patient",
    code="cry",
    priority="medium",
    onset_at="2026-01-31T03:03:55.000Z",
    acknowledged_by="button",
    acknowledged_until=None,
    detail="",
)


def status(mono_s: float = 100.0, **changes: object) -> Status:
    state = {"mode": "monitoring", "active": (), "audio": "on", "audio_by": None}
    state |= {"published_at": "2026-01-31T03:04:00.000Z"}
    state |= {"audio_paused_until": None, "standby_by": None, "missed": None}
    health = {
        "frame_age_s": 0.4,
        "level_dbfs": -32.1,
        "outbox_depth": 0,
        "outbox_oldest_age_s": None,
        "outbox_durable": True,
    }
    own = {"p_cry": 0.934, "connected": True}
    for name, value in changes.items():
        next(part for part in (state, health, own) if name in part)[name] = value
    return Status(
        pid=7,
        mono_s=mono_s,
        state_dir="/var/lib/edgecry",
        broker="broker:1883",
        **own,
        state=StateMessage(device="cot-1", ward="NICU", bed="4", clock_synced=True, **state),
        health=HealthMessage(
            device="cot-1",
            boot_id="boot",
            uptime_s=93_784.0,
            overruns=0,
            versions={"edgecry": "0.1.0"},
            model=ModelName(name="cry-detector", version="2.1.0", sha256="ab"),
            clock_synced=True,
            **health,
        ),
    )


def text(status: Status, age_s: float | None, tmp_path) -> str:
    found = Seen(status, lives=age_s is not None, age_s=age_s)
    return "\n".join(as_text(found, NOW, status_path(str(tmp_path))))


def test_all_well(tmp_path) -> None:
    assert text(status(), 0.5, tmp_path).splitlines() == [
        "cot-1 (ward NICU, bed 4): MONITORING",
        "  alarm     none",
        "  sound     on",
        "  hearing   p_cry 0.93, level -32 dBFS, newest sound 1 s old",
        "  broker    broker:1883 connected; 0 event(s) wait",
        "  model     cry-detector 2.1.0",
        "  version   0.1.0, up 1 d 2 h",
    ]


def test_a_bad_night(tmp_path) -> None:
    said = text(
        status(
            mode="fault",
            active=(CRY,),
            audio="paused",
            audio_by="nurse-7",
            audio_paused_until="2026-01-31T03:05:35.000Z",
            missed=MissedCries(count=2, since="2026-01-31T01:00:00.000Z"),
            level_dbfs=None,
            connected=False,
            outbox_depth=3,
            outbox_oldest_age_s=724.0,
            outbox_durable=False,
        ),
        0.5,
        tmp_path,
    )
    for words in (
        "FAULT",
        "cry, medium, since 03:03:55; acknowledged by button",
        "2 cry alarm(s) ended since 01:00:00 before anybody acknowledged them",
        "PAUSED by nurse-7 for 1 min 30 s more",
        "digital silence",
        "NOT CONNECTED; 3 event(s) wait, the oldest for 12 min 4 s; kept in memory only",
    ):
        assert words in said


def test_silence_that_somebody_wanted_says_who(tmp_path) -> None:
    off = text(status(audio="off", audio_by="nurse-7"), 0.5, tmp_path)
    assert "OFF by nurse-7" in off
    standby = text(status(mode="standby", standby_by="button"), 0.5, tmp_path)
    assert "STANDBY" in standby.splitlines()[0]
    assert "none in standby by button" in standby


def test_before_the_first_sound_none_is_invented(tmp_path) -> None:
    assert "no sound has been scored yet" in text(status(p_cry=None), 0.5, tmp_path)


@pytest.mark.parametrize(
    ("age", "verdict"),
    [(None, "NOT RUNNING: it died"), (STALE_AFTER_S + 0.1, "HANGS"), (1e6, "HANGS")],
)
def test_what_a_dead_daemon_said_is_not_shown_as_if_it_were_so(age, verdict, tmp_path) -> None:
    said = text(status(active=(CRY,)), age, tmp_path)
    assert verdict in said.splitlines()[0]
    assert "last seen 03:04:00" in said.splitlines()[0]
    assert "MONITORING" not in said
    assert "p_cry" not in said
    assert "edgecry log" in said


def test_nothing_there(tmp_path) -> None:
    said = "\n".join(as_text(None, NOW, status_path(str(tmp_path))))
    assert "NOT RUNNING" in said.splitlines()[0]
    assert str(status_path(str(tmp_path))) in said


@given(made_s=st.floats(0, 1e7), later_s=st.floats(0, 60), lives=st.booleans())
def test_only_what_a_living_process_has_just_renewed_is_so(made_s, later_s, lives) -> None:
    found = seen(status(mono_s=made_s), lives, made_s + later_s)
    assert found.runs == (lives and made_s + later_s - made_s <= STALE_AFTER_S)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "0 s"),
        (59.6, "1 min"),
        (724, "12 min 4 s"),
        (3600, "1 h"),
        (11_530, "3 h 12 min"),
        (86_400 * 9 + 7200 + 59, "9 d 2 h"),
        (86_405, "1 d"),
    ],
)
def test_durations(seconds, words) -> None:
    assert duration_text(seconds) == words


class TestFile:
    def test_it_is_replaced_as_a_whole_and_its_group_may_read_it(self, tmp_path) -> None:
        file = StatusFile(str(tmp_path))
        for mono_s in (1.0, 2.0):
            file.publish(status(mono_s))
            found = read_status(str(tmp_path))
            assert found is not None
            assert (found.status, found.lives) == (status(mono_s), True)
        assert oct(status_path(str(tmp_path)).stat().st_mode & 0o777) == "0o640"
        file.close()
        assert list(tmp_path.iterdir()) == []
        assert read_status(str(tmp_path)) is None

    def test_what_was_left_behind_does_not_live_however_young_it_is(self, tmp_path) -> None:
        status_path(str(tmp_path)).write_bytes(status(time.monotonic()).encode())
        found = read_status(str(tmp_path))
        assert found is not None
        assert (found.lives, found.runs) == (False, False)

    def test_a_second_daemon_does_not_speak_for_the_first(self, tmp_path, caplog) -> None:
        first, second = StatusFile(str(tmp_path)), StatusFile(str(tmp_path))
        first.publish(status(1.0))
        for _ in range(5):
            second.publish(status(2.0))
        second.close()
        found = read_status(str(tmp_path))
        assert found is not None
        assert found.status == status(1.0)
        assert caplog.text.count("no other edgecry uses") == 1
        first.close()
        second.publish(status(2.0))
        found = read_status(str(tmp_path))
        assert found is not None
        assert found.status == status(2.0)

    def test_a_folder_that_is_not_there_is_said_once_and_stops_nothing(
        self, tmp_path, caplog
    ) -> None:
        file = StatusFile(str(tmp_path / "absent"))
        for _ in range(5):
            file.publish(status())
        file.close()
        assert caplog.text.count("set runtime_dir") == 1

    def test_a_folder_that_was_replaced_does_not_make_it_look_dead(self, tmp_path) -> None:
        folder = tmp_path / "runtime"
        folder.mkdir()
        file = StatusFile(str(folder))
        file.publish(status(1.0))
        shutil.rmtree(folder)
        file.publish(status(2.0))
        folder.mkdir()
        file.publish(status(3.0))
        found = read_status(str(folder))
        assert found is not None
        assert (found.status, found.lives) == (status(3.0), True)
        file.close()


class TestCommand:
    @pytest.fixture
    def file(self, tmp_path) -> Iterator[StatusFile]:
        file = StatusFile(str(tmp_path))
        yield file
        file.close()

    def test_alive(self, tmp_path, file, capsys) -> None:
        file.publish(status(time.monotonic()))
        assert cli.main(["status", "--set", f"runtime_dir={tmp_path}"]) == 0
        assert "MONITORING" in capsys.readouterr().out
        assert cli.main(["status", "--json", "--set", f"runtime_dir={tmp_path}"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["running"] is True
        assert said["status"]["state"]["mode"] == "monitoring"

    def test_stale(self, tmp_path, file, capsys) -> None:
        file.publish(status(time.monotonic() - STALE_AFTER_S - 1))
        assert cli.main(["status", "--set", f"runtime_dir={tmp_path}"]) == 1
        assert "HANGS" in capsys.readouterr().out
        assert cli.main(["status", "--json", "--set", f"runtime_dir={tmp_path}"]) == 1
        assert json.loads(capsys.readouterr().out)["running"] is False

    def test_absent(self, tmp_path, capsys) -> None:
        assert cli.main(["status", "--json", "--set", f"runtime_dir={tmp_path}"]) == 1
        assert json.loads(capsys.readouterr().out) == {
            "running": False,
            "age_s": None,
            "status": None,
        }

    @pytest.mark.parametrize("body", [b"", b"{", b'{"schema":"edgecry.status/9"}', b"\xff"])
    def test_what_is_no_status_is_one_line(self, tmp_path, capsys, body) -> None:
        status_path(str(tmp_path)).write_bytes(body)
        assert cli.main(["status", "--set", f"runtime_dir={tmp_path}"]) == 1
        assert "not a status of this version" in capsys.readouterr().err


def test_the_wire_names_are_those_of_mqtt() -> None:
    said = json.loads(msgspec.json.encode(status()))
    assert said["state"]["schema"] == "edgecry.state/1"
    assert said["health"]["schema"] == "edgecry.health/1"
    assert timedelta(seconds=said["health"]["uptime_s"]).days == 1
