"""What else is heard beside an incubator: talk, monitors, alarms, a door, a pump, a fan. Pure."""

from __future__ import annotations

import numpy as np

from edgecry.demo.sound import (
    SAMPLE_RATE_HZ,
    FloatArray,
    band,
    coloured_noise,
    contour,
    faded,
    sample_count,
    times_s,
    unit_rms,
    wander,
)
from edgecry.demo.voice import glottal_source, through_tract

VOWELS_HZ = np.array(
    [
        (270.0, 2290.0, 3010.0),
        (390.0, 1990.0, 2550.0),
        (530.0, 1840.0, 2480.0),
        (660.0, 1720.0, 2410.0),
        (730.0, 1090.0, 2440.0),
        (570.0, 840.0, 2410.0),
        (300.0, 870.0, 2240.0),
        (640.0, 1190.0, 2390.0),
    ]
)
"""First three formants of men's vowels. G. Peterson and H. Barney, JASA 24, 1952, table II."""

HIGHER_FORMANTS_HZ = (3500.0, 4500.0, 5500.0)
ADULT_BANDWIDTHS_HZ = np.array([70.0, 100.0, 130.0, 200.0, 280.0, 350.0])
SYLLABLES_PER_S = 4.5
"""S. Greenberg, Speech Communication 29, 1999: syllables last about 200 ms."""

MEDIUM_MELODY_HZ = (261.63, 329.63, 392.0)
"""C4 E4 G4, the medium-priority cardiac melody of IEC 60601-1-8:2006, annex F."""


def speech(rng: np.random.Generator, seconds: float, female: bool) -> FloatArray:
    """An adult who talks: phrases of one to three seconds with pauses between.

    Fundamental 90 to 130 Hz for a man, 165 to 220 Hz for a woman; formants move from vowel to
    vowel (a woman's 17 % higher), consonants close the tract or hiss.
    """
    out = np.zeros(sample_count(seconds))
    f0_hz = rng.uniform(175.0, 205.0) if female else rng.uniform(98.0, 120.0)
    now_s = 0.0
    while seconds - now_s > 0.4:
        phrase_s = min(rng.uniform(1.0, 3.0), seconds - now_s)
        phrase = _phrase(rng, phrase_s, f0_hz, 1.17 if female else 1.0)
        first = sample_count(now_s)
        phrase = phrase[: len(out) - first]
        out[first : first + len(phrase)] = phrase
        now_s += phrase_s + rng.uniform(0.25, 0.7)
    return out


def _phrase(
    rng: np.random.Generator, seconds: float, f0_hz: float, formant_scale: float
) -> FloatArray:
    n = sample_count(seconds)
    syllables = max(2, round(seconds * SYLLABLES_PER_S))
    positions = np.linspace(0.0, 1.0, 2 * syllables + 1)
    vowels = VOWELS_HZ[rng.integers(len(VOWELS_HZ), size=syllables)]
    higher = np.tile(HIGHER_FORMANTS_HZ, (syllables, 1))
    targets = np.repeat(np.hstack((vowels, higher)) * formant_scale, 2, axis=0)
    line = np.linspace(0.0, 1.0, n)
    formants = np.stack([np.interp(line, positions[:-1], k) for k in targets.T], axis=1)

    openings = np.ones(2 * syllables + 1)
    openings[::2] = rng.uniform(0.02, 0.4, syllables + 1)
    openings[1::2] = rng.uniform(0.6, 1.0, syllables)
    envelope = np.interp(line, positions, openings)
    declination = contour(((0.0, 1.08), (0.8, 0.96), (1.0, 0.88)), n)
    accents = 1.0 + 0.05 * wander(rng, n, 3.0) + 0.01 * wander(rng, n, 80.0)
    f0 = np.clip(f0_hz * declination * accents, 0.8 * f0_hz, 1.2 * f0_hz)
    source = glottal_source(f0, tilt_db_per_octave=7.5)
    source += 0.05 * rng.standard_normal(n)
    voiced = through_tract(source * envelope, formants, ADULT_BANDWIDTHS_HZ)

    hiss = np.zeros(2 * syllables + 1)
    hiss[::2] = np.where(rng.random(syllables + 1) < 0.35, rng.uniform(0.2, 0.5), 0.0)
    fricatives = coloured_noise(rng, n, band(3500.0, 7000.0)) * np.interp(line, positions, hiss)
    return faded(unit_rms(voiced) + fricatives, 0.02)


