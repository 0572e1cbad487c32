"""Which windows of a cry clip hold the cry: a clip's label is not the label of its windows.

A teacher (YAMNet, M. Plakal and D. Ellis) listens to every window of the *clean* clip;
together with the window's level it says cry, no cry, or doubtful. Doubtful windows train nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.measuring.yamnet import BABY_CRY, SOBBING, WINDOW_SAMPLES, Yamnet
from edgecry.features.mel import FRAMES_PER_BATCH, MelParams
from edgecry.types import Float32Array

CRY, NO_CRY, DOUBTFUL = 1, 0, -1
SURE_CRY, SURE_NO_CRY = 0.25, 0.02
LOUD_DB, QUIET_DB = 20.0, 30.0
"""Under the loudest windows of the clip: nearer than LOUD_DB sounds, farther than QUIET_DB is not
heard."""


class Teacher:
    """YAMNet: how much a window of 0.975 s sounds like a crying baby, 0..1."""

    def __init__(self, model: Path) -> None:
        self._yamnet = Yamnet(model)

    def __call__(self, samples: Float32Array) -> float:
        """samples: (WINDOW_SAMPLES,) at 16 kHz."""
        scores = self._yamnet.scores(samples)
        return float(max(scores[SOBBING], scores[BABY_CRY]))


def starts(samples: int, params: MelParams) -> range:
    """First samples of a recording's windows, FRAMES_PER_BATCH frames apart; one if it is short."""
    hop = FRAMES_PER_BATCH * params.hop_samples
    return range(0, max(0, samples - WINDOW_SAMPLES) + 1, hop)


def windows_of(samples: Float32Array, params: MelParams) -> list[Float32Array]:
    """The windows of a recording, each (WINDOW_SAMPLES,); a short recording is padded."""
    padded = np.pad(samples, (0, max(0, WINDOW_SAMPLES - len(samples))))
    return [padded[s : s + WINDOW_SAMPLES] for s in starts(len(samples), params)]


def taught(samples: Float32Array, teacher: Teacher, params: MelParams) -> NDArray[np.float32]:
    """What the teacher hears in every window of a recording, (windows,) 0..1."""
    return np.array([teacher(w) for w in windows_of(samples, params)], np.float32)


def label_windows(
    samples: Float32Array, heard: NDArray[np.float32] | None, params: MelParams
) -> NDArray[np.int8]:
    """CRY, NO_CRY or DOUBTFUL for the windows of a cry clip.

    heard: (windows,) what the teacher says; None where there is no teacher.
    """
    windows = windows_of(samples, params)
    level_db = np.array([10 * np.log10(np.mean(np.square(w)) + 1e-12) for w in windows])
    under_db = np.percentile(level_db, 95) - level_db
    sure = (under_db < LOUD_DB) * 1.0 if heard is None else heard
    labels = np.full(len(windows), DOUBTFUL, np.int8)
    labels[(sure >= SURE_CRY) & (under_db < LOUD_DB)] = CRY
    labels[(sure < SURE_NO_CRY) & (under_db > QUIET_DB)] = NO_CRY
    return labels
