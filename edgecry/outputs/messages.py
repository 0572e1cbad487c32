"""What the nurse station is told: the JSON payloads of MQTT, made from what was decided.

Pure: clocks and identities are handed in. Fields that are only known when a message is stored or
sent (`seq`, `published_at`, `late`, the outbox's depth) are filled by the sender.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from edgecry.clock import Clock
from edgecry.types import AlarmEvent, AudioState, Kind, ModelName, Phase, Priority, Reason

Mode = Literal["monitoring", "standby", "fault"]


class Message(msgspec.Struct, frozen=True):
    """Base of every payload."""

    def encode(self) -> bytes:
        """The JSON that is published."""
        return msgspec.json.encode(self)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks.

    boot_id: which start of the machine (Linux: /proc/sys/kernel/random/boot_id).
    run_id: which start of the daemon; unique for ever.
    """

    device: str
    ward: str
    bed: str
    boot_id: str
    run_id: str
    model: ModelName


class ReasonMessage(Message, frozen=True, kw_only=True):
    """Why the baby may be crying; `label` may be `uncertain`, `probabilities` sum to 1.

    model: the one that guessed, not the detector.
    """

    label: str
    probabilities: dict[str, float]
    experimental: Literal[True] = True
    model: ModelName


class EventMessage(Message, frozen=True, kw_only=True):
    """One change of one alarm condition. Times are RFC 3339, UTC, in milliseconds.

    event_id is this message's, the same however often it is sent; alarm_id is the condition's, the
    same from `start` to `end`. `clock_synced` says whether to believe the times. `reason` is only
    there for a cry, where reasons are guessed. `detail` says what is wrong with the monitor and
    what to do; empty for a cry.
    """

    schema: str = "edgecry.event/1"
    event_id: str
    alarm_id: str
    seq: int = 0
    boot_id: str
    device: str
    ward: str
    bed: str
    kind: Kind
    code: str
    phase: Phase
    priority: Priority
    onset_at: str
    detected_at: str
    ended_at: str | None
    published_at: str | None = None
    clock_synced: bool
    late: bool = False
    duration_s: float
    p_cry: float | None
    threshold: float | None
    level_dbfs: float | None
    reason: ReasonMessage | None = None
    acknowledged_by: str | None
    detail: str = ""
    test: bool = False
    model: ModelName


class ActiveCondition(Message, frozen=True, kw_only=True):
    """An alarm condition that has not ended."""

    alarm_id: str
    kind: Kind
    code: str
    priority: Priority
    onset_at: str
    acknowledged_by: str | None
    acknowledged_until: str | None
    detail: str


class MissedCries(Message, frozen=True, kw_only=True):
    """Cries that ended before anybody acknowledged them: how many, and when the first ended."""

    count: int
    since: str


class StateMessage(Message, frozen=True, kw_only=True):
    """What is so now; retained, and sent before any missed event.

    mode: `standby` also while a fault blinds the monitor; `active` names the fault.
    audio: what the sound of all alarms is; audio_by: who paused it, or switched it off.
    seq: of the last event stored, so that a station sees whether it has missed one.
    """

    schema: str = "edgecry.state/1"
    device: str
    ward: str
    bed: str
    mode: Mode
    active: tuple[ActiveCondition, ...] = ()
    highest_priority: Priority | None = None
    audio: AudioState = "on"
    audio_by: str | None = None
    audio_paused_until: str | None = None
    standby_by: str | None = None
    standby_since: str | None = None
    missed: MissedCries | None = None
    last_event_id: str | None = None
    seq: int = 0
    published_at: str | None = None
    clock_synced: bool


class HealthMessage(Message, frozen=True, kw_only=True):
    """How the monitor is; None where the machine cannot tell.

    frame_age_s: since the newest window was scored. level_dbfs: of that window.
    overruns: times that audio was lost since start. throttled: the CPU is slowed down.
    commands_refused: messages from outside that were retained or malformed, since start.
    messages_dropped: those that were too many. versions: of the software, by name.
    """

    schema: str = "edgecry.health/1"
    device: str
    boot_id: str
    uptime_s: float
    frame_age_s: float | None
    level_dbfs: float | None
    overruns: int
    outbox_depth: int = 0
    outbox_oldest_age_s: float | None = None
    outbox_durable: bool = True
    temperature_c: float | None = None
    throttled: bool | None = None
    commands_refused: int = 0
    messages_dropped: int = 0
    versions: dict[str, str]
    model: ModelName
    published_at: str | None = None
    clock_synced: bool


