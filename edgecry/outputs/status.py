"""What the running daemon says of itself to this machine, and how far to believe it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from edgecry.outputs.messages import HealthMessage, Message, StateMessage

PUBLISH_EVERY_S = 1.0
STALE_AFTER_S = 5.0
"""A daemon that has not renewed its status for so long hangs."""


class Status(Message, frozen=True, kw_only=True):
    """What is so now: `state` and `health` as they go over MQTT, and what only this machine sees.

    mono_s: monotonic seconds at which it was made.
    state_dir: where this daemon keeps its journal. p_cry: the averaged score that decides; None
    before the first. broker, connected: where events go, and whether it has accepted us.
    """

    schema: str = "edgecry.status/1"
    pid: int
    mono_s: float
    state_dir: str
    p_cry: float | None
    broker: str
    connected: bool
    state: StateMessage
    health: HealthMessage


@dataclass(frozen=True, slots=True)
class Seen:
    """What is found of a daemon. lives: whether the process that published it still does.

    age_s: by monotonic time; None if it does not live, as that time may be of another start.
    """

    status: Status
    lives: bool
    age_s: float | None

    @property
    def runs(self) -> bool:
        """Whether the status tells what is so: its process lives, and has just renewed it."""
        return self.lives and self.age_s is not None and self.age_s <= STALE_AFTER_S


def seen(status: Status, lives: bool, now_s: float) -> Seen:
    """Judge a status that was found at `now_s` (monotonic)."""
    return Seen(status, lives, now_s - status.mono_s if lives else None)
