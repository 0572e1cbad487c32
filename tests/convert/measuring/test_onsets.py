"""Where a cry begins and ends in its recording."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.measuring.onsets import cry_span
from convert.sounds.audio import RATE_HZ

NOISE = 0.001 * np.random.default_rng(0).standard_normal(8 * RATE_HZ).astype(np.float32)


def with_cries(*spans: tuple[float, float], level: float = 0.2) -> np.ndarray:
    t = np.arange(len(NOISE)) / RATE_HZ
    tone = level * np.sin(2 * np.pi * 450 * t) + level / 2 * np.sin(2 * np.pi * 1350 * t)
    inside = np.any([(t >= onset) & (t < offset) for onset, offset in spans], axis=0)
    return (NOISE + inside * tone).astype(np.float32)


@given(st.floats(0.0, 5.0), st.floats(0.5, 2.5))
def test_a_cry_in_quiet_is_found_to_a_tenth_of_a_second(onset: float, length: float) -> None:
    found = cry_span(with_cries((onset, onset + length)))
    assert found == pytest.approx((onset, onset + length), abs=0.1)


def test_pauses_belong_to_the_cry() -> None:
    found = cry_span(with_cries((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)))
    assert found == pytest.approx((1.0, 6.0), abs=0.1)


def test_a_click_and_a_rumble_are_no_onset() -> None:
    samples = with_cries((3.0, 5.0))
    samples[RATE_HZ : RATE_HZ + 80] = 0.9
    samples += 0.3 * np.sin(2 * np.pi * 50 * np.arange(len(samples)) / RATE_HZ).astype(np.float32)
    assert cry_span(samples) == pytest.approx((3.0, 5.0), abs=0.1)


def test_the_teacher_tells_the_cry_from_another_sound() -> None:
    samples = with_cries((0.5, 1.5), (3.5, 6.0))
    windows = np.array([[3.36, 4.335], [4.8, 5.775]])
    onset, offset = cry_span(samples, windows)
    assert onset == pytest.approx(3.5, abs=0.1)
    assert offset <= 5.8


def test_of_two_bouts_the_longer_is_the_cry() -> None:
    samples = with_cries((0.5, 1.5), (4.0, 7.0))
    windows = np.array([[0.5, 1.475], [4.0, 4.975], [5.9, 6.875]])
    assert cry_span(samples, windows) == pytest.approx((4.0, 6.875), abs=0.1)


def test_a_teacher_who_hears_no_cry_leaves_none() -> None:
    onset, offset = cry_span(with_cries((1.0, 2.0)), np.zeros((0, 2)))
    assert offset - onset == 0.0


def test_where_nothing_stands_out_all_of_it_is_the_cry() -> None:
    assert cry_span(np.zeros(RATE_HZ, np.float32)) == pytest.approx((0.0, 1.0), abs=0.01)
