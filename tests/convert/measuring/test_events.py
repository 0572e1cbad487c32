"""Events found and false alarms on timelines, held to the rules of the shared score.py."""

import csv
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.measuring.events import (
    Event,
    Timeline,
    at_threshold,
    best_at,
    curve,
    false_alarm_interval,
    read_timelines,
    recall_by,
    recall_of,
    write_scores,
)
from convert.measuring.scoring import Heard

WINDOW_S, HOP_S = 0.975, 0.24
SCORE_PY = Path(__file__).parents[4] / "shared" / "data" / "score.py"


def listened(duration_s: float, on_at: list[float]) -> Heard:
    """Scores 1 in the windows that end next after these times, 0 in all others."""
    ends = np.arange(WINDOW_S, duration_s, HOP_S)
    scores = np.zeros(len(ends))
    scores[np.searchsorted(ends, on_at)] = 1.0
    return Heard(ends, scores, duration_s, scores.max(initial=0.0))


def one(on_at: list[float], *events: Event, duration_s: float = 120.0):
    timeline = Timeline("a", duration_s, events)
    return at_threshold([timeline], {"a": listened(duration_s, on_at)}, 0.5, WINDOW_S)


def test_an_event_is_found_by_the_first_window_that_ends_in_it() -> None:
    result = one([31.0, 33.0], Event(30.0, 34.0))
    [outcome] = result.outcomes
    assert outcome.delay_s == pytest.approx(1.0, abs=HOP_S)
    assert result.recall == 1.0
    assert result.false_alarms.sum() == 0


@pytest.mark.parametrize(
    ("on_at", "found", "alarms"),
    [
        (28.5, False, 1),  # over before it begins
        (29.2, False, 0),  # a little early: neither found nor false
        (34.7, True, 0),  # within the tolerance behind the end
        (36.0, False, 0),  # begins before it is over for long
        (38.0, False, 1),
    ],
)
def test_windows_near_an_event(on_at: float, found: bool, alarms: int) -> None:
    result = one([on_at], Event(30.0, 34.0))
    assert (result.recall == 1.0) is found
    assert result.false_alarms.sum() == alarms


def test_false_alarms_are_counted_per_hour_outside_of_events() -> None:
    result = one([10.0, 100.0], Event(30.0, 60.0), duration_s=150.0)
    assert result.false_alarms_per_hour == pytest.approx(2 / (120 / 3600))


def test_the_curve_ends_without_a_false_alarm_and_the_best_keeps_the_limit() -> None:
    timelines, heard = random_timelines(3)
    results = curve(timelines, heard, WINDOW_S)
    assert results[-1].false_alarms.sum() == 0
    recalls = [r.recall for r in results]
    assert recalls == sorted(recalls, reverse=True)
    best = best_at(results, 20.0)
    assert best.false_alarms_per_hour <= 20.0
    assert best.recall == max(r.recall for r in results if r.false_alarms_per_hour <= 20.0)


def test_recall_by_kind_and_its_interval_over_babies() -> None:
    events = tuple(Event(20.0 + 20 * i, 24.0 + 20 * i, 20.0 if i < 2 else 0.0) for i in range(4))
    parts = recall_by(one([22.0, 42.0], *events), lambda e: e.snr_db)
    assert (parts[20.0].found, parts[20.0].events, parts[20.0].share) == (2, 2, 1.0)
    assert parts[0.0].found == 0
    timelines, heard = random_timelines(5)
    result = at_threshold(timelines, heard, 0.97, WINDOW_S)
    recall = recall_of(result.outcomes)
    assert recall.interval[0] < recall.share < recall.interval[1]


def test_no_false_alarm_in_three_hours_still_allows_one_an_hour() -> None:
    timeline = Timeline("a", 3 * 3600.0, ())
    result = at_threshold([timeline], {"a": listened(3 * 3600.0, [])}, 0.5, WINDOW_S)
    low, high = false_alarm_interval(result)
    assert low == 0.0
    assert high == pytest.approx(3.69 / 3, abs=0.01)  # of 0 counts: 3.69, two-sided 95 %


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 1.0))
def test_our_figures_are_those_of_score_py(seed: int, threshold: float) -> None:
    if not SCORE_PY.exists():
        pytest.skip("../shared/data/score.py is not here")
    timelines, heard = random_timelines(seed)
    truth = {
        t.name: {"duration_s": t.duration_s, "events": [vars_of(e) for e in t.events]}
        for t in timelines
    }
    scores = {name: (h.end_s, h.evidence) for name, h in heard.items()}
    hits, alarms, hours = score_py().event_eval(truth, scores, threshold, WINDOW_S)
    result = at_threshold(timelines, heard, threshold, WINDOW_S)
    assert [o.delay_s for o in result.outcomes] == [hit["delay"] for hit in hits]
    assert result.false_alarms.sum() == alarms
    assert result.hours.sum() == pytest.approx(hours)


def test_truth_is_read_and_scores_are_written_as_score_py_has_them(tmp_path: Path) -> None:
    truth = {"duration_s": 60.0, "events": [{"onset_s": 1, "offset_s": 4, "snr_db": 5}], "more": 1}
    (tmp_path / "scene.json").write_text(json.dumps(truth))
    [timeline] = read_timelines(tmp_path)
    assert timeline == Timeline("scene", 60.0, (Event(1.0, 4.0, 5.0),))
    heard = listened(60.0, [2.0])
    write_scores(tmp_path / "scores.csv", {"scene": heard})
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["timeline", "t_end", "score"]
    assert np.allclose([float(r["t_end"]) for r in rows], heard.end_s)
    assert [float(r["score"]) for r in rows] == list(heard.evidence)


def random_timelines(seed: int) -> tuple[list[Timeline], dict[str, Heard]]:
    rng = np.random.default_rng(seed)
    timelines, heard = [], {}
    for i in range(3):
        onsets = np.cumsum(rng.uniform(8.0, 60.0, rng.integers(0, 9)))
        events = tuple(
            Event(float(t), float(t + rng.uniform(0.3, 7.0)), 10.0, "s", f"g{rng.integers(4)}")
            for t in onsets
        )
        timelines.append(Timeline(f"t{i}", float(onsets.sum() / 9 + 400.0), events))
        ends = np.arange(WINDOW_S, timelines[-1].duration_s, HOP_S)
        heard[f"t{i}"] = Heard(ends, rng.random(len(ends)), timelines[-1].duration_s, 1.0)
    return timelines, heard


def vars_of(event: Event) -> dict[str, object]:
    return {"onset_s": event.onset_s, "offset_s": event.offset_s, "snr_db": event.snr_db}


def score_py() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", SCORE_PY)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
