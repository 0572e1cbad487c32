"""Risk over coverage."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.reasons.calibrating import Part, parts
from convert.reasons.coverage import COVERAGES, RiskCoverage, risk_coverage, risks
from edgecry.inference.reasons_manifest import ReasonsCalibration
from tests.convert.reasons.synthetic import heard, with_a_liar

answers = st.lists(st.tuples(st.sampled_from([0.3, 0.5, 0.7, 0.9]), st.booleans()), min_size=1)


@given(answers)
def test_the_end_of_the_curve_is_the_risk_of_all(given_: list[tuple[float, bool]]) -> None:
    sure, wrong = (np.array(column, float) for column in zip(*given_, strict=True))
    curve = risks(sure, wrong)
    assert curve[-1] == pytest.approx(wrong.mean())
    assert ((curve >= 0) & (curve <= 1 + 1e-12)).all()


@given(answers, st.integers(0, 10))
def test_who_comes_first_among_equals_says_nothing(
    given_: list[tuple[float, bool]], seed: int
) -> None:
    sure, wrong = (np.array(column, float) for column in zip(*given_, strict=True))
    order = np.random.default_rng(seed).permutation(len(sure))
    assert risks(sure[order], wrong[order]) == pytest.approx(risks(sure, wrong))


def test_known_curves() -> None:
    wrong = np.array([1.0, 0.0, 0.0, 1.0])
    assert risks(np.ones(4), wrong).tolist() == [0.5, 0.5, 0.5, 0.5], "equally sure: flat"
    assert risks(1 - wrong, wrong) == pytest.approx([0, 0, 1 / 3, 1 / 2]), "knows when it is right"
    assert risks(wrong, wrong) == pytest.approx([1, 1, 2 / 3, 1 / 2]), "sure when it is wrong"


def test_who_knows_when_it_is_right_is_wrong_less_often_the_fewer_it_answers() -> None:
    some = heard(1, skill=2.0, shares=(0.25, 0.25, 0.25, 0.25), babies=300)
    found = risk_coverage(some, parts(some))
    assert [p.coverage for p in found.points] == list(COVERAGES)
    values = [p.risk.value for p in found.points]
    assert all(later <= earlier + 0.02 for earlier, later in pairwise(values))
    assert found.aurc.value < values[0] - 0.1
    assert found.aurc_above.ci95[1] < 0
    for p in found.points:
        assert p.risk.ci95[0] <= p.risk.value <= p.risk.ci95[1]
        assert p.above.value == pytest.approx(p.risk.value - p.majority.value)


def test_who_hears_nothing_is_no_better_than_the_majority_anywhere() -> None:
    some = heard(1, skill=0.0)
    found = risk_coverage(some, parts(some))
    assert all(p.above.ci95[1] >= 0 for p in found.points)
    assert found.aurc_above.ci95[1] >= 0


def test_who_is_judged_has_not_calibrated() -> None:
    """Of 100 clips one baby has 40 that all sound like the class that they are not."""
    some = with_a_liar(clips=40)
    assert risk_coverage(some, parts(some)).points[0].risk.value > 0.4


def test_how_a_part_is_calibrated_does_not_make_its_clips_surer_than_another_parts() -> None:
    """The same order of clips in each part, once told timidly and once boldly."""
    some = heard(3, skill=2.0, shares=(0.5, 0.5), babies=200, most_clips=1)
    part = np.arange(200) < 100

    def judged(slope: float) -> RiskCoverage:
        slopes = (slope, 1.0)
        return risk_coverage(
            some,
            [
                Part(held, ReasonsCalibration(own, (0.0, 0.0)))
                for held, own in zip((part, ~part), slopes, strict=True)
            ],
        )

    assert judged(0.01) == judged(1.0)
