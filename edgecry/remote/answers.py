"""Which commands have been done: a repeated one is answered again and not done again. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender of a command is told.

    error: why it was not done; None if it was. detail: for people, what came of it.
    """

    error: str | None = None
    detail: str = ""

    @property
    def ok(self) -> bool:
        return self.error is None


class Answers:
    """Remembers the newest `capacity` commands of this run by verb and request_id."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, str], Answer | None] = OrderedDict()

    def knows(self, verb: str, request_id: str) -> bool:
        """Whether this command has been begun."""
        return (verb, request_id) in self._known

    def of(self, verb: str, request_id: str) -> Answer | None:
        """Its answer; None while it is not finished, or if it is not known."""
        return self._known.get((verb, request_id))

    def begin(self, verb: str, request_id: str) -> None:
        """It is being done from now on."""
        self._keep(verb, request_id, None)

    def finish(self, verb: str, request_id: str, answer: Answer) -> None:
        """It has been done, or has failed."""
        self._keep(verb, request_id, answer)

    def _keep(self, verb: str, request_id: str, answer: Answer | None) -> None:
        self._known[(verb, request_id)] = answer
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)
