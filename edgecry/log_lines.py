"""The log, written by a thread of its own: nothing waits for who reads it, or has stopped to."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from contextlib import suppress

CAPACITY = 1000
FLUSH_S = 0.5


class LineWriter(logging.Handler):
    """Writes to a copy of the descriptor `fd`; of more than CAPACITY lines that wait the newest are
    lost, and counted in the log itself."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = os.dup(fd)
        self._waiting: deque[bytes] = deque()
        self._lost = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record over; returns at once."""
        try:
            data = self._line(record)
        except Exception:
            self.handleError(record)
            return
        with self._changed:
            if len(self._waiting) >= CAPACITY:
                self._lost += 1
            else:
                self._waiting.append(data)
                self._changed.notify_all()

    def flush(self) -> None:
        """Wait until all is written, at most FLUSH_S."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting, FLUSH_S)

    def _line(self, record: logging.LogRecord) -> bytes:
        return (self.format(record) + "\n").encode(errors="backslashreplace")

    def _lost_line(self) -> bytes:
        words = f"{self._lost} line(s) of this log were lost here: nobody read it"
        return self._line(logging.LogRecord(__name__, logging.WARNING, "", 0, words, (), None))

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                data = self._waiting[0]
            with suppress(OSError):  # nobody will ever read it
                while data:
                    data = data[os.write(self._fd, data) :]
            with self._changed:
                self._waiting.popleft()
                if self._lost:
                    self._waiting.append(self._lost_line())
                    self._lost = 0
                self._changed.notify_all()
