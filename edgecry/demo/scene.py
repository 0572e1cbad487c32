"""The demo's scene: some minutes beside an incubator, and the truth about them. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgecry.demo import ward
from edgecry.demo.infant import bout, plan_bout, some_infant
from edgecry.demo.sound import SAMPLE_RATE_HZ, FloatArray, at_level, faded, in_room, sample_count
from edgecry.types import Float32Array

SceneKind = Literal["cry", "talk", "monitor", "alarm", "door", "pump"]

MIN_SECONDS = 15.0
LEAD_IN_S = 0.5
QUIET_AFTER_CRY_S = 7.0
"""Longer than `alarm.clear_after_s`, so that one alarm is over before the next sound."""
QUIET_AFTER_OTHER_S = 1.0
HUM_DBFS = -50.0
PEAK = 0.98
ROOM_RT60_S = 0.4
ROOM_DIRECT_TO_REVERBERANT_DB = 8.0


@dataclass(frozen=True, slots=True)
class SceneEvent:
    """What sounds, and when, in seconds of the scene. label: for people."""

    kind: SceneKind
    onset_s: float
    end_s: float
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """samples: (n,) float32, full scale 1.0, read-only. events: in the order of their onsets."""

    samples: Float32Array
    sample_rate_hz: int
    events: tuple[SceneEvent, ...]

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate_hz

    @property
    def cries(self) -> tuple[SceneEvent, ...]:
        return tuple(event for event in self.events if event.kind == "cry")

    def sounding_at(self, seconds: float) -> SceneEvent | None:
        """What sounds at this moment of the scene besides the hum."""
        for event in self.events:
            if event.onset_s <= seconds < event.end_s:
                return event
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A real recording at SAMPLE_RATE_HZ, to stand in for a synthetic sound."""

    name: str
    samples: Float32Array


@dataclass(frozen=True, slots=True)
class RealSounds:
    """Real recordings: at least one cry. Without others the distractors stay synthetic."""

    cries: tuple[Clip, ...]
    others: tuple[Clip, ...] = ()

    def __post_init__(self) -> None:
        if not self.cries:
            raise ValueError("real sounds need at least one cry")


@dataclass(frozen=True, slots=True)
class Cue:
    """One line of the script. level_dbfs: RMS of the whole sound, pauses included."""

    kind: SceneKind
    label: str
    seconds: float
    level_dbfs: float


SCRIPT = (
    Cue("monitor", "monitor beeps", 2.5, -34.0),
    Cue("cry", "a short fuss", 4.0, -24.0),
    Cue("talk", "a nurse talks", 10.0, -26.0),
    Cue("cry", "a long cry", 24.0, -20.0),
    Cue("alarm", "a neighbour's alarm", 7.0, -30.0),
    Cue("door", "a door", 1.5, -36.0),
    Cue("talk", "a man talks", 12.0, -28.0),
    Cue("monitor", "monitor beeps", 10.0, -32.0),
    Cue("pump", "an infusion pump clicks", 10.0, -46.0),
    Cue("cry", "another fuss", 5.0, -25.0),
    Cue("alarm", "a neighbour's alarm", 7.0, -28.0),
    Cue("cry", "a long cry", 28.0, -20.0),
    Cue("talk", "a nurse talks", 12.0, -26.0),
)
"""In the order of the scene; each cry is followed by something that is not one."""


def build_scene(
    seconds: float,
    seed: int,
    recordings: RealSounds | None = None,
    script: Sequence[Cue] = SCRIPT,
) -> Scene:
    """A scene of `seconds`: as much of the script as fits, spread out, over an incubator's hum.

    The same arguments give the same scene. Raises ValueError under MIN_SECONDS.
    """
    cues = plan(seconds, script)
    rng = np.random.default_rng(seed)
    render = _synthesiser(rng) if recordings is None else _player(rng, recordings)
    dry = np.zeros(sample_count(seconds))
    events = []
    for cue, onset_s in cues:
        sound, label = render(cue)
        first = sample_count(onset_s)
        dry[first : first + len(sound)] = at_level(sound, cue.level_dbfs)
        events.append(SceneEvent(cue.kind, onset_s, onset_s + cue.seconds, label))
    hum = at_level(ward.incubator_hum(rng, seconds), HUM_DBFS)
    heard = in_room(rng, dry, ROOM_RT60_S, ROOM_DIRECT_TO_REVERBERANT_DB) + hum
    heard *= min(1.0, PEAK / float(np.abs(heard).max()))
    samples: Float32Array = heard.astype(np.float32)
    samples.flags.writeable = False
    return Scene(samples, SAMPLE_RATE_HZ, tuple(events))


