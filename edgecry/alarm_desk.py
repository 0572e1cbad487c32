"""Where findings become alarms: every thread reports here, and everyone who must know is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from edgecry.clock import Clock
from edgecry.decision.alarm import Alarm, AlarmBoard, Finding
from edgecry.decision.signal import Signal, signal_of
from edgecry.detection import Decision
from edgecry.types import AlarmEvent, Code, Priority

EventSink = Callable[[AlarmEvent], None]
"""Must return at once: it is called on the thread that decides."""


class AlarmDesk:
    """Holds the alarm board, shows its signal on the panel first and then tells the event sinks.

    Safe to call from any thread; the lock is held only while deciding and handing over.
    """

    def __init__(
        self,
        board: AlarmBoard,
        show: Callable[[Signal], None],
        sinks: Sequence[EventSink],
        clock: Clock,
    ) -> None:
        self._board = board
        self._show = show
        self._sinks = tuple(sinks)
        self._clock = clock
        self._lock = threading.Lock()

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The raised conditions, in the order in which they were raised."""
        with self._lock:
            return self._board.alarms

    def decided(self, decision: Decision, threshold: float) -> None:
        """The pipeline has decided on a window."""
        finding = None
        if decision.cry is not None:
            finding = Finding(
                kind="patient",
                priority="low",
                onset_s=decision.cry.onset_s,
                heard_s=decision.cry.heard_s,
                p_cry=decision.evidence,
                threshold=threshold,
                level_dbfs=decision.score.level_dbfs,
                reason=decision.reason,
            )
        with self._lock:
            self._announce(self._board.assess("cry", finding, decision.now_s))

    def fault(self, code: Code, detail: str | None, priority: Priority) -> None:
        """A fault of the monitor is present as `detail` says, or absent (None)."""
        now_s = self._clock.monotonic_s()
        finding = None
        if detail is not None:
            finding = Finding("technical", priority, onset_s=now_s, heard_s=now_s, detail=detail)
        with self._lock:
            self._announce(self._board.assess(code, finding, now_s))

    def acknowledge(self, by: str) -> None:
        """Someone has seen all that is raised."""
        with self._lock:
            self._announce(self._board.acknowledge(by))

    def _announce(self, events: list[AlarmEvent]) -> None:
        if not events:
            return
        self._show(signal_of(self._board.alarms, self._board.announcements))
        for event in events:
            for sink in self._sinks:
                sink(event)
