"""The real panel on gpiozero's mock pins, and which panel is taken where."""

import pytest
from gpiozero.pins.mock import MockFactory, MockPin, MockPWMPin

from edgecry import cli
from edgecry.config.schema import Panel as PanelSettings
from edgecry.errors import PanelError
from edgecry.outputs import panel as panel_module
from edgecry.outputs.panel import GpioPanel, LogPanel, NoPanel, open_panel

LED, BUZZER, BUTTON = 17, 27, 22


class HeldPin(MockPin):
    """Shorted to ground: no pull-up lifts it."""

    def drive_high(self) -> None:
        self.drive_low()


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


def test_what_a_killed_daemon_left_on_is_off_after_edgecry_silence(pins, monkeypatch) -> None:
    left = [pins.pin(LED), pins.pin(BUZZER)]
    for pin in left:
        pin.function, pin.state = "output", 1
    monkeypatch.setattr(panel_module, "_pin_factory", lambda: pins)
    assert cli.main(["silence", "--set", "panel.backend=gpio"]) == 0
    assert [pin.state for pin in left] == [0, 0]


def test_passive_buzzer_is_a_square_wave_at_the_chosen_frequency() -> None:
    factory = MockFactory(pin_class=MockPWMPin)
    panel = gpio_panel(factory, buzzer_kind="passive", buzzer_hz=660)
    panel.set(led=False, buzzer=True)
    buzzer = factory.pin(BUZZER)
    assert (buzzer.frequency, buzzer.state) == (660, 0.5)
    panel.set(led=False, buzzer=False)
    assert buzzer.state == 0
    panel.close()


def test_the_button_reports_presses_and_releases(pins) -> None:
    edges = []
    panel = gpio_panel(pins)
    assert not panel.button_closed
    panel.on_button(edges.append)
    pins.pin(BUTTON).drive_low()
    assert panel.button_closed
    pins.pin(BUTTON).drive_high()
    assert edges == [True, False]
    panel.close()


def test_a_button_that_is_held_from_the_start_is_no_press(pins) -> None:
    pins.pin(BUTTON, pin_class=HeldPin)
    edges = []
    panel = gpio_panel(pins)
    panel.on_button(edges.append)
    assert (panel.button_closed, edges) == (True, [])
    panel.close()


def test_without_a_button_there_is_nothing_to_press(pins) -> None:
    panel = gpio_panel(pins, button_pin=None)
    panel.on_button(pytest.fail)
    assert not panel.button_closed
    panel.close()


def test_a_line_that_cannot_be_switched_off_keeps_no_other_on(pins, monkeypatch, caplog) -> None:
    panel = gpio_panel(pins)
    panel.set(led=True, buzzer=True)
    with monkeypatch.context() as broken:
        for name in ("_set_state", "close"):
            broken.setattr(pins.pin(BUZZER), name, lambda *_: 1 / 0)
        panel.close()
    assert pins.pin(LED).state == 0
    assert "could not be switched off" in caplog.text


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