def monitor_beeps(
    rng: np.random.Generator, seconds: float, beats_per_minute: float, hz: float
) -> FloatArray:
    """The beat tone of a patient monitor: one short tone with its third harmonic for each beat."""
    out = np.zeros(sample_count(seconds))
    n = sample_count(0.09)
    tone = faded(_sine(hz, n) + 0.15 * _sine(3 * hz, n), 0.01)
    now_s = 0.1
    while now_s + 0.1 < seconds:
        first = sample_count(now_s)
        out[first : first + n] += tone[: len(out) - first]
        now_s += 60.0 / beats_per_minute * rng.uniform(0.95, 1.05)
    return out


def alarm_melody(seconds: float) -> FloatArray:
    """A neighbour's medium-priority alarm, repeated every 2.5 s; pulses as IEC 60601-1-8 has them.

    Three pulses of 200 ms with 200 ms between; harmonics 1 to 5, so that at least four lie between
    300 and 4000 Hz.
    """
    out = np.zeros(sample_count(seconds))
    n = sample_count(0.2)
    for burst_s in np.arange(0.1, seconds - 1.1, 2.5):
        for k, hz in enumerate(MEDIUM_MELODY_HZ):
            first = sample_count(float(burst_s) + 0.4 * k)
            for order in range(1, 6):
                out[first : first + n] += faded(_sine(order * hz, n), 0.02) / order
    return out


def door(rng: np.random.Generator, seconds: float) -> FloatArray:
    """A latch, and a door that falls shut: a wooden thud near 70 Hz with a knock in it."""
    n = sample_count(seconds)
    out: FloatArray = 0.02 * coloured_noise(rng, n, band(300.0, 2000.0))
    out *= np.exp(-times_s(n) / 0.02)
    shut = sample_count(0.35)
    t = times_s(max(0, n - shut))
    knock = coloured_noise(rng, len(t), band(80.0, 500.0)) * np.exp(-t / 0.04)
    out[shut:] += _sine(70.0, len(t)) * np.exp(-t / 0.08) + 0.7 * knock
    return out


def pump_clicks(rng: np.random.Generator, seconds: float) -> FloatArray:
    """An infusion pump's stepper motor: a click about twice a second."""
    n = sample_count(seconds)
    out = np.zeros(n)
    t = times_s(sample_count(0.03))
    for click_s in np.arange(0.1, seconds - 0.05, 0.55):
        click = coloured_noise(rng, len(t), band(1500.0, 4000.0)) * np.exp(-t / 0.004)
        first = sample_count(float(click_s))
        out[first : first + len(t)] += click
    return out


def incubator_hum(rng: np.random.Generator, seconds: float) -> FloatArray:
    """Fan and mains: harmonics of 50 Hz, strongest at 100 Hz, the blades, and the air."""
    n = sample_count(seconds)
    out = coloured_noise(rng, n, lambda hz: 1.0 / (1.0 + hz / 180.0))
    for hz, amplitude in ((50.0, 0.3), (100.0, 1.0), (200.0, 0.35), (300.0, 0.15)):
        out += amplitude * _sine(hz, n)
    blades_hz = 237.0 + 1.5 * wander(rng, n, 0.5)
    out += 0.25 * np.sin(2 * np.pi * np.cumsum(blades_hz) / SAMPLE_RATE_HZ)
    return out


def _sine(hz: float, samples: int) -> FloatArray:
    wave: FloatArray = np.sin(2 * np.pi * hz * times_s(samples))
    return wave
