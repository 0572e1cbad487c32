"""The form of everything that can be wrong with the monitor itself. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from edgecry.types import Code, Priority


@dataclass(frozen=True, slots=True)
class Check:
    """One technical condition.

    look: what is wrong now and what to do about it, for people, or None; it is handed monotonic
    seconds, about twice each, and returns at once.
    """

    code: Code
    priority: Priority
    look: Callable[[float], str | None]


class Asked:
    """A trouble that is asked for only now and then, and counts once it has lasted (`Lasting`).

    It is known after raise_after_s + every_s at most.
    """

    def __init__(
        self,
        ask: Callable[[], str | None],
        every_s: float,
        raise_after_s: float,
        clear_after_s: float,
    ) -> None:
        self._ask = ask
        self._every_s = every_s
        self._due_s = -math.inf
        self._answer: str | None = None
        self._lasting = Lasting(raise_after_s, clear_after_s)

    def look(self, now_s: float) -> str | None:
        """What counts now."""
        if now_s >= self._due_s:
            self._due_s = now_s + self._every_s
            self._answer = self._ask()
        return self._lasting.step(self._answer, now_s)


class Lasting:
    """A trouble that counts once it has lasted, until it has been away for as long as it takes.

    A trouble that comes and goes is then one alarm, and a moment of it is none.
    """

    def __init__(self, raise_after_s: float, clear_after_s: float) -> None:
        self._raise_after_s = raise_after_s
        self._clear_after_s = clear_after_s
        self._since_s: float | None = None
        self._seen_s = -math.inf
        self._raised: str | None = None

    def step(self, trouble: str | None, now_s: float) -> str | None:
        """Take what is seen now; what counts now."""
        if trouble is None:
            self._since_s = None
            if now_s - self._seen_s >= self._clear_after_s:
                self._raised = None
            return self._raised
        self._seen_s = now_s
        if self._since_s is None:
            self._since_s = now_s
        if self._raised is not None or now_s - self._since_s >= self._raise_after_s:
            self._raised = trouble
        return self._raised
