"""The status of the running daemon as a file in the runtime directory, for `edgecry status`.

A file and no socket: it needs no thread that answers, any number may read it at once, and after a
crash it still says when the daemon was last seen. It is replaced as a whole, every second, by the
thread that supervises, so that no half of it is ever read and a daemon that hangs shows by its age.
While the daemon lives it holds a lock on the directory, which the kernel takes away however it
ends: what a dead one left behind cannot be taken for news. The directory is in memory (systemd's
RuntimeDirectory), which spares the card.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from pathlib import Path

import msgspec

from edgecry.errors import EdgecryError
from edgecry.outputs.status import Seen, Status, seen

log = logging.getLogger(__name__)

_FILE_MODE = 0o640
"""As the journal's: technicians in the service's group read it."""
_FAILURES_LOGGED = 3
"""Not before: a reader may hold the lock for a moment, to see whether it is free."""


class StatusFile:
    """Where the daemon publishes. The directory is made by whoever starts the service."""

    def __init__(self, runtime_dir: str) -> None:
        self._path = status_path(runtime_dir)
        self._lock: int | None = None
        self._failures = 0

    def publish(self, status: Status) -> None:
        """Replace what was published. Trouble that lasts is logged once; the old grows stale."""
        try:
            self._hold_lock()
            fresh = self._path.with_suffix(".tmp")
            fresh.write_bytes(status.encode())
            fresh.chmod(_FILE_MODE)
            fresh.replace(self._path)
            self._failures = 0
        except OSError as error:
            self._failures += 1
            if self._failures == _FAILURES_LOGGED:
                log.warning(
                    "status: %s: %s: `edgecry status` does not see this monitor; set runtime_dir "
                    "to a folder that it may write, and that no other edgecry uses",
                    self._path,
                    error.strerror,
                )

    def close(self) -> None:
        """The daemon ends: nothing is so any more."""
        if self._lock is None:
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("status: %s: %s; it stays behind", self._path, error.strerror)
        self._let_go()

    def _hold_lock(self) -> None:
        """On the directory that is there now: somebody may have replaced it."""
        folder = self._path.parent
        if self._lock is not None and not os.path.samestat(os.fstat(self._lock), folder.stat()):
            self._let_go()
        if self._lock is None:
            self._lock = _locked(folder)

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def status_path(runtime_dir: str) -> Path:
    """The file in `runtime_dir`."""
    return Path(runtime_dir) / "status.json"


def read_status(runtime_dir: str) -> Seen | None:
    """What was published last; None if nothing is.

    Raises EdgecryError if it may not be read, or is not what this version writes.
    """
    path = status_path(runtime_dir)
    try:
        lives = _is_locked(path.parent)
        status = msgspec.json.decode(path.read_bytes(), type=Status)
        return seen(status, lives, time.monotonic())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EdgecryError(
            f"{path}: {error.strerror}; use sudo, or let your account into the group edgecry"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EdgecryError(
            f"{path}: not a status of this version of edgecry ({error}); restart the daemon"
        ) from error


def _locked(folder: Path, how: int = fcntl.LOCK_EX) -> int:
    """A descriptor that holds the lock on `folder`. Raises BlockingIOError if another does."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _is_locked(folder: Path) -> bool:
    try:
        os.close(_locked(folder, fcntl.LOCK_SH))
    except BlockingIOError:
        return True
    return False
