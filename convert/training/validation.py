"""How a half-trained network is judged: false alarms at a fixed share of cries found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.recipe import Recipe
from convert.training.bank import BankedClip
from convert.training.labels import CRY
from convert.training.mixing import augment
from convert.training.sampler import cut, every_place, labelled_places
from edgecry.features.mel import MelParams, compress
from edgecry.types import Float32Array

JUDGED_AT_RECALL = 0.85
WINDOWS_PER_HOUR = 3600 / 0.975


@dataclass(frozen=True, slots=True)
class ValidationSet:
    """Windows (n, frames, mels, 1) and labels (n,): the first half clean, the second in noise."""

    windows: Float32Array
    cry: NDArray[np.bool_]


def validation_set(clips: Sequence[BankedClip], recipe: Recipe, params: MelParams) -> ValidationSet:
    """Windows of the clips, each clean and in noise, the same ones at every call."""
    rng = np.random.default_rng([recipe.seed, 3])
    frames = recipe.window_frames
    cries = [p for places in labelled_places(clips, CRY) for p in places]
    noncries = [p for c in clips if not c.cry for p in every_place(c, frames, frames // 2)]
    windows = np.stack([cut(p.clip.versions[0], p.start, frames) for p in cries + noncries])
    backgrounds = windows[len(cries) :]
    behind = backgrounds[rng.integers(len(backgrounds), size=len(windows))]
    noisy = augment(windows, behind, recipe.augment, params, rng)
    clean = compress(np.exp(windows), params)
    cry = np.arange(len(windows)) < len(cries)
    return ValidationSet(np.concatenate((clean, noisy))[..., None], np.concatenate((cry, cry)))


def false_windows_per_hour(cry: NDArray[np.bool_], logits: Float32Array) -> float:
    """Windows an hour of non-cries above the threshold that finds JUDGED_AT_RECALL of the cries.

    The geometric mean of clean windows and of the same in noise; at least half a window is counted.
    """
    rates = []
    for part in np.split(np.arange(len(cry)), 2):
        threshold = np.quantile(logits[part][cry[part]], 1.0 - JUDGED_AT_RECALL)
        fooled = logits[part][~cry[part]] >= threshold
        rates.append(max(float(fooled.sum()), 0.5) / len(fooled) * WINDOWS_PER_HOUR)
    return float(np.sqrt(rates[0] * rates[1]))
