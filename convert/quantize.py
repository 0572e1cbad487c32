"""Keras to full int8, input and output.

Runs in a process of its own, from the saved .keras file: then the same weights give the same bytes.
It leaves windows and their float logits for `convert.verify`: TensorFlow and the device's run time
cannot live in one process.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from convert.data.clips import read_dataset
from convert.recipe import Recipe
from convert.run import CACHE, FLOAT_LOGITS, FLOAT_MODEL, INT8_MODEL, TRAINING, needed
from convert.step import step_arguments
from convert.training.bank import BankedClip, load_bank
from convert.training.hard import keras_logits
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


def convert(model: Any, representative: Float32Array) -> bytes:
    """A full-int8 .tflite of a Keras model, for one window at a time."""
    import keras
    import tensorflow as tf

    one_window = keras.Input(batch_shape=(1, *model.input_shape[1:]))
    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.Model(one_window, model(one_window, training=False))
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([window[None]] for window in representative)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return without_names(converter.convert())


def without_names(content: bytes) -> bytes:
    """The same model without the names of tensors, which no run time needs: a seventh smaller."""
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    flatbuffer_utils.strip_strings(model)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


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
