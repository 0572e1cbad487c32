"""What int8 costs: the figures of quantization.json, and what makes `verify` fail."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convert.measuring.differences import compare
from convert.recipe import Recipe
from convert.verify import check
from edgecry.errors import ModelError

LOGITS = arrays(np.float32, 30, elements=st.integers(-40, 40).map(lambda n: n / 4))
CRY = np.arange(30) < 10


@given(LOGITS, LOGITS)
def test_every_window_is_counted_in_its_class(float_logits: np.ndarray, int8: np.ndarray) -> None:
    report = compare(float_logits, int8, CRY)
    for kind in ("logit_differences", "score_differences"):
        counts = report[kind]["counts"]
        assert (sum(counts["cry"]), sum(counts["noncry"])) == (10, 20)
    difference = (int8 - float_logits)[CRY]
    quantiles = report["logit_differences"]["quantiles"]["cry"]
    assert quantiles["0"] == difference.min()
    assert quantiles["1"] == difference.max()
    assert quantiles["0.5"] == pytest.approx(np.median(difference))


def test_a_shift_of_all_logits_costs_f1_but_no_average_precision() -> None:
    float_logits = np.where(CRY, 2.0, -2.0).astype(np.float32)
    report = compare(float_logits, float_logits - 1.0, CRY)
    assert report["logit_difference_median"] == 1.0
    assert report["int8_average_precision"] == report["float_average_precision"] == 1.0
    assert report["f1_loss"] == report["float_f1"] == 1.0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"f1_loss": -0.2}, None),
        ({"f1_loss": 0.011}, "quantize.f1_loss_limit 0.01"),
        ({"bytes": 100_001}, "at most 100000"),
    ],
)
def test_what_must_not_go_on(
    shipped_recipe: Recipe, changed: dict[str, float], said: str | None
) -> None:
    report = {"bytes": 100_000, "f1_loss": 0.01, "int8_f1": 0.9, "float_f1": 0.91} | changed
    if said is None:
        check(report, shipped_recipe)
    else:
        with pytest.raises(ModelError, match=said):
            check(report, shipped_recipe)
