"""Long scenes from the clips of val or test, with known cries, and what a detector makes of them.

    python -m convert.timeline --recipe R --data D --split val
    python -m convert.timeline --recipe R --data D --split val --model edgecry/models/M.tflite
    python -m convert.timeline --recipe R --data D --split val --model yamnet.tflite --reference

Leaves `<run>/timelines/<split>/NAME.flac` and `NAME.json` in the form of `measuring.events`, and
the scores of a model beside them. Scenes that are there already, from the same recordings,
settings and code, are kept.
"""

from __future__ import annotations

import fnmatch
import hashlib
import inspect
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import soundfile
from tqdm import tqdm

import convert.sounds
from convert.data.clips import Clip, DataError, read_dataset
from convert.data.laughs import SPLITS, SceneSplit, read_laughs
from convert.measuring import onsets, scenes
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
from convert.measuring.onsets import cry_span
from convert.measuring.scenes import Cry, Material, Sound, build_scene
from convert.measuring.scoring import Heard
from convert.measuring.yamnet import WINDOW_SAMPLES, heard_by_yamnet
from convert.recipe import Recipe
from convert.run import timelines_folder, write_json
from convert.sounds.audio import RATE_HZ, load_audio
from convert.step import step_arguments
from convert.training.labels import CRY, Teacher, label_windows, starts, taught
from edgecry.features.mel import MelParams

WORKERS = 2
LEAST_CRY_S = 1.5
"""A cry that is shorter, or that the teacher does not hear in the quiet, is in no scene: nobody can
say where it is."""
LIMITS_PER_HOUR = (0.5, 2.0, 5.0)


def material(recipe: Recipe, data: Path, split: SceneSplit) -> Material:
    """What the scenes of a split are built from. Raises DataError if there is no cry in it."""
    clips = [c for c in read_dataset(recipe.data, data) if c.split == split]
    teacher = Teacher(data / recipe.data.teacher) if recipe.data.teacher else None
    cries = [_cry(c, teacher) for c in tqdm(clips, "onsets") if c.cry]
    cries = [c for c in cries if c.offset_s - c.onset_s >= LEAST_CRY_S]
    if not cries:
        raise DataError(f"no cry of {LEAST_CRY_S} s in the {split} split to build scenes from")
    others = [c for c in clips if not c.cry and not _like(c.name, recipe.timelines.leave_out)]
    behind = [c for c in others if _like(c.fine, recipe.timelines.backgrounds)]
    before = [_sound(c) for c in others if c not in behind]
    if recipe.data.laughs:
        before += map(_sound, read_laughs(data, recipe.data.laughs, split))
    return Material(tuple(cries), tuple(before), tuple(map(_sound, behind)))


def build(recipe: Recipe, sounds: Material, split: SceneSplit, folder: Path) -> None:
    """Build every scene of a split that is not there yet.

    What is of another make is taken away first, and with it what anybody heard in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made_from = _made_from(recipe, sounds, split)
    for path in folder.glob("*.json"):
        if json.loads(path.read_bytes()).get("made_from") != made_from:
            path.unlink()
            path.with_suffix(".flac").unlink(missing_ok=True)
    with_cries, without = recipe.timelines.hours[split]
    minutes = recipe.timelines.scene_minutes
    names = [
        f"{kind}-{i:02d}"
        for kind, hours in (("cries", with_cries), ("quiet", without))
        for i in range(round(hours * 60 / minutes))
    ]
    missing = [n for n in names if not (folder / f"{n}.json").exists()]
    if missing:
        for scores in folder.glob("*.csv"):
            scores.unlink()
    make = partial(_build, recipe, sounds, split, folder, made_from)
    with ProcessPoolExecutor(WORKERS) as pool:
        list(tqdm(pool.map(make, missing), f"{split} scenes", len(missing)))


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
    build(recipe, material(recipe, args.data, args.split), args.split, folder)
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
        files = [folder / f"{t.name}.flac" for t in timelines]
        found, length_s = listen(args.model, args.reference, files)
        listened: Mapping[str, Heard] = {
            t.name: heard
            for t, heard in zip(timelines, tqdm(found, "listening", len(files)), strict=True)
        }
        write_scores(folder / f"{args.model.stem}.csv", listened)
        print("\n".join(lines(curve(timelines, listened, length_s))))


def _build(
    recipe: Recipe, sounds: Material, split: str, folder: Path, made_from: str, name: str
) -> None:
    rng = np.random.default_rng([recipe.seed, zlib.crc32(f"{split}/{name}".encode())])
    scene = build_scene(sounds, recipe.timelines, name.startswith("cries"), rng)
    soundfile.write(folder / f"{name}.flac", scene.samples, RATE_HZ, subtype="PCM_16")
    write_json(folder / f"{name}.json", scene.truth() | {"made_from": made_from})


def _made_from(recipe: Recipe, sounds: Material, split: str) -> str:
    """Changes with the recordings' names, the settings and the code."""
    files = [Path(inspect.getfile(module)) for module in (scenes, onsets)]
    files += sorted(Path(convert.sounds.__path__[0]).glob("*.py"))
    content = msgspec.json.encode([recipe.seed, split, recipe.timelines], order="sorted")
    content += msgspec.json.encode(sounds, enc_hook=str)
    return hashlib.sha256(content + b"".join(f.read_bytes() for f in files)).hexdigest()


def _cry(clip: Clip, teacher: Teacher | None) -> Cry:
    samples = load_audio(clip.path)
    heard = None
    if teacher:
        params = MelParams()
        labels = label_windows(samples, taught(samples, teacher, params), params)
        begin_s = np.array(starts(len(samples), params))[labels == CRY] / RATE_HZ
        heard = np.stack([begin_s, begin_s + WINDOW_SAMPLES / RATE_HZ], axis=1)
    onset_s, offset_s = cry_span(samples, heard)
    return Cry(clip.path, clip.source, clip.group, onset_s, offset_s)


def _sound(clip: Clip) -> Sound:
    return Sound(clip.path, clip.fine, clip.source)


def _like(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


if __name__ == "__main__":
    main()