def plan(seconds: float, script: Sequence[Cue] = SCRIPT) -> list[tuple[Cue, float]]:
    """Cues and their onsets: the script as often as it fits, or its beginning; the rest is quiet.

    Raises ValueError under MIN_SECONDS, where not even the first cry fits.
    """
    if not seconds >= MIN_SECONDS:
        raise ValueError(f"a scene needs at least {MIN_SECONDS:g} s, not {seconds:g} s")
    left_s = seconds - LEAD_IN_S
    whole_script_s = sum(map(_span_s, script))
    cues = list(script) * int(left_s // whole_script_s)
    if not cues:
        spans_s = itertools.accumulate(map(_span_s, script))
        cues = [cue for cue, end_s in zip(script, spans_s, strict=True) if end_s <= left_s]
    left_s -= sum(map(_span_s, cues))
    more_quiet_s = left_s / len(cues)
    onsets_s = itertools.accumulate(
        (_span_s(cue) + more_quiet_s for cue in cues), initial=LEAD_IN_S
    )
    return list(zip(cues, onsets_s, strict=False))


def _span_s(cue: Cue) -> float:
    return cue.seconds + (QUIET_AFTER_CRY_S if cue.kind == "cry" else QUIET_AFTER_OTHER_S)


Renderer = Callable[[Cue], tuple[FloatArray, str]]


def _synthesiser(rng: np.random.Generator) -> Renderer:
    baby = some_infant(rng)

    def render(cue: Cue) -> tuple[FloatArray, str]:
        match cue.kind:
            case "cry":
                sound = bout(rng, baby, plan_bout(rng, cue.seconds), cue.seconds)
            case "talk":
                sound = ward.speech(rng, cue.seconds, female="nurse" in cue.label)
            case "monitor":
                sound = ward.monitor_beeps(rng, cue.seconds, beats_per_minute=140.0, hz=960.0)
            case "alarm":
                sound = ward.alarm_melody(cue.seconds)
            case "door":
                sound = ward.door(rng, cue.seconds)
            case "pump":
                sound = ward.pump_clicks(rng, cue.seconds)
        return sound, cue.label

    return render


def _player(rng: np.random.Generator, recordings: RealSounds) -> Renderer:
    """Fills each cue with recordings, one after the other, as long as the script says."""
    synthesise = _synthesiser(rng)
    cries = itertools.cycle(recordings.cries)
    others = itertools.cycle(recordings.others)

    def render(cue: Cue) -> tuple[FloatArray, str]:
        if cue.kind == "cry":
            return _fill(cries, cue)
        return _fill(others, cue) if recordings.others else synthesise(cue)

    return render


def _fill(clips: Iterator[Clip], cue: Cue) -> tuple[FloatArray, str]:
    wanted, sound, names = sample_count(cue.seconds), np.zeros(0), []
    while len(sound) < wanted:
        clip = next(clips)
        names.append(clip.name)
        piece = _loudest(clip.samples, wanted - len(sound)).astype(np.float64)
        sound = np.concatenate((sound, faded(at_level(piece, cue.level_dbfs), 0.01)))
    return sound, names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _loudest(samples: Float32Array, wanted: int) -> Float32Array:
    """The stretch of `wanted` samples with the most energy, or all if there are fewer."""
    energy = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
    if len(samples) <= wanted:
        return samples
    first = int(np.argmax(energy[wanted:] - energy[:-wanted]))
    return samples[first : first + wanted]
