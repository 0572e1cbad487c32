"""The whole daemon: real process, real broker, real PortAudio, real signals."""

import json
import os
import signal
import subprocess
import sys

import pytest
from support.conditions import comes_and_goes
from support.daemon import Daemon
from support.mosquitto import Mosquitto, Subscriber, eventually, free_port
from support.reasons import models_with_reasons

from edgecry import monitor
from edgecry.config.schema import Health
from edgecry.outputs.mqtt.sender import STOP_GRACE_S


def phases(subscriber: Subscriber, code: str = "cry") -> list[str]:
    return [event["phase"] for event in subscriber.events() if event["code"] == code]


def raised(log: str) -> int:
    """How many events the daemon's own log tells of."""
    return sum(": cry " in line or ": broker-lost " in line for line in log.splitlines())


@pytest.mark.waits
def test_a_recording_at_real_time_from_ready_to_offline(tmp_path, cry_file) -> None:
    replayed = subprocess.run(
        [sys.executable, "-m", "edgecry", "replay", str(cry_file)],
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [json.loads(line) for line in replayed.stdout.splitlines()]
    with Mosquitto(tmp_path) as broker, Subscriber(broker.port) as station:
        settings = f"audio.source={cry_file}", f"mqtt.port={broker.port}", "device.bed=4"
        with Daemon(tmp_path / "cot", *settings) as daemon:
            assert daemon.wait() == 0
            notified = daemon.notified()
        eventually(lambda: station.availability()[-1:] == ["offline"], "a clean farewell")

        kept = ("code", "phase", "priority", "duration_s", "p_cry", "level_dbfs", "seq")
        heard = station.events()
        assert [[e[k] for k in kept] for e in heard] == [[e[k] for k in kept] for e in expected]
        assert {event["bed"] for event in heard} == {"4"}
        assert station.availability()[:1] == ["online"]
        states = [message.json for message in station.heard("state")]
        assert any(state["highest_priority"] for state in states)
        assert states[-1]["active"] == []
        health = station.heard("health")[-1].json
        assert health["frame_age_s"] < 10
        assert health["model"]["name"] == "cry-detector"

    assert notified[0] == "READY=1"
    assert notified[-1] == "STOPPING=1"
    assert notified.count("WATCHDOG=1") > 10
    assert any(message.startswith("STATUS=p_cry") for message in notified)
    assert "panel: LED (*)  buzzer (sounding)" in daemon.log
    assert daemon.log.rstrip().endswith("stopped")


def test_events_carry_the_experimental_reason_when_the_settings_want_it(tmp_path, cry_file) -> None:
    with Mosquitto(tmp_path) as broker, Subscriber(broker.port) as station:
        settings = (
            f"audio.source={cry_file}",
            f"mqtt.port={broker.port}",
            f"detection.model={models_with_reasons(tmp_path)}",
            "detection.reasons=experimental",
        )
        with Daemon(tmp_path / "cot", *settings) as daemon:
            daemon.wait_for("cry start, low")
            eventually(lambda: phases(station) == ["start"], "the station is told")
            assert daemon.terminate() == 0
        [event] = station.events()
    assert event["reason"]["experimental"] is True
    assert event["reason"]["model"]["name"] == "tiny-reasons"
    assert sum(event["reason"]["probabilities"].values()) == pytest.approx(1.0)
    assert f"reason (experimental): {event['reason']['label']}" in daemon.log
    assert "events carry a reason (experimental) by tiny-reasons 0.1.0" in daemon.log


def test_no_microphone_and_no_broker_it_starts_says_so_and_stops_cleanly(tmp_path) -> None:
    nothing = {"PULSE_SERVER": "unix:/nonexistent"}
    with Daemon(tmp_path, f"mqtt.port={free_port()}", environment=nothing) as daemon:
        daemon.wait_ready()
        daemon.wait_for("mic-lost start, medium")
        daemon.wait_for("panel: LED (*)  buzzer (sounding)")
        code = daemon.terminate()
        assert code == 0
        assert "panel: LED ( )  buzzer (silent)" in daemon.log
        assert "Traceback" not in daemon.log


def test_the_deadlines_of_a_stop_fit_into_two_seconds() -> None:
    """Also if all of them hang at once; each part is held to its deadline by its own tests."""
    parts_s = (
        *(monitor.STOP_COMMANDER_S, monitor.STOP_PIPELINE_S, monitor.STOP_PANEL_S),
        *(monitor.STOP_MQTT_S, STOP_GRACE_S, monitor.STOP_JOURNAL_S),
    )
    assert sum(parts_s) <= 2.0 + 1e-9


@pytest.mark.waits
def test_a_real_microphone_is_heard_lost_alarmed_and_heard_again(
    tmp_path, virtual_microphone
) -> None:
    with (
        Mosquitto(tmp_path) as broker,
        Subscriber(broker.port) as station,
        Daemon(
            tmp_path / "cot",
            "audio.device=pipemic",
            f"mqtt.port={broker.port}",
            "health.interval_s=1",
        ) as daemon,
    ):
        eventually(lambda: "WATCHDOG=1" in daemon.notified(), "sound is scored")
        virtual_microphone.unplug()

        def plug_in_again() -> None:
            eventually(
                lambda: (
                    station.heard("health")[-1].json["frame_age_s"] > Health().blind_after_s + 1
                ),
                "it is blind for longer than it takes to call it so",
            )
            virtual_microphone.plug()

        state_dir = tmp_path / "cot" / "state"
        comes_and_goes("mic-lost", "medium", station, state_dir, plug_in_again)
        eventually(lambda: station.heard("state")[-1].json["mode"] == "monitoring", "all well")
        fed = daemon.notified().count("WATCHDOG=1")
        eventually(lambda: daemon.notified().count("WATCHDOG=1") > fed + 4, "scored again")
        assert {event["code"] for event in station.events()} == {"mic-lost"}, "one fault, one alarm"
        assert daemon.terminate() == 0


@pytest.mark.waits
def test_a_broker_killed_during_alarms_loses_no_event(tmp_path, scene_file) -> None:
    """At real time a scene is too long for a test, so the alarms are made to repeat quickly."""
    broker = Mosquitto(tmp_path).start()
    with Subscriber(broker.port) as station:
        with Daemon(
            tmp_path / "cot",
            f"audio.source={scene_file}",
            f"mqtt.port={broker.port}",
            "alarm.escalate_s=5",
            "alarm.sustained_s=1",
        ) as daemon:
            eventually(lambda: len(phases(station)) >= 1, "the first event", 60)
            broker.kill()
            before = raised(daemon.log)
            eventually(lambda: raised(daemon.log) >= before + 3, "events while it is away", 120)
            broker.start()
            eventually(
                lambda: len({e["event_id"] for e in station.events()}) >= before + 3,
                "the missed events",
                60,
            )
            assert daemon.terminate() == 0
            told = raised(daemon.log)
        events = {event["seq"]: event for event in station.events()}
        assert sorted(events) == list(range(1, told + 1)), "none is missing"
        assert any(event["late"] for event in events.values())
    broker.stop()


def test_a_daemon_killed_with_a_full_outbox_loses_no_event(tmp_path, cry_file) -> None:
    cot, port = tmp_path / "cot", f"mqtt.port={(broker := Mosquitto(tmp_path)).port}"
    quick = f"audio.source={cry_file}", port, "alarm.escalate_s=5", "alarm.sustained_s=1"
    with Daemon(cot, *quick) as daemon:
        eventually(lambda: raised(daemon.log) >= 3, "events in the outbox", 60)
        daemon.process.kill()
        daemon.wait()
        told = raised(daemon.log)
    broker.start()
    with Subscriber(broker.port) as station, Daemon(cot, *quick) as daemon:
        eventually(lambda: len(station.events()) >= told, "all from before the kill", 60)
        daemon.terminate()
        late = [event for event in station.events() if event["seq"] <= told]
        assert sorted({event["seq"] for event in late}) == list(range(1, told + 1))
        flags = [event["late"] for event in sorted(late, key=lambda event: event["seq"])]
        # The first was raised alarm.escalate_s before the kill; the last may be young still.
        assert flags[0]
        assert flags == sorted(flags, reverse=True)
        assert len({event["event_id"] for event in station.events()}) == len(
            {event["seq"] for event in station.events()}
        )
    broker.stop()


def test_hangup_reads_the_configuration_again_and_survives_a_bad_one(tmp_path, cry_file) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("version: 1\nlogging: {level: info}\n")
    environment = {"EDGECRY_CONFIG": str(config)}
    settings = f"audio.source={cry_file}", f"mqtt.port={free_port()}"
    with Daemon(tmp_path / "cot", *settings, environment=environment) as daemon:
        daemon.wait_ready()
        config.write_text("version: 1\nalarm: {sustaind_s: 3}\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("alarm.sustaind_s")
        config.write_text("version: 1\nalarm: {sustained_s: 3}\nlogging: {level: debug}\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("these need a restart: alarm.sustained_s")
        assert daemon.terminate() == 0


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("mqtt.port=99999", 78, "mqtt.port"),
        ("detection.model=no-such-model", 1, "no-such-model"),
        ("audio.source=/nonexistent/night.wav", 65, "night.wav"),
        ("panel.backend=gpio", 1, "panel"),
        ("mqtt.password_file=/nonexistent", 78, "password_file"),
    ],
)
def test_what_cannot_work_is_said_in_one_line_with_its_exit_code(
    tmp_path, setting, code, words
) -> None:
    with Daemon(tmp_path, setting) as daemon:
        assert daemon.wait() == code
        last = daemon.log.splitlines()[-1]
        assert words in last
        assert last.startswith(("edgecry: ", "--set "))
        assert "Traceback" not in daemon.log


def test_a_second_daemon_on_the_same_state_does_not_break_the_first(tmp_path, cry_file) -> None:
    settings = f"audio.source={cry_file}", f"mqtt.port={free_port()}"
    with Daemon(tmp_path / "cot", *settings) as first:
        first.wait_ready()
        state = f"state_dir={tmp_path}/cot/state"
        with Daemon(tmp_path / "other", *settings, state) as second:
            second.wait_for("outbox")
            assert second.terminate() == 0
        assert first.process.poll() is None
        assert first.terminate() == 0


def test_the_kernel_kills_it_and_silence_turns_the_panel_off(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "edgecry", "silence", "--set", "panel.backend=gpio"],
        env={**os.environ, "GPIOZERO_PIN_FACTORY": "mock"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
