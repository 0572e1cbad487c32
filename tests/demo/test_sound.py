"""Levels, fades, noise and the room."""

import numpy as np
import pytest

from edgecry.demo.sound import (
    SAMPLE_RATE_HZ,
    at_level,
    band,
    coloured_noise,
    contour,
    faded,
    in_room,
    sample_count,
    wander,
)


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("level_db", [-50.0, -20.0, 0.0])
def test_the_level_is_the_one_asked_for_and_there_is_no_dc(level_db):
    sound = at_level(rng().standard_normal(5000) * 3.0 + 7.0, level_db)
    assert 10 * np.log10(np.mean(sound**2)) == pytest.approx(level_db, abs=1e-6)
    assert abs(sound.mean()) < 1e-9


def test_silence_stays_silence():
    assert not at_level(np.zeros(100), -20.0).any()


def test_a_contour_starts_and_ends_at_its_ends():
    line = contour(((0.0, 2.0), (0.5, 6.0), (1.0, 1.0)), 4000)
    assert len(line) == 4000
    assert line[0] == pytest.approx(2.0, abs=0.2)
    assert line[-1] == pytest.approx(1.0, abs=0.3)
    assert line[2000] == pytest.approx(6.0, abs=0.3)
    assert np.abs(np.diff(line)).max() < 0.01


def test_a_fade_leaves_no_step_at_the_ends_and_the_middle_alone():
    sound = faded(np.ones(1600), 0.01)
    assert sound[0] < 0.01
    assert sound[-1] < 0.01
    assert (sound[200:-200] == 1.0).all()


def test_even_one_sample_can_be_faded():
    assert len(faded(np.ones(1), 0.01)) == 1


def test_noise_has_its_colour():
    noise = coloured_noise(rng(), SAMPLE_RATE_HZ, band(1000.0, 2000.0))
    hz = np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE_HZ)
    power = np.square(np.abs(np.fft.rfft(noise)))
    inside = power[(hz > 1000) & (hz < 2000)].mean()
    assert power[hz < 200].mean() < 0.02 * inside
    assert power[hz > 7000].mean() < 0.05 * inside
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(1.0)


def test_wander_is_slow():
    line = wander(rng(), 4 * SAMPLE_RATE_HZ, 2.0)
    assert np.abs(np.diff(line)).max() < 10.0 * 2.0 / SAMPLE_RATE_HZ


def test_the_room_decays_by_60_db_in_its_reverberation_time():
    click = np.zeros(SAMPLE_RATE_HZ)
    click[0] = 1.0
    heard = in_room(rng(), click, rt60_s=0.5, direct_to_reverberant_db=5.0)
    tail = heard[1:]
    assert 10 * np.log10(np.sum(tail**2)) == pytest.approx(-5.0, abs=0.5)

    def level_db(at_s):
        first = sample_count(at_s)
        return 10 * np.log10(np.mean(tail[first : first + 800] ** 2))

    assert level_db(0.0) - level_db(0.25) == pytest.approx(30.0, abs=2.0)


def test_the_room_adds_nothing_before_the_sound():
    late = np.zeros(8000)
    late[4000] = 1.0
    assert np.abs(in_room(rng(), late, 0.4, 5.0)[:4000]).max() < 1e-9
