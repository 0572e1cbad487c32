"""The button on mock pins, under the real supervisor: what a press does, and what chirps say."""

from functools import partial

import pytest
from support.pins import recording_pins
from support.supervised import Supervised

from edgecry.alarm_desk import AlarmDesk
from edgecry.app import _remind
from edgecry.button_desk import ButtonDesk
from edgecry.clock import ManualClock
from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.config.schema import Panel as PanelSettings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.health.check import Check
from edgecry.outputs.panel import GpioPanel

BUTTON = 22


class Rig:
    def __init__(self) -> None:
        self.monitor = Supervised()
        pins = recording_pins(self.monitor.clock)
        self.pin = pins.pin(BUTTON)
        self.asked, self.chirps = [], []
        self.panel = GpioPanel(PanelSettings(), pin_factory=pins)
        self.desk = ButtonDesk(
            self.panel.button_closed,
            {
                "short": lambda: self.asked.append("short"),
                "long": lambda: self.asked.append("long"),
            },
            self.chirps.append,
            self.monitor.clock,
        )
        self.panel.on_button(self.desk.edge)
        self.monitor.checks.append(Check("button-stuck", "low", self.desk.look))
        self.monitor.before_tick = lambda _now_s: self.desk.step()

    def press(self) -> None:
        self.pin.drive_low()
        self.monitor.clock.advance(0.3)
        self.pin.drive_high()

    def hold(self, seconds: float) -> None:
        self.pin.drive_low()
        self.monitor.tick(seconds)
        self.pin.drive_high()


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_short_press_is_asked_for_and_chirps_once(rig) -> None:
    rig.press()
    assert (rig.asked, rig.chirps) == (["short"], [1])


def test_a_long_press_is_asked_for_and_chirps_twice(rig) -> None:
    rig.hold(3.0)
    assert (rig.asked, rig.chirps) == (["long"], [2])


def test_a_stuck_button_is_a_low_alarm_that_ends_when_it_is_released(rig) -> None:
    rig.pin.drive_low()
    assert rig.monitor.until_raised("button-stuck", 11.0) == pytest.approx(10.0, abs=0.5)
    assert "free it" in rig.monitor.active["button-stuck"]
    rig.monitor.tick(600.0)
    assert rig.asked == ["long"], "before anybody could know that it is stuck"
    rig.pin.drive_high()
    rig.monitor.until_cleared("button-stuck", 1.0)
    assert rig.monitor.told[-1] == ("button-stuck", "end", "low")
    rig.press()
    assert rig.asked == ["long", "short"]


def test_what_breaks_while_a_press_is_taken_is_told_and_not_raised_in_the_driver(rig) -> None:
    rig.desk._presses = {"short": lambda: 1 / 0}
    rig.press()
    assert isinstance(rig.desk.failure, ZeroDivisionError)
    assert rig.chirps == []


def test_standby_and_sound_that_is_off_are_reminded_of_by_three_chirps() -> None:
    clock, chirps = ManualClock(), []
    settings = AlarmSettings(allow_audio_off=True)
    desk = AlarmDesk(
        AlarmSystem(settings), lambda _signal: None, [partial(_remind, chirps.append)], clock
    )
    for quieten, end in ((desk.standby, desk.resume), (desk.audio_off, desk.resume_audio)):
        quieten("ann")
        assert chirps == []
        clock.advance(settings.remind_s)
        desk.tick()
        assert chirps == [3]
        end("ann")
        clock.advance(settings.remind_s)
        desk.tick()
        assert chirps == [3]
        chirps.clear()
