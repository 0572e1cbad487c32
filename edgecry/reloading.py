"""Reading the configuration again while the monitor runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from edgecry.config.changes import changed_keys
from edgecry.config.schema import Settings
from edgecry.errors import ConfigError

log = logging.getLogger(__name__)

LIVE_SECTIONS = ("logging",)
"""What changes at once; all else waits for a restart."""


class Record(Protocol):
    """What is told of every attempt; both calls return at once."""

    def config_read(self, changed: Sequence[str], waiting: Sequence[str]) -> None: ...
    def config_refused(self, why: str) -> None: ...


class Reloader:
    """For SIGHUP and the command `reload`, from any thread.

    load: reads the configuration; raises ConfigError. apply: takes over the LIVE_SECTIONS.
    """

    def __init__(
        self,
        load: Callable[[], Settings],
        apply: Callable[[Settings], None],
        running: Settings,
        record: Record,
    ) -> None:
        self._load = load
        self._apply = apply
        self._running = running
        self._record = record
        self._lock = threading.Lock()

    def reload(self) -> str:
        """Read again; what was taken over and what needs a restart, in words.

        Raises ConfigError, with a line for each mistake, and leaves all as it was.
        """
        with self._lock:
            try:
                wanted = self._load()
            except ConfigError as error:
                for line in str(error).splitlines():
                    log.error("the configuration was not read again: %s", line)
                self._record.config_refused(str(error))
                raise
            changed = changed_keys(self._running, wanted)
            taken = [key for key in changed if key.split(".")[0] in LIVE_SECTIONS]
            waiting = [key for key in changed if key not in taken]
            live = {section: getattr(wanted, section) for section in LIVE_SECTIONS}
            self._running = msgspec.structs.replace(self._running, **live)
            self._apply(self._running)
            self._record.config_read(taken, waiting)
        words = "; ".join(
            [
                "read again",
                *([f"taken over: {', '.join(taken)}"] if taken else []),
                *([f"these need a restart: {', '.join(waiting)}"] if waiting else []),
                *([] if changed else ["nothing has changed"]),
            ]
        )
        log.log(logging.WARNING if waiting else logging.INFO, "the configuration was %s", words)
        return words
