"""An infant's cry: breaths, melody, phonation and a short vocal tract. Pure.

The model follows H. Golub and M. Corwin, A physioacoustic model of the infant cry, 1985: bouts of
expiratory phonation with inspirations between, fundamental 350 to 600 Hz in basic phonation,
shifts to about twice that (hyperphonation) and turbulent stretches (dysphonation); a tract of
about 7.5 cm whose quarter-wave resonances lie near 1.1, 3.3 and 5.5 kHz. Durations and melody
types: O. Wasz-Hoeckert et al., The Infant Cry, 1968; L. LaGasse, A. Neal and B. Lester, Assessment
of infant cry, MRDD Research Reviews 11, 2005.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgecry.demo.sound import (
    SAMPLE_RATE_HZ,
    FloatArray,
    at_level,
    coloured_noise,
    contour,
    faded,
    sample_count,
    times_s,
    unit_rms,
    wander,
)
from edgecry.demo.voice import glottal_source, through_tract, tube_resonances_hz

EXPIRATION_S = (0.5, 1.5)
INSPIRATION_S = (0.1, 0.3)
BASIC_F0_HZ = (350.0, 600.0)

BANDWIDTHS_HZ = np.array([220.0, 350.0, 550.0, 900.0])
MELODIES = {
    "rise-fall": ((0.0, -0.45), (0.12, 0.1), (0.4, 0.45), (0.8, 0.0), (1.0, -0.7)),
    "fall": ((0.0, -0.1), (0.08, 0.5), (0.5, 0.15), (1.0, -0.7)),
    "rise": ((0.0, -0.5), (0.3, -0.1), (0.85, 0.5), (1.0, 0.2)),
}


@dataclass(frozen=True, slots=True)
class Infant:
    """One baby's voice. f0_hz: at middle effort. tract_m: from glottis to lips."""

    f0_hz: float
    tract_m: float
    vibrato_hz: float


@dataclass(frozen=True, slots=True)
class Breath:
    """One phase of breathing in a bout. effort: 0 (a whimper) to 1 (a scream)."""

    phase: Literal["expiration", "inspiration"]
    onset_s: float
    duration_s: float
    effort: float

    @property
    def end_s(self) -> float:
        return self.onset_s + self.duration_s


def some_infant(rng: np.random.Generator) -> Infant:
    """A baby as they differ: weeks old, healthy."""
    return Infant(
        f0_hz=rng.uniform(400.0, 480.0),
        tract_m=rng.uniform(0.075, 0.083),
        vibrato_hz=rng.uniform(5.0, 8.0),
    )


def plan_bout(rng: np.random.Generator, seconds: float) -> tuple[Breath, ...]:
    """The breaths of a bout of `seconds`: it builds up over the first third, then calms down.

    Raises ValueError if `seconds` has no room for one expiration.
    """
    if seconds < EXPIRATION_S[0]:
        raise ValueError(f"a bout needs at least {EXPIRATION_S[0]} s, not {seconds} s")
    breaths: list[Breath] = []
    now_s = 0.0
    while True:
        progress = now_s / seconds
        effort = float(np.interp(progress, (0.0, 0.3, 0.7, 1.0), (0.45, 0.9, 0.85, 0.4)))
        effort = float(np.clip(effort + rng.uniform(-0.12, 0.12), 0.1, 1.0))
        longest_s = EXPIRATION_S[0] + 0.4 + 0.6 * effort
        expiration_s = min(rng.uniform(EXPIRATION_S[0] + 0.1, longest_s), seconds - now_s)
        breaths.append(Breath("expiration", now_s, expiration_s, effort))
        gasp_onset_s = breaths[-1].end_s + rng.uniform(0.03, 0.12)
        gasp = Breath("inspiration", gasp_onset_s, rng.uniform(*INSPIRATION_S), effort)
        now_s = gasp.end_s + rng.uniform(0.02, 0.15)
        if seconds - now_s < EXPIRATION_S[0]:
            return tuple(breaths)
        breaths.append(gasp)


def bout(
    rng: np.random.Generator, infant: Infant, breaths: tuple[Breath, ...], seconds: float
) -> FloatArray:
    """The sound of a planned bout, (sample_count(seconds),), at no particular level."""
    out = np.zeros(sample_count(seconds))
    for breath in breaths:
        render = expiration if breath.phase == "expiration" else inspiration
        sound = render(rng, infant, breath.duration_s, breath.effort)
        first = sample_count(breath.onset_s)
        sound = sound[: len(out) - first]
        out[first : first + len(sound)] += sound
    return out


