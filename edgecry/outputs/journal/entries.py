"""What may be written down: the facts of an entry. Its words, for people, stand beside them."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from edgecry.outputs.messages import ReasonMessage
from edgecry.types import Change, Kind, ModelName, Phase, Priority


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all entries; `what` names the kind. Fields at their default are left out."""

    what: ClassVar[str]


class AlarmEntry(Entry, frozen=True, kw_only=True):
    """A change of an alarm condition: what the station is told, less what never changes.

    acknowledged_for_s: how long the acknowledgement keeps the sound away at most.
    """

    what = "alarm"

    event_id: str
    alarm_id: str
    kind: Kind
    code: str
    phase: Phase
    priority: Priority
    onset_at: str
    ended_at: str | None = None
    duration_s: float
    p_cry: float | None = None
    threshold: float | None = None
    level_dbfs: float | None = None
    reason: ReasonMessage | None = None
    acknowledged_by: str | None = None
    acknowledged_for_s: float | None = None
    detail: str = ""
    test: bool = False


class ControlEntry(Entry, frozen=True, kw_only=True):
    """What somebody did to the alarm system as a whole, or what then ended or reminded by itself.

    until: when it will end by itself.
    """

    what = "control"

    change: Change
    by: str | None = None
    until: str | None = None
    detail: str = ""


class CommandEntry(Entry, frozen=True, kw_only=True):
    """A command came over MQTT. What it did to alarms and sound is told by their own entries.

    error: why it was refused; None if it was done. detail: what came of it.
    """

    what = "command"

    verb: str
    by: str
    request_id: str
    error: str | None = None
    detail: str = ""


class StartEntry(Entry, frozen=True, kw_only=True):
    """The daemon listens from here on.

    run_id: what the `alarm_id`s of this run begin with. runtime: what runs the model.
    config_sha256: of what `edgecry check-config --effective` prints.
    """

    what = "start"

    run_id: str
    pid: int
    version: str
    model: ModelName
    runtime: str
    config_sha256: str
    ward: str
    bed: str


class StopEntry(Entry, frozen=True, kw_only=True):
    """The daemon ends and can say so; after a kill or a power cut there is none."""

    what = "stop"

    why: str


class ConfigEntry(Entry, frozen=True, kw_only=True):
    """The configuration was read again while running.

    changed: settings taken over. waiting: those that need a restart. mistakes: why the file was
    refused, in which case nothing was taken over.
    """

    what = "config"

    changed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()


class DeliveryEntry(Entry, frozen=True, kw_only=True):
    """The way to the station has changed. Counts are since start.

    waiting: events in the outbox. refused: messages that the broker's ACL did not let pass.
    lost: events given up because the outbox or the queue before it was full.
    """

    what = "delivery"

    connected: bool
    waiting: int
    connects: int
    refused: int
    lost: int


class LostEntry(Entry, frozen=True, kw_only=True):
    """So many entries came just before this line and could not be kept."""

    what = "lost"

    count: int
