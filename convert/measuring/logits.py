"""What an int8 network says of a recording before any calibration, with the device's hop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.measuring.fast import FastInterpreter
from convert.measuring.scoring import Heard, smoothed
from convert.sounds.audio import RATE_HZ, load_audio
from edgecry.decision.evidence import recording_p_cry
from edgecry.features.mel import FRAMES_PER_BATCH, LogMel, MelParams, span_samples
from edgecry.inference.classifier import quantize
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.types import Float32Array


@dataclass(frozen=True, slots=True)
class Recording:
    """What every network needs of a recording, computed once. log_mel: (frames, mels)."""

    log_mel: Float32Array
    duration_s: float


@dataclass(frozen=True, slots=True)
class Logits:
    """The windows of one recording. end_s, logit: (windows,)."""

    end_s: NDArray[np.float64]
    logit: NDArray[np.float64]
    duration_s: float

    def heard(
        self, smoothing_windows: int, probability: Callable[[float], float] | None = None
    ) -> Heard:
        """The evidence that a calibration makes of it; without one, p is the logit's sigmoid."""
        sigmoid = 1.0 / (1.0 + np.exp(-self.logit))
        p_cry = np.array([probability(x) for x in self.logit]) if probability else sigmoid
        evidence = smoothed(p_cry, smoothing_windows)
        score = recording_p_cry(p_cry, smoothing_windows)
        return Heard(self.end_s, evidence, self.duration_s, score)


def read_recording(path: Path, window_frames: int) -> Recording:
    """A recording's log-mel, at least a window of it."""
    params = MelParams()
    samples = load_audio(path)
    missing = max(0, span_samples(window_frames, params) - len(samples))
    log_mel = LogMel(params)(np.pad(samples, (0, missing)))
    return Recording(log_mel, len(samples) / RATE_HZ)


def logits_of(runtime: Int8Interpreter | FastInterpreter, recording: Recording) -> Logits:
    """Every window of a recording through an int8 network."""
    params, frames = MelParams(), runtime.input.shape[1]
    firsts = range(0, len(recording.log_mel) - frames + 1, FRAMES_PER_BATCH)
    windows = (recording.log_mel[first : first + frames] for first in firsts)
    raw = [int(runtime.run(quantize(w, runtime.input))[0, 0]) for w in windows]
    ends = span_samples(frames, params) + np.array(firsts) * params.hop_samples
    return Logits(
        ends / RATE_HZ,
        runtime.output.scale * (np.array(raw, np.float64) - runtime.output.zero_point),
        recording.duration_s,
    )
