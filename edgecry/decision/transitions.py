"""The states of the alarm system, and what leads from one to the next: the whole of it, as data.

The machines look up here what a cause does in a state. What stands in no row does nothing.
docs/alarms.md draws these tables, and a test compares both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from edgecry.types import AudioState, Change, Phase, Priority


@dataclass(frozen=True, slots=True)
class State:
    """Of one raised condition: its priority, and whether somebody has seen it."""

    priority: Priority
    acknowledged: bool = False


LOW, MEDIUM = State("low"), State("medium")
LOW_SEEN, MEDIUM_SEEN = State("low", acknowledged=True), State("medium", acknowledged=True)

Cause = Literal[
    "found_low",
    "found_medium",
    "sustained",
    "worse",
    "cry_unanswered",
    "fault_unanswered",
    "acknowledged",
    "gone",
]
"""sustained: a cry has gone on for `alarm.sustained_s`. worse: a fault has become graver.

unanswered: nobody has acknowledged it for `alarm.escalate_s`, or the acknowledgement has run out.
"""

CONDITION: Mapping[tuple[State | None, Cause], tuple[Phase, State | None]] = {
    (None, "found_low"): ("start", LOW),
    (None, "found_medium"): ("start", MEDIUM),
    (LOW, "sustained"): ("update", MEDIUM),
    (LOW, "worse"): ("update", MEDIUM),
    (LOW, "cry_unanswered"): ("escalate", MEDIUM),
    (LOW, "fault_unanswered"): ("escalate", LOW),
    (LOW, "acknowledged"): ("acknowledge", LOW_SEEN),
    (LOW, "gone"): ("end", None),
    (MEDIUM, "cry_unanswered"): ("escalate", MEDIUM),
    (MEDIUM, "fault_unanswered"): ("escalate", MEDIUM),
    (MEDIUM, "acknowledged"): ("acknowledge", MEDIUM_SEEN),
    (MEDIUM, "gone"): ("end", None),
    (LOW_SEEN, "sustained"): ("update", MEDIUM_SEEN),
    (LOW_SEEN, "worse"): ("update", MEDIUM),
    (LOW_SEEN, "cry_unanswered"): ("escalate", MEDIUM),
    (LOW_SEEN, "fault_unanswered"): ("escalate", LOW),
    (LOW_SEEN, "gone"): ("end", None),
    (MEDIUM_SEEN, "cry_unanswered"): ("escalate", MEDIUM),
    (MEDIUM_SEEN, "fault_unanswered"): ("escalate", MEDIUM),
    (MEDIUM_SEEN, "gone"): ("end", None),
}
"""None: not raised. A cry that goes on stays acknowledged, a fault that becomes graver does not:
docs/alarms.md says why."""

AudioCause = Literal["pause", "switch_off", "resume", "time_is_up", "reminder_due"]

AUDIO: Mapping[tuple[AudioState, AudioCause], tuple[Change, AudioState]] = {
    ("on", "pause"): ("audio-paused", "paused"),
    ("on", "switch_off"): ("audio-off", "off"),
    ("paused", "pause"): ("audio-paused", "paused"),
    ("paused", "switch_off"): ("audio-off", "off"),
    ("paused", "resume"): ("audio-on", "on"),
    ("paused", "time_is_up"): ("audio-on", "on"),
    ("off", "pause"): ("audio-paused", "paused"),
    ("off", "resume"): ("audio-on", "on"),
    ("off", "reminder_due"): ("audio-off-reminder", "off"),
}

WatchState = Literal["monitoring", "standby"]
WatchCause = Literal["standby", "resume", "reminder_due"]

WATCH: Mapping[tuple[WatchState, WatchCause], tuple[Change, WatchState]] = {
    ("monitoring", "standby"): ("standby", "standby"),
    ("standby", "resume"): ("monitoring", "monitoring"),
    ("standby", "reminder_due"): ("standby-reminder", "standby"),
}
