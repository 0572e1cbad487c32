"""Is the monitor still deciding on fresh sound? Pure: `now` is handed in (monotonic seconds)."""

from __future__ import annotations

import threading
from collections import deque

RECENT_S = 20.0


class Liveness:
    """Remembers when sound was last scored and decided on.

    `alive_s` feeds the watchdog. It moves only with a fresh decision: a window of new sound that
    was captured, scored and decided, or the pipeline's own verdict that it is blind, which it has
    raised as an alarm while it goes on trying. A pipeline that is stuck does neither.
    """

    def __init__(self, blind_after_s: float, now_s: float) -> None:
        self._blind_after_s = blind_after_s
        self._lock = threading.Lock()
        self._scored_s = now_s
        self._alive_s = now_s
        self._declared_blind_s = now_s
        self._flows_since_s: float | None = None
        self._decided: deque[tuple[float, float]] = deque()

    def decided(self, captured_s: float, now_s: float, hop_s: float) -> None:
        """A window that ends with sound captured at `captured_s` has been decided on.

        hop_s: how much of it is new since the window before.
        """
        with self._lock:
            if self._flows_since_s is None:
                self._flows_since_s = now_s
            else:
                self._decided.append((now_s, hop_s))
            self._forget(now_s)
            self._scored_s = max(self._scored_s, captured_s)
            if now_s - captured_s < self._blind_after_s:
                self._alive_s = now_s

    def declared_blind(self, now_s: float) -> None:
        """The pipeline itself says that it hears nothing, has raised it, and is trying again."""
        with self._lock:
            self._alive_s = self._declared_blind_s = now_s

    @property
    def alive_s(self) -> float:
        """Monotonic time of the last fresh decision."""
        with self._lock:
            return self._alive_s

    def scored_age_s(self, now_s: float) -> float:
        """Age of the newest sound that has been decided on (since start, before the first)."""
        with self._lock:
            return now_s - self._scored_s

    def is_blind(self, now_s: float) -> bool:
        """No sound has been decided on for `blind_after_s`, or it comes too late to be of use.

        The time until which the pipeline itself has said so does not count: once the microphone is
        back, its first window needs a moment.
        """
        with self._lock:
            since_s = max(self._scored_s, self._declared_blind_s)
        return now_s - since_s >= self._blind_after_s

    def unscored_s(self, now_s: float) -> float:
        """How much of the sound of the last RECENT_S has not been decided on.

        It counts from the first decision on: after the start, and after `count_anew`.
        """
        with self._lock:
            if self._flows_since_s is None:
                return 0.0
            self._forget(now_s)
            recent_s = min(RECENT_S, now_s - self._flows_since_s)
            return max(0.0, recent_s - sum(hop_s for _, hop_s in self._decided))

    def count_anew(self) -> None:
        """What has not been decided on so far is explained."""
        with self._lock:
            self._flows_since_s = None
            self._decided.clear()

    def _forget(self, now_s: float) -> None:
        while self._decided and now_s - self._decided[0][0] >= RECENT_S:
            self._decided.popleft()
