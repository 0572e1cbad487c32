"""Long scenes from the clips of val or test, with known cries, and what a detector makes of them.

    python -m convert.timeline --recipe R --data D --split val
    python -m convert.timeline --recipe R --data D --split val --model edgecry/models/M.tflite
    python -m convert.timeline --recipe R --data D --split val --model yamnet.tflite --reference

Leaves `<run>/timelines/<split>/NAME.flac` and `NAME.json` in the form of `measuring.events`, and
the scores of a model beside them. Scenes that are there already, from the same recordings,
settings and code, are kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from convert.data.clips import DataError
from convert.data.laughs import SPLITS, SceneSplit
from convert.material import changed, made_from, material, scene_names
from convert.measuring.events import (
    EventResult,
    best_at,
    curve,
    false_alarm_interval,
    read_timelines,
    recall_by,
    recall_of,
    write_scores,
)
from convert.measuring.listening import classified, manifest_of, window_s
from convert.measuring.scenes import Material, build_scene
from convert.measuring.scoring import Heard
from convert.measuring.yamnet import WINDOW_SAMPLES, heard_by_yamnet
from convert.process import pool
from convert.recipe import Recipe
from convert.run import scene_sound, timelines_folder, write_json
from convert.sounds.audio import RATE_HZ
from convert.step import step_arguments

WORKERS = 2
LIMITS_PER_HOUR = (0.5, 2.0, 5.0)


def build(recipe: Recipe, data: Path, split: SceneSplit, folder: Path) -> None:
    """Build every scene of a split that is not there yet.

    What is of another make is taken away first, and with it what anybody heard in it. Raises
    DataError if there is no cry in the split.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = made_from(recipe, data, split)
    for path in folder.glob("*.json"):
        if changed(path, made):
            path.unlink()
            path.with_suffix(".flac").unlink(missing_ok=True)
    missing = [n for n in scene_names(recipe, split) if not (folder / f"{n}.json").exists()]
    if not missing:
        return
    for scores in folder.glob("*.csv"):
        scores.unlink()
    make = partial(_build, recipe, material(recipe, data, split), split, folder, made)
    with pool(WORKERS) as workers:
        list(tqdm(workers.map(make, missing), f"{split} scenes", len(missing)))


def listen(model: Path, reference: bool, files: Sequence[Path]) -> tuple[Iterator[Heard], float]:
    """What a model, or YAMNet as the reference, makes of scenes; and its window in seconds."""
    if reference:
        return heard_by_yamnet(model, files, WORKERS), WINDOW_SAMPLES / RATE_HZ
    return classified(model, files, WORKERS), window_s(manifest_of(model))


def lines(results: Sequence[EventResult]) -> Iterator[str]:
    """What a person wants to read of a curve."""
    for limit in LIMITS_PER_HOUR:
        best = best_at(results, limit)
        recall = recall_of(best.outcomes)
        low, high = false_alarm_interval(best)
        parts = ", ".join(
            f"{snr_db} dB {part.share:.0%} of {part.events}"
            for snr_db, part in recall_by(best, lambda e: e.snr_db).items()
        )
        yield (
            f"<= {limit:g} false alarms/h: found {recall.share:.1%} "
            f"({recall.interval[0]:.0%} to {recall.interval[1]:.0%}) of {recall.events}, "
            f"median delay {best.median_delay_s} s, threshold {best.threshold:.4f}, "
            f"{best.false_alarms_per_hour:.2f} false alarms/h ({low:.2f} to {high:.2f}); {parts}"
        )


def main() -> None:
    """Build the scenes of a split; with --model, listen to them."""
    args, recipe = step_arguments(
        __doc__,
        ("--split", {"choices": SPLITS, "required": True}),
        ("--model", {"type": Path, "help": "a .tflite with its manifest"}),
        ("--reference", {"action": "store_true", "help": "the model is YAMNet"}),
    )
    folder = timelines_folder(args.run, args.split)
    build(recipe, args.data, args.split, folder)
    timelines = read_timelines(folder)
    events = sum(len(t.events) for t in timelines)
    hours = sum(t.duration_s for t in timelines) / 3600
    print(f"{folder}: {len(timelines)} scenes of {hours:.1f} hours with {events} cries")
    if not events:
        raise DataError(
            f"{folder}: no cry is in the scenes; make timelines.hours of {args.split}, or "
            "scene_minutes where cries are long, larger"
        )
    if args.model:
        files = [scene_sound(folder, t.name) for t in timelines]
        found, length_s = listen(args.model, args.reference, files)
        listened: Mapping[str, Heard] = {
            t.name: heard
            for t, heard in zip(timelines, tqdm(found, "listening", len(files)), strict=True)
        }
        write_scores(folder / f"{args.model.stem}.csv", listened)
        print("\n".join(lines(curve(timelines, listened, length_s))))


def _build(
    recipe: Recipe,
    sounds: Material,
    split: SceneSplit,
    folder: Path,
    made: Mapping[str, str],
    name: str,
) -> None:
    rng = np.random.default_rng([recipe.seed, zlib.crc32(f"{split}/{name}".encode())])
    scene = build_scene(sounds, recipe.timelines, name.startswith("cries"), rng)
    sound = scene_sound(folder, name)
    soundfile.write(sound, scene.samples, RATE_HZ, subtype="PCM_16")
    write_json(sound.with_suffix(".json"), scene.truth() | {"made_from": made})


if __name__ == "__main__":
    main()
