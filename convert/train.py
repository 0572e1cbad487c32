"""Training: seeded, cosine schedule, averaged weights, hard negatives mined again and again.

Stops when the validation score (`training.validation`: false alarms at fixed recall) has not
improved for `patience` checks, and keeps the best weights. One thread of TensorFlow and one that
draws batches ahead: the same recipe, data, code and machine give the same weights.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from convert.data.clips import data_hash, read_dataset
from convert.recipe import Recipe
from convert.run import CACHE, CURVES, FLOAT_MODEL, TRAINING, write_json, write_origin
from convert.step import step_arguments
from convert.training.bank import BankedClip, load_bank
from convert.training.hard import keras_logits, mine
from convert.training.network import build_network, multiply_adds
from convert.training.sampler import Sampler
from convert.training.validation import false_windows_per_hour, validation_set
from edgecry.features.mel import MelParams

AVERAGE_EVERY = 5
"""Steps between two updates of the averaged weights."""


def train(recipe: Recipe, bank: Sequence[BankedClip], run: Path) -> Any:
    """Train the recipe's network and write FLOAT_MODEL, CURVES and TRAINING into `run`."""
    import keras

    (run / TRAINING).unlink(missing_ok=True)
    keras.utils.set_random_seed(recipe.seed)
    params, settings = MelParams(), recipe.train
    sampler = Sampler([c for c in bank if c.split == "train"], recipe, params)
    validation = validation_set([c for c in bank if c.split != "train"], recipe, params)
    model = build_network(recipe.network, recipe.window_frames, params.mels)
    averaged = build_network(recipe.network, recipe.window_frames, params.mels)
    averaged.set_weights(model.get_weights())
    _compile(model, recipe)
    rng = np.random.default_rng([recipe.seed, 4])
    best, best_step, curves, losses = np.inf, 0, [], []
    with ThreadPoolExecutor(1) as ahead:
        upcoming = ahead.submit(sampler.batch, settings.batch)
        for step in tqdm(range(1, settings.steps + 1), "training", mininterval=5):
            x, y = upcoming.result()
            upcoming = ahead.submit(sampler.batch, settings.batch)
            losses.append(float(model.train_on_batch(x, y)))
            if step % AVERAGE_EVERY == 0:
                _average(averaged, model, min(settings.ema, step / (step + 10)) ** AVERAGE_EVERY)
            if settings.hard_share and step % settings.mine_every == 0:
                sampler.hard = mine(averaged, sampler.mineable, recipe.window_frames, params, rng)
            if step % settings.check_every == 0 or step == settings.steps:
                logits = keras_logits(averaged, validation.windows)
                score = false_windows_per_hour(validation.cry, logits)
                curves.append((step, float(np.mean(losses)), score, len(sampler.hard)))
                tqdm.write(
                    "step {}: loss {:.4f}, false windows/h {:.2f}, {} hard".format(*curves[-1])
                )
                losses = []
                if score < best:
                    best, best_step = score, step
                    averaged.save(run / FLOAT_MODEL)
                elif step - best_step >= settings.patience * settings.check_every:
                    break
    _write_curves(run, curves)
    write_json(
        run / TRAINING,
        {
            "best_step": best_step,
            "false_windows_per_hour": best,
            "multiply_adds": multiply_adds(model),
            "parameters": int(model.count_params()),
        },
    )
    return averaged


def _compile(model: Any, recipe: Recipe) -> None:
    import keras

    settings = recipe.train
    schedule = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate * 0.05,
        settings.steps,
        alpha=0.002,
        warmup_target=settings.learning_rate,
        warmup_steps=max(1, settings.steps // 20),
    )
    model.compile(
        keras.optimizers.AdamW(schedule, weight_decay=settings.weight_decay),
        keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing),
    )


def _average(averaged: Any, model: Any, keep: float) -> None:
    """Exponential moving average of all weights, batch statistics included."""
    for mean, new in zip(averaged.variables, model.variables, strict=True):
        mean.assign(keep * mean + (1.0 - keep) * new)


def _write_curves(run: Path, curves: Sequence[tuple[int, float, float, int]]) -> None:
    head = ("step", "loss", "false_windows_per_hour", "hard_negatives")
    with (run / CURVES).open("w", newline="") as file:
        csv.writer(file).writerows([head, *curves])


def one_thread() -> None:
    """Make TensorFlow add up in the same order every time. Before its first operation."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()


def main() -> None:
    """Train from a recipe."""
    args, recipe = step_arguments(__doc__)
    one_thread()
    clips = read_dataset(recipe.data, args.data)
    write_origin(args.run, args.recipe, data_hash(clips))
    bank = load_bank(recipe, args.data, clips, CACHE)
    train(recipe, bank, args.run)


if __name__ == "__main__":
    main()
