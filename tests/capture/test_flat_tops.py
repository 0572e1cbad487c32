"""Sound that was cut off, told from sound that is merely loud."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecry.capture.flat_tops import flat_share

RATE_HZ = 44_100


def frames(*channels: np.ndarray) -> np.ndarray:
    return np.stack(channels, axis=1).clip(-32768, 32767).round().astype(np.int16)


def tone(hz: float, peak: float, seconds: float = 0.25) -> np.ndarray:
    return peak * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)


@pytest.mark.parametrize("limit", [32767, 23000, 4000])
def test_what_is_cut_off_is_counted_at_the_rails_and_at_any_lower_limit(limit: int) -> None:
    loud = 1.5 * limit * np.random.default_rng(0).standard_normal(RATE_HZ // 4).repeat(4)
    cut = loud.clip(-limit, limit)
    expected = np.mean(np.abs(loud) >= limit)
    assert flat_share(frames(cut)) == pytest.approx(expected, abs=0.01)
    noisy = cut + np.random.default_rng(1).integers(-2, 3, len(cut))
    assert flat_share(frames(noisy)) == pytest.approx(expected, abs=0.05)


def test_one_side_and_one_channel_are_enough() -> None:
    quiet = np.random.default_rng(0).normal(0, 20, RATE_HZ // 4)
    lifted = (tone(440, 20_000) + 20_000).clip(max=30_000)
    assert flat_share(frames(quiet, lifted)) > 0.3


@pytest.mark.parametrize("hz", [60, 100, 440, 1000, 3000])
@pytest.mark.parametrize("peak", [1000, 2000, 8000, 32767])
def test_a_loud_tone_is_not(hz: float, peak: float) -> None:
    assert flat_share(frames(tone(hz, peak))) < 0.05


@given(st.integers(0, 10), st.floats(1, 7000))
def test_loud_noise_is_not(seed: int, level: float) -> None:
    noise = np.random.default_rng(seed).normal(0, level, RATE_HZ // 50)
    assert flat_share(frames(noise)) < 0.05


@pytest.mark.parametrize("offset", [-2500, 2500, 6000])
def test_quiet_beside_zero_is_not_loud(offset: int) -> None:
    """Some converters add a constant: a dead microphone there is silent, and not too loud."""
    random = np.random.default_rng(0)
    rumble = tone(7, 3) + random.normal(0, 1, RATE_HZ // 4)
    assert flat_share(frames(offset + rumble)) == 0.0


@pytest.mark.parametrize("rail", [-32768, 32767])
def test_what_stays_at_a_rail_is_cut_off(rail: int) -> None:
    held = rail - np.sign(rail) * np.random.default_rng(0).integers(0, 3, RATE_HZ // 4)
    assert flat_share(frames(held)) > 0.9


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_block_may_be_short(count: int) -> None:
    assert flat_share(np.full((count, 2), 32767, np.int16)) == 0.0
