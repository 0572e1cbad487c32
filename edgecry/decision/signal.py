"""Raised alarms -> what the LED and the buzzer are to say; `pattern` says how they say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from edgecry.decision.alarm import Alarm

Light = Literal[
    "off",
    "missed",
    "quiet",
    "missed-quiet",
    "steady",
    "steady-missed",
    "steady-quiet",
    "steady-missed-quiet",
    "flashing",
]
Sound = Literal["technical-low", "low", "technical-medium", "medium"]

SOUNDS: tuple[Sound, ...] = ("technical-low", "low", "technical-medium", "medium")
"""By rank: of several conditions the highest priority is heard, at equal priority the baby."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What the panel is to show.

    light: flashing (a medium alarm) or steady (a low one); without a medium one also quiet (none
    would sound), missed (one has ended that nobody acknowledged), or both; off where none of it is.
    sound: whose burst is to sound, None for silence.
    announcement: a new number means that the burst starts over: a new condition always sounds.
    """

    light: Light = "off"
    sound: Sound | None = None
    announcement: int = 0


SILENT = Signal()

_WITHOUT_A_MEDIUM_ALARM: Mapping[tuple[bool, bool, bool], Light] = {
    (False, False, False): "off",
    (False, True, False): "missed",
    (False, False, True): "quiet",
    (False, True, True): "missed-quiet",
    (True, False, False): "steady",
    (True, True, False): "steady-missed",
    (True, False, True): "steady-quiet",
    (True, True, True): "steady-missed-quiet",
}
"""By whether a low alarm is raised, a cry was missed, nothing would sound."""


def signal_of(
    alarms: Sequence[Alarm],
    announcements: int,
    *,
    missed: bool = False,
    quiet: bool = False,
    audible: bool = True,
) -> Signal:
    """The highest priority wins; an acknowledged condition keeps its light and loses its sound.

    missed: an episode has ended that nobody acknowledged.
    quiet: nothing is to sound for a while: the audio is paused, or the monitor stands by.
    audible: alarms are to sound at the cot, because nobody else tells of them (`audibility`).
    """
    light = _WITHOUT_A_MEDIUM_ALARM[bool(alarms), missed, quiet]
    if any(alarm.priority == "medium" for alarm in alarms):
        light = "flashing"
    heard = [] if quiet or not audible else [alarm for alarm in alarms if alarm.sounds]
    sounds = [_sound(alarm) for alarm in heard]
    return Signal(light, max(sounds, key=SOUNDS.index, default=None), announcements)


def _sound(alarm: Alarm) -> Sound:
    if alarm.last.kind == "patient":
        return alarm.priority
    return "technical-medium" if alarm.priority == "medium" else "technical-low"
