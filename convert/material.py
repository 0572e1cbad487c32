"""What the scenes of a split are made from, and whether those that are there still are.

The sounds, the settings that put them together, and the code that does it.
"""

from __future__ import annotations

import fnmatch
import hashlib
import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from tqdm import tqdm

import convert.sounds
from convert.data.clips import Clip, DataError, read_dataset
from convert.data.laughs import SceneSplit, read_laughs
from convert.measuring import onsets, scenes, yamnet
from convert.measuring.events import Timeline, read_timelines
from convert.measuring.onsets import cry_span
from convert.measuring.scenes import Cry, Material, Sound
from convert.measuring.yamnet import WINDOW_SAMPLES
from convert.recipe import Recipe
from convert.run import RunError, timelines_folder
from convert.sounds.audio import RATE_HZ, load_audio
from convert.training import labels
from convert.training.labels import CRY, Teacher, label_windows, starts, taught
from edgecry.features import mel
from edgecry.features.mel import MelParams

LEAST_CRY_S = 1.5
"""A cry that is shorter, or that the teacher does not hear in the quiet, is in no scene: nobody can
say where it is."""


def material(recipe: Recipe, data: Path, split: SceneSplit) -> Material:
    """What the scenes of a split are built from. Raises DataError if there is no cry in it."""
    clips = _clips(recipe, data, split)
    teacher = Teacher(data / recipe.data.teacher) if recipe.data.teacher else None
    cries = [_cry(c, teacher) for c in tqdm([c for c in clips if c.cry], "onsets")]
    cries = [c for c in cries if c.offset_s - c.onset_s >= LEAST_CRY_S]
    if not cries:
        raise DataError(f"no cry of {LEAST_CRY_S} s in the {split} split to build scenes from")
    others = [c for c in clips if not c.cry and not _like(c.name, recipe.timelines.leave_out)]
    behind = [c for c in others if _like(c.fine, recipe.timelines.backgrounds)]
    before = [c for c in others if c not in behind] + _laughs(recipe, data, split)
    return Material(tuple(cries), tuple(map(_sound, before)), tuple(map(_sound, behind)))


def scene_names(recipe: Recipe, split: SceneSplit) -> list[str]:
    """Every scene of a split, those with cries first."""
    with_cries, without = recipe.timelines.hours[split]
    return [
        f"{kind}-{i:02d}"
        for kind, hours in (("cries", with_cries), ("quiet", without))
        for i in range(round(hours * 60 / recipe.timelines.scene_minutes))
    ]


def made_from(recipe: Recipe, data: Path, split: SceneSplit) -> dict[str, str]:
    """A SHA-256 of each kind of thing that decides what the scenes of a split hold."""
    clips = _clips(recipe, data, split) + _laughs(recipe, data, split)
    about = [(c.name, c.cry, c.fine, c.source, c.group, _hash([c.path])) for c in clips]
    teacher = [data / recipe.data.teacher] if recipe.data.teacher else []
    modules = (scenes, onsets, yamnet, labels, mel)
    code = [Path(__file__), *(Path(inspect.getfile(module)) for module in modules)]
    code += sorted(Path(convert.sounds.__path__[0]).glob("*.py"))
    return {
        "recordings": _sha256(msgspec.json.encode([about, _hash(teacher)])),
        "settings": _sha256(msgspec.json.encode([recipe.seed, recipe.timelines], order="sorted")),
        "code": _hash(code),
    }


def changed(scene: Path, made: Mapping[str, str]) -> list[str]:
    """Which kinds of things of `made_from` were others when this scene's truth was written."""
    kept = json.loads(scene.read_bytes()).get("made_from")
    then = kept if isinstance(kept, dict) else {}
    return [kind for kind, sha256 in made.items() if then.get(kind) != sha256]


def read_scenes(recipe: Recipe, data: Path, run: Path, split: SceneSplit) -> list[Timeline]:
    """The truth of a run's scenes of a split, by name; none where none were built.

    Raises RunError if they are not those that `convert.timeline` would build now.
    """
    folder = timelines_folder(run, split)
    there = sorted(folder.glob("*.json"))
    if not there:
        return []
    made = made_from(recipe, data, split)
    others = sorted({kind for scene in there for kind in changed(scene, made)})
    missing = set(scene_names(recipe, split)) - {scene.stem for scene in there}
    if others or missing:
        what = f"were made from other {' and '.join(others)}" if others else "are not all there"
        raise RunError(
            f"{folder}: the scenes {what}; run python -m convert.timeline --split {split} again"
        )
    return read_timelines(folder)


def _clips(recipe: Recipe, data: Path, split: SceneSplit) -> list[Clip]:
    return [c for c in read_dataset(recipe.data, data) if c.split == split]


def _laughs(recipe: Recipe, data: Path, split: SceneSplit) -> list[Clip]:
    return read_laughs(data, recipe.data.laughs, split) if recipe.data.laughs else []


def _cry(clip: Clip, teacher: Teacher | None) -> Cry:
    samples = load_audio(clip.path)
    heard = None
    if teacher:
        params = MelParams()
        windows = label_windows(samples, taught(samples, teacher, params), params)
        begin_s = np.array(starts(len(samples), params))[windows == CRY] / RATE_HZ
        heard = np.stack([begin_s, begin_s + WINDOW_SAMPLES / RATE_HZ], axis=1)
    onset_s, offset_s = cry_span(samples, heard)
    return Cry(clip.path, clip.source, clip.group, onset_s, offset_s)


def _sound(clip: Clip) -> Sound:
    return Sound(clip.path, clip.fine, clip.source)


def _like(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _hash(files: Iterable[Path]) -> str:
    return _sha256(b"".join(file.read_bytes() for file in files))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
