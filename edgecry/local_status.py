"""What `edgecry status` sees: gathered from the running parts, once a second."""

from __future__ import annotations

import os
from typing import Protocol

import msgspec

from edgecry.clock import Clock
from edgecry.config.schema import Settings
from edgecry.health.liveness import Liveness
from edgecry.outputs.messages import StateMessage, rfc3339, rounded
from edgecry.outputs.status import PUBLISH_EVERY_S, Status
from edgecry.pipeline import Pipeline
from edgecry.report import Inbox, Reporter


class Link(Protocol):
    """What is asked of the MQTT sender."""

    @property
    def connected(self) -> bool: ...
    @property
    def oldest_age_s(self) -> float | None: ...


class Store(Protocol):
    """What is asked of the outbox."""

    @property
    def depth(self) -> int: ...
    @property
    def last_seq(self) -> int: ...
    @property
    def durable(self) -> bool: ...


class Publisher(Protocol):
    """What is asked of the status file."""

    def publish(self, status: Status) -> None: ...
    def close(self) -> None: ...


class LocalStatus:
    """One `step` a tick of the main thread: if that hangs, the status goes stale, as it should."""

    def __init__(
        self,
        settings: Settings,
        reporter: Reporter,
        pipeline: Pipeline,
        liveness: Liveness,
        inbox: Inbox,
        link: Link,
        store: Store,
        publisher: Publisher,
        clock: Clock,
    ) -> None:
        self._state_dir = settings.state_dir
        self._broker = f"{settings.mqtt.host}:{settings.mqtt.port}"
        self._reporter = reporter
        self._pipeline = pipeline
        self._liveness = liveness
        self._inbox = inbox
        self._link = link
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._due_s = clock.monotonic_s()

    def step(self) -> None:
        """Publish what is so, if it is time."""
        now_s, state = self._clock.monotonic_s(), self._reporter.last_state
        if now_s >= self._due_s and state is not None:
            self._due_s = now_s + PUBLISH_EVERY_S
            self._publisher.publish(self._status(now_s, state))

    def close(self) -> None:
        """The daemon ends."""
        self._publisher.close()

    def _status(self, now_s: float, state: StateMessage) -> Status:
        last, published_at = self._pipeline.last, rfc3339(self._clock.utc())
        health = self._reporter.health_message(self._pipeline, self._liveness, self._inbox)
        return Status(
            pid=os.getpid(),
            mono_s=round(now_s, 3),
            state_dir=self._state_dir,
            p_cry=None if last is None else rounded(last.evidence, 4),
            broker=self._broker,
            connected=self._link.connected,
            state=msgspec.structs.replace(
                state, seq=self._store.last_seq, published_at=published_at
            ),
            health=msgspec.structs.replace(
                health,
                outbox_depth=self._store.depth,
                outbox_oldest_age_s=rounded(self._link.oldest_age_s, 1),
                outbox_durable=self._store.durable,
                published_at=published_at,
            ),
        )
