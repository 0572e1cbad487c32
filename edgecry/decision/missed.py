"""Cries that ended before anybody acknowledged them stay in sight until somebody does."""

from __future__ import annotations

from dataclasses import dataclass

from edgecry.types import AlarmEvent, ControlEvent


@dataclass(frozen=True, slots=True)
class Missed:
    """How many cries, and the monotonic time at which the first of them ended."""

    count: int
    since_mono_s: float


class MissedCries:
    """A latch for the eye alone: it makes no sound. It counts, and so takes no more room in time.

    A fault that has mended itself is not kept: it needs nobody any more, and the journal has it.
    """

    def __init__(self) -> None:
        self.missed: Missed | None = None

    def ended(self, event: AlarmEvent, mono_s: float) -> None:
        """Take the `end` of an alarm."""
        if event.kind == "patient" and event.acknowledged_by is None:
            before = self.missed or Missed(0, mono_s)
            self.missed = Missed(before.count + 1, before.since_mono_s)

    def acknowledge(self, by: str, mono_s: float) -> list[ControlEvent]:
        """Someone knows of them now."""
        if self.missed is None:
            return []
        detail = f"{self.missed.count} in all"
        self.missed = None
        return [ControlEvent("missed-acknowledged", by, mono_s, detail=detail)]
