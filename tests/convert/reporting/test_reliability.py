"""What a reliability diagram draws."""

import numpy as np
import pytest

from convert.reporting.plots.reliability import FEWEST, curve


def test_a_calibrated_score_lies_on_the_diagonal_whatever_share_of_cries_was_at_hand() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.0, 1.0, 60_000)
    cry = rng.random(60_000) < p
    prior = float(cry.mean())
    fewer_cries = ~cry | (rng.random(60_000) < 0.2)
    mean, share = curve(cry[fewer_cries], p[fewer_cries], prior)
    assert len(mean) == 10
    assert share == pytest.approx(mean, abs=0.03)


def test_a_bin_of_few_is_not_drawn() -> None:
    scores = np.array([0.05] * FEWEST + [0.95] * (FEWEST - 1))
    mean, _ = curve(scores > 0.5, scores, 0.1)
    assert mean == pytest.approx([0.05])
