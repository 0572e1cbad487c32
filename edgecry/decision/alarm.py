"""The alarm conditions: they come, grow, are acknowledged and go.

Every condition (a cry, or a fault of the monitor) is an episode of its own with its own number.
Its times are handed in, audio time for a cry and monotonic time for a fault; only differences
within one condition are ever taken. Acknowledgements run on monotonic time alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.transitions import CONDITION, LOW, Cause, State
from edgecry.errors import RefusedError
from edgecry.types import AlarmEvent, Code, Kind, Priority, Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that is present now. Numbers as in `AlarmEvent`."""

    kind: Kind
    priority: Priority
    onset_s: float
    heard_s: float
    p_cry: float | None = None
    threshold: float | None = None
    level_dbfs: float | None = None
    detail: str = ""
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A condition that is raised: its last event, and when it was last announced.

    sounds: it is to be heard: nobody has acknowledged it, and it is more than a low fault that has
        sounded and waits.
    acknowledged_until_mono_s: monotonic time at which the acknowledgement runs out; None without.
    """

    last: AlarmEvent
    heard_s: float
    announced_s: float
    sounds: bool = True
    acknowledged_until_mono_s: float | None = None

    @property
    def number(self) -> int:
        return self.last.alarm

    @property
    def code(self) -> Code:
        return self.last.code

    @property
    def priority(self) -> Priority:
        return self.last.priority

    @property
    def acknowledged(self) -> bool:
        return self.last.acknowledged_by is not None

    @property
    def state(self) -> State:
        return State(self.priority, self.acknowledged)


class AlarmBoard:
    """All raised conditions. Every method returns the events that it caused, oldest first.

    What happens to a condition stands in `transitions.CONDITION`; this class finds the causes.

    announcements: counts up whenever something is to sound anew.
    """

    def __init__(self, settings: AlarmSettings) -> None:
        self._settings = settings
        self._alarms: dict[Code, Alarm] = {}
        self._episodes = 0
        self.announcements = 0

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The raised conditions, in the order in which they were raised."""
        return tuple(self._alarms.values())

    def assess(self, code: Code, finding: Finding | None, now_s: float) -> list[AlarmEvent]:
        """Take what is known of one condition now: present as found, or None for absent."""
        alarm = self._alarms.get(code)
        if finding is None:
            return [] if alarm is None else [self._end(alarm, now_s)]
        if alarm is None:
            return [self._start(code, finding, now_s)]
        return self._continue(alarm, finding, now_s)

    def acknowledge(self, by: str, mono_s: float, number: int | None = None) -> list[AlarmEvent]:
        """Someone has seen the alarm `number`, or all that are raised. Again changes nothing.

        Raises RefusedError if `number` is not raised.
        """
        seen = [alarm for alarm in self.alarms if number in (None, alarm.number)]
        if number is not None and not seen:
            raise RefusedError(f"alarm {number} is not raised (any more): nothing to acknowledge")
        return [
            self._step(
                alarm.state,
                "acknowledged",
                replace(
                    alarm,
                    last=replace(alarm.last, acknowledged_by=by),
                    acknowledged_until_mono_s=mono_s + self._trust_s(alarm),
                ),
                alarm.last.at_s,
            )
            for alarm in seen
            if not alarm.acknowledged
        ]

    def dismiss(self, code: Code, by: str, mono_s: float) -> list[AlarmEvent]:
        """Someone says that the condition is over, whatever is found: it is seen, and it ends."""
        alarm = self._alarms.get(code)
        if alarm is None:
            return []
        seen = self.acknowledge(by, mono_s, alarm.number)
        return [*seen, self._end(self._alarms[code], alarm.last.at_s)]

    def tick(self, mono_s: float) -> list[AlarmEvent]:
        """End the acknowledgements that have run out: those alarms are announced again."""
        return [
            self._step(alarm.state, _unanswered(alarm.last.kind), alarm, alarm.last.at_s)
            for alarm in self.alarms
            if alarm.acknowledged_until_mono_s is not None
            and mono_s >= alarm.acknowledged_until_mono_s
        ]

    def _start(self, code: Code, finding: Finding, now_s: float) -> AlarmEvent:
        self._episodes += 1
        found = AlarmEvent(
            alarm=self._episodes,
            kind=finding.kind,
            code=code,
            phase="start",
            priority=finding.priority,
            at_s=now_s,
            onset_s=finding.onset_s,
            detected_s=now_s,
            p_cry=finding.p_cry,
            threshold=finding.threshold,
            level_dbfs=finding.level_dbfs,
            detail=finding.detail,
            reason=finding.reason,
        )
        cause: Cause = "found_low" if finding.priority == "low" else "found_medium"
        return self._step(None, cause, Alarm(found, finding.heard_s, now_s), now_s)

    def _continue(self, alarm: Alarm, finding: Finding, now_s: float) -> list[AlarmEvent]:
        latest = replace(
            alarm.last,
            at_s=now_s,
            p_cry=finding.p_cry,
            threshold=finding.threshold,
            level_dbfs=finding.level_dbfs,
            detail=finding.detail,
            reason=finding.reason,
        )
        alarm = replace(alarm, last=latest, heard_s=finding.heard_s)
        self._alarms[alarm.code] = alarm
        cause = self._cause(alarm, finding, now_s)
        return [] if cause is None else [self._step(alarm.state, cause, alarm, now_s)]

    def _cause(self, alarm: Alarm, finding: Finding, now_s: float) -> Cause | None:
        if alarm.priority == "low":
            crying_s = finding.heard_s - finding.onset_s
            if finding.kind == "patient" and crying_s >= self._settings.sustained_s:
                return "sustained"
            if finding.priority == "medium":
                return "worse"
        waits_s = self._settings.escalate_s if alarm.sounds else self._trust_s(alarm)
        if not alarm.acknowledged and now_s - alarm.announced_s >= waits_s:
            return _unanswered(finding.kind)
        return None

    def _end(self, alarm: Alarm, now_s: float) -> AlarmEvent:
        mended = replace(alarm.last, detail="", ended_s=alarm.heard_s)
        return self._step(alarm.state, "gone", replace(alarm, last=mended), now_s)

    def _step(self, before: State | None, cause: Cause, alarm: Alarm, now_s: float) -> AlarmEvent:
        """Do what `cause` leads to; `alarm` is the condition with all that is new about it."""
        phase, state = CONDITION[before, cause]
        event = replace(
            alarm.last,
            phase=phase,
            at_s=now_s,
            acknowledged_for_s=self._trust_s(alarm) if phase == "acknowledge" else None,
        )
        if state is None:
            del self._alarms[alarm.code]
            return event
        event = replace(event, priority=state.priority)
        sounds = not state.acknowledged and (cause, state) != ("fault_unanswered", LOW)
        self.announcements += sounds
        if not state.acknowledged:
            event = replace(event, acknowledged_by=None)
            alarm = replace(alarm, announced_s=now_s, acknowledged_until_mono_s=None)
        self._alarms[alarm.code] = replace(alarm, last=event, sounds=sounds)
        return event

    def _trust_s(self, alarm: Alarm) -> float:
        """How long it is taken for granted that somebody takes care of it, as they said."""
        waits = alarm.last.kind == "technical" and alarm.priority == "low"
        return self._settings.acknowledge_fault_s if waits else self._settings.acknowledge_s


def _unanswered(kind: Kind) -> Cause:
    return "cry_unanswered" if kind == "patient" else "fault_unanswered"
