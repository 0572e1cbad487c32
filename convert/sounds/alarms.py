"""Alarms and beeps of medical devices, as non-cries.

Melodies and timing are patterned after IEC 60601-1-8:2006 (tables 3 and 4, annex F), which most
devices in wards follow; its amendment of 2020 has auditory icons instead. The measured frequencies
are those of alarms in a neonatal ward (PMC7363066, table 1).
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
    log_uniform,
    partials,
    pulse,
)

MEASURED_HZ = (
    (960.0, 2880.0),
    (480.0, 960.0, 1440.0, 1920.0),
    (2745.0,),
    (2761.0,),
    (384.0, 783.0, 1173.0),
    (550.0, 1100.0, 1650.0, 2200.0),
    (1001.0, 2002.0, 3003.0),
)
C, D, E, F, F_SHARP, G, A, B, HIGH_C = 0, 2, 4, 5, 6, 7, 9, 11, 12
MELODIES = {
    "general": (C, C, C, C, C),
    "cardiac": (C, E, G, G, HIGH_C),
    "perfusion": (C, F_SHARP, C, C, F_SHARP),
    "ventilation": (C, A, F, A, F),
    "oxygen": (HIGH_C, B, A, G, F),
    "temperature": (C, D, E, F, G),
    "drug delivery": (HIGH_C, D, G, HIGH_C, D),
    "power failure": (HIGH_C, C, C, HIGH_C, C),
}
"""Semitones above the lowest note. Medium priority plays the first three notes, high all five."""
LOW_MELODY = (E, C)
LOW_AGAIN_S = 15.0
"""An alarm of low priority sounds again after this long at the soonest, or never."""
BURST_PULSES = (1, 2, 3, 5, 10)


def standard_alarm(rng: np.random.Generator) -> Waveform:
    """A melody of high (10 pulses), medium (3) or low priority (2), with the standard's timing.

    Fundamentals of 150 to 1000 Hz, with 4 to 8 partials within 15 dB of each other.
    """
    out = np.zeros(SAMPLES)
    priority = rng.choice(["high", "medium", "low"], p=[0.5, 0.35, 0.15])
    melody = LOW_MELODY if priority == "low" else MELODIES[str(rng.choice(list(MELODIES)))]
    high = priority == "high"
    pulse_s = rng.uniform(0.075, 0.2) if high else rng.uniform(0.125, 0.25)
    pause_s = rng.uniform(0.05, 0.125) if high else rng.uniform(0.125, 0.25)
    long_pause_s = 2 * pause_s + pulse_s
    half_s = rng.uniform(0.35, 1.3)
    between_s = LOW_AGAIN_S if priority == "low" else rng.uniform(2.5, 6.0)
    base_hz = rng.uniform(150.0, 1000.0 / 2 ** (max(melody) / 12))
    orders = np.arange(1, rng.integers(5, 10))
    amplitudes = 10.0 ** (rng.uniform(-15.0, 0.0, len(orders)) / 20.0)
    rise, fall = rng.uniform(0.1, 0.4, 2)
    notes = melody * 2 if high else melody[:3]
    at_s = rng.uniform(-1.0 if high else 0.0, 1.0)
    while at_s < SECONDS:
        for i, step in enumerate(notes):
            n = int(pulse_s * RATE_HZ)
            note = partials(base_hz * 2.0 ** (step / 12) * orders, amplitudes, n, rng)
            if at_s >= 0.0:
                add(out, at_s, note * edges(n, int(rise * n), int(fall * n)))
            pauses_s = {2: long_pause_s, 4: half_s, 7: long_pause_s} if high else {}
            at_s += pulse_s + pauses_s.get(i, pause_s)
        at_s += between_s
    return out


def free_alarm(rng: np.random.Generator) -> Waveform:
    """A burst like no standard, half of the time with the frequencies measured in a ward."""
    out = np.zeros(SAMPLES)
    pulse_s, gap_s = rng.uniform(0.08, 0.35), rng.uniform(0.04, 0.3)
    measured = rng.random() < 0.6
    ward_hz = np.array(MEASURED_HZ[rng.integers(len(MEASURED_HZ))])
    base_hz = rng.uniform(150.0, 1000.0)
    scale = 2.0 ** (rng.integers(-5, 13, size=rng.choice(BURST_PULSES)) / 12.0)
    at_s = rng.uniform(0.0, 0.8)
    while at_s < SECONDS:
        for step in scale:
            notes_hz = ward_hz if measured else base_hz * step * np.arange(1, 6)
            amplitudes = rng.uniform(0.2, 1.0, len(notes_hz))
            add(out, at_s, pulse(notes_hz, amplitudes, pulse_s, rng))
            at_s += pulse_s + gap_s
        at_s += rng.uniform(0.2, 2.5)
    return out


def beeps(rng: np.random.Generator) -> Waveform:
    """A pulse oximeter or a timer: at a steady rate, one pitch, or one that follows a reading."""
    out = np.zeros(SAMPLES)
    orders = np.arange(1, rng.integers(2, 6))
    base_hz = log_uniform(300.0, 3200.0, rng)
    falls = rng.uniform(-0.5, 0.5) if rng.random() < 0.4 else 0.0
    amplitudes = rng.uniform(0.05, 1.0, len(orders))
    length_s, period_s = rng.uniform(0.03, 0.4), rng.uniform(0.28, 1.6)
    for i, at_s in enumerate(np.arange(rng.uniform(0.0, period_s), SECONDS, period_s)):
        notes_hz = base_hz * 2.0 ** (i * falls / 12) * orders
        add(out, at_s, pulse(notes_hz, amplitudes, min(length_s, 0.9 * period_s), rng))
    return out
