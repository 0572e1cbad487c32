"""Alarms and operators as lines of the daemon's log."""

from __future__ import annotations

import logging

from edgecry.types import AlarmEvent, Event

log = logging.getLogger(__name__)

_LEVEL = {"low": logging.INFO, "medium": logging.WARNING}


def log_event(event: Event) -> None:
    """One line for each change of an alarm, or of what silences them."""
    level = _LEVEL[event.priority] if isinstance(event, AlarmEvent) else logging.INFO
    log.log(level, "%s", event)
