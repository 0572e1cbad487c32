"""What the station is told: events, state and health, made of what the parts know."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import numpy as np

from edgecry import __version__
from edgecry.clock import Clock
from edgecry.config.schema import Settings
from edgecry.decision.alarm_system import Situation
from edgecry.decision.missed import Missed
from edgecry.health.liveness import Liveness
from edgecry.health.metrics import Machine
from edgecry.inference.manifest import Manifest
from edgecry.outputs.messages import (
    EventMessage,
    EventWriter,
    HealthMessage,
    Identity,
    MissedCries,
    Mode,
    StateMessage,
    active_condition,
    event_message,
    highest_priority,
    rfc3339,
    rounded,
)
from edgecry.pipeline import Pipeline
from edgecry.types import AlarmEvent, Event


def identity_of(settings: Settings, manifest: Manifest) -> Identity:
    """Who speaks, from this moment on: a new run."""
    return Identity(
        device=settings.device.id,
        ward=settings.device.ward,
        bed=settings.device.bed,
        boot_id=Machine().boot_id(),
        run_id=uuid.uuid4().hex[:12],
        model=manifest.model,
    )


class Sender(Protocol):
    """What the reporter asks of the MQTT sender; every call returns at once."""

    def post(self, event: EventMessage) -> None: ...
    def post_state(self, state: StateMessage) -> None: ...
    def post_health(self, health: HealthMessage) -> None: ...


class Inbox(Protocol):
    """What the reporter asks of what comes in over MQTT."""

    refused: int
    dropped: int


class Reporter:
    """Turns what happens into messages and hands them to the sender.

    keep: takes every event and its message before that goes out; returns at once.
    """

    def __init__(
        self,
        sender: Sender,
        keep: Callable[[AlarmEvent, EventMessage], None],
        identity: Identity,
        clock: Clock,
        runtime: str,
        machine: Machine,
    ) -> None:
        self._sender = sender
        self._keep = keep
        self._identity = identity
        self._writer = EventWriter(identity, clock)
        self._clock = clock
        self._runtime = runtime
        self._machine = machine
        self._started_s = clock.monotonic_s()
        self._messages: dict[int, EventMessage] = {}
        self._last_event_id: str | None = None
        self.last_state: StateMessage | None = None
        """What was told last; any thread may read it."""

    def event(self, event: Event) -> None:
        """Tell of a change of an alarm; what else changes is told by the state alone."""
        if not isinstance(event, AlarmEvent):
            return
        message = self._writer.write(event)
        self._last_event_id = message.event_id
        if event.phase == "end":
            self._messages.pop(event.alarm, None)
        else:
            self._messages[event.alarm] = message
        self._keep(event, message)
        self._sender.post(message)

    def self_test(self, event: AlarmEvent) -> str:
        """Tell of a self-test, which is no alarm and part of no state. Returns the `event_id`."""
        message = event_message(event, self._identity, self._clock)
        self._keep(event, message)
        self._sender.post(message)
        return message.event_id

    def state(self, situation: Situation) -> None:
        """Tell what is so now; the events that led to it have been told."""
        active = tuple(
            active_condition(
                self._messages[alarm.number], self._date(alarm.acknowledged_until_mono_s)
            )
            for alarm in situation.alarms
        )
        missed = situation.missed
        self.last_state = StateMessage(
            device=self._identity.device,
            ward=self._identity.ward,
            bed=self._identity.bed,
            mode=_mode(situation),
            active=active,
            highest_priority=highest_priority(active),
            audio=situation.audio.state,
            audio_by=situation.audio.by,
            audio_paused_until=self._date(situation.audio.until_mono_s),
            standby_by=situation.watch.by,
            standby_since=self._date(situation.watch.since_mono_s),
            missed=None if missed is None else self._missed(missed),
            last_event_id=self._last_event_id,
            clock_synced=self._clock.synchronised(),
        )
        self._sender.post_state(self.last_state)

    def health(self, pipeline: Pipeline, liveness: Liveness, inbox: Inbox) -> None:
        """Tell how the monitor is."""
        self._sender.post_health(self.health_message(pipeline, liveness, inbox))

    def health_message(self, pipeline: Pipeline, liveness: Liveness, inbox: Inbox) -> HealthMessage:
        """How the monitor is; the sender fills in what it knows of the outbox."""
        now_s = self._clock.monotonic_s()
        last = pipeline.last
        return HealthMessage(
            device=self._identity.device,
            boot_id=self._identity.boot_id,
            uptime_s=round(now_s - self._started_s, 1),
            frame_age_s=None if last is None else round(liveness.scored_age_s(now_s), 2),
            level_dbfs=None if last is None else rounded(last.score.level_dbfs, 1),
            overruns=pipeline.overflows,
            temperature_c=self._machine.temperature_c(),
            throttled=self._machine.throttled(),
            commands_refused=inbox.refused,
            messages_dropped=inbox.dropped,
            versions={
                "edgecry": __version__,
                "python": platform.python_version(),
                "numpy": np.__version__,
                "runtime": self._runtime,
            },
            model=self._identity.model,
            clock_synced=self._clock.synchronised(),
        )

    def _missed(self, missed: Missed) -> MissedCries:
        return MissedCries(count=missed.count, since=self._stamp(missed.since_mono_s))

    def _date(self, mono_s: float | None) -> str | None:
        return None if mono_s is None else self._stamp(mono_s)

    def _stamp(self, mono_s: float) -> str:
        """The date of a monotonic time, past or to come, by today's clock."""
        return rfc3339(self._clock.utc() + timedelta(seconds=mono_s - self._clock.monotonic_s()))


def _mode(situation: Situation) -> Mode:
    if situation.watch.state == "standby":
        return "standby"
    blind = any(
        alarm.last.kind == "technical" and alarm.priority == "medium" for alarm in situation.alarms
    )
    return "fault" if blind else "monitoring"
