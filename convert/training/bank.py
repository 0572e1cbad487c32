"""The log-mel power of every clip and its variants, computed once and kept in `runs/cache`.

Computed by the device's own `edgecry.features.mel.LogMel`, with a floor low enough that it does not
yet hide anything: sounds are mixed and made quieter or louder later, and then get the device's.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

import convert.sounds
from convert.data.clips import Clip, Split
from convert.recipe import Recipe
from convert.sounds import audio
from convert.sounds.audio import load_audio
from convert.sounds.rooms import rooms_of
from convert.sounds.synthetic import synthetic_noncry
from convert.sounds.variants import variant
from convert.training import labels
from convert.training.cached import Arrays, cached
from convert.training.labels import Teacher, label_windows, taught
from edgecry.features import mel as features
from edgecry.features.mel import LogMel, MelParams
from edgecry.types import Float32Array

LOW_FLOOR = 1e-12
LOW_FLOOR_NATS = float(np.log(LOW_FLOOR))


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a clip. log_power: (frames, mels) float16, natural log of mel power."""

    log_power: NDArray[np.float16]
    speed: float


@dataclass(frozen=True, slots=True)
class BankedClip:
    """A clip and its versions, the clean one first.

    labels: of a cry's windows, FRAMES_PER_BATCH frames apart; taught: what the teacher hears in the
    same windows, 0..1, of every clip if there is a teacher.
    """

    key: str
    cry: bool
    source: str
    fine: str
    group: str
    split: Split
    versions: tuple[Version, ...]
    labels: NDArray[np.int8] | None
    taught: NDArray[np.float32] | None


def log_power(samples: Float32Array, mel: LogMel) -> NDArray[np.float16]:
    """Natural log of mel power, (frames, mels), of a `mel` that has LOW_FLOOR as its floor."""
    scaled = mel(samples)
    return (scaled * mel.params.scale_nats + mel.params.offset_nats).astype(np.float16)


def load_bank(recipe: Recipe, data: Path, clips: Sequence[Clip], cache: Path) -> list[BankedClip]:
    """All clips but those of the test split, and the synthetic non-cries, which train.

    From the cache where they are there already. Every clip has its own random numbers, from its
    key: order, number of workers and the seed of a training change nothing.
    """
    wanted = [c for c in clips if c.split != "test"]
    return banked_clips(recipe, data, wanted, cache) + _synthetic(recipe, data, cache)


def banked_clips(
    recipe: Recipe, data: Path, clips: Sequence[Clip], cache: Path
) -> list[BankedClip]:
    """Some clips only, in the order given. Those that train have variants."""
    clean = _cached_clean(recipe, data, clips, cache)
    varied = _cached_variants(recipe, data, [c for c in clips if c.split == "train"], cache)
    banked = []
    for c, own in zip(clips, clean, strict=True):
        clean_version = Version(own["log_power"], 1.0)
        others = _versions(next(varied)) if c.split == "train" else ()
        known = own.get("labels"), own.get("taught")
        about = c.key, c.cry, c.source, c.fine, c.group, c.split
        banked.append(BankedClip(*about, (clean_version, *others), *known))
    return banked


def _synthetic(recipe: Recipe, data: Path, cache: Path) -> list[BankedClip]:
    numbers = range(recipe.variants.synthetic_noncries)
    banked = []
    for number, own in zip(numbers, _cached_variants(recipe, data, numbers, cache), strict=True):
        kind = str(own["kind"])
        name = f"synthetic/{kind}/{number}"
        made = BankedClip(
            key=name,
            cry=False,
            source="synthesised",
            fine=kind,
            group=name,
            split="train",
            versions=_versions(own),
            labels=None,
            taught=None,
        )
        banked.append(made)
    return banked


def _versions(arrays: Arrays) -> tuple[Version, ...]:
    speeds = enumerate(arrays["speeds"])
    return tuple(Version(arrays[f"v{i}"], float(speed)) for i, speed in speeds)


def _cached_clean(
    recipe: Recipe, data: Path, clips: Sequence[Clip], cache: Path
) -> Iterator[Arrays]:
    made_by = recipe.data.teacher, _code(*map(inspect.getfile, (audio, labels, features)))
    keys = [_key(made_by, c.cry, c.path.read_bytes()) for c in clips]
    tasks = [(recipe, data, c) for c in clips]
    return cached(cache, tasks, keys, _clean, "features")


def _clean(task: tuple[Recipe, Path, Clip]) -> Arrays:
    recipe, data, clip = task
    samples, mel = load_audio(clip.path), _low_mel()
    made: dict[str, NDArray[Any]] = {"log_power": log_power(samples, mel)}
    if recipe.data.teacher:
        made["taught"] = taught(samples, _teacher(data / recipe.data.teacher), mel.params)
    if clip.cry:
        made["labels"] = label_windows(samples, made.get("taught"), mel.params)
    return made


def _cached_variants(
    recipe: Recipe, data: Path, rows: Sequence[Clip] | range, cache: Path
) -> Iterator[Arrays]:
    made_by = (
        msgspec.json.encode([recipe.variants, recipe.data.rooms]),
        _code(inspect.getfile(features), *sorted(Path(convert.sounds.__path__[0]).glob("*.py"))),
    )
    keys = [
        _key(made_by, row.key, row.cry, row.path.read_bytes())
        if isinstance(row, Clip)
        else _key(made_by, row)
        for row in rows
    ]
    return cached(cache, [(recipe, data, row) for row in rows], keys, _varied, "variants")


def _varied(task: tuple[Recipe, Path, Clip | int]) -> Arrays:
    recipe, data, row = task
    settings, mel = recipe.variants, _low_mel()
    manifest = data / recipe.data.rooms if recipe.data.rooms else None
    rooms = _rooms(manifest, settings.synthetic_rooms)
    made: dict[str, NDArray[Any]] = {}
    speeds = []
    if isinstance(row, Clip):
        rng = np.random.default_rng([0, zlib.crc32(row.key.encode())])
        samples = load_audio(row.path)
        count = settings.per_cry if row.cry else settings.per_noncry
    else:
        rng = np.random.default_rng([1, row])
        kind, samples = synthetic_noncry(rng, settings.gliding_share)
        made |= {"kind": np.array(kind), "v0": log_power(samples, mel)}
        speeds.append(1.0)
        count = 1
    for _ in range(count):
        changed, speed = variant(samples, rooms, settings, rng)
        made[f"v{len(speeds)}"] = log_power(changed, mel)
        speeds.append(speed)
    return made | {"speeds": np.array(speeds)}


def _key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _code(*files: str | Path) -> str:
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()


def _low_mel() -> LogMel:
    return LogMel(replace(MelParams(), floor=LOW_FLOOR))


# Loaded once in each worker process.
_rooms = functools.cache(rooms_of)
_teacher = functools.cache(Teacher)
