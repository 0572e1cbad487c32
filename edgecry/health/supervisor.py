"""The main thread's tick: is everything alive, who has to be told, may the watchdog be fed?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edgecry.clock import Clock
from edgecry.health.liveness import Liveness
from edgecry.types import Code, Priority

BROKER_LOST_AFTER_S = 30.0
PANEL_STUCK_AFTER_S = 5.0
STATUS_INTERVAL_S = 5.0


class Faults(Protocol):
    """What the supervisor asks of the alarm desk."""

    def fault(self, code: Code, detail: str | None, priority: Priority) -> None: ...


class Manager(Protocol):
    """What the supervisor asks of systemd."""

    def status(self, text: str) -> None: ...
    def watchdog(self) -> None: ...


class Signaller(Protocol):
    """What the supervisor asks of the annunciator."""

    @property
    def stepped_s(self) -> float: ...


class Link(Protocol):
    """What the supervisor asks of the MQTT sender."""

    @property
    def heard_mono_s(self) -> float: ...


class Store(Protocol):
    """What the supervisor asks of the outbox."""

    @property
    def durable(self) -> bool: ...


class Supervisor:
    """One `step` a tick, about twice a second."""

    def __init__(
        self,
        liveness: Liveness,
        faults: Faults,
        signaller: Signaller,
        link: Link,
        store: Store,
        manager: Manager,
        clock: Clock,
        status: Callable[[], str],
        report_health: Callable[[], None],
        health_interval_s: float,
    ) -> None:
        self._liveness = liveness
        self._faults = faults
        self._signaller = signaller
        self._link = link
        self._store = store
        self._manager = manager
        self._clock = clock
        self._status = status
        self._report_health = report_health
        self._health_interval_s = health_interval_s
        self._fed_s = clock.monotonic_s()
        self._status_due_s = self._health_due_s = clock.monotonic_s()

    def step(self, source_lost: bool) -> None:
        """Look at everything once. `source_lost`: the pipeline has raised the loss itself."""
        now_s = self._clock.monotonic_s()
        self._blindness(now_s, source_lost)
        self._delivery_faults(now_s)
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

    def _blindness(self, now_s: float, source_lost: bool) -> None:
        detail = None
        if self._liveness.is_blind(now_s) and not source_lost:
            age_s = self._liveness.scored_age_s(now_s)
            detail = (
                f"no sound has been scored for {age_s:.0f} s: this cot is not being listened to; "
                "restart edgecry, and look at the journal"
            )
        self._faults.fault("overload", detail, "medium")

    def _delivery_faults(self, now_s: float) -> None:
        detail = None
        if now_s - self._link.heard_mono_s >= BROKER_LOST_AFTER_S:
            detail = (
                "the station's broker cannot be reached, or takes nothing: alarms are kept and "
                "sound only at the cot; check the network, mqtt.host, the login and its ACL"
            )
        self._faults.fault("broker-lost", detail, "low")
        detail = None
        if not self._store.durable:
            detail = (
                "events cannot be stored: a power cut would lose those not yet sent; "
                "check free space and the card under state_dir"
            )
        self._faults.fault("storage", detail, "low")
