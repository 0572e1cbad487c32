"""Hard negatives: the windows of non-cries that a half-trained network takes for cries most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from convert.training.bank import BankedClip
from convert.training.sampler import Place, cut
from edgecry.features.mel import MelParams, compress
from edgecry.types import Float32Array

MINED_AT_MOST = 4000
FOOLED_LOGIT = -3.0
"""A non-cry above this (p 0.05) is worth another look."""
PREDICT_BATCH = 512
CHUNK = 4096


def mine(
    model: Any,
    clips: Sequence[BankedClip],
    frames: int,
    params: MelParams,
    rng: np.random.Generator,
) -> list[Place]:
    """The windows that fool the model most, at most MINED_AT_MOST.

    Windows lie end to end from a random first frame, so that calls see different ones.
    """
    places = []
    for clip in clips:
        spare = len(clip.versions[0].log_power) - frames
        first = int(rng.integers(0, min(max(spare, 0), frames) + 1))
        places += [Place(clip, start) for start in range(first, max(spare, 0) + 1, frames)]
    logits = np.concatenate(
        [
            _logits(model, [cut(p.clip.versions[0], p.start, frames) for p in chunk], params)
            for chunk in (places[i : i + CHUNK] for i in range(0, len(places), CHUNK))
        ]
    )
    order = np.argsort(-logits)[:MINED_AT_MOST]
    return [places[i] for i in order if logits[i] > FOOLED_LOGIT]


def keras_logits(model: Any, windows: Float32Array) -> Float32Array:
    """Logits (n,) of model inputs (n, frames, mels, 1)."""
    chunks = (windows[i : i + PREDICT_BATCH] for i in range(0, len(windows), PREDICT_BATCH))
    return np.concatenate([np.asarray(model(chunk, training=False))[:, 0] for chunk in chunks])


def _logits(model: Any, log_powers: Sequence[Float32Array], params: MelParams) -> Float32Array:
    return keras_logits(model, compress(np.exp(np.stack(log_powers)), params)[..., None])
