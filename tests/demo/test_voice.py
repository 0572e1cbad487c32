"""The glottal source and the vocal tract obey the physics they claim."""

import numpy as np
import pytest

from edgecry.demo.sound import SAMPLE_RATE_HZ
from edgecry.demo.voice import glottal_source, through_tract, tube_resonances_hz


def spectrum(samples):
    """Power in 10 Hz bands: (hz, power)."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 1600)[::800] * np.hanning(1600)
    return np.fft.rfftfreq(1600, 1 / SAMPLE_RATE_HZ), np.square(np.abs(np.fft.rfft(frames))).mean(0)


def test_an_adult_tract_resonates_at_the_textbook_frequencies():
    assert tube_resonances_hz(0.177, 3) == pytest.approx([500.0, 1500.0, 2500.0])


def test_an_infant_tract_resonates_more_than_twice_as_high():
    assert tube_resonances_hz(0.08, 3) == pytest.approx([1106.25, 3318.75, 5531.25])


def test_the_source_falls_by_the_tilt_asked_for():
    source = glottal_source(np.full(SAMPLE_RATE_HZ, 200.0), tilt_db_per_octave=6.0)
    hz, power = spectrum(source)
    levels = [10 * np.log10(power[np.argmin(np.abs(hz - f))]) for f in (200, 400, 800, 1600)]
    assert np.diff(levels) == pytest.approx([-6.0, -6.0, -6.0], abs=0.3)


def test_a_high_source_does_not_alias():
    source = glottal_source(np.full(SAMPLE_RATE_HZ, 610.0), tilt_db_per_octave=3.0)
    hz, power = spectrum(source)
    harmonic = np.abs(hz / 610.0 - np.rint(hz / 610.0)) * 610.0 < 40.0
    assert power[~harmonic].sum() < 1e-6 * power[harmonic].sum()


def test_the_tract_puts_its_peaks_at_the_formants():
    noise = np.random.default_rng(1).standard_normal(8 * SAMPLE_RATE_HZ)
    formants = np.array([1100.0, 3300.0, 5500.0])
    sound = through_tract(noise, np.tile(formants, (len(noise), 1)), np.array([80.0, 90.0, 100.0]))
    hz, power = spectrum(sound)
    for formant in formants:
        near = np.abs(hz - formant) < 600.0
        assert hz[near][np.argmax(power[near])] == pytest.approx(formant, rel=0.03)


def test_a_formant_that_moves_is_followed():
    n = 4 * SAMPLE_RATE_HZ
    noise = np.random.default_rng(2).standard_normal(n)
    moving = np.where(np.arange(n) < n // 2, 900.0, 1800.0)[:, None]
    sound = through_tract(noise, moving, np.array([80.0]))
    for half, formant in ((sound[: n // 2], 900.0), (sound[n // 2 :], 1800.0)):
        hz, power = spectrum(half)
        assert hz[np.argmax(power)] == pytest.approx(formant, rel=0.05)


def test_the_length_is_kept():
    assert len(through_tract(np.ones(1001), np.full((1001, 1), 500.0), np.array([80.0]))) == 1001
