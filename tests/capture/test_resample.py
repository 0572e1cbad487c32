"""Resampling: the same whatever the blocks, in its place, and without aliases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgecry.capture.resample import Resampler, to_mono

RATES_HZ = [1000, 8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000]


def resampled(resampler: Resampler, frames: np.ndarray, cuts: list[int]) -> np.ndarray:
    parts = np.split(frames, sorted(cut % (len(frames) + 1) for cut in cuts))
    return np.concatenate([*(resampler.push(part) for part in parts), resampler.finish()])


def sine(hz: float, rate_hz: int, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)


@settings(deadline=None)
@given(
    rate_hz=st.sampled_from(RATES_HZ),
    seed=st.integers(0, 100),
    length=st.integers(0, 20_000),
    cuts=st.lists(st.integers(0, 20_000), max_size=20),
)
def test_the_blocks_make_no_difference(
    rate_hz: int, seed: int, length: int, cuts: list[int]
) -> None:
    frames = np.random.default_rng(seed).integers(-9000, 9000, (length, 2)).astype(np.int16)
    resampler = Resampler(rate_hz, 16000)
    whole = resampled(resampler, frames, [])
    np.testing.assert_array_equal(resampled(resampler, frames, cuts), whole)
    assert abs(len(whole) - length * 16000 / rate_hz) <= 1


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_every_sample_is_in_its_place(rate_hz: int) -> None:
    frames = sine(200, rate_hz).astype(np.float32)[:, None]
    audio = resampled(Resampler(rate_hz, 16000), frames, [])
    inside = slice(1600, -1600)
    np.testing.assert_allclose(audio[inside], sine(200, 16000)[inside], atol=2e-6)


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
def test_what_is_too_high_to_be_kept_is_gone(rate_hz: int) -> None:
    frames = sine(9000, rate_hz).astype(np.float32)[:, None]
    audio = resampled(Resampler(rate_hz, 16000), frames, [])
    assert np.abs(audio[1600:-1600]).max() < 1e-5


def test_at_the_models_rate_nothing_is_changed_or_delayed() -> None:
    frames = np.array([[-32768], [0], [1], [32767]], np.int16)
    resampler = Resampler(16000, 16000)
    np.testing.assert_array_equal(resampler.push(frames), frames[:, 0] / 32768)
    assert len(resampler.finish()) == 0


def test_mono_is_the_mean_of_the_channels_at_full_scale() -> None:
    np.testing.assert_array_equal(
        to_mono(np.array([[32767, -32768], [16384, 0]], np.int16)), [-0.5 / 32768, 0.25]
    )
    np.testing.assert_array_equal(
        to_mono(np.array([[1.0, 0.5, 0.0]], np.float32)), np.array([0.5], np.float32)
    )
    assert to_mono(np.zeros((3, 64), np.int16)).dtype == np.float32


def test_digital_silence_stays_digital() -> None:
    resampler = Resampler(44100, 16000)
    resampled(resampler, np.full((5000, 1), 9999, np.int16), [])
    assert not resampled(resampler, np.zeros((5000, 1), np.int16), []).any()
