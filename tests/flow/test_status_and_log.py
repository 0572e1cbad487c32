"""The real daemon seen from outside: `edgecry status` and `edgecry log`, alive, hung and dead."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.daemon import Daemon
from support.mosquitto import Mosquitto, eventually, free_port


def edgecry(folder: Path, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command_line(folder, command, *options),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def command_line(folder: Path, command: str, *options: str) -> list[str]:
    where = f"state_dir={folder}/state", f"runtime_dir={folder}"
    settings = [word for setting in where for word in ("--set", setting)]
    return [sys.executable, "-m", "edgecry", command, *options, *settings]


def entries(folder: Path, what: str) -> list[dict[str, object]]:
    """The facts of all entries of one kind."""
    said = map(json.loads, edgecry(folder, "log", "--json").stdout.splitlines())
    return [line["facts"] for line in said if line["what"] == what]


def running(folder: Path) -> bool:
    done = edgecry(folder, "status", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode == 0) == said["running"]
    return bool(said["running"])


def test_a_night_is_written_down_and_shown_while_it_runs(tmp_path, cry_file) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("version: 1\n")
    with (
        Mosquitto(tmp_path) as broker,
        Daemon(
            tmp_path,
            f"audio.source={cry_file}",
            f"mqtt.port={broker.port}",
            "device.bed=4",
            environment={"EDGECRY_CONFIG": str(config)},
        ) as daemon,
    ):
        daemon.wait_ready()
        eventually(lambda: entries(tmp_path, "alarm"), "the cry is written down", 60.0)
        shown = edgecry(tmp_path, "status")
        assert shown.returncode == 0
        assert "cot-1 (bed 4): MONITORING" in shown.stdout
        assert f"localhost:{broker.port} connected" in shown.stdout.replace(
            "127.0.0.1", "localhost"
        )
        config.write_text("version: 1\nlogging: {level: loud}\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("logging.level")
        assert daemon.terminate() == 0

    [start] = entries(tmp_path, "start")
    assert start["version"]
    [delivery] = entries(tmp_path, "delivery")
    assert delivery["connected"] is True
    cries = entries(tmp_path, "alarm")
    assert {cry["code"] for cry in cries} == {"cry"}
    assert [cry["phase"] for cry in cries][:1] == ["start"]
    assert len({cry["event_id"] for cry in cries}) == len(cries)
    [config_entry] = entries(tmp_path, "config")
    assert "logging.level" in str(config_entry["mistakes"])
    [stop] = entries(tmp_path, "stop")
    assert stop == {"why": "SIGTERM"}
    assert not running(tmp_path)
    assert "it is not there" in edgecry(tmp_path, "status").stdout


def test_frozen_and_killed_it_does_not_look_alive_and_its_log_is_whole(tmp_path) -> None:
    nothing = {"PULSE_SERVER": "unix:/nonexistent"}
    with Daemon(tmp_path, f"mqtt.port={free_port()}", environment=nothing) as daemon:
        eventually(lambda: entries(tmp_path, "alarm"), "no microphone: an alarm", 60.0)
        eventually(lambda: running(tmp_path), "the status is published")
        assert "FAULT" in edgecry(tmp_path, "status").stdout
        assert "mic-lost, medium" in edgecry(tmp_path, "status").stdout
        daemon.process.send_signal(signal.SIGSTOP)
        eventually(lambda: not running(tmp_path), "a daemon that hangs is not alive", 30.0)
        assert "HANGS" in edgecry(tmp_path, "status").stdout
        daemon.process.send_signal(signal.SIGCONT)
        eventually(lambda: running(tmp_path), "it goes on")
        daemon.kill()
    assert not running(tmp_path), "at once"
    assert "NOT RUNNING: it died" in edgecry(tmp_path, "status").stdout
    with Daemon(tmp_path, f"mqtt.port={free_port()}", environment=nothing) as daemon:
        daemon.wait_ready()
        assert daemon.terminate() == 0
    log = edgecry(tmp_path, "log")
    assert (log.returncode, log.stderr) == (0, "")
    first, *_, again, last = (line for line in log.stdout.splitlines() if "mic-lost" not in line)
    assert "started" in first
    assert "no stop" not in first
    assert "before it there was no stop: a crash, a kill or a power cut" in again
    assert last.endswith("stopped: SIGTERM")
    assert edgecry(tmp_path, "log", "--since", "1h").stdout == log.stdout
    assert edgecry(tmp_path, "log", "--since", "2999-01-01").stdout == ""


def test_a_journal_that_cannot_be_written_is_a_storage_alarm_and_alarms_go_on(tmp_path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "journal").write_text("in the way")
    nothing = {"PULSE_SERVER": "unix:/nonexistent"}
    with Daemon(tmp_path, f"mqtt.port={free_port()}", environment=nothing) as daemon:
        daemon.wait_for("storage start")
        daemon.wait_for("mic-lost start")
        assert "storage" in edgecry(tmp_path, "status").stdout
        (tmp_path / "state" / "journal").unlink()
        daemon.wait_for("storage end")
        assert daemon.terminate() == 0
    codes = [entry["code"] for entry in entries(tmp_path, "alarm")]
    assert codes.count("storage") == 2, "what happened meanwhile was kept, and is there now"
    assert entries(tmp_path, "start")


class TestWatching:
    @pytest.mark.parametrize("options", [["--watch"], ["--watch", "--json"]])
    def test_into_a_pipe_it_goes_on_and_steers_nothing(self, tmp_path, options) -> None:
        watching = subprocess.Popen(
            command_line(tmp_path, "status", *options), stdout=subprocess.PIPE, text=True
        )
        assert watching.stdout is not None
        said = [watching.stdout.readline() for _ in range(4)]
        watching.send_signal(signal.SIGINT)
        rest = watching.communicate(timeout=20)[0]
        assert watching.returncode == 0
        assert "\x1b" not in "".join(said) + rest
        assert sum("NOT RUNNING" in line or '"running": false' in line for line in said) >= 2

    @pytest.mark.parametrize(("terminal", "redraws"), [("xterm", True), ("dumb", False)])
    def test_on_a_terminal_it_redraws_where_that_can_be(self, tmp_path, terminal, redraws) -> None:
        ours, theirs = pty.openpty()
        watching = subprocess.Popen(
            command_line(tmp_path, "status", "--watch"),
            stdin=theirs,
            stdout=theirs,
            env={**os.environ, "TERM": terminal},
        )
        os.close(theirs)
        said = b""
        while said.count(b"NOT RUNNING") < 2:
            said += os.read(ours, 4096)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 0
        os.close(ours)
        assert (b"\x1b[2J" in said) == redraws

    def test_a_reader_that_goes_ends_it_without_a_word(self, tmp_path) -> None:
        line = " ".join(command_line(tmp_path, "status", "--watch"))
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line} | head -1"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (1, "")

    def test_the_log_is_followed_until_it_is_interrupted(self, tmp_path) -> None:
        nothing = {"PULSE_SERVER": "unix:/nonexistent"}
        with Daemon(tmp_path, f"mqtt.port={free_port()}", environment=nothing) as daemon:
            eventually((tmp_path / "state" / "journal").exists, "a journal")
            following = subprocess.Popen(
                command_line(tmp_path, "log", "--follow"), stdout=subprocess.PIPE, text=True
            )
            assert following.stdout is not None
            assert "started" in following.stdout.readline()
            assert "mic-lost start" in following.stdout.readline()
            assert daemon.terminate() == 0
            assert "stopped: SIGTERM" in following.stdout.readline()
            following.send_signal(signal.SIGINT)
            assert following.wait(20) == 0
