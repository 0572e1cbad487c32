"""Does the pipeline keep up with the sound? Pure: `now` is handed in (monotonic seconds)."""

from __future__ import annotations

from collections.abc import Callable

from edgecry.health.liveness import SHARE_OF_S, Liveness

ENOUGH = 0.8


class Overload:
    """No sound has been scored for `blind_after_s`, or less than ENOUGH of the last SHARE_OF_S.

    The first is a pipeline that stands, the second one that is too slow or loses sound: at half the
    speed it is known after 8 s.
    excused: another fault, which has an alarm of its own, explains it.
    """

    def __init__(self, liveness: Liveness, excused: Callable[[], bool]) -> None:
        self._liveness = liveness
        self._excused = excused

    def look(self, now_s: float) -> str | None:
        if self._excused():
            return None
        if self._liveness.is_blind(now_s):
            age_s = self._liveness.scored_age_s(now_s)
            return (
                f"no sound has been scored for {age_s:.0f} s: this cot is not being listened to; "
                "restart edgecry, and look at the journal"
            )
        share = self._liveness.scored_share(now_s)
        if share < ENOUGH:
            return (
                f"only {share:.0%} of the last {SHARE_OF_S:.0f} s could be scored, a short cry may "
                "be missed: the machine is too busy or too slow; end other programs, check its "
                "temperature and supply"
            )
        return None
