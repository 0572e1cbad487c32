"""Signals of the operating system as values, which the main thread takes when it has time."""

from __future__ import annotations

import signal
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Self


class SignalInbox:
    """Catches the given signals from now on; as a context manager, until its end.

    A handler may interrupt anything, also a threading.Event that holds its own lock. Of all queues
    only SimpleQueue.put may be called then (Python's documentation: reentrant).
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._caught: SimpleQueue[signal.Signals] = SimpleQueue()
        self._before = {number: signal.signal(number, self._catch) for number in numbers}

    def wait(self, timeout_s: float) -> signal.Signals | None:
        """The next signal, oldest first; None if there is none within `timeout_s`."""
        try:
            return self._caught.get(timeout=timeout_s)
        except Empty:
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        self._caught.put(signal.Signals(number))
