"""Signals and chirps over time -> the two output lines. Times are handed in, monotonic seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edgecry.decision.pattern import BURSTS, FLASHES, TRIAL_BURST, Pattern, chirp
from edgecry.decision.signal import SILENT, SOUNDS, Signal, Sound

GAP_S = 0.2
TRIAL_S = 2.5
_SILENCE = Pattern()


@dataclass(frozen=True, slots=True)
class Levels:
    """The two output lines now, and how long they stay so (None: until something is shown)."""

    led: bool
    buzzer: bool
    change_in_s: float | None


class Schedule:
    """Which pattern each line plays, and since when.

    Edges are counted from the beginning of a pattern, so that one driven late moves no later one.
    """

    def __init__(self) -> None:
        self._signal = SILENT
        self._heard = _SILENCE
        self._lit_since_s = self._heard_since_s = 0.0
        self._off_since_s = -math.inf
        self._tried_until_s = 0.0

    def show(self, signal: Signal, now_s: float) -> None:
        """Take the next signal. The light begins over where it differs; the burst where something
        is announced, or is to be heard that ranks higher than what was heard."""
        shown, self._signal = self._signal, signal
        if signal.light != shown.light:
            self._lit_since_s, self._tried_until_s = now_s, now_s
        if signal.sound is None:
            if shown.sound is not None:
                self._play(_SILENCE, now_s)
        elif signal.announcement != shown.announcement or _rank(signal.sound) > _rank(shown.sound):
            self._begin(BURSTS[signal.sound], now_s)
        else:
            self._play(BURSTS[signal.sound], now_s)

    def chirp(self, pulses: int, now_s: float) -> None:
        """Confirm a press of the button, unless an alarm is to be heard."""
        if self._signal.sound is None:
            self._begin(chirp(pulses), now_s)

    def try_out(self, now_s: float) -> None:
        """One burst, and a light that flashes for TRIAL_S, unless an alarm is to be heard."""
        if self._signal.sound is None:
            self._begin(TRIAL_BURST, now_s)
            self._lit_since_s, self._tried_until_s = now_s, now_s + TRIAL_S

    def levels(self, now_s: float) -> Levels:
        """Both lines as they must be at `now_s`."""
        trial_us = _since_us(now_s, self._tried_until_s)
        light = "flashing" if trial_us > 0 else self._signal.light
        led, led_us = FLASHES[light].at(_since_us(self._lit_since_s, now_s))
        buzzer, buzzer_us = self._heard.at(_since_us(self._heard_since_s, now_s))
        changes_us = [us for us in (led_us, buzzer_us, trial_us) if us is not None and us > 0]
        return Levels(led, buzzer, min(changes_us) / 1e6 if changes_us else None)

    def _begin(self, pattern: Pattern, now_s: float) -> None:
        """Now, or with a gap to the pulse before, so that it is heard as a new one."""
        self._play(pattern, now_s)
        self._heard_since_s = max(now_s, self._off_since_s + GAP_S)

    def _play(self, pattern: Pattern, now_s: float) -> None:
        """From now on, as if it had begun when the one before did."""
        off_us = self._heard.off_for_us(_since_us(self._heard_since_s, now_s))
        if off_us is not None:
            self._off_since_s = max(self._off_since_s, now_s - off_us / 1e6)
        self._heard = pattern


def _rank(sound: Sound | None) -> int:
    return -1 if sound is None else SOUNDS.index(sound) // 2


def _since_us(begin_s: float, now_s: float) -> int:
    return round((now_s - begin_s) * 1e6)
