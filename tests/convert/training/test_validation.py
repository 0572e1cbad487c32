"""What stops a training: false alarms at a fixed share of cries."""

import numpy as np
import pytest

from convert.training.validation import WINDOWS_PER_HOUR, false_windows_per_hour

CRY = np.tile(np.repeat([True, False], [100, 1000]), 2)


def test_a_perfect_network_is_as_good_as_the_windows_can_show() -> None:
    rate = false_windows_per_hour(CRY, np.where(CRY, 5.0, -5.0).astype(np.float32))
    assert rate == pytest.approx(0.5 / 1000 * WINDOWS_PER_HOUR)


def test_cries_that_nobody_finds_do_not_raise_the_rate_while_they_are_few() -> None:
    logits = np.where(CRY, 5.0, -5.0).astype(np.float32)
    lost = logits.copy()
    lost[:10] = -9.0
    assert false_windows_per_hour(CRY, lost) == false_windows_per_hour(CRY, logits)
    lost[:20] = -9.0
    assert false_windows_per_hour(CRY, lost) > 10 * false_windows_per_hour(CRY, logits)


def test_clean_and_noisy_windows_count_alike() -> None:
    logits = np.where(CRY, 5.0, -5.0).astype(np.float32)
    clean, noisy = logits.copy(), logits.copy()
    clean[100:150] = 9.0
    noisy[1200:1250] = 9.0
    assert false_windows_per_hour(CRY, clean) == pytest.approx(false_windows_per_hour(CRY, noisy))
