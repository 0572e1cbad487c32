"""Commands and receipts over a real broker to a real daemon."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.conditions import comes_and_goes
from support.daemon import Daemon
from support.mosquitto import Mosquitto, Publisher, Subscriber, eventually, free_port

NO_MICROPHONE = {"PULSE_SERVER": "unix:/nonexistent"}
SOUNDING, SILENT = "buzzer (sounding)", "LED (*)  buzzer (silent)"


class Cot:
    """A daemon that is alarming, since it has no microphone, and a station that hears it."""

    def __init__(self, folder: Path, stack: ExitStack, *settings: str) -> None:
        self.broker = stack.enter_context(Mosquitto(folder))
        self.heard = stack.enter_context(Subscriber(self.broker.port))
        self.says = stack.enter_context(Publisher(self.broker.port))
        self.config = folder / "config.yaml"
        self.config.write_text("version: 1\n")
        self.daemon = stack.enter_context(
            Daemon(
                folder / "cot",
                f"mqtt.port={self.broker.port}",
                "health.interval_s=1",
                *settings,
                environment={**NO_MICROPHONE, "EDGECRY_CONFIG": str(self.config)},
            )
        )
        self.event("mic-lost", "start")

    def event(self, code: str, phase: str) -> dict[str, Any]:
        """The first such event, once it has come."""
        return eventually(
            lambda: next(
                (e for e in self.heard.events() if (e["code"], e["phase"]) == (code, phase)), None
            ),
            f"{code} {phase}",
        )

    def count(self, phase: str) -> int:
        return sum(event["phase"] == phase for event in self.heard.events())

    @property
    def state(self) -> dict[str, Any]:
        return self.heard.heard("state")[-1].json

    def results(self, verb: str) -> list[dict[str, Any]]:
        return [message.json for message in self.heard.heard(f"cmd/{verb}/result")]

    def ask(self, verb: str, request_id: str, **fields: Any) -> dict[str, Any]:
        """Send a command; its answer."""
        before = len(self.results(verb))
        self.says.ask(verb, request_id, **fields)
        eventually(lambda: len(self.results(verb)) > before, f"an answer to {verb}")
        return self.results(verb)[-1]

    def shown(self, event: dict[str, Any]) -> None:
        receipt = {
            "event_id": event["event_id"],
            "station": "ward 4",
            "displayed_at": event["published_at"],
        }
        assert self.says.say("receipt", json.dumps(receipt).encode()) == ""

    def panel(self) -> str:
        """How the panel was last drawn."""
        return [line for line in self.daemon.log.splitlines() if "panel: " in line][-1]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_an_alarm_is_acknowledged_by_its_name_and_is_silent_from_then_on(tmp_path, stack) -> None:
    cot = Cot(tmp_path, stack)
    cot.daemon.wait_for(SOUNDING)
    alarm_id = cot.event("mic-lost", "start")["alarm_id"]
    assert cot.ask("acknowledge", "r-1", alarm_id=alarm_id)["ok"]
    seen = cot.event("mic-lost", "acknowledge")
    assert (seen["alarm_id"], seen["acknowledged_by"]) == (alarm_id, "anna")
    eventually(lambda: cot.state["active"][0]["acknowledged_by"] == "anna", "it is in the state")
    assert SOUNDING not in cot.panel()
    assert cot.ask("acknowledge", "r-2", alarm_id="of-yesterday-1")["ok"] is False
    assert "command acknowledge by anna (r-1): done" in cot.daemon.log
    state_dir = tmp_path / "cot" / "state"
    journal = subprocess.run(
        [sys.executable, "-m", "edgecry", "log", "--set", f"state_dir={state_dir}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "mic-lost acknowledge, medium, acknowledged by anna" in journal
    assert "command acknowledge by anna: done" in journal
    assert "command acknowledge by anna: refused: `alarm_id` names no alarm" in journal


def test_a_repeated_request_has_one_effect_and_the_same_answer(tmp_path, stack) -> None:
    cot = Cot(tmp_path, stack)
    first = cot.ask("standby", "r-1")
    eventually(lambda: cot.state["mode"] == "standby", "it stands by")
    assert cot.ask("resume", "r-2")["ok"]
    eventually(lambda: cot.state["mode"] == "fault", "it has resumed")
    states = len(cot.heard.heard("state"))
    assert cot.ask("standby", "r-1") == first
    assert cot.ask("pause-audio", "r-3", seconds=60)["ok"]
    eventually(lambda: cot.state["audio_paused_until"], "the pause is in the state")
    assert cot.state["mode"] == "fault"
    assert {message.json["mode"] for message in cot.heard.heard("state")[states:]} == {"fault"}
    assert cot.ask("resume-audio", "r-4")["ok"]
    eventually(lambda: cot.state["audio_paused_until"] is None, "the pause is over")
    assert "600" in cot.ask("pause-audio", "r-5", seconds=80_000)["error"]


def test_a_retained_or_malformed_command_is_refused_counted_and_answered(tmp_path) -> None:
    with Mosquitto(tmp_path) as broker:
        with Publisher(broker.port) as early:
            old = json.dumps({"request_id": "old", "by": "anna"}).encode()
            early.say("cmd/acknowledge", old, retain=True)
        settings = f"mqtt.port={broker.port}", "health.interval_s=1"
        with (
            Subscriber(broker.port) as station,
            Publisher(broker.port) as says,
            Daemon(tmp_path / "cot", *settings, environment=NO_MICROPHONE),
        ):
            answers = lambda: [m.json for m in station.heard("cmd/acknowledge/result")]  # noqa: E731
            eventually(answers, "the retained one is answered")
            assert answers()[0]["request_id"] == "old"
            assert "retain" in answers()[0]["error"]
            says.say("cmd/acknowledge", b'{"request_id": "r-1"}')
            eventually(lambda: len(answers()) == 2, "the malformed one is answered")
            assert answers()[1]["request_id"] == "r-1"
            assert "by" in answers()[1]["error"]
            eventually(
                lambda: [m.json["commands_refused"] for m in station.heard("health")][-1:] == [2],
                "they are counted",
            )
            assert "acknowledge" not in [event["phase"] for event in station.events()]


@pytest.mark.waits
def test_a_flood_of_garbage_leaves_the_alarms_as_they_are(tmp_path, cry_file, stack) -> None:
    replayed = subprocess.run(
        [sys.executable, "-m", "edgecry", "replay", str(cry_file)],
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [json.loads(line) for line in replayed.stdout.splitlines()]
    broker = stack.enter_context(Mosquitto(tmp_path))
    station = stack.enter_context(Subscriber(broker.port, topics=("event", "health")))
    says = stack.enter_context(Publisher(broker.port))
    settings = f"audio.source={cry_file}", f"mqtt.port={broker.port}", "health.interval_s=1"
    with Daemon(tmp_path / "cot", *settings) as daemon:
        daemon.wait_ready()
        while daemon.process.poll() is None and "the recording is over" not in daemon.log:
            daemon.notified()
            says.flood("cmd/acknowledge", b"\xff{" * 500, 200)
            says.flood("receipt", b"[" * 4000, 50)
            says.say("cmd/standby", b"wait for the broker")
        assert daemon.wait() == 0
    eventually(lambda: len(station.events()) >= len(expected), "all events")
    kept = ("code", "phase", "priority", "duration_s", "p_cry", "late")
    assert [[e[k] for k in kept] for e in station.events()] == [
        [e[k] for k in kept] for e in expected
    ]
    health = station.heard("health")[-1].json
    assert health["messages_dropped"] > 1000
    assert health["commands_refused"] > 20
    assert health["overruns"] == 0
    assert len(daemon.log.splitlines()) < 100


def test_reload_says_what_it_did_or_every_mistake(tmp_path, stack) -> None:
    cot = Cot(tmp_path, stack)
    cot.config.write_text("version: 1\nalarm:\n  sustaind_s: 3\nmqtt:\n  port: 99999\n")
    refused = cot.ask("reload", "r-1")
    assert refused["ok"] is False
    assert "config.yaml:3:3: alarm.sustaind_s" in refused["error"]
    cot.config.write_text("version: 1\nalarm: {sustained_s: 3}\nlogging: {level: debug}\n")
    taken = cot.ask("reload", "r-2")
    assert taken["ok"]
    assert "taken over: logging.level" in taken["detail"]
    assert "restart: alarm.sustained_s" in taken["detail"]


def test_a_self_test_goes_to_a_screen_and_back_and_is_no_alarm(tmp_path, stack) -> None:
    cot = Cot(tmp_path, stack, "alarm.receipt_s=5")
    cot.says.ask("test", "r-1")
    test = eventually(
        lambda: next((e for e in cot.heard.events() if e["test"]), None), "the test's event"
    )
    assert (test["code"], test["phase"], test["priority"]) == ("cry", "start", "low")
    assert cot.results("test") == []
    cot.shown(test)
    eventually(lambda: cot.results("test"), "the test's result")
    assert cot.results("test")[0]["ok"]
    assert "ward 4" in cot.results("test")[0]["detail"]
    end = eventually(
        lambda: next((e for e in cot.heard.events() if e["test"] and e["phase"] == "end"), None),
        "the end of the test",
    )
    assert end["alarm_id"] == test["alarm_id"]
    codes = {each["code"] for m in cot.heard.heard("state") for each in m.json["active"]}
    assert "cry" not in codes


def test_a_self_test_that_no_station_shows_fails(tmp_path, stack) -> None:
    cot = Cot(tmp_path, stack, "alarm.receipt_s=2")
    assert "no station confirmed" in cot.ask("test", "r-1")["error"]


def test_without_a_receipt_it_is_a_fault_and_the_buzzer_takes_over(tmp_path, stack) -> None:
    cot = Cot(tmp_path, stack, "alarm.receipt_s=3", "panel.buzzer=when-unreceived")
    cot.daemon.wait_for(SILENT)
    missing = cot.event("no-receipt", "start")
    assert missing["priority"] == "low"
    cot.daemon.wait_for(SOUNDING)
    eventually(lambda: cot.state["last_event_id"] == missing["event_id"], "it is in the state")

    def show() -> None:
        cot.shown({**missing, "event_id": cot.state["last_event_id"]})

    comes_and_goes("no-receipt", "low", cot.heard, tmp_path / "cot" / "state", show)
    eventually(lambda: SOUNDING not in cot.panel(), "the cot is quiet again")


def test_a_station_that_confirms_keeps_the_cot_quiet_until_the_broker_is_lost(
    tmp_path, stack
) -> None:
    cot = Cot(tmp_path, stack, "alarm.receipt_s=10", "panel.buzzer=when-unreceived")
    cot.shown(cot.event("mic-lost", "start"))
    cot.daemon.wait_for(SILENT)
    assert SOUNDING not in cot.daemon.log
    cot.broker.kill()
    cot.daemon.wait_for(SOUNDING)
    assert cot.daemon.terminate() == 0


def test_without_a_broker_the_cot_sounds_from_the_start(tmp_path) -> None:
    settings = "alarm.receipt_s=10", "panel.buzzer=when-unreceived", f"mqtt.port={free_port()}"
    with Daemon(tmp_path, *settings, environment=NO_MICROPHONE) as daemon:
        daemon.wait_for(SOUNDING)
