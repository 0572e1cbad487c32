"""What a batch is made of: cries by clip, non-cries by kind, and what fooled the network."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.recipe import Recipe
from convert.training.bank import LOW_FLOOR_NATS, BankedClip, Version
from convert.training.labels import CRY, NO_CRY
from convert.training.mixing import augment, layered, mixup
from convert.training.overlays import Overlays
from convert.training.weighted import Weighted
from edgecry.features.mel import FRAMES_PER_BATCH, MelParams, compress
from edgecry.types import Float32Array

NOT_MINED = ("donateacry_raw",)
"""Sources whose non-cries hold hidden cries: mining would dig up exactly those."""
CLEAN_SHARE = 0.3
"""How often the clean version of a clip is drawn where there are others."""
OVER_AN_END = 0.08
"""Share of the windows that may hang over an end of their clip."""
PAUSES = 0.03
"""Share of the non-cries that are the quiet parts of cry clips."""


@dataclass(frozen=True, slots=True)
class Place:
    """A window of a clip: its first frame, in that version (0 is the clean one)."""

    clip: BankedClip
    start: int
    version: int = 0

    @property
    def taught(self) -> float:
        """What the teacher hears in the window of the clean version nearest to it, 0..1."""
        if self.clip.taught is None:
            return float(self.clip.cry)
        clean_start = self.start * self.clip.versions[self.version].speed
        window = round(clean_start / FRAMES_PER_BATCH)
        return float(self.clip.taught[min(max(window, 0), len(self.clip.taught) - 1)])


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
        crying = labelled_places(cries, CRY)
        sizes = Counter(places[0].clip.group for places in crying)
        # A baby with many clips counts with the square root of their number.
        self._cries = Weighted(crying, [sizes[p[0].clip.group] ** -0.5 for p in crying])
        self._pauses = [p for places in labelled_places(cries, NO_CRY) for p in places]
        self._noncries = [c for c in clips if not c.cry]
        kinds: dict[tuple[str, str], float] = defaultdict(float)
        lengths = [self._frames(c) for c in self._noncries]
        for clip, length in zip(self._noncries, lengths, strict=True):
            kinds[clip.source, clip.fine] += length
        # A kind of sound counts with the square root of its amount: rare kinds are heard too.
        shares = np.array(
            [
                length / np.sqrt(kinds[c.source, c.fine])
                for c, length in zip(self._noncries, lengths, strict=True)
            ]
        )
        self._any = Weighted(self._noncries, shares)
        self._overlays = Overlays(self._noncries, shares)
        self.hard: list[Place] = []

    @property
    def mineable(self) -> list[BankedClip]:
        """Non-cries among which hard ones may be looked for."""
        return [c for c in self._noncries if c.source not in NOT_MINED]

    def batch(self, size: int) -> tuple[Float32Array, Float32Array]:
        """(size, frames, mels, 1) windows and (size, 1) targets 0..1.

        A target is the label, moved towards what the teacher hears by the recipe's `distillation`.
        """
        settings = self._recipe.train
        cry = self._rng.random(size) < settings.cry_share
        places = [self._cry() if c else self._noncry() for c in cry]
        taught = np.array([p.taught for p in places])
        targets = cry + settings.distillation * (taught - cry)
        targets = targets[:, None].astype(np.float32)
        return mixup(self._augmented(places), targets, self._recipe.augment, self._rng)

    def windows_of(self, clips: Sequence[BankedClip]) -> Float32Array:
        """One augmented window of each clip, (n, frames, mels, 1)."""
        return self._augmented([self._anywhere(clip) for clip in clips])

    def before_and_after(self, size: int) -> tuple[Float32Array, Float32Array, NDArray[np.bool_]]:
        """Windows (size, frames, mels) without and with augmentation, and whether they are cries.

        Half of them, the first, are cries.
        """
        cry = np.arange(size) < size // 2
        places = [self._cry() if c else self._noncry() for c in cry]
        clean = np.exp(np.stack([self._cut(p) for p in places]))
        return compress(clean, self._params), self._augmented(places)[..., 0], cry

    def _augmented(self, places: Sequence[Place]) -> Float32Array:
        windows = np.stack([self._cut(p) for p in places])
        behind = np.stack([self._background() for _ in places])
        x = augment(windows, behind, self._recipe.augment, self._params, self._rng)
        return x[..., None]

    def _background(self) -> Float32Array:
        """Log power of a non-cry, sometimes with voices, music or an alarm laid over it."""
        settings, below = self._recipe.augment, self._cut(self._any_noncry())
        if not self._overlays or self._rng.random() >= settings.layer_share:
            return below
        above = [self._cut(self._anywhere(clip)) for clip in self._overlays.draw(self._rng)]
        levels_db = self._rng.uniform(*settings.layer_db, len(above))
        return layered(np.stack([below, *above]), np.array([0.0, *levels_db]))

    def _cut(self, place: Place) -> Float32Array:
        version = place.clip.versions[place.version]
        return cut(version, place.start, self._recipe.window_frames)

    def _cry(self) -> Place:
        places = self._cries.draw(self._rng)
        return self._around(places[self._rng.integers(len(places))])

    def _noncry(self) -> Place:
        dice = self._rng.random()
        if self.hard and dice < self._recipe.train.hard_share:
            return self._around(self.hard[self._rng.integers(len(self.hard))])
        if self._pauses and dice > 1.0 - PAUSES:
            return self._pauses[self._rng.integers(len(self._pauses))]
        return self._any_noncry()

    def _any_noncry(self) -> Place:
        return self._anywhere(self._any.draw(self._rng))

    def _anywhere(self, clip: BankedClip) -> Place:
        """A random window of a random version; now and then it hangs over an end."""
        version = self._version(clip)
        frames, length = self._recipe.window_frames, len(clip.versions[version].log_power)
        spare = length - frames
        start = self._rng.integers(min(0, spare), max(0, spare) + 1)
        if self._rng.random() < OVER_AN_END:
            start = self._rng.integers(-frames // 2, length - frames // 2 + 1)
        return Place(clip, int(start), version)

    def _around(self, place: Place) -> Place:
        """The place in a random version, up to half a hop away."""
        number = self._version(place.clip)
        version = place.clip.versions[number]
        half = FRAMES_PER_BATCH // 2
        start = place.start / version.speed + self._rng.integers(-half, half + 1)
        last = max(0, len(version.log_power) - self._recipe.window_frames)
        return Place(place.clip, int(np.clip(start, 0, last)), number)

    def _version(self, clip: BankedClip) -> int:
        """The clean one, or any of the others. Cries have more of them than non-cries, but must
        not be heard more often through a room or a codec."""
        others = len(clip.versions) - 1
        if not others or self._rng.random() < CLEAN_SHARE:
            return 0
        return 1 + int(self._rng.integers(others))

    def _frames(self, clip: BankedClip) -> int:
        return max(len(clip.versions[0].log_power), self._recipe.window_frames)
