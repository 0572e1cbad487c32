"""Is the monitor watching over a baby, or in standby beside an empty incubator? Monotonic time."""

from __future__ import annotations

from dataclasses import dataclass

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.transitions import WATCH, WatchCause, WatchState
from edgecry.types import ControlEvent


@dataclass(frozen=True, slots=True)
class Watch:
    """What it is, and, in standby, since when and by whom."""

    state: WatchState = "monitoring"
    by: str | None = None
    since_mono_s: float | None = None


class WatchControl:
    """Standby is ended by a person alone, and reminds so that it is not forgotten.

    Every method returns the change that it caused, or nothing where nothing changes.
    """

    def __init__(self, settings: AlarmSettings) -> None:
        self._settings = settings
        self._remind_at_s = 0.0
        self.watch = Watch()

    @property
    def in_standby(self) -> bool:
        return self.watch.state == "standby"

    def standby(self, by: str, mono_s: float) -> list[ControlEvent]:
        """The incubator is empty."""
        if not self.in_standby:
            self._remind_at_s = mono_s + self._settings.remind_s
        return self._step("standby", by, mono_s)

    def resume(self, by: str, mono_s: float) -> list[ControlEvent]:
        """A baby is in it again."""
        return self._step("resume", by, mono_s)

    def tick(self, mono_s: float) -> list[ControlEvent]:
        """Remind of a standby that lasts."""
        if not self.in_standby or mono_s < self._remind_at_s:
            return []
        self._remind_at_s = mono_s + self._settings.remind_s
        return self._step("reminder_due", None, mono_s)

    def _step(self, cause: WatchCause, by: str | None, mono_s: float) -> list[ControlEvent]:
        if (self.watch.state, cause) not in WATCH:
            return []
        change, state = WATCH[self.watch.state, cause]
        if cause != "reminder_due":
            self.watch = Watch() if state == "monitoring" else Watch(state, by, mono_s)
        return [ControlEvent(change, by, mono_s)]
