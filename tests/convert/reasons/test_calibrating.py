"""Probabilities that hold what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.reasons.calibrating import (
    LOWEST_SLOPE,
    calibration_error,
    class_shares,
    cross_fitted,
    fitted,
    parts,
    quality,
)
from convert.reasons.out_of_fold import joined
from edgecry.inference.reasons_manifest import ReasonsCalibration
from tests.convert.reasons.synthetic import LIAR, distorted, heard, with_a_liar


@pytest.mark.parametrize(
    "truth",
    [
        ReasonsCalibration(1.0, (0.0, 0.0, 0.0)),
        ReasonsCalibration(0.3, (-1.0, 0.5, 0.5)),
        ReasonsCalibration(2.5, (1.5, 0.0, -1.5)),
    ],
)
def test_a_known_distortion_is_found_again(truth: ReasonsCalibration) -> None:
    found = fitted(distorted(1, 20_000, truth))
    assert found.slope == pytest.approx(truth.slope, abs=0.07)
    centred = np.array(found.intercepts) - np.mean(found.intercepts)
    assert centred == pytest.approx(np.array(truth.intercepts), abs=0.1)


def test_who_hears_nothing_says_the_class_shares() -> None:
    nothing = heard(3, skill=0.0, babies=400)
    found = fitted(nothing)
    assert found.slope < 0.15
    p = found.probabilities(nothing.log_mean)
    assert np.abs(p - class_shares(nothing)).max() < 0.1
    worse = heard(3, skill=-2.0, babies=400)
    assert fitted(worse).slope == LOWEST_SLOPE, "what is sure and wrong is believed the least"


def test_five_clips_do_not_explode() -> None:
    rare = heard(5, skill=4.0, babies=100, shares=(0.97, 0.01, 0.01, 0.01), most_clips=1)
    found = fitted(rare)
    assert np.ptp(found.intercepts) < 8
    assert 0 < found.slope < 3


def test_another_seed_is_no_other_baby() -> None:
    once = heard(2, skill=1.0)
    assert fitted(joined([once, once])) == fitted(once)


@pytest.mark.parametrize("skill", [0.0, 1.0, 3.0])
def test_calibration_helps_by_babies_that_it_has_not_seen(skill: float) -> None:
    some = heard(7, skill=skill, babies=300)
    raw = np.exp(some.log_mean)
    calibrated = cross_fitted(some, parts(some))
    assert calibrated.sum(axis=1) == pytest.approx(1.0)
    before, after = (quality(p, some) for p in (raw, calibrated))
    assert after.log_loss.value < before.log_loss.value
    assert after.error < before.error
    low, high = after.above_shares.ci95
    assert low <= after.above_shares.value <= high
    assert (high < 0) == (skill > 0), "under the class shares only where something is heard"


def test_nobody_is_calibrated_by_his_own_clips() -> None:
    some = with_a_liar(clips=40)
    his = some.groups == LIAR
    without, with_him = (fitted(s).probabilities(some.log_mean[his]) for s in (some.at(~his), some))
    assert without[:, 1].min() > 0.99
    assert with_him[:, 1].max() < 0.5, "his many clips would pull it visibly"
    assert cross_fitted(some, parts(some))[his, 1].min() > 0.99


def test_each_clip_is_in_one_part_and_each_baby_on_one_side() -> None:
    some = heard(1, skill=1.0)
    held = np.stack([part.held for part in parts(some)])
    assert (held.sum(axis=0) == 1).all()
    for part in held:
        assert not {*some.groups[part]} & {*some.groups[~part]}


@given(st.integers(0, 10**6), st.integers(1, 60))
def test_the_calibration_error_is_a_mean_distance(seed: int, clips: int) -> None:
    rng = np.random.default_rng(seed)
    confidence, right = rng.random(clips), rng.random(clips) < 0.5
    assert 0 <= calibration_error(confidence, right) <= 1
    assert calibration_error(right.astype(float), right) == 0
    over_all = abs(confidence.mean() - right.mean())
    assert calibration_error(confidence, right) >= over_all - 1e-12
