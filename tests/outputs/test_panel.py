"""The real panel on gpiozero's mock pins, and which panel is taken where."""

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from edgecry.clock import ManualClock
from edgecry.config.schema import Panel as PanelSettings
from edgecry.decision.signal import SILENT, Signal
from edgecry.errors import PanelError
from edgecry.outputs import panel as panel_module
from edgecry.outputs.annunciator import Annunciator
from edgecry.outputs.panel import GpioPanel, LogPanel, NoPanel, open_panel

LED, BUZZER, BUTTON = 17, 27, 22


@pytest.fixture
def pins():
    factory = MockFactory()
    yield factory
    factory.reset()


def gpio_panel(pins, **settings) -> GpioPanel:
    return GpioPanel(PanelSettings(**settings), pin_factory=pins)


def test_off_at_start_follows_and_off_after_close(pins) -> None:
    led, buzzer = pins.pin(LED), pins.pin(BUZZER)
    panel = gpio_panel(pins)
    assert (led.state, buzzer.state) == (0, 0)
    panel.set(led=True, buzzer=True)
    assert (led.state, buzzer.state) == (1, 1)
    panel.close()
    assert (led.state, buzzer.state) == (0, 0)
    panel.close()


def test_passive_buzzer_is_a_square_wave_at_the_chosen_frequency() -> None:
    factory = MockFactory(pin_class=MockPWMPin)
    panel = gpio_panel(factory, buzzer_kind="passive", buzzer_hz=660)
    panel.set(led=False, buzzer=True)
    buzzer = factory.pin(BUZZER)
    assert (buzzer.frequency, buzzer.state) == (660, 0.5)
    panel.set(led=False, buzzer=False)
    assert buzzer.state == 0
    panel.close()


def test_never_means_the_buzzer_line_stays_low(pins, monkeypatch) -> None:
    clock = ManualClock()
    buzzer = pulses(pins.pin(BUZZER), clock, monkeypatch)
    annunciator = Annunciator(gpio_panel(pins), clock, audible=False)
    annunciator.show(Signal("flashing", "medium", 1))
    annunciator.step()
    assert pins.pin(LED).state == 1
    play(annunciator, clock, 20.0)
    assert buzzer == []
    annunciator.stop(1.0)


def test_the_button_reports_a_press(pins) -> None:
    presses = []
    panel = gpio_panel(pins)
    panel.on_button(lambda: presses.append(1))
    pins.pin(BUTTON).drive_low()
    assert presses == [1]
    panel.close()


def test_a_pin_that_is_taken_is_a_clear_error_and_leaves_nothing_claimed(pins) -> None:
    with pytest.raises(PanelError, match="cannot be used"):
        gpio_panel(pins, led_pin=5, buzzer_pin=5)
    gpio_panel(pins, led_pin=5, buzzer_pin=6).close()


def test_a_pi_without_gpio_is_an_error_never_a_stand_in(monkeypatch, tmp_path) -> None:
    model = tmp_path / "model"
    model.write_bytes(b"Raspberry Pi 4 Model B Rev 1.5\x00")
    monkeypatch.setattr(panel_module, "DEVICE_TREE_MODEL", model)
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    with pytest.raises(PanelError, match="lgpio"):
        open_panel(PanelSettings())


def test_elsewhere_the_panel_is_drawn_in_the_log(monkeypatch, tmp_path, caplog) -> None:
    monkeypatch.setattr(panel_module, "DEVICE_TREE_MODEL", tmp_path / "absent")
    caplog.set_level("INFO")
    panel = open_panel(PanelSettings())
    assert isinstance(panel, LogPanel)
    panel.set(led=True, buzzer=False)
    panel.set(led=True, buzzer=False)
    panel.set(led=True, buzzer=True)
    panel.close()
    assert caplog.messages == [
        "panel: LED (*)  buzzer (silent)",
        "panel: LED (*)  buzzer (sounding)",
        "panel: LED ( )  buzzer (silent)",
    ]
    assert isinstance(open_panel(PanelSettings(backend="none")), NoPanel)


def play(annunciator: Annunciator, clock: ManualClock, seconds: float) -> None:
    end_s = clock.monotonic_s() + seconds
    while clock.monotonic_s() < end_s:
        clock.advance(min(annunciator.step(), end_s - clock.monotonic_s()))
    annunciator.step()


def pulses(pin, clock: ManualClock, monkeypatch) -> list[tuple[float, bool]]:
    found: list[tuple[float, bool]] = []
    change = type(pin)._change_state

    def record(self, value):
        if self is pin and self.state != value:
            found.append((round(clock.monotonic_s(), 3), bool(value)))
        return change(self, value)

    monkeypatch.setattr(type(pin), "_change_state", record)
    return found


def test_a_medium_alarm_on_the_pins_edge_by_edge(pins, monkeypatch) -> None:
    clock = ManualClock()
    buzzer = pulses(pins.pin(BUZZER), clock, monkeypatch)
    annunciator = Annunciator(gpio_panel(pins), clock)
    annunciator.show(Signal("flashing", "medium", 1))
    play(annunciator, clock, 20.0)
    burst = [(0.0, True), (0.2, False), (0.4, True), (0.6, False), (0.8, True), (1.0, False)]
    assert buzzer == burst + [(round(15.0 + t, 3), on) for t, on in burst]
    annunciator.stop(1.0)


def test_an_acknowledged_alarm_falls_silent_at_once_and_keeps_its_light(pins) -> None:
    clock = ManualClock()
    annunciator = Annunciator(gpio_panel(pins), clock)
    annunciator.show(Signal("steady", "low", 1))
    annunciator.step()
    assert (pins.pin(LED).state, pins.pin(BUZZER).state) == (1, 1)
    annunciator.show(Signal("steady", None, 1))
    annunciator.step()
    assert (pins.pin(LED).state, pins.pin(BUZZER).state) == (1, 0)
    annunciator.show(SILENT)
    annunciator.step()
    assert pins.pin(LED).state == 0
    annunciator.stop(1.0)


def test_a_new_announcement_starts_the_burst_over(pins) -> None:
    clock = ManualClock()
    annunciator = Annunciator(gpio_panel(pins), clock)
    annunciator.show(Signal("flashing", "medium", 1))
    play(annunciator, clock, 5.0)
    assert pins.pin(BUZZER).state == 0
    annunciator.show(Signal("flashing", "medium", 2))
    annunciator.step()
    assert pins.pin(BUZZER).state == 1
    annunciator.stop(1.0)


def test_the_thread_shows_and_stops_dark(pins) -> None:
    from edgecry.clock import SystemClock

    led = pins.pin(LED)
    annunciator = Annunciator(gpio_panel(pins), SystemClock())
    annunciator.start()
    annunciator.show(Signal("steady", "low", 1))
    deadline = SystemClock().monotonic_s() + 10
    while not led.state and SystemClock().monotonic_s() < deadline:
        pass
    assert led.state == 1
    annunciator.stop(5.0)
    assert (led.state, annunciator.failure) == (0, None)
