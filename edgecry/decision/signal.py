"""Raised alarms -> what the LED and the buzzer do, and when.

Timing is patterned after IEC 60601-1-8 (auditory burst: pulses of 0.20 s with 0.20 s between, one
for low, three for medium, medium repeated every 15 s; visual: low steady, medium 0.4 to 0.8 Hz at
20 to 60 % duty). A GPIO buzzer is on or off: tone and rise time are outside what it can claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edgecry.decision.alarm import Alarm
from edgecry.types import Priority

PULSE_MS = 200
PULSES = {"low": 1, "medium": 3}
MEDIUM_REPEAT_MS = 15_000
HALF_FLASH_MS = 833
"""Half a period of 0.6 Hz."""
WINK_MS = 100
WINK_REPEAT_MS = 3_000

Light = Literal["off", "missed", "quiet", "steady", "flashing"]


@dataclass(frozen=True, slots=True)
class Signal:
    """What the panel is to show.

    light: flashing (a medium alarm) or steady (a low one); without an alarm quiet (none would
    sound), missed (one has ended that nobody acknowledged) or off (one would sound).
    sound: the priority whose burst is to sound, None for silence.
    announcement: a new number means that the burst starts over: a new condition always sounds.
    """

    light: Light = "off"
    sound: Priority | None = None
    announcement: int = 0


SILENT = Signal()


@dataclass(frozen=True, slots=True)
class Levels:
    """The two output lines now, and for how long they stay so (None: until the signal changes)."""

    led: bool
    buzzer: bool
    change_in_ms: int | None


def signal_of(
    alarms: Sequence[Alarm], announcements: int, *, missed: bool = False, quiet: bool = False
) -> Signal:
    """The highest priority wins; an acknowledged condition keeps its light and loses its sound.

    missed: an episode has ended that nobody acknowledged.
    quiet: nothing is to sound for a while: the audio is paused, or the monitor stands by.
    """
    light: Light = "off"
    if any(alarm.priority == "medium" for alarm in alarms):
        light = "flashing"
    elif alarms:
        light = "steady"
    elif quiet:
        light = "quiet"
    elif missed:
        light = "missed"
    sounding = set() if quiet else {alarm.priority for alarm in alarms if not alarm.acknowledged}
    sound: Priority | None = None
    if sounding:
        sound = "medium" if "medium" in sounding else "low"
    return Signal(light, sound, announcements)


def levels(signal: Signal, lit_ms: int, sounding_ms: int) -> Levels:
    """State of both lines `lit_ms` after the light and `sounding_ms` after the sound began."""
    led, led_change_ms = _led(signal, lit_ms)
    buzzer, buzzer_change_ms = _buzzer(signal.sound, sounding_ms)
    changes = [change for change in (led_change_ms, buzzer_change_ms) if change is not None]
    return Levels(led, buzzer, min(changes, default=None))


def _led(signal: Signal, elapsed_ms: int) -> tuple[bool, int | None]:
    if signal.light in ("missed", "quiet"):
        into = elapsed_ms % WINK_REPEAT_MS
        return into < WINK_MS, (WINK_MS if into < WINK_MS else WINK_REPEAT_MS) - into
    if signal.light != "flashing":
        return signal.light == "steady", None
    half_periods, into = divmod(elapsed_ms, HALF_FLASH_MS)
    return half_periods % 2 == 0, HALF_FLASH_MS - into


def _buzzer(sound: Priority | None, elapsed_ms: int) -> tuple[bool, int | None]:
    if sound is None:
        return False, None
    if sound == "medium":
        elapsed_ms %= MEDIUM_REPEAT_MS
    slot, into = divmod(elapsed_ms, PULSE_MS)
    if slot < 2 * PULSES[sound] - 1:
        return slot % 2 == 0, PULSE_MS - into
    return False, MEDIUM_REPEAT_MS - elapsed_ms if sound == "medium" else None
