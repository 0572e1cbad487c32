"""What hums, blows and bubbles around an incubator, as non-cries."""

from __future__ import annotations

import numpy as np

from convert.sounds.audio import RATE_HZ
from convert.sounds.waves import (
    SAMPLES,
    SECONDS,
    Waveform,
    add,
    coloured,
    log_uniform,
    noise,
    partials,
    resonance,
    seconds,
    wander,
)


def hum(rng: np.random.Generator) -> Waveform:
    """Mains hum, transformers and compressors: harmonics of 50 or 60 Hz, or of a motor."""
    base_hz = rng.choice([50.0, 60.0, 100.0, 120.0, rng.uniform(40.0, 400.0)])
    orders = np.arange(1, rng.integers(2, 25))
    amplitudes = rng.uniform(0.05, 1.0, len(orders)) / orders ** rng.uniform(0.0, 1.5)
    return partials(base_hz * orders, amplitudes, SAMPLES, rng)


def fan(rng: np.random.Generator) -> Waveform:
    """A fan: coloured noise that swells, with a blade tone."""
    out = noise(rng)
    rate_hz = rng.choice([rng.uniform(0.3, 1.2), rng.uniform(5.0, 40.0)])
    out *= 1.0 + rng.uniform(0.0, 0.9) * np.sin(2 * np.pi * rate_hz * seconds())
    blade_hz = rng.uniform(60.0, 900.0) * np.arange(1, 6)
    return out + rng.uniform(0.0, 0.5) * partials(blade_hz, 0.6 ** np.arange(5), SAMPLES, rng)


def ventilator(rng: np.random.Generator) -> Waveform:
    """Breaths of 25 to 70 a minute: a hiss in, a softer one out, the click of a valve between.

    A third are oscillators instead: a thump at 5 to 15 Hz.
    """
    flow = coloured(resonance(log_uniform(300.0, 3000.0, rng), rng.uniform(0.8, 2.0)), rng)
    back = coloured(resonance(log_uniform(200.0, 1500.0, rng), rng.uniform(0.8, 2.0)), rng)
    if rng.random() < 1 / 3:
        swing = np.sin(2 * np.pi * rng.uniform(5.0, 15.0) * seconds())
        thump = np.maximum(0.0, swing) ** rng.uniform(1.0, 6.0)
        return thump * flow + rng.uniform(0.1, 1.0) * np.maximum(0.0, -swing) * back
    breath_s, in_share = 60.0 / rng.uniform(25.0, 70.0), rng.uniform(0.25, 0.5)
    phase = (seconds() / breath_s + rng.uniform()) % 1.0
    blown_in = np.minimum(1.0, phase / 0.05) * (phase < in_share)
    out_phase = np.maximum(0.0, phase - in_share)
    blown_out = (phase >= in_share) * np.exp(-out_phase / rng.uniform(0.05, 0.3))
    out = blown_in * flow + rng.uniform(0.1, 1.0) * blown_out * back
    for at in np.flatnonzero(np.diff(blown_in > 0)):
        add(out, at / RATE_HZ, _click(rng.uniform(0.005, 0.03), rng) * rng.uniform(0.0, 0.6))
    return out + rng.uniform(0.0, 0.3) * noise(rng)


def bubbles(rng: np.random.Generator) -> Waveform:
    """Bubble CPAP: damped tones that rise in pitch (M. Minnaert, 1933), over the hiss of flow."""
    out = rng.uniform(0.0, 0.2) * noise(rng)
    middle_hz, spread = log_uniform(150.0, 900.0, rng), rng.uniform(0.1, 0.6)
    at_s, rate_hz = 0.0, log_uniform(4.0, 50.0, rng)
    while (at_s := at_s + rng.exponential(1.0 / rate_hz)) < SECONDS:
        n = int(rng.uniform(0.02, 0.12) * RATE_HZ)
        time_s = seconds(n)
        hz = middle_hz * np.exp(rng.normal(0.0, spread)) * (1.0 + rng.uniform(0.0, 6.0) * time_s)
        ring = np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ)
        add(out, at_s, rng.uniform(0.2, 1.0) * ring * np.exp(-5.0 * np.arange(n) / n))
    return out


def suction(rng: np.random.Generator) -> Waveform:
    """A suction catheter: a loud hiss that starts and ends, and gurgles."""
    out = coloured(resonance(log_uniform(600.0, 4000.0, rng), rng.uniform(0.5, 1.5)), rng)
    out *= 1.0 + rng.uniform(0.2, 0.9) * wander(rng.uniform(15.0, 60.0), SAMPLES, rng)
    out += rng.uniform(0.0, 0.5) * bubbles(rng)
    first_s, length_s = rng.uniform(0.0, 1.5), rng.uniform(0.5, 4.0)
    since_s = seconds() - first_s
    return out * np.clip(np.minimum(since_s, length_s - since_s) / rng.uniform(0.02, 0.2), 0.0, 1.0)


def pump(rng: np.random.Generator) -> Waveform:
    """An infusion pump: the steps of its motor in runs, and the whine of the gear."""
    out = rng.uniform(0.0, 0.05) * noise(rng)
    step_s = 1.0 / log_uniform(8.0, 250.0, rng)
    run_s, rest_s = rng.uniform(0.1, 2.0), rng.choice([0.0, rng.uniform(0.1, 2.0)])
    tick = _click(rng.uniform(0.002, 0.02), rng)
    for at_s in np.arange(rng.uniform(0.0, 0.5), SECONDS, step_s):
        if at_s % (run_s + rest_s) <= run_s:
            add(out, at_s, rng.uniform(0.7, 1.0) * tick)
    whine_hz = log_uniform(200.0, 3000.0, rng) * np.arange(1, 4)
    whine = partials(whine_hz, rng.uniform(0.0, 0.3, 3), SAMPLES, rng)
    return out + whine * (seconds() % (run_s + rest_s) <= run_s)


def _click(length_s: float, rng: np.random.Generator) -> Waveform:
    n = int(length_s * RATE_HZ)
    ring = np.sin(2 * np.pi * log_uniform(300.0, 6000.0, rng) * seconds(n))
    return (ring + rng.standard_normal(n)) * np.exp(-5.0 * np.arange(n) / n)
