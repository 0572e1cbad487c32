"""Does what is said reach the nurse station? Pure: `now` is handed in (monotonic seconds)."""

from __future__ import annotations

from typing import Protocol

BROKER_LOST_AFTER_S = 30.0


class Link(Protocol):
    """What is asked of the MQTT sender."""

    @property
    def heard_mono_s(self) -> float: ...


class BrokerLost:
    """The broker has acknowledged nothing for BROKER_LOST_AFTER_S, be it away or unwilling, or
    taken by another monitor that has our name."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def look(self, now_s: float) -> str | None:
        if now_s - self._link.heard_mono_s < BROKER_LOST_AFTER_S:
            return None
        return (
            "the station's broker cannot be reached, takes nothing, or no connection to it lasts: "
            "alarms are kept and sound only at the cot; check the network, mqtt.host, the login "
            "and its ACL, and that no other monitor has this device.id"
        )
