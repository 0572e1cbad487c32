"""The button at the cot: what is pressed there is done, and confirmed by a chirp."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from edgecry.clock import Clock
from edgecry.decision.button import STUCK_S, Button, Press

log = logging.getLogger(__name__)

CHIRPS: Mapping[Press, int] = {"short": 1, "long": 2}
STUCK_DETAIL = (
    f"the button has been held down for {STUCK_S:g} s, and no press is taken from it: free it, or "
    "check its wiring; meanwhile acknowledge at the station"
)


class ButtonDesk:
    """`edge` may be called on any thread, `step` and `look` a few times a second on another.

    presses: what to do at each. chirp: confirms it by so many short pulses.
    failure: what broke while a press was taken; None as long as nothing has.
    """

    def __init__(
        self,
        closed: bool,
        presses: Mapping[Press, Callable[[], None]],
        chirp: Callable[[int], None],
        clock: Clock,
    ) -> None:
        self._presses = presses
        self._chirp = chirp
        self._clock = clock
        self._lock = threading.Lock()
        self._button = Button(closed, clock.monotonic_s())
        self.failure: Exception | None = None

    def edge(self, closed: bool) -> None:
        """The button is down, or up, from now on. Never raises: it is called by the GPIO driver."""
        try:
            with self._lock:
                press = self._button.edge(closed, self._clock.monotonic_s())
            self._take(press)
        except Exception as error:
            log.exception("the button failed")
            self.failure = error

    def step(self) -> None:
        """Time has passed: a press may have become a long one."""
        with self._lock:
            press = self._button.step(self._clock.monotonic_s())
        self._take(press)

    def look(self, now_s: float) -> str | None:  # noqa: ARG002
        """A check of the monitor itself: is the button stuck?"""
        return STUCK_DETAIL if self._button.stuck else None

    def _take(self, press: Press | None) -> None:
        if press is not None:
            self._presses[press]()
            self._chirp(CHIRPS[press])
