"""The joined daemon in this process, on mock pins: whatever ends it, LED and buzzer end dark."""

import os
import signal
import sqlite3
import threading
import time

import pytest
from gpiozero.pins.mock import MockFactory
from support.mosquitto import eventually, free_port
from support.reasons import models_with_reasons

from edgecry.app import build
from edgecry.config.schema import Detection, Mqtt, Section, Settings
from edgecry.config.schema import Panel as PanelSettings
from edgecry.decision.button import BOUNCE_S
from edgecry.errors import EdgecryError
from edgecry.monitor import STOP_SIGNALS
from edgecry.outputs.panel import GpioPanel
from edgecry.signals import SignalInbox
from edgecry.types import ControlEvent, Event, Fault

LED, BUZZER, BUTTON = 17, 27, 22


class LostMicrophone:
    """Lost from the start, until `broken` makes it a defect."""

    lost = Fault("mic-lost", "unplugged: plug it in")

    def __init__(self) -> None:
        self.broken = threading.Event()

    def read(self, timeout_s: float) -> None:
        if self.broken.wait(timeout_s):
            raise ZeroDivisionError("a defect")

    def close(self) -> None:
        """Nothing to give back."""


class Rig:
    def __init__(self, state_dir: str, **sections: Section) -> None:
        pins = MockFactory()
        self.led, self.buzzer, self.button = (pins.pin(bcm) for bcm in (LED, BUZZER, BUTTON))
        self.source = LostMicrophone()
        self.log, self.changes, self.seen = [], [], []
        self.monitor = build(
            Settings(
                state_dir=state_dir, mqtt=Mqtt(host="127.0.0.1", port=free_port()), **sections
            ),
            source=self.source,
            panel=GpioPanel(PanelSettings(), pin_factory=pins),
            sinks=[self._hear],
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, ControlEvent):
            self.changes.append(event.change)
        else:
            self.log.append((event.code, event.phase))

    def run_until(self, then) -> bool:
        """Run on this thread; once the alarm sounds, call `then` on another."""

        def wait_and_act() -> None:
            eventually(lambda: self.led.state and self.buzzer.state, "the alarm sounds")
            then()

        actor = threading.Thread(target=wait_and_act)
        actor.start()
        try:
            with SignalInbox(*STOP_SIGNALS) as signals:
                return self.monitor.run(signals, lambda _caught: None)
        finally:
            actor.join()


@pytest.fixture
def rig(tmp_path) -> Rig:
    return Rig(str(tmp_path))


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_dark_and_silent_after_a_signal(rig, number: signal.Signals) -> None:
    assert rig.run_until(lambda: os.kill(os.getpid(), number)) is False
    assert (rig.led.state, rig.buzzer.state) == (0, 0)


def test_dark_and_silent_after_a_defect(rig) -> None:
    with pytest.raises(EdgecryError, match="a part of the monitor broke"):
        rig.run_until(rig.source.broken.set)
    assert (rig.led.state, rig.buzzer.state) == (0, 0)


class FailsWhenNobodyLooks:
    """A pipeline that breaks just after it has been asked whether it is broken."""

    def __init__(self) -> None:
        self.finished = threading.Event()
        self._failure: Exception | None = None

    @property
    def failure(self) -> Exception | None:
        seen, self._failure = self._failure, ZeroDivisionError("a defect")
        self.finished.set()
        return seen

    def start(self) -> None: ...
    def stop(self, _deadline_s: float) -> bool:
        return True


def test_a_defect_at_any_moment_is_no_recording_that_is_over(rig) -> None:
    rig.monitor._pipeline = FailsWhenNobodyLooks()
    with SignalInbox(*STOP_SIGNALS) as signals, pytest.raises(EdgecryError, match="broke"):
        rig.monitor.run(signals, lambda _caught: None)


def test_the_button_acknowledges_silences_and_leaves_the_light(rig) -> None:
    def press() -> None:
        rig.button.drive_low()
        time.sleep(2 * BOUNCE_S)
        rig.button.drive_high()
        eventually(lambda: ("mic-lost", "acknowledge") in rig.log, "the acknowledgement")
        eventually(lambda: not rig.buzzer.state, "silence")
        eventually(lambda: rig.led.state, "the light goes on flashing")
        eventually(lambda: not rig.led.state, "the light goes on flashing")
        rig.seen.append(rig.buzzer.state)
        os.kill(os.getpid(), signal.SIGTERM)

    rig.run_until(press)
    assert rig.seen == [0]
    assert rig.log == [("mic-lost", "start"), ("mic-lost", "acknowledge")]


def test_a_missing_reasons_model_does_not_keep_the_monitor_from_listening(tmp_path, caplog) -> None:
    detector = models_with_reasons(tmp_path)
    (tmp_path / "cry-reasons.tflite").unlink()
    detection = Detection(model=str(detector), reasons="experimental")
    Rig(str(tmp_path), detection=detection)
    assert "no reason (experimental)" in caplog.text
    assert "there is no reasons model" in caplog.text


def test_the_button_held_pauses_the_sound_and_held_again_brings_it_back(rig) -> None:
    def hold_twice() -> None:
        for change, sounds in (("audio-paused", False), ("audio-on", True)):
            rig.button.drive_low()
            eventually(lambda: change in rig.changes, change)  # noqa: B023
            rig.button.drive_high()
            eventually(lambda: rig.buzzer.state == sounds, "as it should sound")  # noqa: B023
            time.sleep(2 * BOUNCE_S)  # no hand is quicker than a contact that bounces
        os.kill(os.getpid(), signal.SIGTERM)

    rig.run_until(hold_twice)
    assert rig.changes == ["audio-paused", "audio-on"]
    assert rig.log == [("mic-lost", "start")]


def test_a_panel_that_cannot_be_had_leaves_nothing_open(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    settings = Settings(state_dir=str(tmp_path), panel=PanelSettings(backend="gpio"))
    with pytest.raises(EdgecryError, match="panel"):
        build(settings, source=LostMicrophone())
    outbox = sqlite3.connect(tmp_path / "outbox.db", timeout=0)
    outbox.execute("BEGIN EXCLUSIVE")
