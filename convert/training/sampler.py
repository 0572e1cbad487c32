"""What a batch is made of: cries by clip, non-cries by kind, and what fooled the network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.recipe import Recipe
from convert.training.bank import LOW_FLOOR_NATS, BankedClip, Version
from convert.training.labels import CRY, NO_CRY
from convert.training.mixing import augment
from edgecry.features.mel import FRAMES_PER_BATCH, MelParams, compress
from edgecry.types import Float32Array

NOT_MINED = ("donateacry_raw",)
"""Sources whose non-cries hold hidden cries: mining would dig up exactly those."""


@dataclass(frozen=True, slots=True)
class Place:
    """A window of the clean version of a clip: its first frame."""

    clip: BankedClip
    start: int


def cut(version: Version, start: int, frames: int) -> Float32Array:
    """Frames [start, start + frames) of a version; what is not there is digital silence."""
    out = np.full((frames, version.log_power.shape[1]), LOW_FLOOR_NATS, np.float32)
    first, last = max(0, start), min(len(version.log_power), start + frames)
    if first < last:
        out[first - start : last - start] = version.log_power[first:last]
    return out


def labelled_places(clips: Sequence[BankedClip], label: int) -> list[list[Place]]:
    """For each cry clip that has some: its windows with this label."""
    found = []
    for clip in clips:
        if clip.labels is not None and (clip.labels == label).any():
            starts = np.flatnonzero(clip.labels == label) * FRAMES_PER_BATCH
            found.append([Place(clip, int(s)) for s in starts])
    return found


def every_place(clip: BankedClip, frames: int, hop: int) -> list[Place]:
    """All windows of a clip, `hop` frames apart; one if it is shorter than a window."""
    length = len(clip.versions[0].log_power)
    return [Place(clip, s) for s in range(0, max(0, length - frames) + 1, hop)]


class Sampler:
    """Draws batches from training clips."""

    def __init__(self, clips: Sequence[BankedClip], recipe: Recipe, params: MelParams) -> None:
        self._recipe, self._params = recipe, params
        self._rng = np.random.default_rng([recipe.seed, 2])
        cries = [c for c in clips if c.cry]
        self._cries = labelled_places(cries, CRY)
        sizes: dict[str, int] = defaultdict(int)
        for places in self._cries:
            sizes[places[0].clip.group] += 1
        weights = np.array([1.0 / np.sqrt(sizes[p[0].clip.group]) for p in self._cries])
        self._cry_weights = weights / weights.sum()
        self._pauses = [p for places in labelled_places(cries, NO_CRY) for p in places]
        self._noncries = [c for c in clips if not c.cry]
        kinds: dict[tuple[str, str], float] = defaultdict(float)
        minutes = [self._frames(c) for c in self._noncries]
        for clip, length in zip(self._noncries, minutes, strict=True):
            kinds[clip.source, clip.fine] += length
        # A kind of sound counts with the square root of its amount: rare kinds are heard too.
        shares = np.array(
            [
                m / np.sqrt(kinds[c.source, c.fine])
                for c, m in zip(self._noncries, minutes, strict=True)
            ]
        )
        self._noncry_weights = shares / shares.sum()
        self.hard: list[Place] = []

    @property
    def mineable(self) -> list[BankedClip]:
        """Non-cries among which hard ones may be looked for."""
        return [c for c in self._noncries if c.source not in NOT_MINED]

    def batch(self, size: int) -> tuple[Float32Array, Float32Array]:
        """(size, frames, mels, 1) windows and (size, 1) labels."""
        settings = self._recipe.train
        cry = self._rng.random(size) < settings.cry_share
        windows = np.stack([self._cry() if c else self._noncry() for c in cry])
        behind = np.stack([self._any_noncry() for _ in range(size)])
        x = augment(windows, behind, self._recipe.augment, self._params, self._rng)
        return x[..., None], cry[:, None].astype(np.float32)

    def windows_of(self, clips: Sequence[BankedClip]) -> Float32Array:
        """One augmented window of each clip, (n, frames, mels, 1)."""
        windows = np.stack([self._anywhere(clip) for clip in clips])
        behind = np.stack([self._any_noncry() for _ in clips])
        x = augment(windows, behind, self._recipe.augment, self._params, self._rng)
        return x[..., None]

    def _cry(self) -> Float32Array:
        places = self._cries[self._rng.choice(len(self._cries), p=self._cry_weights)]
        return self._around(places[self._rng.integers(len(places))])

    def _noncry(self) -> Float32Array:
        dice = self._rng.random()
        if self.hard and dice < self._recipe.train.hard_share:
            return self._around(self.hard[self._rng.integers(len(self.hard))])
        if self._pauses and dice > 0.97:
            place = self._pauses[self._rng.integers(len(self._pauses))]
            return cut(place.clip.versions[0], place.start, self._recipe.window_frames)
        return self._any_noncry()

    def _any_noncry(self) -> Float32Array:
        return self._anywhere(
            self._noncries[self._rng.choice(len(self._noncries), p=self._noncry_weights)]
        )

    def _anywhere(self, clip: BankedClip) -> Float32Array:
        """A random window of a random version; now and then it hangs over an end."""
        version = clip.versions[self._rng.integers(len(clip.versions))]
        frames, length = self._recipe.window_frames, len(version.log_power)
        spare = length - frames
        start = self._rng.integers(min(0, spare), max(0, spare) + 1)
        if self._rng.random() < 0.08:
            start = self._rng.integers(-frames // 2, length - frames // 2 + 1)
        return cut(version, int(start), frames)

    def _around(self, place: Place) -> Float32Array:
        """A window in a random version, up to half a hop away from the place."""
        version = place.clip.versions[self._rng.integers(len(place.clip.versions))]
        half = FRAMES_PER_BATCH // 2
        start = place.start / version.speed + self._rng.integers(-half, half + 1)
        last = max(0, len(version.log_power) - self._recipe.window_frames)
        return cut(version, int(np.clip(start, 0, last)), self._recipe.window_frames)

    def _frames(self, clip: BankedClip) -> int:
        return max(len(clip.versions[0].log_power), self._recipe.window_frames)


def validation_set(
    clips: Sequence[BankedClip], recipe: Recipe, params: MelParams
) -> tuple[Float32Array, NDArray[np.float32]]:
    """Windows of the validation clips, each clean and in noise, the same ones at every call."""
    rng = np.random.default_rng([recipe.seed, 3])
    frames = recipe.window_frames
    cries = [p for places in labelled_places(clips, CRY) for p in places]
    noncries = [p for c in clips if not c.cry for p in every_place(c, frames, frames // 2)]
    backgrounds = [cut(p.clip.versions[0], p.start, frames) for p in noncries]
    windows = np.stack([cut(p.clip.versions[0], p.start, frames) for p in cries + noncries])
    labels = np.repeat([1.0, 0.0], [len(cries), len(noncries)]).astype(np.float32)
    behind = np.stack([backgrounds[i] for i in rng.integers(len(backgrounds), size=len(windows))])
    noisy = augment(windows, behind, recipe.augment, params, rng)
    clean = compress(np.exp(windows), params)
    return np.concatenate((clean, noisy))[..., None], np.concatenate((labels, labels))
