"""What is known of the microphone: by its source when it is lost, by its samples when it is not."""

from __future__ import annotations

from collections.abc import Callable

from edgecry.health.clipping import Clipping
from edgecry.health.silence import Silence
from edgecry.types import AudioBlock, Code, Fault

BACK_AFTER_S = 5.0
"""A microphone that was lost has to be heard for this long, so that a bad contact is one alarm."""


class MicrophoneHealth:
    """Fed by the pipeline's thread, read by any.

    hidden: whether the monitor's own buzzer is in what was captured between two monotonic times.
    Such sound says nothing of the room: a buzzer that overdrives the microphone would be a fault
    that sounds the buzzer.
    """

    def __init__(
        self, hidden: Callable[[float, float], bool] = lambda _begin_s, _end_s: False
    ) -> None:
        self._hidden = hidden
        self._lost: Fault | None = None
        self._heard_s = 0.0
        self._silence, self._clipping = Silence(), Clipping()

    def lost(self, fault: Fault) -> None:
        """There is no sound, because of `fault`."""
        self._lost = fault
        self._heard_s = 0.0
        self._silence, self._clipping = Silence(), Clipping()

    def hear(self, block: AudioBlock) -> None:
        """There is sound; what it is like is judged only if a converter has just made it."""
        length_s = len(block.samples) / block.sample_rate_hz
        self._heard_s += length_s
        if self._heard_s >= BACK_AFTER_S:
            self._lost = None
        end_s = block.captured_mono_s
        if block.clipped is not None and not self._hidden(end_s - length_s, end_s):
            self._silence.hear(block)
            self._clipping.hear(block)

    @property
    def is_lost(self) -> bool:
        """There is no sound at present."""
        return self._lost is not None

    def trouble(self, code: Code) -> str | None:
        """What is wrong in the way of `code`, or None."""
        lost = self._lost
        if lost is not None:
            return lost.detail if lost.code == code else None
        by_its_samples = {
            "mic-silent": self._silence.trouble,
            "mic-clipping": self._clipping.trouble,
        }
        return by_its_samples.get(code)
