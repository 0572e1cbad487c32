"""Can events be dated? Pure: the clock is handed in, and asked, never waited for."""

from __future__ import annotations

from edgecry.clock import Clock

UNSYNCHRONISED_AFTER_S = 600.0
"""A time server needs a minute or two after a start.

The kernel itself believes a clock that has lost its server until the possible error is 16 s, which
at 500 ppm is after nine hours (adjtimex(2), maxerror): this comes on top.
"""
STEP_S = 1.0
"""A time service slews what is less; this much is set."""
STEP_SHOWN_S = 600.0
_PREEMPTED_S = 0.1
"""Both clocks were not read together: the machine was busy in between."""


class Timekeeping:
    """UTC has not been synchronised for UNSYNCHRONISED_AFTER_S, or was set while it was believed.

    A step is known at once, and shown for STEP_SHOWN_S as it has no end of its own. The first
    synchronisation after a start is none: nobody had believed the clock before.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._good_s = clock.monotonic_s()
        self._was_synchronised = False
        self._ahead_s: float | None = None
        self._stepped_by_s = 0.0
        self._step_shown_until_s = 0.0

    def look(self, now_s: float) -> str | None:
        synchronised = self._clock.synchronised()
        self._watch_for_step(now_s)
        self._was_synchronised = synchronised
        if synchronised:
            self._good_s = now_s
        if now_s - self._good_s >= UNSYNCHRONISED_AFTER_S:
            return (
                "the clock follows no time server: events may be dated wrongly; "
                "check the network and `timedatectl`, and set the hospital's NTP server"
            )
        if now_s < self._step_shown_until_s:
            way = "forward" if self._stepped_by_s > 0 else "back"
            return (
                f"the clock was set {way} by {abs(self._stepped_by_s):.1f} s: events before and "
                "after that cannot be compared by their dates; check the time server"
            )
        return None

    def _watch_for_step(self, now_s: float) -> None:
        before_s = self._clock.monotonic_s()
        utc_s = self._clock.utc().timestamp()
        if self._clock.monotonic_s() - before_s > _PREEMPTED_S:
            return
        ahead_s = utc_s - before_s
        step_s = 0.0 if self._ahead_s is None else ahead_s - self._ahead_s
        self._ahead_s = ahead_s
        if self._was_synchronised and abs(step_s) >= STEP_S:
            self._stepped_by_s = step_s
            self._step_shown_until_s = now_s + STEP_SHOWN_S
