"""The alarm state machine: conditions come, grow, are acknowledged and go.

Every condition (a cry, or a fault of the monitor) is an episode of its own with its own number.
Times are handed in, audio time for a cry and monotonic time for a fault; only differences within
one condition are ever taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.types import AlarmEvent, Code, Kind, Phase, Priority, Reason


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
    """A condition that is raised: its last event, and when it was last announced."""

    last: AlarmEvent
    heard_s: float
    announced_s: float

    @property
    def code(self) -> Code:
        return self.last.code

    @property
    def priority(self) -> Priority:
        return self.last.priority

    @property
    def acknowledged(self) -> bool:
        return self.last.acknowledged_by is not None


class AlarmBoard:
    """All raised conditions. Every method returns the events that it caused, oldest first.

    A cry starts `low` and becomes `medium` once it is sustained (`update`). A condition that nobody
    acknowledges is announced again every `escalate_s` (`escalate`), a cry then at `medium`.
    An acknowledged condition is not announced again and ends with the condition.
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

    def acknowledge(self, by: str) -> list[AlarmEvent]:
        """Someone has seen every condition that is raised now."""
        return [
            self._record(alarm, "acknowledge", alarm.last.at_s, acknowledged_by=by)
            for alarm in self.alarms
            if not alarm.acknowledged
        ]

    def _start(self, code: Code, finding: Finding, now_s: float) -> AlarmEvent:
        self._episodes += 1
        self.announcements += 1
        event = AlarmEvent(
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
        self._alarms[code] = Alarm(event, heard_s=finding.heard_s, announced_s=now_s)
        return event

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
        is_cry = finding.kind == "patient"
        crying_s = finding.heard_s - finding.onset_s
        if is_cry and alarm.priority == "low" and crying_s >= self._settings.sustained_s:
            return [self._announce(alarm, "update", "medium", now_s)]
        unanswered_s = now_s - alarm.announced_s
        if not alarm.acknowledged and unanswered_s >= self._settings.escalate_s:
            return [
                self._announce(alarm, "escalate", "medium" if is_cry else alarm.priority, now_s)
            ]
        return []

    def _announce(self, alarm: Alarm, phase: Phase, priority: Priority, now_s: float) -> AlarmEvent:
        self.announcements += 1
        return self._record(
            replace(alarm, announced_s=now_s, last=replace(alarm.last, priority=priority)),
            phase,
            now_s,
        )

    def _end(self, alarm: Alarm, now_s: float) -> AlarmEvent:
        mended = replace(alarm, last=replace(alarm.last, detail=""))
        event = self._record(mended, "end", now_s, ended_s=alarm.heard_s)
        del self._alarms[alarm.code]
        return event

    def _record(
        self,
        alarm: Alarm,
        phase: Phase,
        now_s: float,
        acknowledged_by: str | None = None,
        ended_s: float | None = None,
    ) -> AlarmEvent:
        event = replace(
            alarm.last,
            phase=phase,
            at_s=now_s,
            ended_s=ended_s,
            acknowledged_by=acknowledged_by or alarm.last.acknowledged_by,
        )
        self._alarms[alarm.code] = replace(alarm, last=event)
        return event
