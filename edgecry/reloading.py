"""Reading the configuration again while the monitor runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from edgecry.clock import Clock
from edgecry.config.changes import changed_keys
from edgecry.config.schema import Settings
from edgecry.errors import ConfigError, RefusedError
from edgecry.remote.answers import Answer

log = logging.getLogger(__name__)

LIVE_SECTIONS = ("logging",)
"""What changes at once; all else waits for a restart."""
ANSWER_WITHIN_S = 10.0


class Record(Protocol):
    """What is told of every attempt; both calls return at once."""

    def config_read(self, changed: Sequence[str], waiting: Sequence[str]) -> None: ...
    def config_refused(self, why: str) -> None: ...


class Reloader:
    """For SIGHUP and the command `reload`, from any thread; reads on one of its own, because the
    disk may hang, and nobody is to wait for it.

    load: reads the configuration; raises ConfigError. apply: takes over the LIVE_SECTIONS.
    """

    def __init__(
        self,
        load: Callable[[], Settings],
        apply: Callable[[Settings], None],
        running: Settings,
        record: Record,
        clock: Clock,
    ) -> None:
        self._load = load
        self._apply = apply
        self._running = running
        self._record = record
        self._clock = clock
        self._lock = threading.Lock()
        self._reading = False
        self._answer: Answer | None = None
        self._answer_by_s: float | None = None

    def begin(self) -> None:
        """Start to read again. Raises RefusedError while that has been started and is not over."""
        with self._lock:
            if self._reading:
                raise RefusedError("the configuration is being read: wait for the result")
            self._reading, self._answer = True, None
            self._answer_by_s = self._clock.monotonic_s() + ANSWER_WITHIN_S
        threading.Thread(target=self._read, name="reload", daemon=True).start()

    def outcome(self) -> Answer | None:
        """What came of the last `begin`, once: in words what was taken over and what needs a
        restart, or why nothing was, a line for each mistake. None if that is not known yet."""
        with self._lock:
            answer, now_s = self._answer, self._clock.monotonic_s()
            if answer is None and self._answer_by_s is not None and now_s >= self._answer_by_s:
                answer = Answer(
                    error=f"the configuration could not be read within {ANSWER_WITHIN_S:g} s: "
                    "the disk does not answer; nothing has changed"
                )
                log.error("%s", answer.error)
            if answer is not None:
                self._answer = self._answer_by_s = None
            return answer

    def _read(self) -> None:
        try:
            answer = Answer(detail=self.reload())
        except ConfigError as error:
            answer = Answer(error=str(error))
        except Exception:
            log.exception("the configuration was not read again")
            answer = Answer(error="a defect of the monitor: see its log")
        with self._lock:
            self._reading = False
            if self._answer_by_s is not None:
                self._answer = answer

    def reload(self) -> str:
        """Read again, on this thread; what came of it, in words.

        Raises ConfigError, with a line for each mistake, and leaves all as it was.
        """
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
