"""Did the monitor do its job in the demo? Every cry alarmed, and nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edgecry.demo.frame import clock_text
from edgecry.demo.scene import SceneEvent
from edgecry.types import AlarmEvent, Priority

TOLERANCE_S = 1.0
"""An alarm may still start this long after a cry's end: the last windows that hold it come late."""


@dataclass(frozen=True, slots=True)
class CryVerdict:
    """What became of one cry. alarm: the `start` that answered it, None if it was missed.

    priority: the highest that the alarm reached.
    """

    cry: SceneEvent
    alarm: AlarmEvent | None
    priority: Priority | None

    @property
    def delay_s(self) -> float | None:
        """From the cry's onset to its alarm."""
        return None if self.alarm is None else self.alarm.detected_s - self.cry.onset_s


@dataclass(frozen=True, slots=True)
class Verdict:
    """cries: in the scene's order. false_alarms: the `start` of each alarm outside any cry."""

    cries: tuple[CryVerdict, ...]
    false_alarms: tuple[AlarmEvent, ...]

    @property
    def passed(self) -> bool:
        """All cries alarmed, and nothing else."""
        return not self.false_alarms and all(cry.alarm is not None for cry in self.cries)


def judge(cries: Iterable[SceneEvent], alarms: Sequence[AlarmEvent]) -> Verdict:
    """Compare the scene's cries with the alarms that the monitor raised, technical ones included.

    An alarm answers a cry if it starts between the cry's onset and TOLERANCE_S after its end.
    """
    starts = [event for event in alarms if event.phase == "start"]
    verdicts = []
    answered: set[int] = set()
    for cry in cries:
        answers = [start for start in starts if _answers(start, cry)]
        answered.update(start.alarm for start in answers)
        first = answers[0] if answers else None
        verdicts.append(CryVerdict(cry, first, _highest_priority(first, alarms)))
    return Verdict(tuple(verdicts), tuple(s for s in starts if s.alarm not in answered))


def report(verdict: Verdict) -> list[str]:
    """The verdict for people, a line for each cry, each false alarm and the whole."""
    lines = []
    for cry in verdict.cries:
        lasted_s = cry.cry.end_s - cry.cry.onset_s
        what = f"{clock_text(cry.cry.onset_s)}  {cry.cry.label}, {lasted_s:.0f} s"
        if cry.delay_s is None:
            lines.append(f"missed       {what}")
        else:
            lines.append(f"alarmed      {what}: after {cry.delay_s:.1f} s, {cry.priority} priority")
    lines += [
        f"false alarm  {clock_text(alarm.detected_s)}  {alarm.code} {alarm.detail}".rstrip()
        for alarm in verdict.false_alarms
    ]
    alarmed = sum(cry.alarm is not None for cry in verdict.cries)
    false = len(verdict.false_alarms)
    lines.append(
        f"{'PASSED' if verdict.passed else 'FAILED'}: {alarmed} of {len(verdict.cries)} cries "
        f"alarmed, {false} false alarm{'' if false == 1 else 's'}"
    )
    return lines


def _answers(start: AlarmEvent, cry: SceneEvent) -> bool:
    in_time = cry.onset_s <= start.detected_s <= cry.end_s + TOLERANCE_S
    return start.code == "cry" and in_time


def _highest_priority(start: AlarmEvent | None, alarms: Sequence[AlarmEvent]) -> Priority | None:
    if start is None:
        return None
    reached = {event.priority for event in alarms if event.alarm == start.alarm}
    return "medium" if "medium" in reached else "low"
