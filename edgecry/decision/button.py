"""Edges of the button's contact -> short and long presses. Times are handed in."""

from __future__ import annotations

from typing import Literal

Press = Literal["short", "long"]

BOUNCE_S = 0.05
"""A contact that was closed for less was never pressed; open for less, never released."""
LONG_S = 2.0
STUCK_S = 10.0


class Button:
    """A press is short when it ends before LONG_S, and long as soon as it has lasted that long.

    A button that has been held for STUCK_S is stuck: until it is released nothing is taken from it.
    So is one that is closed from the start, which nobody has pressed.
    """

    def __init__(self, closed: bool, now_s: float) -> None:
        self.stuck = False
        self._closed = closed
        self._closed_s = now_s
        self._opened_s = float("-inf")
        self._short_taken = self._long_taken = closed

    def edge(self, closed: bool, now_s: float) -> Press | None:
        """The contact is closed or open from `now_s` on."""
        if closed == self._closed:
            return None
        self._settle(now_s)
        self._closed = closed
        if not closed:
            self._opened_s = now_s
            return self._press(now_s)
        if now_s - self._opened_s >= BOUNCE_S:
            self._closed_s = now_s
            self._short_taken = self._long_taken = False
        return None

    def step(self, now_s: float) -> Press | None:
        """Time has passed; to be called a few times a second."""
        self._settle(now_s)
        return self._press(now_s) if self._closed else None

    def _settle(self, now_s: float) -> None:
        if self._closed:
            self.stuck = self.stuck or now_s - self._closed_s >= STUCK_S
        elif now_s - self._opened_s >= BOUNCE_S:
            self.stuck = False

    def _press(self, now_s: float) -> Press | None:
        """What the press is by now, and has not been taken for yet."""
        held_s = now_s - self._closed_s
        if self._long_taken or not BOUNCE_S <= held_s < STUCK_S:
            return None
        if held_s >= LONG_S:
            self._short_taken = self._long_taken = True
            return "long"
        if self._closed or self._short_taken:
            return None
        self._short_taken = True
        return "short"
