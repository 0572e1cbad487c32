"""Payloads from outside -> commands and receipts, or words on why not. Every payload is hostile.

Pure. A command has to be exactly what its verb takes: a misspelt `alarm_id` that is passed over
would acknowledge every alarm. A receipt may say more than is read, so that a newer station can.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

MAX_PAYLOAD_BYTES = 4096
MAX_PAUSE_REQUEST_S = 86_400.0
RESERVED_NAMES = frozenset({"button"})
_NOT_READABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
_MAX_WORDS = 200

RequestId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._:-]{1,64}\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Seconds = Annotated[float, Meta(gt=0.0, le=MAX_PAUSE_REQUEST_S)]


class Unreadable(ValueError):
    """A payload that is no request. Says what is wrong; `request_id` if that could be read."""

    def __init__(self, words: str, request_id: str | None = None) -> None:
        super().__init__(words)
        self.request_id = request_id


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every command says.

    request_id: the sender's name for it; a repeated one is answered again and not done again.
    by: who asks, as screens and logs will show it.
    """

    request_id: RequestId
    by: Name

    def __post_init__(self) -> None:
        _refuse_unprintable("by", self.by)
        if self.by in RESERVED_NAMES:
            raise ValueError(f"`by` cannot be {self.by}: that is the button at the cot")


class Acknowledge(Command, frozen=True):
    """Silence one condition, or all that are raised now (`alarm_id` null or left out)."""

    alarm_id: Name | None = None


class PauseAudio(Command, frozen=True):
    """Silence the buzzer for a while; the default of the device if no `seconds` are given."""

    seconds: Seconds | None = None


class AudioOff(Command, frozen=True):
    """Switch the buzzer off until somebody switches it on, where the settings allow that."""


class ResumeAudio(Command, frozen=True):
    """Switch the buzzer on again: end a pause, or `audio-off`."""


class Standby(Command, frozen=True):
    """Nobody lies here: stop alarming on cries."""


class Resume(Command, frozen=True):
    """End standby."""


class Test(Command, frozen=True):
    """Try the way from panel to station end to end."""


class Reload(Command, frozen=True):
    """Read the configuration again."""


COMMANDS: dict[str, type[Command]] = {
    "acknowledge": Acknowledge,
    "pause-audio": PauseAudio,
    "audio-off": AudioOff,
    "resume-audio": ResumeAudio,
    "standby": Standby,
    "resume": Resume,
    "test": Test,
    "reload": Reload,
}
"""By the last level of their topic, `cmd/<verb>`."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A station's word that a screen showed an event."""

    event_id: Name
    station: Name
    displayed_at: Annotated[datetime, Meta(tz=True)]

    def __post_init__(self) -> None:
        _refuse_unprintable("station", self.station)


class _Named(msgspec.Struct):
    """The least that an answer needs."""

    request_id: RequestId


AnyCommand = TypeVar("AnyCommand", Command, Receipt)


def read_command(verb: str, payload: bytes, retained: bool) -> Command:
    """The command on topic `cmd/<verb>`. Raises Unreadable."""
    if retained:
        raise Unreadable(
            "a retained command is never done: publish it without retain, and clear the retained "
            "one with an empty message",
            _request_id(payload),
        )
    kind = COMMANDS.get(verb)
    if kind is None:
        words = f"no such command, use one of {', '.join(COMMANDS)}"
        raise Unreadable(words, _request_id(payload))
    return _read(payload, kind)


def read_receipt(payload: bytes, retained: bool) -> Receipt:
    """The receipt in `payload`. Raises Unreadable."""
    if retained:
        raise Unreadable("a receipt is never retained")
    return _read(payload, Receipt)


def _read(payload: bytes, kind: type[AnyCommand]) -> AnyCommand:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise Unreadable(f"{len(payload)} bytes are too many, at most {MAX_PAYLOAD_BYTES}")
    try:
        return msgspec.json.decode(payload, type=kind)
    except _NOT_READABLE as error:
        raise Unreadable(_plain(str(error)), _request_id(payload)) from None


def _request_id(payload: bytes) -> str | None:
    if len(payload) > MAX_PAYLOAD_BYTES:
        return None
    try:
        return msgspec.json.decode(payload, type=_Named).request_id
    except _NOT_READABLE:
        return None


def _refuse_unprintable(field: str, text: str) -> None:
    if not text.isprintable() or not text.strip():
        raise ValueError(f"`{field}` must be printable text")


def _plain(words: str) -> str:
    """On one line, not too long: it may quote the payload."""
    return re.sub(r"[^\x20-\x7e]", "?", words)[:_MAX_WORDS]
