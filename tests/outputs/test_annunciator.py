"""Pulse trains on gpiozero's mock pins against the table of the alarm contract, in virtual time."""

import random

import pytest
from gpiozero.pins.mock import MockPin, MockPWMPin
from support.mosquitto import eventually
from support.pins import Pulse, recording_pins

from edgecry.clock import ManualClock, SystemClock
from edgecry.config.schema import Panel as PanelSettings
from edgecry.decision.signal import SILENT, Signal
from edgecry.outputs.annunciator import MAX_SOUND_S, Annunciator
from edgecry.outputs.panel import GpioPanel, LogPanel
from edgecry.types import BuzzerPulse

LED, BUZZER = 17, 27
TEN_MINUTES_S = 600.0
TOLERANCE_S = 0.005
FLASH_S = 1 / 0.6

BURST = [(0.0, 0.2), (0.4, 0.6), (0.8, 1.0)]
ECHOED = BURST + [(3.5 + begin_s, 3.5 + end_s) for begin_s, end_s in BURST]


def every(repeat_s: float, burst):
    """`burst` again and again, as far as it ends within ten minutes."""
    starts = [i * repeat_s for i in range(int(TEN_MINUTES_S / repeat_s) + 1)]
    pulses = [
        (start_s + begin_s, start_s + end_s) for start_s in starts for begin_s, end_s in burst
    ]
    return [pulse for pulse in pulses if pulse[1] <= TEN_MINUTES_S]


SOUNDS = {
    "low": [(0.0, 0.2)],
    "medium": every(15.0, BURST),
    "technical-low": [(0.0, 0.2), (0.4, 0.6)],
    "technical-medium": every(15.0, ECHOED),
}
LIGHTS = {
    "off": [],
    "flashing": every(FLASH_S, [(0.0, FLASH_S / 2)]),
    "missed": every(3.0, [(0.0, 0.1)]),
    "quiet": every(3.0, [(0.0, 0.1), (0.3, 0.4)]),
    "steady-missed": every(3.0, [(0.0, 2.8)]),
    "steady-quiet": every(3.0, [(0.0, 2.4), (2.6, 2.8)]),
    "steady-missed-quiet": every(3.0, [(0.0, 2.0), (2.2, 2.4), (2.6, 2.8)]),
}


class Rig:
    """A real panel on mock pins, and its annunciator, in virtual time.

    late_s: the thread wakes by up to so much later than it asked to.
    """

    def __init__(self, kind: str = "active", late_s: float = 0.0, audible: bool = True) -> None:
        self.clock = ManualClock()
        self.clock.advance(1234.5)
        factory = recording_pins(self.clock, MockPWMPin if kind == "passive" else MockPin)
        self.led, self.buzzer = factory.pin(LED), factory.pin(BUZZER)
        self.panel = GpioPanel(PanelSettings(buzzer_kind=kind, buzzer_hz=660), pin_factory=factory)
        self.annunciator = Annunciator(self.panel, self.clock, audible)
        self._random, self._late_s = random.Random(6), late_s

    def play(self, signal: Signal, seconds: float) -> None:
        self.annunciator.show(signal)
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        end_s = self.clock.monotonic_s() + seconds
        while self.clock.monotonic_s() < end_s:
            wait_s = self.annunciator.step() + self._random.uniform(0.0, self._late_s)
            self.clock.advance(min(wait_s, end_s - self.clock.monotonic_s()))
        self.annunciator.step()


def assert_train(pulses: list[Pulse], expected, start_s: float, level: float = 1.0) -> None:
    assert len(pulses) == len(expected)
    for pulse, (begin_s, end_s) in zip(pulses, expected, strict=True):
        assert pulse.begin_s - start_s == pytest.approx(begin_s, abs=TOLERANCE_S)
        assert pulse.end_s - start_s == pytest.approx(end_s, abs=TOLERANCE_S)
        assert pulse.end_s - pulse.begin_s == pytest.approx(end_s - begin_s, abs=TOLERANCE_S)
        assert pulse.level == level


@pytest.mark.parametrize("late_s", [0.0, 0.004], ids=["exact", "waking-late"])
@pytest.mark.parametrize("kind", ["active", "passive"])
@pytest.mark.parametrize("sound", SOUNDS)
def test_the_pulse_train_is_the_tables_to_5_ms_over_ten_minutes(sound, kind, late_s) -> None:
    rig = Rig(kind, late_s)
    start_s = rig.clock.monotonic_s()
    rig.play(Signal("flashing", sound, 1), TEN_MINUTES_S)
    assert_train(rig.buzzer.pulses, SOUNDS[sound], start_s, 0.5 if kind == "passive" else 1.0)
    if kind == "passive":
        assert rig.buzzer.frequency == 660
    assert_train(rig.led.pulses, LIGHTS["flashing"], start_s)


@pytest.mark.parametrize("light", LIGHTS)
def test_the_light_is_the_tables_to_5_ms_over_ten_minutes(light) -> None:
    rig = Rig(late_s=0.004)
    start_s = rig.clock.monotonic_s()
    rig.play(Signal(light), TEN_MINUTES_S)
    assert_train(rig.led.pulses, LIGHTS[light], start_s)
    assert rig.buzzer.pulses == []


