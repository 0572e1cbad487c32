"""The status of the running daemon as a file in the runtime directory, for `edgecry status`.

A file and no socket: it needs no thread that answers, any number may read it at once, and after a
crash it still says what was last so. It is replaced as a whole, every second, by the thread that
supervises; so a daemon that died or hangs shows by its age, and no half of a file is ever read.
The directory is in memory (systemd's RuntimeDirectory), which spares the card.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from edgecry.errors import EdgecryError
from edgecry.outputs.status import Status

log = logging.getLogger(__name__)

_FILE_MODE = 0o640
"""As the journal's: technicians in the service's group read it."""


class StatusFile:
    """Where the daemon publishes. The directory is made by whoever starts the service."""

    def __init__(self, runtime_dir: str) -> None:
        self._path = status_path(runtime_dir)
        self._works = True

    def publish(self, status: Status) -> None:
        """Replace what was published. Trouble is logged when it begins; the old one grows stale."""
        fresh = self._path.with_suffix(".tmp")
        try:
            fresh.write_bytes(status.encode())
            fresh.chmod(_FILE_MODE)
            fresh.replace(self._path)
            self._works = True
        except OSError as error:
            if self._works:
                log.warning(
                    "status: %s: %s: `edgecry status` will not see this monitor; "
                    "set runtime_dir to a folder that it may write",
                    self._path,
                    error.strerror,
                )
            self._works = False

    def close(self) -> None:
        """The daemon ends: nothing is so any more."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("status: %s: %s; it will show as stale", self._path, error.strerror)


def status_path(runtime_dir: str) -> Path:
    """The file in `runtime_dir`."""
    return Path(runtime_dir) / "status.json"


def read_status(runtime_dir: str) -> Status | None:
    """What was published last; None if nothing is.

    Raises EdgecryError if it may not be read, or is not what this version writes.
    """
    path = status_path(runtime_dir)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Status)
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
