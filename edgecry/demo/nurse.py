"""The nurse of the demo: comes a while after a cry was alarmed, and presses the button."""

from __future__ import annotations

from collections.abc import Callable

from edgecry.types import AlarmEvent, Event

COMES_AFTER_S = 3.0
"""In seconds of the demo: time enough to see the alarm, and the wink of a cry that was short."""


class Nurse:
    """`heard` may be called on any thread, `step` a few times a second on another."""

    def __init__(self, press: Callable[[bool], None], say: Callable[[str], None]) -> None:
        """press: moves the button down (True) or up. say: is told what the nurse does."""
        self._press = press
        self._say = say
        self._called = False
        self._comes_at_s: float | None = None
        self._pressing = False

    def heard(self, event: Event) -> None:
        """What the monitor tells."""
        if isinstance(event, AlarmEvent) and event.kind == "patient" and event.phase == "start":
            self._called = True

    def step(self, now_s: float) -> None:
        """Do what is due at `now_s`, in monotonic seconds."""
        if self._pressing:
            self._pressing = False
            self._press(False)
        elif self._comes_at_s is not None and now_s >= self._comes_at_s:
            self._comes_at_s = None
            self._pressing = True
            self._say("the nurse presses the button")
            self._press(True)
        elif self._comes_at_s is None and self._called:
            self._called = False
            self._comes_at_s = now_s + COMES_AFTER_S
