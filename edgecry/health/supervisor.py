"""The main thread's tick: is everything alive, who has to be told, may the watchdog be fed?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from edgecry.clock import Clock
from edgecry.health.check import Check
from edgecry.health.liveness import Liveness
from edgecry.types import Code, Priority

PANEL_STUCK_AFTER_S = 5.0
STATUS_INTERVAL_S = 5.0


class Faults(Protocol):
    """What the supervisor asks of the alarm desk."""

    def fault(self, code: Code, detail: str | None, priority: Priority) -> None: ...
    def tick(self) -> None: ...


class Manager(Protocol):
    """What the supervisor asks of systemd."""

    def status(self, text: str) -> None: ...
    def watchdog(self) -> None: ...


class Signaller(Protocol):
    """What the supervisor asks of the annunciator."""

    @property
    def stepped_s(self) -> float: ...
    def limit(self) -> None: ...


class Supervisor:
    """One `step` a tick, about twice a second."""

    def __init__(
        self,
        liveness: Liveness,
        checks: Sequence[Check],
        faults: Faults,
        signaller: Signaller,
        manager: Manager,
        clock: Clock,
        status: Callable[[], str],
        report_health: Callable[[], None],
        health_interval_s: float,
    ) -> None:
        self._liveness = liveness
        self._checks = tuple(checks)
        self._faults = faults
        self._signaller = signaller
        self._manager = manager
        self._clock = clock
        self._status = status
        self._report_health = report_health
        self._health_interval_s = health_interval_s
        self._fed_s = clock.monotonic_s()
        self._status_due_s = self._health_due_s = clock.monotonic_s()

    def step(self) -> None:
        """Look at everything once."""
        now_s = self._clock.monotonic_s()
        self._signaller.limit()
        self._faults.tick()
        for check in self._checks:
            self._faults.fault(check.code, check.look(now_s), check.priority)
        panel_works = now_s - self._signaller.stepped_s < PANEL_STUCK_AFTER_S
        if self._liveness.alive_s > self._fed_s and panel_works:
            self._fed_s = self._liveness.alive_s
            self._manager.watchdog()
        if now_s >= self._status_due_s:
            self._status_due_s = now_s + STATUS_INTERVAL_S
            self._manager.status(self._status())
        if now_s >= self._health_due_s:
            self._health_due_s = now_s + self._health_interval_s
            self._report_health()
