"""Keras to full int8, input and output.

Runs in a process of its own, from the saved .keras file: then the same weights give the same bytes.
It leaves windows and their float logits for `convert.verify`: TensorFlow and the device's run time
cannot live in one process.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from convert.data.clips import read_dataset
from convert.recipe import Recipe
from convert.run import CACHE, FLOAT_LOGITS, FLOAT_MODEL, INT8_MODEL, TRAINING, needed
from convert.step import step_arguments
from convert.training.bank import BankedClip, load_bank
from convert.training.hard import keras_logits
from convert.training.int8 import convert
from convert.training.sampler import Sampler
from convert.training.validation import validation_set
from edgecry.features.mel import MelParams
from edgecry.types import Float32Array

VERIFIED_AT_MOST = 4000


def representative_windows(
    clips: Sequence[BankedClip], recipe: Recipe, params: MelParams
) -> Float32Array:
    """One augmented window of every training group, (groups, frames, mels, 1).

    By group, so that a baby with many clips does not decide the range of a tensor.
    """
    groups: dict[str, list[BankedClip]] = {}
    for clip in clips:
        groups.setdefault(clip.group, []).append(clip)
    sampler = Sampler(clips, recipe, params)
    return sampler.windows_of([members[0] for members in groups.values()])


def quantize_run(recipe: Recipe, bank: Sequence[BankedClip], run: Path) -> None:
    """Convert the run's FLOAT_MODEL to INT8_MODEL; windows of val and their logits go beside it."""
    import keras

    (run / FLOAT_LOGITS).unlink(missing_ok=True)
    model = keras.models.load_model(run / FLOAT_MODEL)
    params = MelParams()
    training = [c for c in bank if c.split == "train"]
    content = convert(model, representative_windows(training, recipe, params))
    (run / INT8_MODEL).write_bytes(content)
    kept = validation_set([c for c in bank if c.split != "train"], recipe, params)
    every = -(-len(kept.cry) // VERIFIED_AT_MOST)
    windows, labels = kept.windows[::every], kept.cry[::every]
    logits = keras_logits(model, windows)
    np.savez(run / FLOAT_LOGITS, windows=windows, labels=labels, logits=logits)


def main() -> None:
    """Quantize a trained run."""
    args, recipe = step_arguments(__doc__)
    needed(args.run / TRAINING, "train")
    clips = read_dataset(recipe.data, args.data)
    bank = load_bank(recipe, args.data, clips, CACHE)
    quantize_run(recipe, bank, args.run)


if __name__ == "__main__":
    main()
