"""The distractors are what they say."""

import numpy as np
import pytest

from edgecry.demo import ward
from edgecry.demo.sound import SAMPLE_RATE_HZ, sample_count

SOUNDS = {
    "man": lambda rng: ward.speech(rng, 3.0, female=False),
    "woman": lambda rng: ward.speech(rng, 3.0, female=True),
    "beeps": lambda rng: ward.monitor_beeps(rng, 3.0, 140.0, 960.0),
    "alarm": lambda _rng: ward.alarm_melody(3.0),
    "door": lambda rng: ward.door(rng, 3.0),
    "pump": lambda rng: ward.pump_clicks(rng, 3.0),
    "hum": lambda rng: ward.incubator_hum(rng, 3.0),
}


def peaks_hz(sound, count):
    """The strongest `count` spectral lines, at least 20 Hz apart."""
    power = np.square(np.abs(np.fft.rfft(sound * np.hanning(len(sound)))))
    hz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ)
    found = []
    for k in np.argsort(-power):
        if all(abs(hz[k] - other) > 20.0 for other in found):
            found.append(hz[k])
        if len(found) == count:
            return found
    return found


@pytest.mark.parametrize("name", SOUNDS)
def test_every_sound_is_finite_as_long_as_asked_and_the_same_again(name):
    sound = SOUNDS[name](np.random.default_rng(4))
    assert len(sound) == sample_count(3.0)
    assert np.isfinite(sound).all()
    assert np.std(sound) > 0.0
    assert np.array_equal(sound, SOUNDS[name](np.random.default_rng(4)))


@pytest.mark.parametrize(("female", "low_hz", "high_hz"), [(False, 85, 135), (True, 150, 235)])
def test_an_adults_fundamental(female, low_hz, high_hz):
    sound = ward.speech(np.random.default_rng(1), 6.0, female)
    width, track = sample_count(0.05), []
    for start in range(0, len(sound) - width, width):
        frame = sound[start : start + width]
        if np.std(frame) < np.std(sound):
            continue
        correlation = np.correlate(frame, frame, "full")[width - 1 :]
        lags = np.arange(SAMPLE_RATE_HZ // 260, SAMPLE_RATE_HZ // 75)
        track.append(SAMPLE_RATE_HZ / lags[np.argmax(correlation[lags])])
    assert low_hz < np.median(track) < high_hz


def test_speech_has_the_rhythm_of_syllables_and_pauses():
    sound = ward.speech(np.random.default_rng(2), 20.0, female=False)
    envelope = np.sqrt(np.square(sound).reshape(-1, 160).mean(1))
    rate_hz = np.fft.rfftfreq(len(envelope), 0.01)
    power = np.square(np.abs(np.fft.rfft(envelope - envelope.mean())))
    syllabic = power[(rate_hz > 2.0) & (rate_hz < 8.0)].mean()
    assert syllabic > 3.0 * power[(rate_hz > 12.0) & (rate_hz < 40.0)].mean()
    assert 0.05 < np.mean(envelope < 1e-6) < 0.5


def test_beeps_come_at_the_heart_rate():
    sound = ward.monitor_beeps(np.random.default_rng(0), 30.0, 120.0, 960.0)
    loud = np.square(sound).reshape(-1, 160).mean(1) > 0.01
    assert np.count_nonzero(np.diff(loud.astype(int)) == 1) == pytest.approx(60, abs=3)
    assert peaks_hz(sound, 1)[0] == pytest.approx(960.0, abs=15.0)


def test_an_alarm_pulse_has_four_harmonics_between_300_and_4000_hz():
    sound = ward.alarm_melody(1.4)
    pulse = sound[sample_count(0.1) : sample_count(0.3)]
    lines = peaks_hz(pulse, 5)
    assert sorted(lines) == pytest.approx([261.6 * k for k in range(1, 6)], abs=8.0)
    assert sum(300.0 < hz < 4000.0 for hz in lines) == 4


def test_the_hum_is_strongest_at_twice_the_mains():
    assert peaks_hz(ward.incubator_hum(np.random.default_rng(0), 10.0), 1)[0] == pytest.approx(
        100.0, abs=1.0
    )


def test_a_pump_is_quiet_between_its_clicks():
    sound = ward.pump_clicks(np.random.default_rng(0), 5.0)
    assert np.mean(sound == 0.0) > 0.9
