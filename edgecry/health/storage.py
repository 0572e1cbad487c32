"""Can what must survive a power cut be stored? Pure: `now` is handed in (monotonic seconds)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from edgecry.health.check import Asked

NEARLY_FULL_BYTES = 100_000_000
"""Several times what outbox and journal may grow to: full is near, and not here yet."""
ASK_EVERY_S = 5.0
RAISE_AFTER_S = 5.0
CLEAR_AFTER_S = 10.0


@dataclass(frozen=True, slots=True)
class Space:
    """A file system. free_bytes: what the daemon's user may still write."""

    free_bytes: int
    read_only: bool


class Store(Protocol):
    """What is asked of the outbox."""

    @property
    def durable(self) -> bool: ...


class Storage:
    """A store has given up its file (at once), or the disk under it is read-only or nearly full.

    The disk is asked every ASK_EVERY_S, so it is known after RAISE_AFTER_S + ASK_EVERY_S at most.
    space: of the file system under `state_dir`; None if it cannot be asked.
    """

    def __init__(self, stores: Sequence[Store], space: Callable[[], Space | None]) -> None:
        self._stores = tuple(stores)
        self._disk = Asked(lambda: _trouble(space()), ASK_EVERY_S, RAISE_AFTER_S, CLEAR_AFTER_S)

    def look(self, now_s: float) -> str | None:
        disk = self._disk.look(now_s)
        if not all(store.durable for store in self._stores):
            return (
                "events cannot be stored: a power cut would lose those not yet sent; "
                "check free space and the card under state_dir, then restart edgecry"
            )
        return disk


def _trouble(space: Space | None) -> str | None:
    if space is None:
        return None
    if space.read_only:
        return (
            "the card under state_dir has become read-only: nothing new can be stored; "
            "it is worn out or damaged: replace it"
        )
    if space.free_bytes < NEARLY_FULL_BYTES:
        return (
            f"only {space.free_bytes / 1e6:.0f} MB are free under state_dir: once it is full, a "
            "power cut loses events; delete old files and logs, or fit a larger card"
        )
    return None
