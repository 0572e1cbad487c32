"""Alarms and operators as lines of the daemon's log."""

from __future__ import annotations

import logging

from edgecry.types import AlarmEvent, Event

log = logging.getLogger(__name__)

_LEVEL = {"low": logging.INFO, "medium": logging.WARNING}


def log_event(event: Event) -> None:
    """One line for each change of an alarm, or of what silences them."""
    if isinstance(event, AlarmEvent):
        log.log(_LEVEL[event.priority], "%s", describe(event))
    else:
        log.info("%s", event)


def describe(event: AlarmEvent) -> str:
    """The event in one line, for the log."""
    words = [f"alarm {event.alarm}: {event.code} {event.phase}, {event.priority}"]
    if event.p_cry is not None:
        words.append(f"p_cry {event.p_cry:.2f}")
    if event.duration_s > 0:
        words.append(f"{event.duration_s:.1f} s")
    if event.acknowledged_by:
        words.append(f"acknowledged by {event.acknowledged_by}")
    if event.acknowledged_for_s is not None:
        words.append(f"for {event.acknowledged_for_s:.0f} s at most")
    if event.reason is not None:
        words.append(str(event.reason))
    if event.detail:
        words.append(event.detail)
    return ", ".join(words)
