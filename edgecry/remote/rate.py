"""How many messages in how much time. Pure: `now` is handed in (monotonic seconds)."""

from __future__ import annotations


class RateLimit:
    """A token bucket: `burst` at once, `per_s` in the long run."""

    def __init__(self, per_s: float, burst: int, now_s: float) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._left = float(burst)
        self._filled_s = now_s

    def admits(self, now_s: float) -> bool:
        """Whether one more may pass at `now_s`; it is counted if so."""
        self._left = min(self._burst, self._left + (now_s - self._filled_s) * self._per_s)
        self._filled_s = now_s
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
