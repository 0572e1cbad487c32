"""A library that may hang, called with a deadline."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from edgecry.errors import CaptureError

T = TypeVar("T")


class Guard:
    """Calls into one library, one at a time, each on a thread of its own that may be left behind.

    A call that hangs keeps the library to itself: until it returns, the others fail too.
    """

    def __init__(self, library: str, deadline_s: float) -> None:
        self._library = library
        self._deadline_s = deadline_s
        self._in_use = threading.Lock()

    def call(self, function: Callable[[], T], discard: Callable[[T], object] | None = None) -> T:
        """What `function` returns or raises. Raises CaptureError at the deadline.

        A result that comes after the deadline is handed to `discard`.
        """
        if not self._in_use.acquire(timeout=self._deadline_s):
            raise self._hangs()
        returned: list[T] = []
        raised: list[Exception] = []
        done = threading.Event()
        given_up = False
        decision = threading.Lock()

        def work() -> None:
            try:
                returned.append(function())
            except Exception as error:
                raised.append(error)
            with decision:
                done.set()
                late = given_up
            if late and returned and discard is not None:
                discard(returned[0])
            self._in_use.release()

        threading.Thread(target=work, name=self._library, daemon=True).start()
        done.wait(self._deadline_s)
        with decision:
            given_up = not done.is_set()
        if given_up:
            raise self._hangs()
        if raised:
            raise raised[0]
        return returned[0]

    def _hangs(self) -> CaptureError:
        return CaptureError(
            f"{self._library} has not answered for {self._deadline_s:g} s: the sound system hangs; "
            "unplug the microphone, or restart the machine"
        )
