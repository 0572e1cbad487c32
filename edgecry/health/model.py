"""Can the detector's answers be trusted? Pure: `now` is handed in (monotonic seconds)."""

from __future__ import annotations

import math
from collections.abc import Callable

from edgecry.errors import ModelError
from edgecry.health.check import Lasting

CHECK_EVERY_S = 8.0
CLEAR_AFTER_S = 10.0


class ModelHealth:
    """The model has failed on a window (known at once) or on the known sounds (CHECK_EVERY_S).

    Fed by the pipeline's thread, read by any.
    check: plays the known sounds; what is wrong, or None. Raises ModelError if the model fails.
    """

    def __init__(self, check: Callable[[], str | None]) -> None:
        self._check = check
        self._due_s = -math.inf
        self._lasting = Lasting(0.0, CLEAR_AFTER_S)
        self.trouble: str | None = None

    def step(self, now_s: float) -> None:
        """To be called often: checks at the first call, and from then on every CHECK_EVERY_S."""
        if now_s < self._due_s:
            return
        self._due_s = now_s + CHECK_EVERY_S
        try:
            wrong = self._check()
        except ModelError as error:
            wrong = str(error)
        self._tell(wrong, now_s)

    def failed(self, error: ModelError, now_s: float) -> None:
        """The model has failed on a window."""
        self._tell(str(error), now_s)

    def _tell(self, wrong: str | None, now_s: float) -> None:
        self.trouble = self._lasting.step(None if wrong is None else _words(wrong), now_s)


def _words(wrong: str) -> str:
    return (
        f"the detector cannot be trusted, {wrong}: this cot is not being listened to; restart "
        "edgecry, and if that does not help install it again or replace the machine"
    )
