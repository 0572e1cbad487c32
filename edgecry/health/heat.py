"""Does the machine run as fast as it should? Pure: `now` is handed in (monotonic seconds).

A Raspberry Pi's firmware says so in bits (raspberrypi.com/documentation, vcgencmd get_throttled;
the same from a Pi 1 to a Pi 5): 0 under-voltage, 1 frequency capped, 2 throttled, 3 soft
temperature limit; the same plus 16 for "has occurred since the start", which is no matter here.
The firmware slows the processor down from 80 degrees Celsius on. The soft limit is a 3B+'s, which
takes a seventh of its speed from 60 on: beside an incubator that is an ordinary day, and no fault.
"""

from __future__ import annotations

from typing import Protocol

from edgecry.health.check import Asked

HOT_C = 80.0
UNDER_VOLTAGE, CAPPED, THROTTLED = 1 << 0, 1 << 1, 1 << 2
SLOWED = CAPPED | THROTTLED

ASK_EVERY_S = 5.0
RAISE_AFTER_S = 10.0
CLEAR_AFTER_S = 60.0


class Machine(Protocol):
    """What is asked of the machine; None where it cannot tell."""

    def temperature_c(self) -> float | None: ...
    def throttling(self) -> int | None: ...


class Heat:
    """The processor is too hot or slowed down, or its supply is too weak, for RAISE_AFTER_S.

    It is asked every ASK_EVERY_S, so that is known after RAISE_AFTER_S + ASK_EVERY_S at most.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._asked = Asked(self._ask, ASK_EVERY_S, RAISE_AFTER_S, CLEAR_AFTER_S)

    def look(self, now_s: float) -> str | None:
        return self._asked.look(now_s)

    def _ask(self) -> str | None:
        return _trouble(self._machine.temperature_c(), self._machine.throttling() or 0)


def _trouble(temperature_c: float | None, throttling: int) -> str | None:
    # Too little voltage slows the processor down as well: then it is not the heat.
    if throttling & UNDER_VOLTAGE:
        return (
            "the supply voltage is too low, the processor may slow down or stop: use the power "
            "supply made for this Raspberry Pi, with its own cable"
        )
    hot = temperature_c is not None and temperature_c >= HOT_C
    if not hot and not throttling & SLOWED:
        return None
    degrees = "" if temperature_c is None else f" at {temperature_c:.0f} degrees Celsius"
    slowed = " and slowed down" if throttling & SLOWED else ""
    return (
        f"the processor is too hot{degrees}{slowed}: free its vents, "
        "keep it off the incubator's warm side and out of the sun, fit a heat sink"
    )
