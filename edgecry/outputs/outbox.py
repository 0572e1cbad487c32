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
from contextlib import closing, suppress
from dataclasses import dataclass
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
_SEQ_MAX = 2**53  # the largest integer that every reader of JSON keeps
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
        query = "SELECT seq, CAST(body AS BLOB) FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        rows = self._run(lambda db: db.execute(query, (after_seq, limit)).fetchall())
        messages = []
        for seq, body in rows:
            try:
                message = _decoder.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
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
        """Leave the file tidy. What is in it stays; what is only in memory is lost, and said so."""
        if self.depth and not self.durable:
            log.error(
                "outbox: %s: stopped with %d event(s) that were not delivered and cannot be kept",
                self._path,
                self.depth,
            )
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
                rescued = _rescue(self._path)
                self._move_aside(error, len(rescued.rows))
                return _refill(_open_file(self._path), rescued)
        except (OSError, sqlite3.Error, _ForeignFileError) as error:
            self._warn_not_durable(error)
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                return _in_memory()  # another daemon has the file, and sends what is in it
            return _salvage(self._path) or _in_memory()

    def _continue_in_memory(self, error: sqlite3.Error) -> None:
        self._warn_not_durable(error)
        failed = self._db
        self._db = _copy_in_memory(failed) or _refill(_in_memory(), _Rescued(self.last_seq))
        self._count()
        try:
            failed.close()
        except sqlite3.Error as close_error:
            log.debug("outbox: %s: %s while closing", self._path, close_error)

    def _warn_not_durable(self, error: Exception) -> None:
        self.durable = False
        log.error(
            "outbox: %s: %s. Alarms still go out, but a restart loses those not yet delivered: "
            "check free space, permissions, the SD card and that no other edgecry runs, "
            "then restart",
            self._path,
            error,
        )

    def _move_aside(self, reason: Exception, rescued: int) -> None:
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
            "outbox: %s: %s. Moved to %s and started afresh with the %d event(s) that could be "
            "read; keep the file for a technician",
            self._path,
            reason,
            aside.name,
            rescued,
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


@dataclass(frozen=True, slots=True)
class _Rescued:
    """What is known of an outbox that is lost: its last number, and rows of its table."""

    last_seq: int = 0
    rows: tuple[tuple[int, float, bytes], ...] = ()


def _rescue(path: Path) -> _Rescued:
    """What can be read of a damaged outbox, from both ends up to the damage."""
    rows: dict[int, tuple[int, float, bytes]] = {}
    last_seq = 0
    plausible = f"typeof(seq) = 'integer' AND seq BETWEEN 1 AND {_SEQ_MAX}"
    sequence = f"SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE {plausible}"
    events = f"""
        SELECT seq, CAST(stored_utc_s AS REAL), CAST(body AS BLOB) FROM event
        WHERE body IS NOT NULL AND stored_utc_s IS NOT NULL AND {plausible} ORDER BY seq
    """
    with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)) as db:
        with suppress(sqlite3.Error):
            (last_seq,) = db.execute(sequence).fetchone()
        for direction in ("ASC", "DESC"):
            with suppress(sqlite3.Error):
                for row in db.execute(f"{events} {direction}"):
                    rows[row[0]] = row
    return _Rescued(max(last_seq, *rows, 0), tuple(rows[seq] for seq in sorted(rows)))


def _refill(db: sqlite3.Connection, rescued: _Rescued) -> sqlite3.Connection:
    """`db`, which is empty, with what was rescued; it counts on from there."""
    with db:
        db.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)", (rescued.last_seq,)
        )
        db.executemany("INSERT INTO event (seq, stored_utc_s, body) VALUES (?, ?, ?)", rescued.rows)
    return db


def _in_memory() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", check_same_thread=False)
    db.executescript(_SCHEMA)
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
    try:
        if not path.exists():
            return None
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
