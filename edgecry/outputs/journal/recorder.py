"""The thread that owns the journal, and the bounded queue in front of it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from itertools import islice
from pathlib import Path

import msgspec

from edgecry.clock import Clock
from edgecry.outputs.journal.entries import Entry, LostEntry
from edgecry.outputs.journal.line import MAX_ENTRY_BYTES, Line
from edgecry.outputs.journal.writer import Writer
from edgecry.outputs.messages import rfc3339

log = logging.getLogger(__name__)

CAPACITY = 1000
STUCK_AFTER_S = 10.0
_BATCH = 100
_RETRY_S = 10.0
_TICK_S = 1.0
_LOG_EVERY_FAILURES = 60


class Journal:
    """Takes entries from any thread at once, and writes them down on a thread of its own.

    Nothing is read or written before `start`, and no trouble with the disk raises: `durable` tells.
    """

    def __init__(self, folder: Path, device: str, boot_id: str, clock: Clock) -> None:
        self._folder = folder
        self._device = device
        self._boot_id = boot_id
        self._clock = clock
        self._waiting: deque[Line] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._writer: Writer | None = None
        self._retry_at_s = clock.monotonic_s()
        self._failures = 0
        self._lost = 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    @property
    def durable(self) -> bool:
        """Whether what is recorded reaches the disk: the last write worked, and none hangs."""
        with self._changed:
            oldest_s = self._waiting[0].mono_s if self._waiting else None
        hangs = oldest_s is not None and self._clock.monotonic_s() - oldest_s > STUCK_AFTER_S
        return not self._failures and not hangs

    def record(self, entry: Entry, words: str) -> None:
        """Write `entry` down soon, with what a person shall read.

        Returns at once; when too many wait, or it makes no line, it is counted as lost.
        """
        try:
            line = self._line(entry, words)
        except ValueError as error:
            log.error("journal: cannot be written down: %s: %r", error, entry)
            self._lose()
            return
        with self._changed:
            if len(self._waiting) < CAPACITY:
                self._waiting.append(line)
                self._changed.notify()
                return
        self._lose()

    def start(self) -> None:
        """Begin to write on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """No more will come; what waits is tried once more. Returns at once, see `join`."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def join(self, deadline_s: float) -> None:
        """Wait until all is on the disk, at most `deadline_s`."""
        if self._thread.ident is not None:
            self._thread.join(deadline_s)
        with self._changed:
            left = len(self._waiting)
        if left:
            log.error("journal: %s: %d line(s) could not be written", self._folder, left)

    def step(self, now_s: float) -> None:
        """Write what waits, unless the disk has just refused; a failure is tried again later."""
        if now_s < self._retry_at_s:
            return
        try:
            while batch := self._batch():
                if self._writer is None:
                    self._writer = Writer(self._folder)
                written = self._writer.append(batch)
                with self._changed:
                    for _ in range(written):
                        self._waiting.popleft()
                self._recovered()
        except OSError as error:
            self._failed(error, now_s)

    def _run(self) -> None:
        try:
            while not self._stopping:
                self.step(self._clock.monotonic_s())
                with self._changed:
                    self._changed.wait_for(lambda: self._stopping or self._is_due(), _TICK_S)
            self._retry_at_s = self._clock.monotonic_s()
            self.step(self._retry_at_s)
        except Exception:
            self._failures += 1
            log.exception("the journal failed; alarms go on without it")
        finally:
            if self._writer is not None:
                self._writer.close()

    def _is_due(self) -> bool:
        return bool(self._waiting) and self._clock.monotonic_s() >= self._retry_at_s

    def _batch(self) -> list[Line]:
        with self._changed:
            return list(islice(self._waiting, _BATCH))

    def _line(self, entry: Entry, words: str) -> Line:
        """Raises ValueError if the entry is no text, or too long for a line."""
        facts = msgspec.json.encode(entry)
        size = len(facts) + len(words.encode())
        if size > MAX_ENTRY_BYTES:
            raise ValueError(f"{size} bytes are too many for a line")
        return Line(
            at=rfc3339(self._clock.utc()),
            clock_synced=self._clock.synchronised(),
            boot_id=self._boot_id,
            mono_s=round(self._clock.monotonic_s(), 3),
            device=self._device,
            what=entry.what,
            words=words,
            facts=msgspec.Raw(facts),
        )

    def _lose(self) -> None:
        with self._changed:
            self._lost += 1

    def _recovered(self) -> None:
        """A write has worked. Say how many lines went missing before it, once there is room."""
        if self._failures:
            log.info("journal: %s can be written again", self._folder)
        self._failures = 0
        with self._changed:
            if self._lost and len(self._waiting) < CAPACITY:
                words = f"{self._lost} line(s) of this journal were lost before this one"
                self._waiting.append(self._line(LostEntry(count=self._lost), words))
                self._lost = 0

    def _failed(self, error: OSError, now_s: float) -> None:
        if self._failures % _LOG_EVERY_FAILURES == 0:
            log.error(
                "journal: %s: %s. Alarms go on, their record waits in memory: check free space, "
                "permissions, the SD card and that no other edgecry runs",
                self._folder,
                error,
            )
        self._failures += 1
        self._retry_at_s = now_s + _RETRY_S
        if self._writer is not None:
            self._writer.close()
            self._writer = None
