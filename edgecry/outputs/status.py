"""What the running daemon says of itself to this machine, and how far to believe it. Pure."""

from __future__ import annotations

from edgecry.outputs.messages import HealthMessage, Message, StateMessage

PUBLISH_EVERY_S = 1.0
STALE_AFTER_S = 5.0
"""A daemon that has not renewed its status for so long has died or hangs."""


class Status(Message, frozen=True, kw_only=True):
    """What is so now: `state` and `health` as they go over MQTT, and what only this machine sees.

    mono_s: monotonic seconds of this start of the machine (`health.boot_id`) at which it was made.
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


def age_s(status: Status, boot_id: str, now_s: float) -> float | None:
    """How long ago it was made, by monotonic time; None if that was before this start."""
    age = now_s - status.mono_s
    return age if status.health.boot_id == boot_id and age >= 0 else None


def is_alive(age: float | None) -> bool:
    """Whether a status of this age still tells what is so."""
    return age is not None and age <= STALE_AFTER_S
