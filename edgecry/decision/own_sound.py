"""Which sound is the monitor's own: what was captured while its buzzer sounded, or soon after.

Pure. All times are monotonic seconds; only `captured_mono_s` of the sound joins it to audio time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from edgecry.types import BuzzerPulse

EARLY_S = 0.05
"""Capture times are no better than the system's scheduling."""
LATE_S = 1.0
"""The room's tail (0.6 s until a ward is 60 dB down), the way through the sound system and the
resampler (0.1 s), and some reserve."""
HIDES_AT_MOST_S = 5.0
"""Better to hear oneself than nothing: whatever the buzzer does, it deafens no longer than this."""


class OwnSound:
    """Tells which windows are no evidence, for one reader that asks for them in their order.

    pulses: of the buzzer, oldest first, as far back as windows may be late.
    """

    def __init__(self, pulses: Callable[[], Sequence[BuzzerPulse]]) -> None:
        self._pulses = pulses
        self._own_since_s: float | None = None

    def hides(self, begin_s: float, end_s: float) -> bool:
        """Whether the window captured from `begin_s` to `end_s` says nothing of the room."""
        if not any(_meet(pulse, begin_s, end_s) for pulse in self._pulses()):
            self._own_since_s = None
            return False
        if self._own_since_s is None:
            self._own_since_s = end_s
        return end_s - self._own_since_s < HIDES_AT_MOST_S


def _meet(pulse: BuzzerPulse, begin_s: float, end_s: float) -> bool:
    over_s = math.inf if pulse.end_mono_s is None else pulse.end_mono_s + LATE_S
    return pulse.begin_mono_s - EARLY_S < end_s and begin_s < over_s