def expiration(
    rng: np.random.Generator, infant: Infant, seconds: float, effort: float
) -> FloatArray:
    """One cry sound, RMS about 1 at full effort."""
    n = sample_count(seconds)
    f0_hz = _melody(rng, infant, n, effort)
    voiced = glottal_source(f0_hz, tilt_db_per_octave=7.5 - 3.0 * effort)
    roughness = np.clip(wander(rng, n, 3.0) - 1.1 + 0.6 * effort, 0.0, 1.0)
    voiced *= 1.0 + roughness * np.cos(np.pi * np.cumsum(f0_hz) / SAMPLE_RATE_HZ)
    voiced *= 1.0 + 0.06 * wander(rng, n, 90.0)
    ends = contour(((0.0, 1.0), (0.1, 0.2), (0.8, 0.2), (1.0, 1.0)), n)
    breathiness = 0.12 * ends + 0.35 * roughness
    source = unit_rms(voiced) + breathiness * coloured_noise(rng, n, _turbulence)
    sound = through_tract(source, _formants_hz(rng, infant, n, effort), BANDWIDTHS_HZ)
    envelope = contour(((0.0, 0.25), (0.1, 0.9), (0.4, 1.0), (0.8, 0.8), (1.0, 0.1)), n)
    return at_level(faded(sound * envelope, 0.04), -14.0 * (1.0 - effort))


def inspiration(
    rng: np.random.Generator, infant: Infant, seconds: float, effort: float
) -> FloatArray:
    """The gasp between two cries: turbulence, and sometimes a squeak of ingressive voice."""
    n = sample_count(seconds)
    source = coloured_noise(rng, n, _turbulence)
    if rng.random() < 0.4 * effort:
        squeak_hz = infant.f0_hz * contour(((0.0, 1.3), (1.0, rng.uniform(1.5, 1.9))), n)
        source += 0.7 * glottal_source(squeak_hz, tilt_db_per_octave=6.0)
    sound = through_tract(source, _formants_hz(rng, infant, n, 0.3), BANDWIDTHS_HZ)
    return at_level(faded(sound, 0.4 * seconds), -20.0 - 8.0 * (1.0 - effort))


def _turbulence(hz: FloatArray) -> FloatArray:
    """Air through the glottis: flat to about 2.5 kHz, then falling by 6 dB per octave."""
    return 1.0 / (1.0 + hz / 2500.0)


def _melody(rng: np.random.Generator, infant: Infant, n: int, effort: float) -> FloatArray:
    """Fundamental of each sample: an arc, vibrato, jitter, and now and then hyperphonation."""
    shape = MELODIES[str(rng.choice(list(MELODIES), p=(0.6, 0.3, 0.1)))]
    arc = contour(shape, n)
    depth = rng.uniform(0.18, 0.35)
    vibrato = rng.uniform(0.0, 0.015) * np.sin(
        2.0 * np.pi * infant.vibrato_hz * times_s(n) + rng.uniform(0.0, 2.0 * np.pi)
    )
    jitter = 0.012 * wander(rng, n, 25.0) + 0.004 * wander(rng, n, 200.0)
    base_hz = infant.f0_hz * (0.9 + 0.22 * effort)
    f0_hz: FloatArray = np.clip(base_hz * (1.0 + depth * arc + vibrato + jitter), *BASIC_F0_HZ)
    if rng.random() < 0.1 * effort:
        first = int(n * rng.uniform(0.2, 0.6))
        f0_hz[first : first + int(n * rng.uniform(0.1, 0.2))] *= 2.0
    return f0_hz


def _formants_hz(rng: np.random.Generator, infant: Infant, n: int, effort: float) -> FloatArray:
    """Formants (n, 4): the mouth opens into the cry and closes again, wider with effort."""
    opening = contour(((0.0, 0.3), (0.2, 1.0), (0.75, 1.0), (1.0, 0.4)), n)
    opening *= 0.55 + 0.45 * effort
    neutral_hz = tube_resonances_hz(infant.tract_m, len(BANDWIDTHS_HZ))
    lowering = np.array([0.3, 0.15, 0.06, 0.0]) * (1.0 - opening[:, None])
    drift = 1.0 + 0.05 * np.stack([wander(rng, n, 4.0) for _ in neutral_hz], axis=1)
    formants_hz: FloatArray = np.minimum(neutral_hz * (1.0 - lowering) * drift, 7800.0)
    return formants_hz
