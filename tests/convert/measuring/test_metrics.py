"""Metrics of file scores: what they mean, and that they are those of the data's own script."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from convert.measuring import metrics
from convert.measuring.metrics import (
    METRICS,
    clip_metrics,
    figures,
    mean_interval,
    paired_differences,
    share_interval,
    wilson_interval,
)

SCORE_PY = Path(__file__).parents[4] / "shared" / "data" / "score.py"
CRY = np.array([True, False] * 20)
GROUPS = [str(i // 2) for i in range(40)]


@pytest.fixture(autouse=True, scope="module")
def few_draws() -> Iterator[None]:
    """An interval of few draws is soon there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "RESAMPLES", 20)
        yield


@pytest.fixture(scope="module")
def score_py() -> ModuleType:
    """The script that came with the recordings."""
    if not SCORE_PY.exists():
        pytest.skip("score.py is not beside this checkout")
    spec = importlib.util.spec_from_file_location("score_py", SCORE_PY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=4, max_size=60))
def test_the_metrics_are_those_of_the_datas_own_script(
    score_py: ModuleType, scored: list[tuple[bool, int]]
) -> None:
    cry = np.array([True, False, *(c for c, _ in scored)])
    scores = np.array([5, 4, *(s for _, s in scored)]) / 10
    theirs = score_py.clip_metrics(cry, scores)
    names = {"average_precision": "ap", "best_f1_threshold": "best_f1_thr"}
    ours = figures(cry, scores)
    for name in (*METRICS, "best_f1_threshold"):
        assert ours[name] == pytest.approx(theirs[names.get(name, name)]), name


@given(hnp.arrays(np.float32, 40, elements=st.integers(-40, 40).map(lambda n: n / 4)))
def test_the_best_f1_is_the_best_of_all_thresholds(scores: np.ndarray) -> None:
    def f1(threshold: float) -> float:
        on = scores >= threshold
        return float(2 * (on & CRY).sum() / (on.sum() + CRY.sum()))

    found = figures(CRY, scores)
    assert f1(found["best_f1_threshold"]) == pytest.approx(found["best_f1"])
    assert found["best_f1"] == pytest.approx(max(map(f1, scores)))


def test_a_perfect_score_is_perfect_in_every_draw() -> None:
    found = clip_metrics(CRY, CRY.astype(float), GROUPS)
    for name in METRICS:
        assert found[name] == 1.0
        assert found[f"{name}_ci95"] == (1.0, 1.0)


def test_a_score_that_says_nothing_finds_nothing() -> None:
    found = clip_metrics(CRY, np.zeros(40), GROUPS)
    assert found["auc"] == 0.5
    assert found["tpr_at_fpr_1pct"] == 0.0


def test_an_interval_holds_its_value_and_is_wider_over_fewer_groups() -> None:
    rng = np.random.default_rng(1)
    by_group = np.repeat(rng.normal(size=10), 4)
    scores = by_group + CRY * 1.0 + 0.1 * rng.normal(size=40)
    few = clip_metrics(CRY, scores, [str(i // 4) for i in range(40)])
    low, high = few["auc_ci95"]
    assert low < few["auc"] < high
    alone = clip_metrics(CRY, scores, [str(i) for i in range(40)])
    assert alone["auc_ci95"] != few["auc_ci95"]


def test_the_difference_to_oneself_is_nothing() -> None:
    scores = np.random.default_rng(2).random(40)
    for difference, interval in paired_differences(CRY, scores, scores, GROUPS).values():
        assert difference == 0.0
        assert interval == (0.0, 0.0)


def test_a_better_detector_is_ahead_by_a_paired_interval() -> None:
    rng = np.random.default_rng(3)
    theirs = CRY + rng.normal(size=40)
    ours = theirs + 2 * CRY
    difference, (low, high) = paired_differences(CRY, ours, theirs, GROUPS)["auc"]
    assert 0 < low <= difference <= high


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share(counts: tuple[int, int]) -> None:
    found, of = counts
    low, high = wilson_interval(found, of)
    assert 0.0 <= low <= found / of + 1e-12
    assert found / of - 1e-12 <= high <= 1.0


def test_known_intervals() -> None:
    # Newcombe (1998), table I, method 3: 81/263 and 0/20.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_a_baby_counts_as_a_whole() -> None:
    values = [1.0] * 10 + [0.0] * 10
    wide = mean_interval(values, [str(i // 10) for i in range(20)])
    narrow = mean_interval(values, [str(i) for i in range(20)])
    assert wide == (0.0, 1.0)
    assert 0.0 < narrow[0] < 0.5 < narrow[1] < 1.0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=30))
def test_a_share_is_never_surer_than_its_count_allows(events: list[tuple[bool, int]]) -> None:
    found = [f for f, _ in events]
    low, high = share_interval(found, [str(g) for _, g in events])
    wilson = wilson_interval(sum(found), len(found))
    assert low <= wilson[0]
    assert high >= wilson[1]
