"""The synthetic cry has the numbers of the literature."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgecry.demo.infant import (
    BASIC_F0_HZ,
    EXPIRATION_S,
    INSPIRATION_S,
    Infant,
    bout,
    expiration,
    inspiration,
    plan_bout,
    some_infant,
)
from edgecry.demo.sound import SAMPLE_RATE_HZ, sample_count

seeds = st.integers(0, 2**32 - 1)


def f0_track_hz(sound):
    """Fundamental by autocorrelation of 40 ms frames, between 200 and 1500 Hz."""
    width = sample_count(0.04)
    track = []
    for start in range(0, len(sound) - 2 * width, width):
        frame = sound[start : start + width] * np.hanning(width)
        correlation = np.fft.irfft(np.square(np.abs(np.fft.rfft(frame, 4 * width))))
        lags = np.arange(SAMPLE_RATE_HZ // 1500, SAMPLE_RATE_HZ // 200)
        # The first lag near the best one: a multiple of the period is no period.
        good = correlation[lags] > 0.85 * correlation[lags].max()
        first = int(np.argmax(good))
        while good[first + 1] and correlation[lags[first + 1]] > correlation[lags[first]]:
            first += 1
        track.append(SAMPLE_RATE_HZ / lags[first])
    return np.array(track)


@pytest.mark.parametrize("seed", range(8))
def test_the_fundamental_is_an_infants(seed):
    rng = np.random.default_rng(seed)
    track = f0_track_hz(expiration(rng, some_infant(rng), 1.2, effort=0.6))
    in_range = (track > 0.95 * BASIC_F0_HZ[0]) & (track < 1.05 * BASIC_F0_HZ[1])
    assert in_range.mean() > 0.7
    assert BASIC_F0_HZ[0] < np.median(track) < BASIC_F0_HZ[1]


def test_the_melody_moves():
    rng = np.random.default_rng(3)
    track = f0_track_hz(expiration(rng, some_infant(rng), 1.2, effort=0.7))
    assert np.percentile(track, 90) - np.percentile(track, 10) > 40.0


def test_energy_gathers_at_the_first_two_formants_of_a_short_tract():
    power = 0.0
    baby = Infant(f0_hz=430.0, tract_m=0.08, vibrato_hz=6.0)  # 1106 and 3319 Hz
    for seed in range(12):
        sound = expiration(np.random.default_rng(seed), baby, 1.4, effort=1.0)
        sound = sound[: sample_count(1.4)] / np.std(sound)
        power = power + np.square(np.abs(np.fft.rfft(sound)))
    hz = np.fft.rfftfreq(sample_count(1.4), 1 / SAMPLE_RATE_HZ)

    def level_db(centre_hz):
        return 10 * np.log10(power[np.abs(hz - centre_hz) < 300.0].mean())

    assert level_db(1106.0) > level_db(2200.0) + 5.0
    assert level_db(3319.0) > level_db(2400.0) + 2.0
    assert level_db(3319.0) > level_db(4400.0) + 5.0


@given(seed=seeds, seconds=st.floats(0.5, 60.0))
def test_phases_last_as_long_as_a_babys_and_alternate(seed, seconds):
    breaths = plan_bout(np.random.default_rng(seed), seconds)
    limits = {"expiration": EXPIRATION_S, "inspiration": INSPIRATION_S}
    for breath in breaths:
        low, high = limits[breath.phase]
        assert low - 1e-9 <= breath.duration_s <= high + 1e-9
        assert 0.0 < breath.effort <= 1.0
    for before, after in itertools.pairwise(breaths):
        assert before.phase != after.phase
        assert before.end_s <= after.onset_s
    assert breaths[0].phase == breaths[-1].phase == "expiration"
    assert breaths[-1].end_s <= seconds + 1e-9
    assert seconds - breaths[-1].end_s < 1.1


def test_a_bout_builds_up_and_calms_down():
    breaths = plan_bout(np.random.default_rng(5), 40.0)
    efforts = [breath.effort for breath in breaths]
    third = len(efforts) // 3
    middle = np.mean(efforts[third:-third])
    assert middle > np.mean(efforts[:3])
    assert middle > np.mean(efforts[-3:])


def test_too_short_for_a_breath_is_an_error():
    with pytest.raises(ValueError, match="at least"):
        plan_bout(np.random.default_rng(0), 0.3)


def test_a_gasp_is_softer_than_a_cry():
    rng = np.random.default_rng(2)
    baby = some_infant(rng)
    cry, gasp = expiration(rng, baby, 1.0, 0.8), inspiration(rng, baby, 0.2, 0.8)
    assert np.std(gasp) < 0.25 * np.std(cry)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, seconds=st.floats(0.6, 6.0))
def test_a_bout_is_finite_as_long_as_asked_and_the_same_again(seed, seconds):
    def make():
        rng = np.random.default_rng(seed)
        return bout(rng, some_infant(rng), plan_bout(rng, seconds), seconds)

    sound = make()
    assert len(sound) == sample_count(seconds)
    assert np.isfinite(sound).all()
    assert np.array_equal(sound, make())


def test_another_seed_is_another_cry():
    one, other = (
        expiration(np.random.default_rng(seed), Infant(430.0, 0.08, 6.0), 1.0, 0.7)
        for seed in (1, 2)
    )
    assert not np.allclose(one, other)
