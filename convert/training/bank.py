"""The log-mel power of every clip and its variants, computed once and kept in `runs/cache`.

Computed by the device's own `edgecry.features.mel.LogMel`, with a floor low enough that it does not
yet hide anything: sounds are mixed and made quieter or louder later, and then get the device's.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import convert.sounds
from convert.data.clips import Clip, Split
from convert.recipe import Recipe
from convert.sounds.audio import load_audio
from convert.sounds.rooms import rooms_of
from convert.sounds.synthetic import synthetic_noncry
from convert.sounds.variants import variant
from convert.training import labels
from convert.training.labels import Teacher, label_windows, taught
from edgecry.features import mel as features
from edgecry.features.mel import LogMel, MelParams
from edgecry.types import Float32Array

LOW_FLOOR = 1e-12
LOW_FLOOR_NATS = float(np.log(LOW_FLOOR))
WORKERS = 2


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
    return _banked(recipe, data, [*wanted, *range(recipe.variants.synthetic_noncries)], cache)


def banked_clips(
    recipe: Recipe, data: Path, clips: Sequence[Clip], cache: Path
) -> list[BankedClip]:
    """Some clips only, in the order given."""
    return _banked(recipe, data, clips, cache)


def _banked(
    recipe: Recipe, data: Path, rows: Sequence[Clip | int], cache: Path
) -> list[BankedClip]:
    cache.mkdir(parents=True, exist_ok=True)
    paths = [cache / f"{_cache_key(recipe, row)}.npz" for row in rows]
    missing = [
        (recipe, data, row, path)
        for row, path in zip(rows, paths, strict=True)
        if not path.exists()
    ]
    if missing:
        with ProcessPoolExecutor(WORKERS) as pool:
            list(tqdm(pool.map(_compute, missing, chunksize=16), "features", len(missing)))
    return [_load(row, path) for row, path in zip(rows, paths, strict=True)]


def _load(row: Clip | int, path: Path) -> BankedClip:
    with np.load(path) as stored:
        versions = tuple(
            Version(stored[f"v{i}"], float(speed)) for i, speed in enumerate(stored["speeds"])
        )
        if isinstance(row, int):
            kind = str(stored["kind"])
            name = f"synthetic/{kind}/{row}"
            return BankedClip(name, False, "synthesised", kind, name, "train", versions, None, None)
        known = (stored.get("labels"), stored.get("taught"))
    return BankedClip(
        row.key, row.cry, row.source, row.fine, row.group, row.split, versions, *known
    )


def _cache_key(recipe: Recipe, row: Clip | int) -> str:
    """Changes with the recording, the settings, and the code that makes the cached arrays."""
    identity = hashlib.sha256(
        msgspec.json.encode([recipe.variants, recipe.data.rooms, recipe.data.teacher]) + _code()
    )
    if isinstance(row, int):
        identity.update(f"synthetic {row}".encode())
    else:
        identity.update(f"{row.key},{row.cry},{row.split}".encode())
        identity.update(row.path.read_bytes())
    return identity.hexdigest()[:32]


@functools.cache
def _code() -> bytes:
    files = sorted(Path(convert.sounds.__path__[0]).glob("*.py"))
    files += [Path(inspect.getfile(module)) for module in (labels, features)]
    return b"".join(file.read_bytes() for file in files)


def _compute(task: tuple[Recipe, Path, Clip | int, Path]) -> None:
    recipe, data, row, path = task
    mel = LogMel(replace(MelParams(), floor=LOW_FLOOR))
    manifest = data / recipe.data.rooms if recipe.data.rooms else None
    rooms = rooms_of(manifest, recipe.variants.synthetic_rooms)
    made: dict[str, Any] = {}
    if isinstance(row, int):
        rng = np.random.default_rng([1, row])
        made["kind"], samples = synthetic_noncry(rng, recipe.variants.gliding_share)
        count = 1
    else:
        rng = np.random.default_rng([0, zlib.crc32(row.key.encode())])
        samples = load_audio(row.path)
        settings = recipe.variants
        count = settings.per_cry if row.cry else settings.per_noncry
        count = count if row.split == "train" else 0
        if recipe.data.teacher:
            made["taught"] = taught(samples, _teacher(data / recipe.data.teacher), mel.params)
        if row.cry:
            made["labels"] = label_windows(samples, made.get("taught"), mel.params)
    made["v0"] = log_power(samples, mel)
    speeds = [1.0]
    for i in range(1, count + 1):
        changed, speed = variant(samples, rooms, recipe.variants, rng)
        made[f"v{i}"] = log_power(changed, mel)
        speeds.append(speed)
    part = path.with_suffix(".part.npz")
    np.savez(part, speeds=np.array(speeds), **made)
    part.rename(path)


_loaded: dict[Path, object] = {}
"""The teacher, loaded once in each worker process."""


def _teacher(path: Path) -> Teacher:
    if path not in _loaded:
        _loaded[path] = Teacher(path)
    return _loaded[path]  # type: ignore[return-value]
