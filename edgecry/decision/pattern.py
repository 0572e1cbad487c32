"""Pulse trains: what the LED's and the buzzer's line do for each light and sound.

Timing is patterned after IEC 60601-1-8:2006, tables 2 to 4: the pulses of a low or medium burst are
125 to 250 ms long and as far apart, three in a medium burst, one or two in a low one; medium bursts
are at least 2.5 s and at most 30 s apart; a low light is steady, a medium one flashes at 0.4 to
0.8 Hz, 20 to 60 % on. A GPIO buzzer is on or off: tone, volume and rise time are outside what it
can claim.

Whether it is about the baby or about the monitor cannot be told by melody, as the standard's annex
F does. It is told by what the standard leaves free: **what is said twice is about the monitor.** A
low alarm is one pulse for the baby and two for the monitor; a medium one is a burst for the baby,
and a burst with an echo 2.5 s after it for the monitor. Number, length and distance of the pulses
in a burst stay those of the priority: who does not know this still hears how urgent it is.

Without an alarm the LED is dark only if an alarm would sound. One wink says that a cry was missed,
two winks that the sound is off, three say both. Winks are short and rare, unlike any alarm's light.
Beside a low alarm, which may last for days, as many gaps in its steady light say the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from edgecry.decision.signal import Light, Sound


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a line does from the moment that the pattern begins.

    edges_us: when the line changes: on (at 0), off, on, ... ascending.
    repeat_us: when the pattern begins again, at or after its last edge; None for never.
    """

    edges_us: tuple[int, ...] = ()
    repeat_us: int | None = None

    def at(self, elapsed_us: int) -> tuple[bool, int | None]:
        """The line `elapsed_us` after the beginning, and how long it stays so (None: for ever).

        Off before the beginning.
        """
        if elapsed_us >= 0 and self.repeat_us is not None:
            elapsed_us %= self.repeat_us
        passed = bisect_right(self.edges_us, elapsed_us)
        if passed < len(self.edges_us):
            return passed % 2 == 1, self.edges_us[passed] - elapsed_us
        stays_us = None if self.repeat_us is None else self.repeat_us - elapsed_us
        return passed % 2 == 1, stays_us

    def off_for_us(self, elapsed_us: int) -> int | None:
        """How long the line has been off: 0 while it is on, None if it was never on."""
        if elapsed_us < 0 or not self.edges_us:
            return None
        if self.repeat_us is not None:
            elapsed_us %= self.repeat_us
        passed = bisect_right(self.edges_us, elapsed_us)
        return 0 if passed % 2 == 1 else elapsed_us - self.edges_us[passed - 1]


def _train(starts_us: Iterable[int], on_us: int) -> tuple[int, ...]:
    """The edges of pulses of `on_us` at `starts_us`."""
    return tuple(edge for start_us in starts_us for edge in (start_us, start_us + on_us))


def _winks(count: int) -> Pattern:
    return Pattern(_train(range(0, count * 3 * _WINK_US, 3 * _WINK_US), _WINK_US), _WINK_EVERY_US)


def _gaps(count: int) -> Pattern:
    """A light that goes out `count` times at the end of every _WINK_EVERY_US."""
    lit_us = range(_WINK_EVERY_US - (2 * count - 1) * _GAP_US, _WINK_EVERY_US, 2 * _GAP_US)
    edges_us = (edge_us for out_us in lit_us for edge_us in (out_us, out_us + _GAP_US))
    return Pattern((0, *edges_us)[:-1], _WINK_EVERY_US)


_PULSE_US = 200_000
_PULSE_EVERY_US = 400_000
_BURST_EVERY_US = 15_000_000
_BURST_US = (0, _PULSE_EVERY_US, 2 * _PULSE_EVERY_US)
_ECHO_US = _BURST_US[-1] + _PULSE_US + 2_500_000
_FLASH_EVERY_US = 1_666_667  # 0.6 Hz
_WINK_US = 100_000
_WINK_EVERY_US = 3_000_000
_GAP_US = 200_000

BURSTS: dict[Sound, Pattern] = {
    "low": Pattern(_train([0], _PULSE_US)),
    "technical-low": Pattern(_train([0, _PULSE_EVERY_US], _PULSE_US)),
    "medium": Pattern(_train(_BURST_US, _PULSE_US), _BURST_EVERY_US),
    "technical-medium": Pattern(
        _train([*_BURST_US, *(_ECHO_US + start_us for start_us in _BURST_US)], _PULSE_US),
        _BURST_EVERY_US,
    ),
}

FLASHES: dict[Light, Pattern] = {
    "off": Pattern(),
    "missed": _winks(1),
    "quiet": _winks(2),
    "missed-quiet": _winks(3),
    "steady": Pattern((0,)),
    "steady-missed": _gaps(1),
    "steady-quiet": _gaps(2),
    "steady-missed-quiet": _gaps(3),
    "flashing": Pattern(_train([0], _FLASH_EVERY_US // 2), _FLASH_EVERY_US),
}


TRIAL_BURST = Pattern(BURSTS["medium"].edges_us)
"""What a self-test lets the buzzer do."""


def chirp(pulses: int) -> Pattern:
    """`pulses` short pulses that confirm a press of the button: far shorter than any alarm's."""
    return Pattern(_train(range(0, pulses * 150_000, 150_000), 50_000))
