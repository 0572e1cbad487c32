"""The sound of all alarms together: on, paused for a time, or (where allowed) off with reminders.

The terms are those of IEC 60601-1-8: AUDIO PAUSED ends by itself, AUDIO OFF does not, and a
REMINDER SIGNAL tells of it. All times are monotonic.
"""

from __future__ import annotations

from dataclasses import dataclass

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.transitions import AUDIO, AudioCause
from edgecry.errors import RefusedError
from edgecry.types import AudioState, ControlEvent


@dataclass(frozen=True, slots=True)
class Audio:
    """What the sound is, who made it so, and when that ends by itself (None: it does not)."""

    state: AudioState = "on"
    by: str | None = None
    until_mono_s: float | None = None


class AudioControl:
    """Every method returns the change that it caused, or nothing where nothing changes."""

    def __init__(self, settings: AlarmSettings) -> None:
        self._settings = settings
        self._pause_ends_by_s = 0.0
        self._remind_at_s = 0.0
        self.audio = Audio()

    def pause(self, by: str, mono_s: float, duration_s: float | None) -> list[ControlEvent]:
        """Pause for `duration_s` from now, or for the set time; a pause may be renewed.

        However often it is renewed, it ends `pause_max_s` after it began. Raises RefusedError if
        `duration_s` is not above 0, or is longer than that.
        """
        if duration_s is None:
            duration_s = self._settings.pause_s
        longest_s = self._settings.pause_max_s
        if not 0 < duration_s <= longest_s:
            raise RefusedError(
                f"the sound cannot be paused for {duration_s:g} s: "
                f"above 0 and at most {longest_s:g} s (alarm.pause_max_s)"
            )
        if self.audio.state != "paused":
            self._pause_ends_by_s = mono_s + longest_s
        return self._step("pause", by, mono_s, min(mono_s + duration_s, self._pause_ends_by_s))

    def switch_off(self, by: str, mono_s: float) -> list[ControlEvent]:
        """No alarm sounds until somebody says so. Raises RefusedError unless the settings allow."""
        if not self._settings.allow_audio_off:
            raise RefusedError(
                "the sound cannot be switched off here (alarm.allow_audio_off is false): pause it"
            )
        if self.audio.state != "off":
            self._remind_at_s = mono_s + self._settings.remind_s
        return self._step("switch_off", by, mono_s)

    def resume(self, by: str, mono_s: float) -> list[ControlEvent]:
        """Alarms sound again."""
        return self._step("resume", by, mono_s)

    def tick(self, mono_s: float) -> list[ControlEvent]:
        """End the pause whose time is up; remind of sound that is switched off."""
        until_s = self.audio.until_mono_s
        if until_s is not None and mono_s >= until_s:
            return self._step("time_is_up", None, mono_s)
        if self.audio.state == "off" and mono_s >= self._remind_at_s:
            self._remind_at_s = mono_s + self._settings.remind_s
            return self._step("reminder_due", None, mono_s)
        return []

    def _step(
        self, cause: AudioCause, by: str | None, mono_s: float, until_mono_s: float | None = None
    ) -> list[ControlEvent]:
        if (self.audio.state, cause) not in AUDIO:
            return []
        change, state = AUDIO[self.audio.state, cause]
        if cause != "reminder_due":
            self.audio = Audio(state, None if state == "on" else by, until_mono_s)
        return [ControlEvent(change, by, mono_s, until_mono_s)]
