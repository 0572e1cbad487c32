"""Figures against scikit-learn's, and intervals that know babies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from convert.reasons.judging import (
    FIGURES,
    above_chance,
    answers,
    confusion_by_group,
    differences,
    figures,
    of_classes,
    of_rows,
    with_intervals,
)

CLASSES = 4
pairs = st.lists(
    st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1), st.integers(0, 9)),
    min_size=1,
    max_size=60,
)


def confusion(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(true, answered, confusion by group)."""
    true, answered, baby = (np.array(column) for column in zip(*rows, strict=True))
    return true, answered, confusion_by_group(true, answered, [f"b{b}" for b in baby], CLASSES)


@given(pairs)
def test_figures_are_scikit_learns(rows: list[tuple[int, int, int]]) -> None:
    true, answered, by_group = confusion(rows)
    there = np.unique(true)
    common = {"labels": there, "average": "macro", "zero_division": 0}
    measured = figures(by_group.sum(axis=0))
    wanted = {
        "accuracy": metrics.accuracy_score(true, answered),
        "balanced_accuracy": metrics.recall_score(true, answered, **common),
        "macro_precision": metrics.precision_score(true, answered, **common),
        "macro_f1": metrics.f1_score(true, answered, **common),
    }
    assert measured == pytest.approx(wanted)
    each = metrics.precision_recall_fscore_support(
        true, answered, labels=range(CLASSES), zero_division=0
    )
    for ours, theirs in zip(of_classes(by_group.sum(axis=0)), each[:3], strict=True):
        assert ours == pytest.approx(theirs)


def test_one_baby_has_no_spread_and_many_have() -> None:
    rng = np.random.default_rng(0)
    true, answered = rng.integers(2, size=200), rng.integers(2, size=200)
    alone = with_intervals(confusion_by_group(true, answered, ["one"] * 200, 2))
    for value, (low, high) in alone.values():
        assert low == pytest.approx(value) == high
    many = [f"baby {n // 4}" for n in range(200)]
    for value, (low, high) in with_intervals(confusion_by_group(true, answered, many, 2)).values():
        assert low < value < high


def test_clips_of_one_baby_are_drawn_together() -> None:
    """Four times the same clips of a baby tell no more than one."""
    rng = np.random.default_rng(1)
    true, answered = rng.integers(2, size=50), rng.integers(2, size=50)
    babies = [f"{n:02d}" for n in range(50)]
    once = with_intervals(confusion_by_group(true, answered, babies, 2))
    four = with_intervals(confusion_by_group(np.tile(true, 4), np.tile(answered, 4), babies * 4, 2))
    assert once == four


def test_a_class_of_one_baby_is_in_every_draw() -> None:
    """It is never found: without it in a draw, the mean over the others would be 1."""
    true = np.array([0] * 20 + [1])
    by_group = confusion_by_group(true, np.zeros_like(true), [str(n) for n in range(21)], 2)
    assert with_intervals(by_group)["balanced_accuracy"] == (0.5, (0.5, 0.5))


def test_babies_without_an_item_change_nothing() -> None:
    """As when only some classes are looked at."""
    rng = np.random.default_rng(2)
    true, answered = rng.integers(2, size=(2, 60))
    babies = [f"{n // 2:02d}" for n in range(60)]
    alone = confusion_by_group(true, answered, babies, 3)
    among = confusion_by_group(np.append(true, 2), np.append(answered, 0), [*babies, "x"], 3)
    assert with_intervals(of_rows(among, [0, 1])) == with_intervals(alone)


def test_nothing_is_better_than_itself_and_right_is_better_than_wrong() -> None:
    true = np.array([0, 1] * 20)
    babies = [str(n) for n in range(40)]
    right = confusion_by_group(true, true, babies, 2)
    wrong = confusion_by_group(true, 1 - true, babies, 2)
    assert differences(right, right) == dict.fromkeys(FIGURES, (0.0, (0.0, 0.0)))
    assert differences(right, wrong)["macro_f1"] == (1.0, (1.0, 1.0))


def test_a_threshold_moves_the_answer() -> None:
    probabilities = np.array([[0.6, 0.4], [0.3, 0.7]])
    assert answers(probabilities).tolist() == [0, 1]
    assert answers(probabilities, 0.25).tolist() == [0, 0]
    assert answers(probabilities, 0.65).tolist() == [1, 1]


def test_answers_at_random_are_not_above_chance_though_above_the_majority() -> None:
    """Each class as often as it occurs: such macro-F1 is above that of always the majority."""
    rng = np.random.default_rng(0)
    shares = (0.86, 0.05, 0.05, 0.04)
    true, answered = rng.choice(CLASSES, (2, 4000), p=shares)
    by_group = confusion_by_group(true, answered, [str(i) for i in range(4000)], CLASSES)
    always = confusion_by_group(true, np.zeros_like(true), [str(i) for i in range(4000)], CLASSES)
    assert differences(by_group, always)["macro_f1"][1][0] > 0
    for value, (low, high) in above_chance(by_group).values():
        assert low <= value <= high
        assert low < 0 < high
    assert above_chance(always)["macro_f1"] == (0.0, (0.0, 0.0))


def test_what_is_heard_is_above_chance() -> None:
    rng = np.random.default_rng(1)
    true = rng.integers(CLASSES, size=500)
    answered = np.where(rng.random(500) < 0.5, true, rng.integers(CLASSES, size=500))
    by_group = confusion_by_group(true, answered, [str(i) for i in range(500)], CLASSES)
    assert all(low > 0 for _, (low, _) in above_chance(by_group).values())
