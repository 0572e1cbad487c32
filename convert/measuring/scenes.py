"""Long scenes with a truth that is known to the frame, built from short clips.

A background that changes every few minutes, distractors over it at random, and cries at a stated
level over all that sounds at that time. SNR is that of the detector's band: power of the cry while
it sounds, over the mean power of all else between its onset and its offset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from convert.measuring.events import Event
from convert.measuring.onsets import FRAME_SAMPLES, HOP_SAMPLES, sounding
from convert.recipe import Timelines
from convert.sounds.alarms import beeps, free_alarm, standard_alarm
from convert.sounds.audio import RATE_HZ, load_audio
from convert.sounds.gliding import siren, whistle
from convert.sounds.machines import bubbles, fan, hum, pump, suction, ventilator
from convert.sounds.rooms import in_room, incubator, nursery
from convert.sounds.synthetic import clicks, melody
from convert.sounds.waves import Waveform, noise
from edgecry.features.mel import MelParams
from edgecry.types import Float32Array

Thing = TypeVar("Thing")
Maker = Callable[[np.random.Generator], Waveform]

SYNTHETIC_BACKGROUNDS: tuple[Maker, ...] = (fan, hum, ventilator, bubbles, noise)
SYNTHETIC_DISTRACTORS: tuple[Maker, ...] = (
    *(standard_alarm, free_alarm, beeps, siren, whistle, pump, suction, melody, clicks),
)
BACKGROUND_S = (60.0, 300.0)
"""How long one background goes on."""
BACKGROUND_FADE_S, PIECE_FADE_S, CUT_FADE_S = 2.0, 0.5, 0.02
LONGEST_DISTRACTOR_S = 8.0
LEAST_GAP_S = 12.0
"""Between two cries, so that the alarm of one is not taken for that of the next."""
MARGIN_S = 5.0
"""At the beginning and the end of a scene there is no cry."""
TAIL_S = 0.5
"""What a room adds behind a sound."""
SELF_NOISE_DBFS = -70.0
"""Of the microphone: no scene is quieter."""
RUMBLE_DB = 10.0
"""What lies outside of the detector's band counts as level, but for so much."""
HIGHEST_PEAK = 0.97
LOUDEST_DISTRACTOR = 0.5
"""Its peak: the click of a door is not to make the whole scene quiet."""
QUIETEST = 1e-12


class Cry(msgspec.Struct, frozen=True):
    """A recording of a cry, and where in it the cry is."""

    path: Path
    source: str
    group: str
    onset_s: float
    offset_s: float


class Sound(msgspec.Struct, frozen=True):
    """A recording of something else."""

    path: Path
    fine: str
    source: str


class Material(msgspec.Struct, frozen=True):
    """What scenes are built from."""

    cries: tuple[Cry, ...]
    distractors: tuple[Sound, ...]
    backgrounds: tuple[Sound, ...]


class Placed(msgspec.Struct, frozen=True):
    """What sounds from when on, apart from the cries."""

    at_s: float
    fine: str
    source: str


@dataclass(slots=True)
class Scene:
    """A scene in the making. samples: (n,) float32."""

    samples: Float32Array
    events: list[Event] = field(default_factory=list)
    distractors: list[Placed] = field(default_factory=list)
    backgrounds: list[Placed] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        """Its length."""
        return len(self.samples) / RATE_HZ

    def truth(self) -> dict[str, object]:
        """What `events.read_timelines` reads, and what else there is to hear."""
        return {
            "duration_s": self.duration_s,
            "events": msgspec.to_builtins(self.events),
            "distractors": msgspec.to_builtins(self.distractors),
            "backgrounds": msgspec.to_builtins(self.backgrounds),
        }


def build_scene(
    material: Material, settings: Timelines, with_cries: bool, rng: np.random.Generator
) -> Scene:
    """A scene of `scene_minutes`, scaled down as a whole where it would clip."""
    n = round(settings.scene_minutes * 60 * RATE_HZ)
    self_noise = rng.standard_normal(n, np.float32) * np.float32(10 ** (SELF_NOISE_DBFS / 20))
    scene = Scene(self_noise)
    _add_background(scene, material.backgrounds, settings, rng)
    _add_distractors(scene, material.distractors, settings, rng)
    if with_cries:
        _add_cries(scene, material.cries, settings, rng)
    scene.samples *= min(1.0, HIGHEST_PEAK / max(QUIETEST, float(np.abs(scene.samples).max())))
    return scene


