"""What is written down: all that happens to the monitor passes here on its way to the journal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from edgecry import __version__
from edgecry.clock import Clock
from edgecry.outputs.journal.entries import (
    AlarmEntry,
    CommandEntry,
    ConfigEntry,
    ControlEntry,
    DeliveryEntry,
    Entry,
    StartEntry,
    StopEntry,
)
from edgecry.outputs.messages import EventMessage, Identity, rfc3339
from edgecry.types import AlarmEvent, ControlEvent, Event

DELIVERY_EVERY_S = 60.0
MISTAKES, MISTAKE_CHARACTERS = 20, 300


class Recorder(Protocol):
    """What is asked of the journal; the call returns at once."""

    def record(self, entry: Entry, words: str) -> None: ...


class Link(Protocol):
    """What is asked of the MQTT sender. The counts are since start."""

    @property
    def connected(self) -> bool: ...
    @property
    def connects(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def dropped(self) -> int: ...


class Store(Protocol):
    """What is asked of the outbox."""

    @property
    def depth(self) -> int: ...
    @property
    def dropped(self) -> int: ...


class Chronicle:
    """Turns what happens into entries and words. `step` is for one thread, the rest for any."""

    def __init__(
        self, journal: Recorder, identity: Identity, link: Link, store: Store, clock: Clock
    ) -> None:
        self._journal = journal
        self._identity = identity
        self._link = link
        self._store = store
        self._clock = clock
        self._delivery = (False, 0, 0, 0)
        self._delivery_due_s = clock.monotonic_s()

    def alarm(self, event: AlarmEvent, message: EventMessage) -> None:
        """An alarm has changed, and this is what the station is told of it."""
        entry = AlarmEntry(
            event_id=message.event_id,
            alarm_id=message.alarm_id,
            kind=message.kind,
            code=message.code,
            phase=message.phase,
            priority=message.priority,
            onset_at=message.onset_at,
            ended_at=message.ended_at,
            duration_s=message.duration_s,
            p_cry=message.p_cry,
            threshold=message.threshold,
            level_dbfs=message.level_dbfs,
            reason=message.reason,
            acknowledged_by=message.acknowledged_by,
            acknowledged_for_s=event.acknowledged_for_s,
            detail=message.detail,
            test=message.test,
        )
        self._journal.record(entry, str(event))

    def event(self, event: Event) -> None:
        """Somebody did something to the alarm system as a whole; alarms come with their message."""
        if not isinstance(event, ControlEvent):
            return
        until = None
        if event.until_mono_s is not None:
            left = timedelta(seconds=event.until_mono_s - self._clock.monotonic_s())
            until = rfc3339(self._clock.utc() + left)
        entry = ControlEntry(change=event.change, by=event.by, until=until, detail=event.detail)
        self._journal.record(entry, str(event))

    def command(self, verb: str, by: str, request_id: str, error: str | None, detail: str) -> None:
        """A command from a station was done, or refused because of `error`."""
        cut = None if error is None else error[:MISTAKE_CHARACTERS]
        entry = CommandEntry(
            verb=verb, by=by, request_id=request_id, error=cut, detail=detail[:MISTAKE_CHARACTERS]
        )
        outcome = f"refused: {cut}" if cut is not None else entry.detail or "done"
        self._journal.record(entry, " ".join(f"command {verb} by {by}: {outcome}".split()))

    def started(self, runtime: str, config_sha256: str) -> None:
        """The daemon listens. runtime: what runs the model."""
        who, model = self._identity, self._identity.model
        entry = StartEntry(
            run_id=who.run_id,
            pid=os.getpid(),
            version=__version__,
            model=model,
            runtime=runtime,
            config_sha256=config_sha256,
            ward=who.ward,
            bed=who.bed,
        )
        place = f"{f', ward {who.ward}' if who.ward else ''}{f', bed {who.bed}' if who.bed else ''}"
        self._journal.record(
            entry,
            f"started: edgecry {__version__}, {model.name} {model.version}, "
            f"configuration {config_sha256[:12]}{place}",
        )

    def config_read(self, changed: Sequence[str], waiting: Sequence[str]) -> None:
        """The configuration was read again: settings taken over, and those that need a restart."""
        words = [f"changed {', '.join(changed)}"] if changed else []
        if waiting:
            words.append(f"a restart is needed for {', '.join(waiting)}")
        self._journal.record(
            ConfigEntry(changed=tuple(changed), waiting=tuple(waiting)),
            f"configuration read again: {'; '.join(words) or 'nothing changed'}",
        )

    def config_refused(self, why: str) -> None:
        """The configuration was read again and is wrong; a mistake a line."""
        mistakes = [line[:MISTAKE_CHARACTERS] for line in why.splitlines()[:MISTAKES]]
        self._journal.record(
            ConfigEntry(mistakes=tuple(mistakes)),
            f"configuration refused, nothing changed: {mistakes[0] if mistakes else ''}"
            + (f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""),
        )

    def stopped(self, why: str) -> None:
        """The daemon ends."""
        self._journal.record(StopEntry(why=why), f"stopped: {why}")

    def step(self) -> None:
        """Write down how delivery is when it has changed; at most once a minute if it flaps."""
        now_s = self._clock.monotonic_s()
        link, lost = self._link, self._link.dropped + self._store.dropped
        delivery = (link.connected, link.connects, link.refused, lost)
        if delivery == self._delivery or now_s < self._delivery_due_s:
            return
        self._delivery = delivery
        self._delivery_due_s = now_s + DELIVERY_EVERY_S
        entry = DeliveryEntry(
            connected=link.connected,
            waiting=self._store.depth,
            connects=link.connects,
            refused=link.refused,
            lost=lost,
        )
        self._journal.record(entry, _delivery_words(entry))


def _delivery_words(entry: DeliveryEntry) -> str:
    words = ["broker connected" if entry.connected else "broker not connected"]
    words.append(f"{entry.waiting} event(s) wait")
    if entry.refused:
        words.append(f"{entry.refused} message(s) refused by the broker")
    if entry.lost:
        words.append(f"{entry.lost} event(s) lost")
    return ", ".join(words)
