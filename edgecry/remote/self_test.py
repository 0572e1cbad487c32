"""A self-test from end to end: panel, outbox, broker, and back from a station's screen."""

from __future__ import annotations

from collections.abc import Callable

from edgecry.clock import Clock
from edgecry.errors import RefusedError
from edgecry.remote.answers import Answer
from edgecry.types import AlarmEvent, Phase


class SelfTest:
    """One at a time. It is told as a cry of low priority that is marked `test`, and is no alarm.

    try_panel: lights the LED and sounds the buzzer for a moment.
    tell: sends an event out; returns its event_id.
    within_s: how long the receipt may take.
    """

    def __init__(
        self,
        try_panel: Callable[[], None],
        tell: Callable[[AlarmEvent], str],
        within_s: float,
        clock: Clock,
    ) -> None:
        self._try_panel = try_panel
        self._tell = tell
        self._within_s = within_s
        self._clock = clock
        self._number = 0
        self._began_s = 0.0
        self._by = ""
        self._event_id: str | None = None

    def begin(self, by: str) -> None:
        """Raises RefusedError if one is running."""
        if self._event_id is not None:
            raise RefusedError("a self-test is running: wait for its result")
        self._number += 1
        self._by = by
        self._began_s = self._clock.monotonic_s()
        self._try_panel()
        self._event_id = self._tell(self._event("start"))

    def confirmed(self, event_id: str, station: str) -> Answer | None:
        """A station has shown an event. The test's result if it was the test's."""
        if self._event_id is None or event_id != self._event_id:
            return None
        took_s = self._clock.monotonic_s() - self._began_s
        return self._end(Answer(detail=f"{station} showed the test after {took_s:.1f} s"))

    def overdue(self) -> Answer | None:
        """The test's result if no station has shown it in time."""
        waited_s = self._clock.monotonic_s() - self._began_s
        if self._event_id is None or waited_s < self._within_s:
            return None
        return self._end(
            Answer(
                error=f"no station confirmed the test within {self._within_s:g} s: look whether a "
                "station runs and shows this monitor"
            )
        )

    def _end(self, answer: Answer) -> Answer:
        self._event_id = None
        self._tell(self._event("end"))
        return answer

    def _event(self, phase: Phase) -> AlarmEvent:
        now_s = self._clock.monotonic_s()
        return AlarmEvent(
            alarm=self._number,
            kind="patient",
            code="cry",
            phase=phase,
            priority="low",
            at_s=now_s,
            onset_s=self._began_s,
            detected_s=self._began_s,
            ended_s=now_s if phase == "end" else None,
            detail=f"self-test, asked for by {self._by}",
            test=True,
        )