def band_power(samples: Float32Array, active: NDArray[np.bool_] | None = None) -> float:
    """Mean square within the band of the detector's mel filters, where `active` (n,) says so."""
    params = MelParams()
    size = 1 << len(samples).bit_length()
    spectrum = np.fft.rfft(samples, size)
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    spectrum[(hz < params.low_hz) | (hz > params.high_hz)] = 0.0
    square = np.square(np.fft.irfft(spectrum, size)[: len(samples)])
    return max(QUIETEST, float(np.mean(square if active is None else square[active])))


def level_power(samples: Float32Array, active: NDArray[np.bool_] | None = None) -> float:
    """As `band_power`; for a sound that is mostly rumble, what is RUMBLE_DB under its whole."""
    whole = np.mean(np.square(samples if active is None else samples[active]))
    return max(band_power(samples, active), float(whole) * 10 ** (-RUMBLE_DB / 10))


def onsets_s(
    cries: Sequence[Cry], settings: Timelines, rng: np.random.Generator
) -> Iterator[tuple[float, Cry]]:
    """When which cry begins: `cries_per_minute` on average, with LEAST_GAP_S between them.

    Every baby (group) cries equally often.
    """
    mean_s = float(np.mean([c.offset_s - c.onset_s for c in cries]))
    wait_s = max(0.0, 60.0 / settings.cries_per_minute - LEAST_GAP_S - mean_s)
    at_s = MARGIN_S + rng.exponential(wait_s)
    babies = [[c for c in cries if c.group == group] for group in sorted({c.group for c in cries})]
    for baby in _in_turns(babies, rng):
        cry = baby[rng.integers(len(baby))]
        end_s = at_s + cry.offset_s - cry.onset_s
        if end_s > settings.scene_minutes * 60 - MARGIN_S:
            return
        yield at_s, cry
        at_s = end_s + LEAST_GAP_S + rng.exponential(wait_s)


def _add_background(
    scene: Scene, sounds: Sequence[Sound], settings: Timelines, rng: np.random.Generator
) -> None:
    kinds = sorted({s.fine for s in sounds})
    fade = round(BACKGROUND_FADE_S * RATE_HZ)
    first = 0
    while first < len(scene.samples):
        n = min(round(rng.uniform(*BACKGROUND_S) * RATE_HZ), len(scene.samples) - first)
        if not kinds or rng.random() < settings.synthetic_share:
            make = SYNTHETIC_BACKGROUNDS[rng.integers(len(SYNTHETIC_BACKGROUNDS))]
            fine, source, pieces = make.__name__, "synthesised", [make(rng).astype(np.float32)]
        else:
            fine = kinds[rng.integers(len(kinds))]
            alike = [s for s in sounds if s.fine == fine]
            source = alike[0].source
            pieces = [load_audio(s.path) for s in alike]
        level_db = rng.uniform(*settings.background_dbfs)
        wave = _endless(pieces, min(n + fade, len(scene.samples) - first), rng)
        wave *= 10 ** (level_db / 20) * _edges(len(wave), fade)
        scene.samples[first : first + len(wave)] += wave
        scene.backgrounds.append(Placed(first / RATE_HZ, fine, source))
        first += n


def _add_distractors(
    scene: Scene, sounds: Sequence[Sound], settings: Timelines, rng: np.random.Generator
) -> None:
    kinds = sorted({s.fine for s in sounds})
    alike = [[s for s in sounds if s.fine == kind] for kind in kinds]
    weights = np.sqrt([len(a) for a in alike])
    count = rng.poisson(settings.distractors_per_minute * settings.scene_minutes)
    background = scene.samples.copy()
    room_for = round((LONGEST_DISTRACTOR_S + TAIL_S) * RATE_HZ)
    last = max(1, len(scene.samples) - room_for)
    for first in np.sort(rng.integers(last, size=count)).tolist():
        if not kinds or rng.random() < settings.synthetic_share:
            make = SYNTHETIC_DISTRACTORS[rng.integers(len(SYNTHETIC_DISTRACTORS))]
            fine, source, dry = make.__name__, "synthesised", make(rng).astype(np.float32)
        else:
            kind = rng.choice(len(kinds), p=weights / weights.sum())
            sound = alike[kind][rng.integers(len(alike[kind]))]
            fine, source, dry = sound.fine, sound.source, load_audio(sound.path)
        wave, active, _ = _somewhere(_excerpt(dry, rng), settings.room_share, rng)
        wave = wave[: len(scene.samples) - first]
        under = level_power(background[first : first + len(wave)])
        over_db = rng.uniform(*settings.distractor_db)
        power = level_power(wave, active[: len(wave)])
        gain = min(
            _gain(under, power, over_db),
            LOUDEST_DISTRACTOR / max(QUIETEST, float(np.abs(wave).max())),
        )
        scene.samples[first : first + len(wave)] += gain * wave
        scene.distractors.append(Placed(first / RATE_HZ, fine, source))


