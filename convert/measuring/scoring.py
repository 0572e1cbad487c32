"""Recordings through the device's own path: blocks -> log-mel -> int8 model -> evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.sounds.audio import RATE_HZ
from edgecry.decision.evidence import Evidence
from edgecry.features.mel import MelParams
from edgecry.features.stream import FeatureStream
from edgecry.inference.classifier import Classifier
from edgecry.types import AudioBlock, FeatureWindow, Float32Array

BLOCK_SAMPLES = 1600
MERGE_S = 3.0
"""False alarms nearer than this are one."""
REARM_S = 10.0
"""A false alarm that lasts counts again after this long: a detector stuck on scores 360 an hour."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a detector made of one recording. end_s, evidence: (windows,)."""

    end_s: NDArray[np.float64]
    evidence: NDArray[np.float64]
    duration_s: float

    @property
    def score(self) -> float:
        """The file's p_cry."""
        return float(self.evidence.max())


def device_windows(samples: Float32Array, frames: int) -> Iterator[FeatureWindow]:
    """The windows that the device would score, padding of short recordings included."""
    stream = FeatureStream(MelParams(), frames)
    for first in range(0, len(samples), BLOCK_SAMPLES):
        block = samples[first : first + BLOCK_SAMPLES]
        yield from stream.push(AudioBlock(block, RATE_HZ, first, 0.0))
    yield from stream.pad_to_window()


def listen(classifier: Classifier, samples: Float32Array) -> Heard:
    """What the device would make of a recording."""
    features = classifier.manifest.features
    evidence = Evidence(
        features.smoothing_windows, features.hop_frames * features.log_mel.hop_samples
    )
    ends, values = [], []
    for window in device_windows(samples, features.window_frames):
        values.append(evidence.update(classifier.score(window)))
        ends.append(window.end_sample / RATE_HZ)
    return Heard(np.array(ends), np.array(values), len(samples) / RATE_HZ)


def smoothed(p_cry: NDArray[np.float64], windows: int) -> NDArray[np.float64]:
    """Mean of the last `windows` values, fewer at the start: `Evidence`, for a whole recording."""
    total = np.cumsum(np.concatenate(([0.0], p_cry)))
    last = np.arange(1, len(p_cry) + 1)
    first = np.maximum(0, last - windows)
    return (total[last] - total[first]) / (last - first)


def false_alarms(heard: Heard, on: float, window_s: float) -> int:
    """Alarms in a recording without a cry."""
    ends = heard.end_s[heard.evidence >= on]
    if not len(ends):
        return 0
    segments = np.split(ends, np.flatnonzero(np.diff(ends) > MERGE_S + window_s) + 1)
    return sum(int(np.ceil((s[-1] - s[0] + window_s) / REARM_S)) for s in segments)
