"""What the station is told: events, state and health, made of what the parts know."""

from __future__ import annotations

import platform
import uuid
from typing import Protocol

import numpy as np

from edgecry import __version__
from edgecry.clock import Clock
from edgecry.config.schema import Settings
from edgecry.health.liveness import Liveness
from edgecry.health.metrics import Machine
from edgecry.inference.manifest import Manifest
from edgecry.outputs.messages import (
    ActiveCondition,
    EventMessage,
    EventWriter,
    HealthMessage,
    Identity,
    ModelName,
    StateMessage,
    active_condition,
    highest_priority,
    rounded,
)
from edgecry.pipeline import Pipeline
from edgecry.types import AlarmEvent, Code


def identity_of(settings: Settings, manifest: Manifest) -> Identity:
    """Who speaks, from this moment on: a new run."""
    return Identity(
        device=settings.device.id,
        ward=settings.device.ward,
        bed=settings.device.bed,
        boot_id=Machine().boot_id(),
        run_id=uuid.uuid4().hex[:12],
        model=ModelName(name=manifest.name, version=manifest.version, sha256=manifest.sha256),
    )


class Sender(Protocol):
    """What the reporter asks of the MQTT sender; every call returns at once."""

    def post(self, event: EventMessage) -> None: ...
    def post_state(self, state: StateMessage) -> None: ...
    def post_health(self, health: HealthMessage) -> None: ...


class Reporter:
    """Turns what happens into messages and hands them to the sender."""

    def __init__(
        self, sender: Sender, identity: Identity, clock: Clock, runtime: str, machine: Machine
    ) -> None:
        self._sender = sender
        self._identity = identity
        self._writer = EventWriter(identity, clock)
        self._clock = clock
        self._runtime = runtime
        self._machine = machine
        self._started_s = clock.monotonic_s()
        self._active: dict[Code, ActiveCondition] = {}
        self._last_event_id: str | None = None

    def event(self, event: AlarmEvent) -> None:
        """An alarm has changed: tell the event, then the state that it leads to."""
        message = self._writer.write(event)
        self._last_event_id = message.event_id
        if event.phase == "end":
            self._active.pop(event.code, None)
        else:
            self._active[event.code] = active_condition(message)
        self._sender.post(message)
        self.state()

    def state(self) -> None:
        """Tell what is so now."""
        active = tuple(self._active.values())
        blind = any(each.kind == "technical" and each.priority == "medium" for each in active)
        self._sender.post_state(
            StateMessage(
                device=self._identity.device,
                ward=self._identity.ward,
                bed=self._identity.bed,
                mode="fault" if blind else "monitoring",
                active=active,
                highest_priority=highest_priority(active),
                last_event_id=self._last_event_id,
                clock_synced=self._clock.synchronised(),
            )
        )

    def health(self, pipeline: Pipeline, liveness: Liveness) -> None:
        """Tell how the monitor is."""
        now_s = self._clock.monotonic_s()
        last = pipeline.last
        self._sender.post_health(
            HealthMessage(
                device=self._identity.device,
                boot_id=self._identity.boot_id,
                uptime_s=round(now_s - self._started_s, 1),
                frame_age_s=None if last is None else round(liveness.scored_age_s(now_s), 2),
                level_dbfs=None if last is None else rounded(last.score.level_dbfs, 1),
                overruns=pipeline.overflows,
                temperature_c=self._machine.temperature_c(),
                throttled=self._machine.throttled(),
                versions={
                    "edgecry": __version__,
                    "python": platform.python_version(),
                    "numpy": np.__version__,
                    "runtime": self._runtime,
                },
                model=self._identity.model,
                clock_synced=self._clock.synchronised(),
            )
        )
