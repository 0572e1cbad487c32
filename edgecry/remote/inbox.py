"""Messages from outside, read and waiting for the one who acts on them."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Full, Queue

from edgecry.clock import Clock
from edgecry.remote.rate import RateLimit
from edgecry.remote.requests import (
    Command,
    Receipt,
    Unreadable,
    read_command,
    read_receipt,
)

log = logging.getLogger(__name__)

CAPACITY = 100
COMMANDS_PER_S, COMMANDS_AT_ONCE = 2.0, 20
DONE_PER_S, DONE_AT_ONCE = 0.2, 20
"""Of commands that can be read: each is written down, and the journal is to hold more than them."""
RECEIPTS_PER_S, RECEIPTS_AT_ONCE = 50.0, 200
LOG_LINES_PER_S, LOG_LINES_AT_ONCE = 0.1, 5
_VERB = re.compile(r"cmd/([a-z][a-z-]{0,31})")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that cannot be read, and why."""

    request_id: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What came in. verb: of a command, good or bad; empty for a receipt."""

    verb: str
    content: Command | Receipt | Refusal
    received_mono_s: float


class Inbox:
    """Bounded in number and in rate: what is too much is dropped and counted.

    refused: retained or malformed messages so far. dropped: those beyond the limits.
    """

    def __init__(self, clock: Clock) -> None:
        now_s = clock.monotonic_s()
        self._clock = clock
        self._commands = RateLimit(COMMANDS_PER_S, COMMANDS_AT_ONCE, now_s)
        self._done = RateLimit(DONE_PER_S, DONE_AT_ONCE, now_s)
        self._receipts = RateLimit(RECEIPTS_PER_S, RECEIPTS_AT_ONCE, now_s)
        self._log_lines = RateLimit(LOG_LINES_PER_S, LOG_LINES_AT_ONCE, now_s)
        self._waiting: Queue[Waiting | None] = Queue(CAPACITY)
        self.refused = 0
        self.dropped = 0

    def take(self, topic: str, payload: bytes, retained: bool) -> None:
        """Read a message; `topic` is below the device's. For one thread; returns at once."""
        now_s = self._clock.monotonic_s()
        is_receipt = topic == "receipt"
        limit = self._receipts if is_receipt else self._commands
        if not limit.admits(now_s):
            self._drop(topic)
            return
        named = _VERB.fullmatch(topic)
        verb = named.group(1) if named else ""
        content: Command | Receipt | Refusal
        try:
            if is_receipt:
                content = read_receipt(payload, retained)
            else:
                content = read_command(verb, payload, retained)
        except Unreadable as unreadable:
            self._refuse(topic, unreadable)
            if not verb:
                return
            content = Refusal(unreadable.request_id, str(unreadable))
        if isinstance(content, Command) and not self._done.admits(now_s):
            self._drop(topic)
            content = Refusal(
                content.request_id,
                f"too many commands, at most {DONE_PER_S * 60:g} a minute: ask again later",
            )
        try:
            self._waiting.put_nowait(Waiting(verb, content, now_s))
        except Full:
            self._drop(topic)

    def next(self, timeout_s: float) -> Waiting | None:
        """The oldest message; None if none came within `timeout_s`, or after `interrupt`."""
        try:
            return self._waiting.get(timeout=timeout_s)
        except Empty:
            return None

    def interrupt(self) -> None:
        """Let whoever waits in `next` go on."""
        with suppress(Full):
            self._waiting.put_nowait(None)

    def _refuse(self, topic: str, why: Unreadable) -> None:
        self.refused += 1
        if self._log_lines.admits(self._clock.monotonic_s()):
            log.warning("%.40r is refused, %d so far: %s", topic, self.refused, why)

    def _drop(self, topic: str) -> None:
        self.dropped += 1
        if self._log_lines.admits(self._clock.monotonic_s()):
            log.warning(
                "too many messages, the latest on %.40r; %d dropped so far: find out who sends "
                "them, and who may (the broker's ACL)",
                topic,
                self.dropped,
            )
