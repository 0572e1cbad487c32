"""Faults of the monitor through the real daemon: provoked, told, shown, written down, and over.

Those of the microphone are in test_microphone_faults, the lost microphone in test_daemon, receipts
in test_remote. How soon each is known is held under tests/health.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import msgspec
import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory
from support.conditions import active, comes_and_goes, written_down
from support.daemon import Daemon
from support.mosquitto import Mosquitto, Subscriber, eventually
from support.virtual_microphone import NAME, VirtualMicrophone

from edgecry.app import build
from edgecry.clock import SystemClock
from edgecry.config.schema import Audio, Device, Mqtt, Panel, Settings
from edgecry.detection import Decision
from edgecry.errors import ModelError
from edgecry.health import delivery, heat, model, storage, timekeeping
from edgecry.health.metrics import Machine
from edgecry.inference.classifier import SHIPPED_MODELS, load_classifier
from edgecry.monitor import STOP_SIGNALS, Monitor
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.outbox import Outbox
from edgecry.outputs.panel import GpioPanel
from edgecry.signals import SignalInbox
from edgecry.types import AlarmEvent, Code, Event

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


def settings_for(tmp_path: Path, broker: Mosquitto, audio: Audio) -> Settings:
    return Settings(
        state_dir=str(tmp_path / "state"),
        device=Device(id="cot-1", bed="4"),
        mqtt=Mqtt(host="127.0.0.1", port=broker.port),
        audio=audio,
        panel=Panel(backend="none"),
    )


def run_beside(monitor: Monitor, person: Callable[[], None]) -> None:
    """Run on this thread, and what somebody does on another."""
    failed: list[BaseException] = []

    def act() -> None:
        try:
            person()
        except BaseException as error:
            failed.append(error)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    actor = threading.Thread(target=act)
    with SignalInbox(*STOP_SIGNALS) as signals:
        actor.start()
        monitor.run(signals, lambda _caught: None)
    actor.join()
    if failed:
        raise failed[0]


def test_a_detector_that_answers_wrongly_or_fails_is_an_alarm_until_it_is_well(
    tmp_path, broker, station, scene_file, monkeypatch
) -> None:
    """In this process: its run time is replaced by one that is broken."""
    monkeypatch.setattr(model, "CHECK_EVERY_S", 1.0)
    monkeypatch.setattr(model, "CLEAR_AFTER_S", 2.0)
    classifier = load_classifier("cry-detector")
    monkeypatch.setattr("edgecry.app.load_classifier", lambda _name: classifier)
    sound, broken = classifier._runtime, Broken(classifier._runtime)

    def technician() -> None:
        eventually(lambda: station.heard("health"), "it listens")
        for broken.fails, words in (False, "instead of"), (True, "it is broken"):
            classifier._runtime = broken
            told = comes_and_goes("model-fault", "medium", station, state_dir, mend)
            assert words in told

    def mend() -> None:
        classifier._runtime = sound

    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))
    state_dir = Path(settings.state_dir)
    run_beside(build(settings), technician)


class Broken:
    """A run time that answers everything by the same, or fails."""

    fails = False

    def __init__(self, runtime) -> None:
        self.runtime, self.input, self.output = runtime.runtime, runtime.input, runtime.output

    def run(self, _quantized: np.ndarray) -> np.ndarray:
        if self.fails:
            raise ModelError("it is broken")
        return np.full((1, 1), 17, np.int8)


def test_a_detector_of_another_processor_is_an_alarm(tmp_path, broker, station, scene_file) -> None:
    for suffix in ("tflite", "json"):
        shutil.copy(SHIPPED_MODELS / f"cry-detector.{suffix}", tmp_path)
    manifest = json.loads((tmp_path / "cry-detector.json").read_text())
    manifest["self_check"] = [100, 100, 100]
    (tmp_path / "cry-detector.json").write_text(json.dumps(manifest))
    model = f"detection.model={tmp_path}/cry-detector.tflite"
    with cot(tmp_path, broker, f"audio.source={scene_file}", model) as daemon:
        eventually(lambda: "model-fault" in active(station), "the alarm")
        assert "instead of 100, 100, 100" in active(station)["model-fault"]["detail"]
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
def test_a_card_that_is_nearly_full_is_an_alarm_until_there_is_room(
    tmp_path, broker, station, scene_file, small_disk, monkeypatch
) -> None:
    for name in ("ASK_EVERY_S", "RAISE_AFTER_S", "CLEAR_AFTER_S"):
        monkeypatch.setattr(storage, name, 1.0)
    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))
    settings = msgspec.structs.replace(settings, state_dir=str(small_disk))

    def make_room() -> None:
        subprocess.run(["mount", "-o", "remount,size=500m", small_disk], check=True)

    def technician() -> None:
        told = comes_and_goes("storage", "low", station, small_disk, make_room)
        assert "MB are free under state_dir" in told

    run_beside(build(settings), technician)


@ROOT_ONLY
def test_on_a_card_that_is_full_alarms_go_on(
    tmp_path, broker, station, cry_file, small_disk
) -> None:
    settings = f"audio.source={cry_file}", f"state_dir={small_disk}"
    with cot(tmp_path, broker, *settings) as daemon:
        daemon.wait_for("mqtt: connected")
        fill(small_disk / "full")
        eventually(lambda: "cry" in {e["code"] for e in station.events()}, "the cry is told", 60)
        eventually(lambda: "events cannot be stored" in str(active(station)), "and the fault")
        assert daemon.terminate() == 0
        assert "Traceback" not in daemon.log


def fill(file: Path) -> None:
    """Until nothing more can be written."""
    with file.open("wb", buffering=0) as full, suppress(OSError):
        while True:
            full.write(bytes(4096))


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

    settings = settings_for(tmp_path, broker, Audio(device=NAME, buffer_s=2.0))

    def machine() -> None:
        eventually(lambda: station.heard("health"), "it listens")
        too_slow.set()
        state_dir = Path(settings.state_dir)
        comes_and_goes("overload", "medium", station, state_dir, too_slow.clear)

    run_beside(build(settings, observe=observe), machine)
    assert [(e["code"], e["phase"]) for e in station.events()] == [
        ("overload", "start"),
        ("overload", "end"),
    ]


def test_a_hot_machine_is_an_alarm_until_it_is_cool(
    tmp_path, broker, station, scene_file, monkeypatch
) -> None:
    """In this process, on a machine whose files say so."""
    monkeypatch.setattr(heat, "ASK_EVERY_S", 0.5)
    monkeypatch.setattr(heat, "RAISE_AFTER_S", 1.0)
    monkeypatch.setattr(heat, "CLEAR_AFTER_S", 1.0)
    zone = tmp_path / "sys/class/thermal/thermal_zone0/temp"
    zone.parent.mkdir(parents=True)
    zone.write_text("84000\n")
    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))

    def cool_down() -> None:
        zone.write_text("55000\n")

    def technician() -> None:
        state_dir = Path(settings.state_dir)
        told = comes_and_goes("over-temperature", "low", station, state_dir, cool_down)
        assert "too hot at 84 degrees" in told

    run_beside(build(settings, machine=Machine(tmp_path)), technician)
    assert station.heard("health")[0].json["temperature_c"] == 84


def test_a_button_that_is_held_down_is_an_alarm_until_it_is_released(
    tmp_path, broker, station, scene_file
) -> None:
    pins = MockFactory()
    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))
    button = pins.pin(Panel().button_pin)

    def somebody() -> None:
        eventually(lambda: station.heard("state"), "it is connected")
        button.drive_low()
        comes_and_goes("button-stuck", "low", station, Path(settings.state_dir), button.drive_high)

    run_beside(build(settings, panel=GpioPanel(Panel(), pin_factory=pins)), somebody)


def test_a_broker_that_dies_is_an_alarm_until_it_is_back(
    tmp_path, broker, station, scene_file, monkeypatch
) -> None:
    monkeypatch.setattr(delivery, "BROKER_LOST_AFTER_S", 3.0)
    at_the_cot: list[tuple[str, str, str]] = []

    def note(event: Event) -> None:
        if isinstance(event, AlarmEvent):
            at_the_cot.append((event.code, event.phase, event.priority))

    def technician() -> None:
        eventually(lambda: station.heard("state"), "it is connected")
        broker.kill()
        eventually(lambda: ("broker-lost", "start", "low") in at_the_cot, "the alarm at the cot")
        broker.start()
        eventually(lambda: ("broker-lost", "end", "low") in at_the_cot, "its end", 60)
        lost = lambda: [e for e in station.events() if e["code"] == "broker-lost"]  # noqa: E731
        eventually(lambda: [e["phase"] for e in lost()] == ["start", "end"], "told afterwards")
        assert written_down(Path(settings.state_dir), lost()[0]["alarm_id"]) == ["start", "end"]

    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))
    run_beside(build(settings, sinks=[note]), technician)


def test_a_copied_card_is_an_alarm_at_the_station_too(
    tmp_path, broker, station, scene_file, monkeypatch
) -> None:
    """The broker lets in one of two monitors at a time, and what the one can say is said."""
    monkeypatch.setattr(delivery, "BROKER_LOST_AFTER_S", 3.0)
    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))
    outbox = Outbox(tmp_path / "twin.db", SystemClock())
    twin = MqttSender(settings.mqtt, settings.device.id, outbox, SystemClock(), lambda: 0.0)

    def technician() -> None:
        eventually(lambda: station.heard("state"), "it is connected")
        twin.start()
        try:
            told = eventually(lambda: active(station).get("broker-lost"), "the alarm", 60)
            assert "no other monitor has this device.id" in told["detail"]
            assert station.heard("state")[-1].json["bed"] == "4"
        finally:
            twin.stop()
            outbox.close()

    run_beside(build(settings), technician)


class SettableClock(SystemClock):
    """This machine's clock, if somebody set it."""

    ahead = timedelta()

    def utc(self) -> datetime:
        return super().utc() + self.ahead

    def synchronised(self) -> bool:
        return True


def test_a_clock_that_is_set_is_an_alarm_for_a_while(
    tmp_path, broker, station, scene_file, monkeypatch
) -> None:
    monkeypatch.setattr(timekeeping, "STEP_SHOWN_S", 4.0)
    clock = SettableClock()
    settings = settings_for(tmp_path, broker, Audio(source=str(scene_file)))

    def technician() -> None:
        eventually(lambda: station.heard("health"), "it runs")
        time.sleep(1.5)
        clock.ahead = timedelta(hours=1)
        told = comes_and_goes("clock", "low", station, Path(settings.state_dir), lambda: None)
        assert "set forward by 3600.0 s" in told

    run_beside(build(settings, clock=clock), technician)


def test_every_condition_is_provoked_told_shown_written_down_and_over_in_some_test() -> None:
    here = Path(__file__).parent
    tests = "".join(path.read_text() for path in here.glob("test_*.py"))
    held = set(re.findall(r'comes_and_goes\(\s*"([a-z-]+)"', tests))
    assert held | {"broker-lost"} == set(get_args(Code)) - {"cry"}
