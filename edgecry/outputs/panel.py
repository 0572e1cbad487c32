"""LED, buzzer and acknowledge button. The only import of gpiozero."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from edgecry.config.schema import Panel as PanelSettings
from edgecry.decision.button import BOUNCE_S
from edgecry.errors import PanelError

log = logging.getLogger(__name__)

DEVICE_TREE_MODEL = Path("/proc/device-tree/model")
PASSIVE_DUTY = 0.5


class Panel(Protocol):
    """Two lines out and one in; what it drives is told by `edgecry.outputs.annunciator`."""

    @property
    def sounds(self) -> bool:
        """Whether a buzzer is heard in the room."""
        ...

    @property
    def button_closed(self) -> bool:
        """Whether the button is held down now."""
        ...

    def set(self, *, led: bool, buzzer: bool) -> None: ...
    def on_button(self, edge: Callable[[bool], None]) -> None: ...
    def close(self) -> None: ...


class GpioPanel:
    """The real one. Both lines are low from the first moment on and after `close`.

    An active buzzer is switched; a passive one is driven with a square wave of `buzzer_hz`. The
    button connects its pin to ground (internal pull-up); lgpio reports an edge only if the contact
    has been stable for BOUNCE_S.

    Once given back a pin is an input without a pull resistor. A process that dies gives its pins
    back as they are: the kernel of Raspberry Pi OS leaves an output at its last level, unless
    config.txt says `dtparam=strict_gpiod` (raspberrypi/linux, pull request 6117).

    Raises PanelError if there are no GPIO lines to drive, or a pin cannot be claimed.
    """

    sounds = True

    def __init__(self, settings: PanelSettings, pin_factory: Any = None) -> None:
        import gpiozero

        self._devices: list[Any] = []
        self._button: Any = None
        try:
            factory = pin_factory or _pin_factory()
            if settings.buzzer_kind == "passive":
                self._buzzer = self._own(
                    gpiozero.PWMOutputDevice(
                        settings.buzzer_pin, frequency=settings.buzzer_hz, pin_factory=factory
                    )
                )
            else:
                self._buzzer = self._own(gpiozero.Buzzer(settings.buzzer_pin, pin_factory=factory))
            self._led = self._own(gpiozero.LED(settings.led_pin, pin_factory=factory))
            if settings.button_pin is not None:
                self._button = self._own(
                    gpiozero.Button(settings.button_pin, bounce_time=BOUNCE_S, pin_factory=factory)
                )
        except Exception as error:
            self.close()
            raise PanelError(
                f"panel: the GPIO lines cannot be used ({error}); is this a Raspberry Pi, is lgpio "
                "installed, is the user in group gpio, does another program hold the pins? "
                "Without an LED and buzzer set panel.backend: none"
            ) from error
        self._passive = settings.buzzer_kind == "passive"

    @property
    def button_closed(self) -> bool:
        return self._button is not None and bool(self._button.is_pressed)

    def set(self, *, led: bool, buzzer: bool) -> None:
        level = PASSIVE_DUTY if self._passive else 1
        self._buzzer.value = level if buzzer else 0
        self._led.value = int(led)

    def on_button(self, edge: Callable[[bool], None]) -> None:
        """`edge` is told, on gpiozero's thread, of every press (True) and release."""
        if self._button is not None:
            self._button.when_pressed = lambda: edge(True)
            self._button.when_released = lambda: edge(False)

    def close(self) -> None:
        """The buzzer first; what cannot be switched off keeps nothing else on."""
        devices, self._devices = self._devices, []
        for device in devices:
            for end in (getattr(device, "off", None), device.close):
                try:
                    if end is not None:
                        end()
                except Exception:
                    log.exception("panel: %r could not be switched off", device)

    def _own(self, device: Any) -> Any:
        self._devices.append(device)
        return device


class LogPanel:
    """The panel drawn in the log, for machines without GPIO: one line for each change."""

    sounds = button_closed = False

    def __init__(self) -> None:
        self._state = (False, False)

    def set(self, *, led: bool, buzzer: bool) -> None:
        if (led, buzzer) != self._state:
            self._state = (led, buzzer)
            drawn = "(*)" if led else "( )", "(sounding)" if buzzer else "(silent)"
            log.info("panel: LED %s  buzzer %s", *drawn)

    def on_button(self, edge: Callable[[bool], None]) -> None:
        """A log has no button."""

    def close(self) -> None:
        self.set(led=False, buzzer=False)


class NoPanel:
    """No LED and no buzzer at this cot: alarms go out over MQTT alone."""

    sounds = button_closed = False

    def set(self, *, led: bool, buzzer: bool) -> None:
        """Nothing to drive."""

    def on_button(self, edge: Callable[[bool], None]) -> None:
        """Nothing to press."""

    def close(self) -> None:
        """Nothing to give back."""


def open_panel(settings: PanelSettings) -> Panel:
    """The panel that the settings name; `auto` is real on a Raspberry Pi and drawn elsewhere.

    Raises PanelError if a real one is due and cannot be had: never a silent stand-in.
    """
    backend = settings.backend
    if backend == "auto":
        backend = "gpio" if on_raspberry_pi() else "terminal"
    if backend == "gpio":
        return GpioPanel(settings)
    if backend == "terminal":
        return LogPanel()
    return NoPanel()


def on_raspberry_pi() -> bool:
    """Whether the device tree says that this is a Raspberry Pi."""
    try:
        return b"Raspberry Pi" in DEVICE_TREE_MODEL.read_bytes()
    except OSError:
        return False


def _pin_factory() -> Any:
    """lgpio, or what GPIOZERO_PIN_FACTORY names; never gpiozero's silent fall-back."""
    if os.environ.get("GPIOZERO_PIN_FACTORY"):
        import gpiozero

        return gpiozero.Device._default_pin_factory()
    from gpiozero.pins.lgpio import LGPIOFactory

    return LGPIOFactory()
