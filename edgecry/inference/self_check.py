"""Does the detector still answer as it did when it was made? Sound in, not windows: features too.

What is seen: weights or tables that have changed in memory, a run time or a processor that
computes otherwise, an output that is constant or saturated, a run time that fails. The file itself
was checked when it was read. An int8 output is a number whatever it is: NaN cannot come.
"""

from __future__ import annotations

import numpy as np

from edgecry.features.mel import LogMel, span_samples
from edgecry.inference.classifier import Classifier
from edgecry.inference.manifest import Features
from edgecry.types import Float32Array

TOLERANCE_STEPS = 4
"""Of 256. Run times and processors have differed by one."""


class SelfCheck:
    """Plays the known sounds to a detector. For its own thread: a run time serves one at a time.

    The answers have to be those of the manifest; where it has none (a model that was made before
    manifests had any), those of the first call.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._expected = classifier.manifest.self_check
        features = classifier.manifest.features
        self._log_mel, self._sounds = LogMel(features.log_mel), known_sounds(features)

    def run(self) -> str | None:
        """What is wrong, or None. Raises ModelError if the run time fails."""
        answers = self.answers()
        if self._expected is None:
            self._expected = answers
        differences = np.abs(np.subtract(answers, self._expected))
        if differences.max() <= TOLERANCE_STEPS:
            return None
        told = f"{', '.join(map(str, answers))} instead of {', '.join(map(str, self._expected))}"
        return f"it answers known sounds by {told}"

    def answers(self) -> tuple[int, int, int]:
        """The detector's int8 output for each of the known sounds. Raises as `run`."""
        one, two, three = (self._classifier.step(self._log_mel(sound)) for sound in self._sounds)
        return one, two, three


def known_sounds(features: Features) -> list[Float32Array]:
    """Two voices and a tone, each of one window: (n,) float32, from formulas, alike everywhere.

    They stay as they are: manifests hold what a detector answered to them. The shipped one's
    answers lie apart, and none is saturated.
    """
    t = np.arange(span_samples(features.window_frames, features.log_mel), dtype=np.float64)
    t /= features.log_mel.sample_rate_hz

    def voice(middle_hz: float, amplitude: float) -> Float32Array:
        """Twelve harmonics that swing a tenth up and down, once a second."""
        cycles = middle_hz * (t + 0.1 * (1.0 - np.cos(2 * np.pi * t)) / (2 * np.pi))
        wave = sum(np.sin(2 * np.pi * n * cycles) / n for n in range(1, 13))
        return np.asarray(amplitude * wave, np.float32)

    tone = np.asarray(0.01 * np.sin(2 * np.pi * 1000.0 * t), np.float32)
    return [voice(300.0, 0.03), voice(400.0, 0.1), tone]
