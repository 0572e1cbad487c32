"""Harmonic sounds whose pitch moves as a voice's does, but that no baby makes, as non-cries.

They teach that a gliding tone alone is no cry. There are no voices here, and no cats: those are too
close to a cry to be drawn by formula, and are learnt from recordings only.
"""

from __future__ import annotations

import numpy as np

from convert.sounds.audio import RATE_HZ
from convert.sounds.waves import (
    SAMPLES,
    SECONDS,
    Waveform,
    add,
    edges,
    gliding,
    log_uniform,
    noise,
    seconds,
    wander,
)

SCALE = np.array([0, 2, 4, 5, 7, 9, 11, 12])


def siren(rng: np.random.Generator) -> Waveform:
    """Wail, yelp or two tones of an emergency vehicle, through a horn that adds harmonics."""
    low_hz = rng.uniform(350.0, 900.0)
    high_hz = low_hz * rng.uniform(1.2, 2.4)
    rate_hz = rng.choice([rng.uniform(0.1, 0.5), rng.uniform(2.0, 5.0), rng.uniform(0.4, 1.2)])
    swing = np.sin(2 * np.pi * (rate_hz * seconds() + rng.uniform()))
    shape = rng.choice(["sine", "triangle", "two tones"])
    if shape == "triangle":
        swing = 2 / np.pi * np.arcsin(swing)
    elif shape == "two tones":
        swing = np.sign(swing)
    f0_hz = low_hz * (high_hz / low_hz) ** (0.5 + 0.5 * swing)
    doppler = 1.0 + rng.uniform(-0.04, 0.04) * np.linspace(-1.0, 1.0, SAMPLES)
    orders = np.arange(1, rng.integers(2, 13))
    return gliding(f0_hz * doppler, orders ** -rng.uniform(0.5, 2.0))


def whistle(rng: np.random.Generator) -> Waveform:
    """Somebody whistles: one partial that slides from note to note, and some breath."""
    f0_hz = _tune(
        log_uniform(700.0, 2000.0, rng), rng.uniform(0.15, 0.8), rng.uniform(0.2, 0.9), rng
    )
    tone = gliding(f0_hz, np.array([1.0, rng.uniform(0.0, 0.1)])) * _phrases(rng)
    return tone + rng.uniform(0.0, 0.08) * noise(rng)


def instrument(rng: np.random.Generator) -> Waveform:
    """A bowed string, recorder or flute: notes of a scale, with slides and steady vibrato."""
    vibrato_hz, depth = rng.uniform(4.5, 7.0), rng.uniform(0.0, 0.02)
    f0_hz = _tune(
        log_uniform(180.0, 900.0, rng), rng.uniform(0.12, 1.0), rng.uniform(0.0, 0.5), rng
    )
    swing = np.sin(2 * np.pi * vibrato_hz * seconds())
    orders = np.arange(1, 21)
    if rng.random() < 0.5:
        body_db = rng.uniform(-10.0, 10.0, len(orders))
        amplitudes = orders**-1.5 * 10.0 ** (body_db / 20.0)
    else:
        amplitudes = orders ** -rng.uniform(2.0, 3.5) * rng.uniform(0.2, 1.0, len(orders))
    loudness = 1.0 + rng.uniform(0.0, 0.3) * swing
    tone = gliding(f0_hz * (1.0 + depth * swing), amplitudes) * loudness
    return tone * _phrases(rng) + rng.uniform(0.0, 0.03) * noise(rng)


def squeak(rng: np.random.Generator) -> Waveform:
    """A dry hinge, a trolley's wheel, a shoe: a rough tone that jumps and tears off."""
    out = rng.uniform(0.0, 0.03) * noise(rng)
    steady = rng.random() < 0.4
    period_s, length_s = rng.uniform(0.3, 1.5), rng.uniform(0.06, 0.4)
    base_hz, orders = log_uniform(900.0, 3500.0, rng), np.arange(1, rng.integers(2, 9))
    slope, bend = rng.uniform(0.0, 1.5), rng.uniform(-0.6, 0.6)
    at_s = rng.uniform(0.0, 0.5)
    while at_s < SECONDS:
        n = int(RATE_HZ * length_s * (1.0 if steady else rng.uniform(0.4, 1.6)))
        line = bend * np.linspace(0.0, 1.0, n) + 0.08 * wander(20.0, n, rng)
        rough = 1.0 + rng.uniform(0.2, 1.0) * wander(rng.uniform(30.0, 150.0), n, rng)
        tone = gliding(base_hz * 2.0**line, orders**-slope) * rough
        add(out, at_s, tone * edges(n, int(0.1 * n), int(rng.uniform(0.02, 0.5) * n)))
        at_s += period_s if steady else length_s + rng.exponential(0.4)
    return out


def birds(rng: np.random.Generator) -> Waveform:
    """Chirps and trills of one to three small birds: fast sweeps between 1.5 and 7 kHz."""
    out = rng.uniform(0.0, 0.02) * noise(rng)
    for _ in range(rng.integers(1, 4)):
        middle_hz, loudness = log_uniform(1800.0, 5500.0, rng), rng.uniform(0.2, 1.0)
        at_s = rng.uniform(0.0, 1.0)
        while at_s < SECONDS:
            n, gap_s = int(rng.uniform(0.02, 0.2) * RATE_HZ), rng.uniform(0.01, 0.15)
            octaves = rng.uniform(-0.8, 0.8) * np.linspace(-0.5, 0.5, n) + rng.uniform(
                0.0, 0.3
            ) * wander(rng.uniform(5.0, 60.0), n, rng)
            chirp = gliding(middle_hz * 2.0**octaves, np.array([1.0, rng.uniform(0.0, 0.2)]))
            chirp *= loudness * edges(n, n // 4, n // 3)
            for _ in range(rng.integers(1, 9)):
                add(out, at_s, chirp)
                at_s += n / RATE_HZ + gap_s
            at_s += rng.exponential(0.5)
    return out


def _tune(base_hz: float, note_s: float, slide: float, rng: np.random.Generator) -> Waveform:
    """Fundamentals (SAMPLES,) of random notes of a scale; slide: the share of a note it takes."""
    count = int(SECONDS / note_s) + 2
    steps = rng.choice(SCALE, count).astype(float)
    at = seconds() / note_s
    whole = at.astype(int)
    way = np.clip((at - whole - (1.0 - slide)) / max(slide, 0.02), 0.0, 1.0)
    return base_hz * 2.0 ** ((steps[whole] + way * (steps[whole + 1] - steps[whole])) / 12.0)


def _phrases(rng: np.random.Generator) -> Waveform:
    """Loudness (SAMPLES,) of phrases with rests between them."""
    out = np.zeros(SAMPLES)
    at_s = rng.uniform(0.0, 0.5)
    while at_s < SECONDS:
        n = int(rng.uniform(0.3, 3.0) * RATE_HZ)
        add(out, at_s, rng.uniform(0.4, 1.0) * edges(n, int(0.04 * RATE_HZ), int(0.06 * RATE_HZ)))
        at_s += n / RATE_HZ + rng.uniform(0.0, 0.6)
    return out
