"""Networks that are compared with each other before any calibration: p is the logit's sigmoid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convert.measuring.scoring import Heard, smoothed
from convert.sounds.audio import RATE_HZ, load_audio
from edgecry.features.mel import FRAMES_PER_BATCH, LogMel, MelParams, span_samples
from edgecry.inference.classifier import quantize
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.types import Float32Array


@dataclass(frozen=True, slots=True)
class Recording:
    """What every network needs of a recording, computed once. log_mel: (frames, mels)."""

    log_mel: Float32Array
    duration_s: float


def read_recording(path: Path, window_frames: int) -> Recording:
    """A recording's log-mel, at least a window of it."""
    params = MelParams()
    samples = load_audio(path)
    missing = max(0, span_samples(window_frames, params) - len(samples))
    log_mel = LogMel(params)(np.pad(samples, (0, missing)))
    return Recording(log_mel, len(samples) / RATE_HZ)


def heard_by(model: Path, recording: Recording, smoothing_windows: int) -> Heard:
    """What an int8 network makes of a recording, with the device's hop."""
    runtime = Int8Interpreter(model.read_bytes(), str(model))
    params, frames = MelParams(), runtime.input.shape[1]
    firsts = range(0, len(recording.log_mel) - frames + 1, FRAMES_PER_BATCH)
    windows = (recording.log_mel[first : first + frames] for first in firsts)
    raw = [int(runtime.run(quantize(w, runtime.input))[0, 0]) for w in windows]
    logits = runtime.output.scale * (np.array(raw, np.float64) - runtime.output.zero_point)
    ends = span_samples(frames, params) + np.array(firsts) * params.hop_samples
    p_cry = 1.0 / (1.0 + np.exp(-logits))
    return Heard(ends / RATE_HZ, smoothed(p_cry, smoothing_windows), recording.duration_s)
