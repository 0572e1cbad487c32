"""May the buzzer at the cot sound? The one place that decides it. Pure."""

from __future__ import annotations

from typing import Literal

BuzzerUse = Literal["always", "when-unreceived", "never"]


def is_audible(buzzer: BuzzerUse, *, unconfirmed: bool, broker_lost: bool) -> bool:
    """Whether alarms sound at the cot now.

    buzzer: the setting `panel.buzzer`. unconfirmed: no station has shown what it must.
    broker_lost: no station can be told.
    """
    if buzzer == "when-unreceived":
        return unconfirmed or broker_lost
    return buzzer == "always"
