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

import msgspec
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from convert.data.clips import Clip
from convert.recipe import Recipe
from convert.sounds.audio import load_audio
from convert.sounds.synthetic import synthetic_noncry
from convert.sounds.variants import read_rooms, variant
from convert.training.labels import Teacher, label_windows
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
    """A clip, its versions (the clean one first), and for a cry its window labels."""

    key: str
    cry: bool
    source: str
    fine: str
    group: str
    versions: tuple[Version, ...]
    labels: NDArray[np.int8] | None


def log_power(samples: Float32Array, mel: LogMel) -> NDArray[np.float16]:
    """Natural log of mel power, (frames, mels), of a `mel` that has LOW_FLOOR as its floor."""
    scaled = mel(samples)
    return (scaled * mel.params.scale_nats + mel.params.offset_nats).astype(np.float16)


def load_bank(recipe: Recipe, data: Path, clips: Sequence[Clip], cache: Path) -> list[BankedClip]:
    """Training and validation clips, from the cache where they are there already.

    Every clip has its own random numbers, from the seed and its key: order and number of workers
    change nothing.
    """
    wanted = [c for c in clips if c.split in ("train", "val")]
    cache.mkdir(parents=True, exist_ok=True)
    tasks = [(recipe, data, clip, cache) for clip in wanted]
    with ProcessPoolExecutor(WORKERS) as pool:
        banked = list(tqdm(pool.map(_banked, tasks, chunksize=16), "features", len(tasks)))
    return banked + _synthetic(recipe, data)


def _banked(task: tuple[Recipe, Path, Clip, Path]) -> BankedClip:
    recipe, data, clip, cache = task
    key = _cache_key(recipe, clip)
    path = cache / f"{key}.npz"
    if not path.exists():
        _compute(recipe, data, clip, path)
    with np.load(path) as stored:
        speeds = stored["speeds"]
        versions = tuple(Version(stored[f"v{i}"], float(s)) for i, s in enumerate(speeds))
        labels = stored.get("labels")
    return BankedClip(clip.key, clip.cry, clip.source, clip.fine, clip.group, versions, labels)


def _cache_key(recipe: Recipe, clip: Clip) -> str:
    """Changes with the recording, the settings, and the code that makes the cached arrays."""
    settings = msgspec.json.encode(
        [recipe.seed, recipe.variants, recipe.data.rooms, recipe.data.teacher, clip.split]
    )
    identity = hashlib.sha256(f"{clip.key},{clip.cry},".encode() + settings + _code())
    identity.update(clip.path.read_bytes())
    return identity.hexdigest()[:32]


@functools.cache
def _code() -> bytes:
    makers = (load_audio, label_windows, variant, LogMel)
    return b"".join(Path(inspect.getfile(maker)).read_bytes() for maker in makers)


def _compute(recipe: Recipe, data: Path, clip: Clip, path: Path) -> None:
    rng = np.random.default_rng([recipe.seed, zlib.crc32(clip.key.encode())])
    mel = LogMel(replace(MelParams(), floor=LOW_FLOOR))
    samples = load_audio(clip.path)
    made = {"v0": log_power(samples, mel)}
    speeds = [1.0]
    settings = recipe.variants
    count = settings.per_cry if clip.cry else settings.per_noncry
    rooms = _rooms(recipe, data)
    for i in range(1, count + 1) if clip.split == "train" else ():
        changed, speed = variant(samples, rooms, settings, rng)
        made[f"v{i}"] = log_power(changed, mel)
        speeds.append(speed)
    if clip.cry:
        teacher = _teacher(data / recipe.data.teacher) if recipe.data.teacher else None
        made["labels"] = label_windows(samples, teacher, mel.params)
    part = path.with_suffix(".part.npz")
    np.savez(part, speeds=np.array(speeds), **made)
    part.rename(path)


_loaded: dict[Path, object] = {}
"""Rooms and teacher, loaded once in each worker process."""


def _rooms(recipe: Recipe, data: Path) -> list[Float32Array]:
    if recipe.data.rooms is None:
        return []
    path = data / recipe.data.rooms
    if path not in _loaded:
        _loaded[path] = read_rooms(path)
    return _loaded[path]  # type: ignore[return-value]


def _teacher(path: Path) -> Teacher:
    if path not in _loaded:
        _loaded[path] = Teacher(path)
    return _loaded[path]  # type: ignore[return-value]


def _synthetic(recipe: Recipe, data: Path) -> list[BankedClip]:
    """The synthesised non-cries, as further training clips."""
    rng = np.random.default_rng([recipe.seed, 1])
    mel = LogMel(replace(MelParams(), floor=LOW_FLOOR))
    rooms = _rooms(recipe, data)
    banked = []
    for i in tqdm(range(recipe.variants.synthetic_noncries), "synthetic non-cries"):
        kind, samples = synthetic_noncry(rng)
        changed, _ = variant(samples, rooms, recipe.variants, rng)
        versions = tuple(Version(log_power(s, mel), 1.0) for s in (samples, changed))
        name = f"synthetic/{kind}/{i}"
        banked.append(BankedClip(name, False, "synthesised", kind, name, versions, None))
    return banked
