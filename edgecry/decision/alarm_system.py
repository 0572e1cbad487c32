"""The whole alarm system: conditions, missed cries, the sound and standby, and how they meet.

Pure. `now_s` is the time of a condition (audio time for a cry, monotonic for a fault), `mono_s`
is monotonic time, which never goes back; the one is never subtracted from the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm import Alarm, AlarmBoard, Finding
from edgecry.decision.audio import Audio, AudioControl
from edgecry.decision.missed import Missed, MissedCries
from edgecry.decision.watch import Watch, WatchControl
from edgecry.errors import RefusedError
from edgecry.types import Code, Event


@dataclass(frozen=True, slots=True)
class Situation:
    """What is so now.

    alarms: the raised conditions, in the order in which they were raised.
    announcements: counts up whenever something is to sound anew.
    """

    alarms: tuple[Alarm, ...] = ()
    missed: Missed | None = None
    audio: Audio = field(default_factory=Audio)
    watch: Watch = field(default_factory=Watch)
    announcements: int = 0

    @property
    def quiet(self) -> bool:
        """Whether no alarm is to sound, however grave."""
        return self.audio.state != "on" or self.watch.state == "standby"


class AlarmSystem:
    """Every method returns the events that it caused, oldest first."""

    def __init__(self, settings: AlarmSettings) -> None:
        self._board = AlarmBoard(settings)
        self._missed = MissedCries()
        self._audio = AudioControl(settings)
        self._watch = WatchControl(settings)

    @property
    def situation(self) -> Situation:
        """What is so now."""
        return Situation(
            alarms=self._board.alarms,
            missed=self._missed.missed,
            audio=self._audio.audio,
            watch=self._watch.watch,
            announcements=self._board.announcements,
        )

    def assess(
        self, code: Code, finding: Finding | None, now_s: float, mono_s: float
    ) -> Sequence[Event]:
        """Take what is known of one condition now: present as found, or None for absent.

        In standby a cry is none: whoever cries is not in this incubator.
        """
        if finding is not None and finding.kind == "patient" and self._watch.in_standby:
            finding = None
        events = self._board.assess(code, finding, now_s)
        for event in events:
            if event.phase == "end":
                self._missed.ended(event, mono_s)
        return events

    def tick(self, mono_s: float) -> Sequence[Event]:
        """End what ends by itself, and remind: to be called at least once a second."""
        return [
            *self._board.tick(mono_s),
            *self._audio.tick(mono_s),
            *self._watch.tick(mono_s),
        ]

    def acknowledge(self, by: str, mono_s: float, number: int | None = None) -> Sequence[Event]:
        """Someone has seen the alarm `number`, or all that are raised: their sound ends.

        Raises RefusedError if `number` is not raised.
        """
        return self._board.acknowledge(by, mono_s, number)

    def acknowledge_missed(self, by: str, mono_s: float) -> Sequence[Event]:
        """Someone knows of the cries that ended before they were acknowledged."""
        return self._missed.acknowledge(by, mono_s)

    def pause_audio(
        self, by: str, mono_s: float, duration_s: float | None = None
    ) -> Sequence[Event]:
        """No alarm sounds for `duration_s`, or for the set time; then all sound that still are.

        Raises RefusedError in standby, or if `duration_s` is not above 0 or is too long.
        """
        self._refuse_in_standby("paused")
        return self._audio.pause(by, mono_s, duration_s)

    def audio_off(self, by: str, mono_s: float) -> Sequence[Event]:
        """No alarm sounds until `resume_audio`; reminds. Raises RefusedError unless allowed."""
        self._refuse_in_standby("switched off")
        return self._audio.switch_off(by, mono_s)

    def resume_audio(self, by: str, mono_s: float) -> Sequence[Event]:
        """Alarms sound again, those that are raised and not acknowledged at once."""
        return self._audio.resume(by, mono_s)

    def standby(self, by: str, mono_s: float) -> Sequence[Event]:
        """The incubator is empty: a cry is no alarm, a fault is shown but does not sound; reminds.

        A pause ends, so that it does not wait for the next baby. A cry that is raised ends, as
        acknowledged; missed cries stay in sight.
        """
        changed = self._watch.standby(by, mono_s)
        if not changed:
            return []
        return [
            *changed,
            *self._audio.resume(by, mono_s),
            *self._board.dismiss("cry", by, mono_s),
        ]

    def resume(self, by: str, mono_s: float) -> Sequence[Event]:
        """Standby is over: everything is an alarm again, and sounds."""
        return self._watch.resume(by, mono_s)

    def short_press(self, by: str, mono_s: float) -> Sequence[Event]:
        """The button: seen is what the light shows, raised alarms first, then missed cries.

        Of missed cries it says nothing beside a medium alarm.
        """
        seen = self.acknowledge(by, mono_s)
        if seen or any(alarm.priority == "medium" for alarm in self._board.alarms):
            return seen
        return self.acknowledge_missed(by, mono_s)

    def long_press(self, by: str, mono_s: float) -> Sequence[Event]:
        """The button held: back to watching with sound, or else pause the sound."""
        if self._watch.in_standby:
            return self.resume(by, mono_s)
        if self._audio.audio.state != "on":
            return self.resume_audio(by, mono_s)
        return self.pause_audio(by, mono_s)

    def _refuse_in_standby(self, what: str) -> None:
        if self._watch.in_standby:
            raise RefusedError(f"the sound cannot be {what} in standby, where no alarm sounds")
