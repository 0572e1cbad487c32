"""The durable outbox: events wait here, on disk, until the broker has acknowledged them.

SQLite in WAL mode with full synchronisation: what `put` returned survives a power cut. An SD card
that has died must not silence an alarm, so the outbox then goes on in memory and says so.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import TypeVar

import msgspec

from edgecry.clock import Clock
from edgecry.outputs.messages import EventMessage

log = logging.getLogger(__name__)

CAPACITY = 10_000
_LOG_EVERY_DROPS = 100
_BUSY_TIMEOUT_S = 2.0
_APPLICATION_ID = 0x65646372  # "edcr", in the file's header: sqlite.org/fileformat.html
_SCHEMA = f"""
    PRAGMA application_id = {_APPLICATION_ID};
    CREATE TABLE IF NOT EXISTS event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        stored_utc_s REAL NOT NULL,
        body BLOB NOT NULL
    );
"""
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
_decoder = msgspec.json.Decoder(EventMessage)

T = TypeVar("T")


class _ForeignFileError(Exception):
    """The file is not an outbox, or is damaged."""


class Outbox:
    """A first-in first-out queue of events with a sequence number that counts up for ever.

    Used by one thread at a time; `depth`, `last_seq`, `dropped` and `durable` may be read by any.
    No method raises for trouble with the storage.
    """

    def __init__(self, path: Path, clock: Clock, capacity: int = CAPACITY) -> None:
        self._path = path
        self._clock = clock
        self._capacity = capacity
        self.durable = True
        self.dropped = 0
        self.last_seq = 0
        self.depth = 0
        self._db = self._open()
        self._count()

    def put(self, message: EventMessage) -> int:
        """Store `message` and return its sequence number. When full, the oldest event goes."""
        row = (self._clock.utc().timestamp(), message.encode())

        def insert(db: sqlite3.Connection) -> int:
            with db:
                cursor = db.execute("INSERT INTO event (stored_utc_s, body) VALUES (?, ?)", row)
            assert cursor.lastrowid is not None
            return cursor.lastrowid

        self.last_seq = self._run(insert)
        self.depth += 1
        if self.depth > self._capacity:
            self._drop_oldest()
        return self.last_seq

    def pending(self, after_seq: int, limit: int) -> list[EventMessage]:
        """At most `limit` events after `after_seq`, oldest first, with their `seq`."""
        query = "SELECT seq, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        rows = self._run(lambda db: db.execute(query, (after_seq, limit)).fetchall())
        messages = []
        for seq, body in rows:
            try:
                message = _decoder.decode(body)
            except msgspec.DecodeError as error:
                log.error(
                    "outbox: event %d cannot be read and is given up: %s: %r", seq, error, body
                )
                self.delete([seq])
            else:
                messages.append(msgspec.structs.replace(message, seq=seq))
        return messages

    def delete(self, seqs: Iterable[int]) -> None:
        """Forget the events that have been delivered; unknown numbers are ignored."""
        keys = [(seq,) for seq in seqs]

        def remove(db: sqlite3.Connection) -> int:
            with db:
                return db.executemany("DELETE FROM event WHERE seq = ?", keys).rowcount

        if keys:
            self.depth -= self._run(remove)

    def oldest_age_s(self) -> float | None:
        """How long the oldest event has waited, by UTC as it has to outlive a restart."""
        query = "SELECT stored_utc_s FROM event ORDER BY seq LIMIT 1"
        row = self._run(lambda db: db.execute(query).fetchone())
        return None if row is None else max(0.0, self._clock.utc().timestamp() - row[0])

    def close(self) -> None:
        """Leave the file tidy. What is in it stays."""
        try:
            self._db.close()
        except sqlite3.Error as error:
            log.warning("outbox: %s: %s while closing", self._path, error)

    def _run(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return operation(self._db)
        except sqlite3.Error as error:
            self._continue_in_memory(error)
            return operation(self._db)

    def _drop_oldest(self) -> None:
        surplus = self.depth - self._capacity
        statement = "DELETE FROM event WHERE seq IN (SELECT seq FROM event ORDER BY seq LIMIT ?)"

        def remove(db: sqlite3.Connection) -> int:
            with db:
                return db.execute(statement, (surplus,)).rowcount

        self.depth -= self._run(remove)
        if self.dropped % _LOG_EVERY_DROPS == 0:
            log.error(
                "outbox: full with %d events, the oldest are given up (%d so far): "
                "the broker has been away for long; check the network and mqtt.host",
                self._capacity,
                self.dropped + surplus,
            )
        self.dropped += surplus

    def _count(self) -> None:
        def query(db: sqlite3.Connection) -> tuple[int, int]:
            last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
            (depth,) = db.execute("SELECT count(*) FROM event").fetchone()
            return (last[0] if last else 0), depth

        last_seq, self.depth = self._run(query)
        self.last_seq = max(self.last_seq, last_seq)

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _open_file(self._path)
            except _ForeignFileError as error:
                self._move_aside(error)
                return _open_file(self._path)
        except (OSError, sqlite3.Error, _ForeignFileError) as error:
            self._warn_not_durable(error)
            return _salvage(self._path) or _empty_in_memory(after_seq=0)

    def _continue_in_memory(self, error: sqlite3.Error) -> None:
        self._warn_not_durable(error)
        failed = self._db
        self._db = _copy_in_memory(failed) or _empty_in_memory(self.last_seq)
        self._count()
        try:
            failed.close()
        except sqlite3.Error as close_error:
            log.debug("outbox: %s: %s while closing", self._path, close_error)

    def _warn_not_durable(self, error: Exception) -> None:
        self.durable = False
        log.error(
            "outbox: %s: %s. Alarms still go out, but a restart loses those not yet delivered: "
            "check free space, permissions and the SD card, then restart edgecry",
            self._path,
            error,
        )

    def _move_aside(self, reason: Exception) -> None:
        aside = next(
            path
            for number in count(1)
            if not (path := self._path.with_name(f"{self._path.name}.corrupt-{number}")).exists()
        )
        self._path.rename(aside)
        wal = _wal_of(self._path)
        if wal.exists():
            wal.rename(_wal_of(aside))
        log.error(
            "outbox: %s: %s. Moved to %s and started afresh: undelivered events in it were not "
            "sent; keep the file for a technician",
            self._path,
            reason,
            aside.name,
        )


def _open_file(path: Path) -> sqlite3.Connection:
    """The outbox in `path`, made if absent.

    Raises _ForeignFileError if it is damaged or somebody else's, sqlite3.Error if it cannot be
    written. The exclusive lock keeps a second daemon from sending the same events.
    """
    is_new = not path.exists() or path.stat().st_size == 0
    db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, check_same_thread=False)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA synchronous = FULL")
        if not is_new:
            _check(db)
        db.executescript(_SCHEMA)
        db.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        db.close()
        if error.sqlite_errorcode & 0xFF in _DAMAGE:
            raise _ForeignFileError(str(error)) from error
        raise
    except _ForeignFileError:
        db.close()
        raise
    return db


def _check(db: sqlite3.Connection) -> None:
    """Raise unless `db` is a sound outbox."""
    (application_id,) = db.execute("PRAGMA application_id").fetchone()
    if application_id != _APPLICATION_ID:
        raise _ForeignFileError("not an outbox of edgecry")
    (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise _ForeignFileError(f"damaged ({verdict})")
    db.execute("SELECT seq, stored_utc_s, body FROM event LIMIT 1")


def _empty_in_memory(after_seq: int) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", check_same_thread=False)
    db.executescript(_SCHEMA)
    with db:
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)", (after_seq,))
    return db


def _copy_in_memory(source: sqlite3.Connection) -> sqlite3.Connection | None:
    """A copy of a database that can still be read; None if it cannot."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        source.backup(copy)
        _check(copy)
    except (sqlite3.Error, _ForeignFileError) as error:
        log.error("outbox: the stored events cannot be read and wait on disk: %s", error)
        copy.close()
        return None
    return copy


def _salvage(path: Path) -> sqlite3.Connection | None:
    """What is in a file that cannot be opened for writing, such as one on a read-only card.

    SQLite cannot read a WAL there, so it reads a copy.
    """
    if not path.exists():
        return None
    try:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / path.name
            shutil.copyfile(path, copy)
            if _wal_of(path).exists():
                shutil.copyfile(_wal_of(path), _wal_of(copy))
            db = _open_file(copy)
            try:
                return _copy_in_memory(db)
            finally:
                db.close()
    except (OSError, sqlite3.Error, _ForeignFileError) as error:
        log.error("outbox: the stored events cannot be read and wait on disk: %s", error)
        return None


def _wal_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
