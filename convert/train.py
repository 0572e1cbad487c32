"""Training: seeded, cosine schedule, averaged weights, hard negatives mined again and again.

Stops when the validation score has not improved for `patience` checks, and keeps the best weights.
The score is the share of cries found at SCORED_AT_FPR, over windows of the val split: the mean of
clean windows and of the same in noise.
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
from convert.measuring.metrics import tpr_at
from convert.recipe import Recipe
from convert.run import step_arguments, write_json, write_origin
from convert.training.bank import BankedClip, load_bank
from convert.training.network import build_network, multiply_adds
from convert.training.sampler import Place, Sampler, cut, every_place, validation_set
from edgecry.features.mel import FRAMES_PER_BATCH, MelParams, compress
from edgecry.types import Float32Array

CACHE = Path("runs") / "cache"
FLOAT_MODEL = "float.keras"
MINED_AT_MOST = 4000
FOOLED_LOGIT = -3.0
"""A non-cry above this (p 0.05) is worth another look."""
PREDICT_BATCH = 512
SCORED_AT_FPR = 0.005


def train(recipe: Recipe, bank: Sequence[BankedClip], val_keys: set[str], run: Path) -> Any:
    """Train the recipe's network and write FLOAT_MODEL, curves.csv and training.json into `run`."""
    import keras

    keras.utils.set_random_seed(recipe.seed)
    params, settings = MelParams(), recipe.train
    sampler = Sampler([c for c in bank if c.key not in val_keys], recipe, params)
    val_x, val_y = validation_set([c for c in bank if c.key in val_keys], recipe, params)
    model = build_network(recipe.network, recipe.window_frames, params.mels)
    averaged = build_network(recipe.network, recipe.window_frames, params.mels)
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
    averaged.set_weights(model.get_weights())
    best, best_step, curves = -1.0, 0, []
    loss_sum, loss_count = 0.0, 0
    with ThreadPoolExecutor(1) as ahead:
        upcoming = ahead.submit(sampler.batch, settings.batch)
        for step in tqdm(range(1, settings.steps + 1), "training"):
            x, y = upcoming.result()
            upcoming = ahead.submit(sampler.batch, settings.batch)
            loss_sum += float(model.train_on_batch(x, y))
            loss_count += 1
            _average(averaged, model, min(settings.ema, step / (step + 10)))
            if step % settings.mine_every == 0:
                sampler.hard = mine(averaged, sampler.mineable, recipe.window_frames, params)
            if step % settings.check_every == 0 or step == settings.steps:
                score = _score(averaged, val_x, val_y)
                curves.append((step, loss_sum / loss_count, score, len(sampler.hard)))
                tqdm.write("step {}: loss {:.4f}, val {:.4f}, {} hard".format(*curves[-1]))
                loss_sum, loss_count = 0.0, 0
                if score > best:
                    best, best_step = score, step
                    averaged.save(run / FLOAT_MODEL)
                elif step - best_step >= settings.patience * settings.check_every:
                    break
    with (run / "curves.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("step", "loss", "val_score", "hard_negatives"), *curves])
    write_json(
        run / "training.json",
        {
            "best_step": best_step,
            "val_score": best,
            "multiply_adds": multiply_adds(model),
            "parameters": int(model.count_params()),
        },
    )
    return averaged


def mine(model: Any, clips: Sequence[BankedClip], frames: int, params: MelParams) -> list[Place]:
    """The windows of non-cries that the model takes for cries most, at most MINED_AT_MOST."""
    places = [p for clip in clips for p in every_place(clip, frames, 2 * FRAMES_PER_BATCH)]
    logits = np.concatenate(
        [
            predict(model, [cut(p.clip.versions[0], p.start, frames) for p in chunk], params)
            for chunk in (places[i : i + 4096] for i in range(0, len(places), 4096))
        ]
    )
    order = np.argsort(-logits)[:MINED_AT_MOST]
    return [places[i] for i in order if logits[i] > FOOLED_LOGIT]


def predict(model: Any, log_powers: Sequence[Float32Array], params: MelParams) -> Float32Array:
    """Logits (n,) of clean windows of log-mel power."""
    windows = compress(np.exp(np.stack(log_powers)), params)[..., None]
    return keras_logits(model, windows)


def keras_logits(model: Any, windows: Float32Array) -> Float32Array:
    """Logits (n,) of model inputs (n, frames, mels, 1)."""
    chunks = (windows[i : i + PREDICT_BATCH] for i in range(0, len(windows), PREDICT_BATCH))
    return np.concatenate([np.asarray(model(chunk, training=False))[:, 0] for chunk in chunks])


def _score(model: Any, val_x: Float32Array, val_y: Float32Array) -> float:
    logits, half, cry = keras_logits(model, val_x), len(val_y) // 2, val_y > 0.5
    clean = tpr_at(cry[:half], logits[:half], SCORED_AT_FPR)
    return (clean + tpr_at(cry[half:], logits[half:], SCORED_AT_FPR)) / 2


def _average(averaged: Any, model: Any, keep: float) -> None:
    """Exponential moving average of all weights, batch statistics included."""
    for mean, new in zip(averaged.variables, model.variables, strict=True):
        mean.assign(keep * mean + (1.0 - keep) * new)


def main() -> None:
    """Train from a recipe."""
    args, recipe = step_arguments(__doc__)
    clips = read_dataset(recipe.data, args.data)
    write_origin(args.run, args.recipe, data_hash(clips))
    bank = load_bank(recipe, args.data, clips, CACHE)
    train(recipe, bank, {c.key for c in clips if c.split == "val"}, args.run)


if __name__ == "__main__":
    main()