class ResultMessage(Message, frozen=True, kw_only=True):
    """The answer to a command.

    request_id: the command's; None if that could not be read. error: why it was not done; None if
    it was. detail: for people, what came of it.
    """

    schema: str = "edgecry.result/1"
    request_id: str | None
    ok: bool
    error: str | None
    detail: str = ""


def event_message(event: AlarmEvent, identity: Identity, clock: Clock) -> EventMessage:
    """The message about `event`, which was decided just now.

    Audio time has no date, so only differences of the event's times are used: `event.at_s` is now.
    """
    now = clock.utc()

    def at(audio_s: float) -> str:
        return rfc3339(now - timedelta(seconds=event.at_s - audio_s))

    return EventMessage(
        event_id=uuid.uuid4().hex,
        alarm_id=alarm_id(identity, event),
        boot_id=identity.boot_id,
        device=identity.device,
        ward=identity.ward,
        bed=identity.bed,
        kind=event.kind,
        code=event.code,
        phase=event.phase,
        priority=event.priority,
        onset_at=at(event.onset_s),
        detected_at=at(event.detected_s),
        ended_at=None if event.ended_s is None else at(event.ended_s),
        clock_synced=clock.synchronised(),
        duration_s=round(event.duration_s, 3),
        p_cry=rounded(event.p_cry, 4),
        threshold=rounded(event.threshold, 4),
        level_dbfs=rounded(event.level_dbfs, 1),
        reason=None if event.reason is None else reason_message(event.reason),
        acknowledged_by=event.acknowledged_by,
        detail=event.detail,
        test=event.test,
        model=identity.model,
    )


def reason_message(reason: Reason) -> ReasonMessage:
    """The reason with probabilities of four digits that still sum to 1."""
    names, values = zip(*reason.probabilities, strict=True)
    return ReasonMessage(
        label=reason.label,
        probabilities=dict(zip(names, rounded_shares(values), strict=True)),
        model=reason.model,
    )


def alarm_id(identity: Identity, event: AlarmEvent) -> str:
    """The condition's name, unique for ever; self-tests are counted apart."""
    return f"{identity.run_id}-{'test-' if event.test else ''}{event.alarm}"


def alarm_number(identity: Identity, name: str) -> int | None:
    """The number of the condition that `alarm_id` has named; None if this run has not."""
    run_id, _, number = name.rpartition("-")
    is_number = number.isascii() and number.isdigit() and len(number) <= 18
    return int(number) if run_id == identity.run_id and is_number else None


class EventWriter:
    """Writes the messages of all alarms, and dates every message of one alarm alike.

    A message may be written long after the sound that it is about (a stalled pipeline, a button),
    so the onset keeps the date that the first message gave it, unless the clock has been
    synchronised since.
    """

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock
        self._first: dict[int, EventMessage] = {}

    def write(self, event: AlarmEvent) -> EventMessage:
        """The message about `event`, which was decided just now."""
        message = event_message(event, self._identity, self._clock)
        first = self._first.pop(event.alarm, message)
        if first.clock_synced != message.clock_synced:
            first = message
        if event.phase != "end":
            self._first[event.alarm] = first
        return msgspec.structs.replace(
            message, onset_at=first.onset_at, detected_at=first.detected_at
        )


def active_condition(
    message: EventMessage, acknowledged_until: str | None = None
) -> ActiveCondition:
    """The condition that `message` last told of."""
    return ActiveCondition(
        alarm_id=message.alarm_id,
        kind=message.kind,
        code=message.code,
        priority=message.priority,
        onset_at=message.onset_at,
        acknowledged_by=message.acknowledged_by,
        acknowledged_until=acknowledged_until,
        detail=message.detail,
    )


def highest_priority(active: tuple[ActiveCondition, ...]) -> Priority | None:
    """The priority that a screen shows; None if all is well."""
    priorities = {condition.priority for condition in active}
    order: tuple[Priority, ...] = ("medium", "low")
    return next((priority for priority in order if priority in priorities), None)


def rfc3339(moment: datetime) -> str:
    """`2026-01-31T03:04:05.678Z`; `moment` is timezone-aware."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def rounded_shares(shares: Sequence[float], digits: int = 4) -> list[float]:
    """Shares of 1, rounded so that they still sum to 1 (largest remainders are rounded up)."""
    unit = 10**digits
    whole = [int(share * unit) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: whole[i] - shares[i] * unit)
    for i in by_remainder[: unit - sum(whole)]:
        whole[i] += 1
    return [each / unit for each in whole]


def rounded(value: float | None, digits: int) -> float | None:
    """`value` as a payload has it; what is unknown stays unknown."""
    return None if value is None else round(value, digits)
