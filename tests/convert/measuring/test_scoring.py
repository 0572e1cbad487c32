"""Counting what a detector does to recordings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.measuring.calibration import platt
from convert.measuring.events import Event, Timeline
from convert.measuring.points import choose_points
from convert.measuring.scoring import Heard, false_alarms, smoothed
from convert.recipe import Recipe
from edgecry.decision.evidence import Evidence
from edgecry.types import Score

HOP_S, WINDOW_S = 0.24, 0.975


def heard(*evidence: float) -> Heard:
    ends = WINDOW_S + HOP_S * np.arange(len(evidence))
    return Heard(ends, np.array(evidence), 3600.0, max(evidence))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(1, 6))
def test_smoothed_is_the_devices_evidence(p_cry: list[float], windows: int) -> None:
    evidence = Evidence(windows, 3840)
    device = [evidence.update(Score(p, 15600 + 3840 * i, None, 0.0)) for i, p in enumerate(p_cry)]
    assert np.allclose(smoothed(np.array(p_cry), windows), device)


def test_windows_close_together_are_one_false_alarm() -> None:
    assert false_alarms(heard(0.9, 0.9, 0.1, 0.9), 0.5, WINDOW_S) == 1
    assert false_alarms(heard(0.9, *[0.1] * 40, 0.9), 0.5, WINDOW_S) == 2
    assert false_alarms(heard(0.1, 0.1), 0.5, WINDOW_S) == 0


def test_a_detector_that_is_stuck_counts_every_ten_seconds() -> None:
    hour = np.arange(WINDOW_S, 3600.0, HOP_S)
    stuck = Heard(hour, np.ones(len(hour)), 3600.0, 1.0)
    assert false_alarms(stuck, 0.5, WINDOW_S) == 360


def test_platt_keeps_the_order_and_states_its_prior() -> None:
    rng = np.random.default_rng(0)
    cry = rng.random(4000) < 0.5
    logits = rng.normal(np.where(cry, 1.0, -1.0), 1.0)
    calibration = platt(logits, cry)
    assert calibration.slope == pytest.approx(2.0, abs=0.2)
    assert calibration.intercept == pytest.approx(np.log(0.1 / 0.9), abs=0.2)


def test_points_keep_their_order_and_their_false_alarms(shipped_recipe: Recipe) -> None:
    rng = np.random.default_rng(0)
    wanted = shipped_recipe.operating_points
    quiet = {f"quiet {i}": heard(*rng.beta(1, 8, 900)) for i in range(8)}
    cries = {f"cry {i}": heard(*rng.beta(8, 1, 20)) for i in range(30)}
    timelines = [Timeline(name, 3600.0, ()) for name in quiet]
    timelines += [Timeline(name, 6.0, (Event(0.0, 6.0, group=name),)) for name in cries]
    points = choose_points(wanted, timelines, quiet | cries, WINDOW_S, "made up")
    assert points["sensitive"].on <= points["balanced"].on <= points["specific"].on
    for name, point in points.items():
        assert point.off < point.on
        assert point.measured_on == "made up"
        assert point.false_alarms_per_hour is not None
        assert point.false_alarms_per_hour <= wanted[name].false_alarms_per_hour