def _add_cries(
    scene: Scene, cries: Sequence[Cry], settings: Timelines, rng: np.random.Generator
) -> None:
    others = scene.samples.copy()
    levels = _in_turns(settings.snr_db, rng)
    for (at_s, cry), snr_db in zip(onsets_s(cries, settings, rng), levels, strict=False):
        begin, end = round(cry.onset_s * RATE_HZ), round(cry.offset_s * RATE_HZ)
        dry = _cut(load_audio(cry.path)[begin:end])
        wave, active, response = _somewhere(dry, settings.room_share, rng)
        first = round(at_s * RATE_HZ)
        wave = wave[: len(scene.samples) - first]
        under = band_power(others[first : first + len(dry)])
        power = band_power(wave, active[: len(wave)])
        scene.samples[first : first + len(wave)] += _gain(under, power, snr_db) * wave
        offset_s = (first + len(dry)) / RATE_HZ
        scene.events.append(
            Event(first / RATE_HZ, offset_s, snr_db, cry.source, cry.group, response)
        )


def _somewhere(
    dry: Float32Array, room_share: float, rng: np.random.Generator
) -> tuple[Float32Array, NDArray[np.bool_], str]:
    """The sound in an incubator, in a room, or as it is; where it sounds; and which of the three.

    Every room is a new one. What sounds is known from the dry sound: reverberation is not it.
    """
    active = np.zeros(len(dry), bool)
    for frame in np.flatnonzero(sounding(dry)):
        active[frame * HOP_SAMPLES : frame * HOP_SAMPLES + FRAME_SAMPLES] = True
    if not active.any():
        active[:] = True
    if rng.random() >= room_share:
        return dry, active, "clean"
    make = (incubator, nursery)[rng.integers(2)]
    tail = round(TAIL_S * RATE_HZ)
    wet = in_room(np.pad(dry, (0, tail)), make(rng))
    return wet, np.pad(active, (0, tail)), {incubator: "incubator", nursery: "room"}[make]


def _endless(pieces: Sequence[Float32Array], n: int, rng: np.random.Generator) -> Float32Array:
    """n samples of the pieces in turns, cross-faded, each at a level of 0 dBFS."""
    fades = [min(round(PIECE_FADE_S * RATE_HZ), len(piece) // 4) for piece in pieces]
    waves = [
        piece / np.sqrt(level_power(piece)) * _edges(len(piece), fade)
        for piece, fade in zip(pieces, fades, strict=True)
    ]
    out = np.zeros(n, np.float32)
    at = 0
    turns = _in_turns(range(len(waves)), rng)
    while at < n:
        turn = next(turns)
        wave = waves[turn][: n - at]
        out[at : at + len(wave)] += wave
        at += len(waves[turn]) - fades[turn]
    return out


def _excerpt(samples: Float32Array, rng: np.random.Generator) -> Float32Array:
    """At most LONGEST_DISTRACTOR_S of a recording, from anywhere in it."""
    longest = round(LONGEST_DISTRACTOR_S * RATE_HZ)
    first = int(rng.integers(max(1, len(samples) - longest)))
    return _cut(samples[first : first + longest])


def _cut(samples: Float32Array) -> Float32Array:
    """With soft ends, and at least as long as the shortest thing that has a level."""
    soft = samples * _edges(len(samples), min(round(CUT_FADE_S * RATE_HZ), len(samples) // 4))
    return np.pad(soft, (0, max(0, FRAME_SAMPLES - len(soft))))


def _edges(n: int, fade: int) -> Float32Array:
    """(n,) ones that rise and fall over `fade` samples, such that powers of cross-fades add up."""
    out = np.ones(n, np.float32)
    ramp = np.sin(0.5 * np.pi * np.arange(1, fade + 1) / max(1, fade))[:n]
    out[: len(ramp)] *= ramp
    out[n - len(ramp) :] *= ramp[::-1]
    return out


def _gain(under: float, power: float, over_db: float) -> float:
    return float(np.sqrt(under / power)) * 10 ** (over_db / 20)


def _in_turns(things: Sequence[Thing], rng: np.random.Generator) -> Iterator[Thing]:
    """Each of the things once in random order, and again."""
    while things:
        for at in rng.permutation(len(things)):
            yield things[at]
