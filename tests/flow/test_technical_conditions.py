"""Faults of the monitor through the real daemon: provoked, alarmed in time, told, over, logged.

Those of the microphone are in test_microphone_faults, the lost microphone in test_daemon.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.daemon import Daemon
from support.mosquitto import Mosquitto, Subscriber, eventually
from support.virtual_microphone import NAME, VirtualMicrophone

from edgecry.app import STOP_SIGNALS, App, build
from edgecry.clock import SystemClock
from edgecry.config.schema import Audio, Device, Mqtt, Panel, Settings
from edgecry.detection import Decision
from edgecry.health import delivery
from edgecry.health.metrics import Machine
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.signals import SignalInbox
from edgecry.types import AlarmEvent, Event

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a file system needs root")


@pytest.fixture
def broker(tmp_path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as broker:
        yield broker


@pytest.fixture
def station(broker) -> Iterator[Subscriber]:
    with Subscriber(broker.port) as station:
        yield station


def cot(tmp_path: Path, broker: Mosquitto, *settings: str) -> Daemon:
    return Daemon(tmp_path / "cot", f"mqtt.port={broker.port}", *settings)


def phases(station: Subscriber, code: str) -> list[str]:
    return [event["phase"] for event in station.events() if event["code"] == code]


def active(station: Subscriber) -> dict[str, str]:
    states = station.heard("state")
    return {each["code"]: each["detail"] for each in states[-1].json["active"]} if states else {}


def settings_for(tmp_path: Path, broker: Mosquitto, audio: Audio) -> Settings:
    return Settings(
        state_dir=str(tmp_path / "state"),
        device=Device(id="cot-1"),
        mqtt=Mqtt(host="127.0.0.1", port=broker.port),
        audio=audio,
        panel=Panel(backend="none"),
    )


def run_beside(app: App, person: Callable[[], None]) -> None:
    """Run on this thread, and what somebody does on another."""
    actor = threading.Thread(target=person)
    with SignalInbox(*STOP_SIGNALS) as signals:
        actor.start()
        app.run(signals, lambda _caught: None)
    actor.join()


def test_a_detector_that_answers_wrongly_is_an_alarm(tmp_path, broker, station, scene_file) -> None:
    for suffix in ("tflite", "json"):
        shutil.copy(SHIPPED_MODELS / f"cry-detector.{suffix}", tmp_path)
    manifest = json.loads((tmp_path / "cry-detector.json").read_text())
    manifest["self_check"] = [100, 100, 100]
    (tmp_path / "cry-detector.json").write_text(json.dumps(manifest))
    model = f"detection.model={tmp_path}/cry-detector.tflite"
    with cot(tmp_path, broker, f"audio.source={scene_file}", model) as daemon:
        eventually(lambda: "model-fault" in active(station), "the alarm")
        assert "instead of 100, 100, 100" in active(station)["model-fault"]
        assert station.heard("state")[-1].json["mode"] == "fault"
        assert "model-fault start, medium" in daemon.log
        assert daemon.terminate() == 0


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A real file system of 50 MB, for the daemon's state."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=50m", "tmpfs", disk]
    if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no mounts here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@ROOT_ONLY
def test_a_card_that_is_nearly_full_is_an_alarm(
    tmp_path, broker, station, scene_file, small_disk
) -> None:
    settings = f"audio.source={scene_file}", f"state_dir={small_disk}"
    with cot(tmp_path, broker, *settings) as daemon:
        eventually(lambda: "storage" in active(station), "the alarm")
        assert "MB are free under state_dir" in active(station)["storage"]
        assert "storage start, low" in daemon.log
        assert daemon.terminate() == 0


def test_a_pipeline_that_is_too_slow_is_an_alarm_within_ten_seconds_until_it_keeps_up(
    tmp_path,
    broker,
    station,
    virtual_microphone: VirtualMicrophone,  # noqa: ARG001 (it is listened to)
) -> None:
    """In this process: on its thread every decision takes two and a half times too long."""
    too_slow = threading.Event()

    def observe(_decision: Decision) -> None:
        time.sleep(0.6 if too_slow.is_set() else 0.0)

    def machine() -> None:
        try:
            eventually(lambda: station.heard("health"), "it listens")
            too_slow.set()
            eventually(lambda: phases(station, "overload") == ["start"], "the alarm", 40)
            too_slow.clear()
            eventually(lambda: phases(station, "overload")[-1] == "end", "its end", 40)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    settings = settings_for(tmp_path, broker, Audio(device=NAME, buffer_s=2.0))
    app = build(settings, observe=observe)
    run_beside(app, machine)
    assert phases(station, "overload") == ["start", "end"]


def test_a_hot_machine_is_an_alarm(tmp_path, broker, station, scene_file) -> None:
    """In this process, on a machine whose files say so."""
    zone = tmp_path / "sys/class/thermal/thermal_zone0/temp"
    zone.parent.mkdir(parents=True)
    zone.write_text("84000\n")

    def technician() -> None:
        try:
            eventually(lambda: "over-temperature" in active(station), "the alarm", 40)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))
    app = build(settings, machine=Machine(tmp_path))
    run_beside(app, technician)
    told = [e for e in station.events() if e["code"] == "over-temperature"]
    assert [(e["phase"], e["priority"]) for e in told] == [("start", "low")]
    assert "too hot at 84 degrees" in told[0]["detail"]
    assert station.heard("health")[-1].json["temperature_c"] == 84


def test_a_broker_that_dies_is_an_alarm_until_it_is_back(
    tmp_path, broker, station, scene_file, monkeypatch
) -> None:
    monkeypatch.setattr(delivery, "BROKER_LOST_AFTER_S", 3.0)
    log: list[tuple[str, str, str]] = []

    def technician() -> None:
        try:
            eventually(lambda: station.heard("state"), "it is connected")
            broker.kill()
            eventually(lambda: ("broker-lost", "start", "low") in log, "the alarm at the cot")
            broker.start()
            eventually(lambda: ("broker-lost", "end", "low") in log, "its end", 60)
            eventually(lambda: phases(station, "broker-lost")[-1:] == ["end"], "told afterwards")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))

    def note(event: Event) -> None:
        if isinstance(event, AlarmEvent):
            log.append((event.code, event.phase, event.priority))

    run_beside(build(settings, sinks=[note]), technician)


class SettableClock(SystemClock):
    """This machine's clock, if somebody set it."""

    ahead = timedelta()

    def utc(self) -> datetime:
        return super().utc() + self.ahead

    def synchronised(self) -> bool:
        return True


def test_a_clock_that_is_set_is_an_alarm(tmp_path, broker, station, scene_file) -> None:
    clock = SettableClock()

    def technician() -> None:
        try:
            eventually(lambda: station.heard("health"), "it runs")
            time.sleep(1.5)
            clock.ahead = timedelta(hours=1)
            eventually(lambda: "clock" in active(station), "the alarm")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))
    run_beside(build(settings, clock=clock), technician)
    assert "set forward by 3600.0 s" in active(station)["clock"]
