"""Does the pipeline keep up with the sound? Pure: `now` is handed in (monotonic seconds)."""

from __future__ import annotations

from collections.abc import Callable

from edgecry.health.liveness import RECENT_S, Liveness

TOO_MUCH_S = 4.0
STANDS_S = 2.0
"""Newer sound than this says that it goes on, if slowly."""


class Overload:
    """No sound has been scored for `blind_after_s`, or TOO_MUCH_S of the last RECENT_S never were.

    A pipeline that stands is known after 5 s at most, one at half the speed, or that loses half of
    the sound, after 8 s.
    excused: another fault, which has an alarm of its own, explains it, and all up to now.
    """

    def __init__(self, liveness: Liveness, excused: Callable[[], bool]) -> None:
        self._liveness = liveness
        self._excused = excused

    def look(self, now_s: float) -> str | None:
        if self._excused():
            self._liveness.count_anew()
            return None
        unscored_s = self._liveness.unscored_s(now_s)
        if unscored_s < TOO_MUCH_S and not self._liveness.is_blind(now_s):
            return None
        age_s = self._liveness.scored_age_s(now_s)
        if age_s >= STANDS_S:
            return (
                f"no sound has been scored for {age_s:.0f} s: this cot is not being listened to; "
                "restart edgecry, and look at the journal"
            )
        return (
            f"{unscored_s:.0f} s of the last {RECENT_S:.0f} s could not be scored, a short cry may "
            "be missed: the machine is too busy or too slow; end other programs, check its "
            "temperature and supply"
        )