def test_a_low_light_is_steady() -> None:
    rig = Rig()
    rig.play(Signal("steady"), TEN_MINUTES_S)
    assert (rig.led.state, rig.led.pulses) == (1, [])


def test_a_chirp_is_short_and_goes_over_both_kinds_of_buzzer() -> None:
    for kind in ("active", "passive"):
        rig = Rig(kind)
        start_s = rig.clock.monotonic_s()
        rig.annunciator.chirp(2)
        rig.pass_time(10.0)
        expected = [(0.0, 0.05), (0.15, 0.2)]
        assert_train(rig.buzzer.pulses, expected, start_s, 0.5 if kind == "passive" else 1.0)


def test_never_means_the_buzzer_line_stays_low() -> None:
    rig = Rig(audible=False)
    rig.play(Signal("flashing", "medium", 1), 20.0)
    rig.annunciator.show(Signal("flashing", None, 1))
    rig.annunciator.chirp(1)
    rig.pass_time(20.0)
    assert (rig.buzzer.pulses, rig.annunciator.pulses) == ([], ())
    assert rig.led.pulses


def test_an_acknowledged_alarm_falls_silent_at_once_and_keeps_its_light() -> None:
    rig = Rig()
    rig.play(Signal("steady", "low", 1), 0.1)
    assert (rig.led.state, rig.buzzer.state) == (1, 1)
    rig.play(Signal("steady", None, 1), 0.0)
    assert (rig.led.state, rig.buzzer.state) == (1, 0)
    rig.play(SILENT, 0.0)
    assert (rig.led.state, rig.buzzer.state) == (0, 0)


def test_others_can_tell_when_the_buzzer_sounded() -> None:
    rig = Rig()
    start_s = rig.clock.monotonic_s()
    rig.play(Signal("steady", "technical-low", 1), 0.5)
    first, second = rig.annunciator.pulses
    assert first.begin_mono_s == start_s
    assert first.end_mono_s == pytest.approx(start_s + 0.2)
    assert second == BuzzerPulse(pytest.approx(start_s + 0.4), None)
    rig.pass_time(TEN_MINUTES_S)
    assert len(rig.annunciator.pulses) == 2
    rig.play(Signal("flashing", "medium", 2), TEN_MINUTES_S - 5.0)
    driven = [(pulse.begin_s, pulse.end_s) for pulse in rig.buzzer.pulses]
    told = [(pulse.begin_mono_s, pulse.end_mono_s) for pulse in rig.annunciator.pulses]
    assert len(told) == 64
    assert told == driven[-64:]


def test_a_buzzer_that_is_only_drawn_is_not_heard_in_the_room() -> None:
    clock = ManualClock()
    annunciator = Annunciator(LogPanel(), clock)
    annunciator.show(Signal("flashing", "medium", 1))
    annunciator.step()
    assert annunciator.pulses == ()


def test_a_thread_that_dies_in_a_pulse_leaves_the_buzzer_on_no_longer_than_the_limit() -> None:
    rig = Rig()
    rig.play(Signal("flashing", "medium", 1), 0.1)
    assert rig.buzzer.state == 1
    while rig.buzzer.state:
        rig.clock.advance(0.5)
        rig.annunciator.limit()
    [pulse] = rig.buzzer.pulses
    assert pulse.end_s - pulse.begin_s <= MAX_SOUND_S + 0.5
    assert rig.led.state == 1
    assert rig.annunciator.pulses[-1].end_mono_s == pulse.end_s


def test_the_limit_leaves_pulses_alone() -> None:
    rig = Rig()
    rig.annunciator.limit()
    rig.annunciator.show(Signal("flashing", "medium", 1))
    for _ in range(2000):
        rig.annunciator.step()
        rig.annunciator.limit()
        rig.clock.advance(0.01)
    assert [round(pulse.end_s - pulse.begin_s, 3) for pulse in rig.buzzer.pulses] == [0.2] * 6


def test_the_thread_shows_and_stops_dark() -> None:
    clock = SystemClock()
    factory = recording_pins(clock)
    led = factory.pin(LED)
    annunciator = Annunciator(GpioPanel(PanelSettings(), pin_factory=factory), clock)
    annunciator.start()
    annunciator.show(Signal("steady"))
    eventually(lambda: led.state, "the light")
    annunciator.stop(5.0)
    assert (led.state, annunciator.failure) == (0, None)


def test_a_panel_that_breaks_in_a_pulse_is_switched_off_and_told(monkeypatch) -> None:
    rig = Rig()
    rig.play(Signal("steady", "low", 1), 0.1)
    assert rig.buzzer.state == 1
    drive, broken = rig.panel.set, [True]

    def break_once(**lines) -> None:
        if broken and broken.pop():
            raise OSError("a defect")
        drive(**lines)

    monkeypatch.setattr(rig.panel, "set", break_once)
    rig.annunciator.start()
    eventually(lambda: rig.annunciator.failure, "the failure is told")
    eventually(lambda: not rig.buzzer.state, "silence")
    assert rig.led.state == 0
    rig.annunciator.stop(5.0)
