"""From what was heard to the rows of evaluation.json."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.data.clips import Clip
from convert.measuring.events import Event, Timeline
from convert.measuring.scoring import Heard
from convert.reporting.clips import Listened, by_age, classes, worst
from convert.reporting.evaluation import (
    Evaluation,
    EvaluationError,
    read_evaluation,
    write_evaluation,
)
from convert.reporting.scenes import Scenes, window_labels
from convert.reporting.summary import summarize
from convert.run import EVALUATION
from edgecry.inference.manifest import Manifest
from tests.convert.reporting.conftest import OURS, REFERENCE, heard, make_clip


@pytest.fixture(scope="module")
def evaluation(sets: list[Listened], scenes: Scenes, chosen: Manifest) -> Evaluation:
    """Of the made-up detectors."""
    return summarize(sets, scenes, chosen)


def test_what_was_written_is_read_again(evaluation: Evaluation, tmp_path: Path) -> None:
    write_evaluation(tmp_path, evaluation)
    assert read_evaluation(tmp_path) == evaluation


def test_an_evaluation_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / EVALUATION).write_text('{"test": {"auc": 1.0}}')
    with pytest.raises(EvaluationError, match=r"evaluation\.json.*convert\.evaluate"):
        read_evaluation(tmp_path)


def test_both_detectors_are_ranked_on_the_same_clips(evaluation: Evaluation) -> None:
    ours, reference = evaluation.ranking
    assert (ours.detector, reference.detector) == (OURS, REFERENCE)
    assert (ours.cries, ours.cry_groups, ours.noncries) == (30, 15, 40)
    assert ours.auc > reference.auc
    assert {d.metric for d in evaluation.differences} >= {"auc", "tpr_at_fpr_1pct"}
    [auc] = [d for d in evaluation.differences if d.metric == "auc"]
    assert auc.difference == pytest.approx(ours.auc - reference.auc)


def test_the_false_meow_is_counted_in_class_and_family(evaluation: Evaluation) -> None:
    counts = {(c.point, c.family, c.fine): (c.false, c.clips) for c in evaluation.classes}
    assert counts["balanced", "cats", None] == (1, 20)
    assert counts["balanced", "cats", "cat"] == (1, 20)
    assert counts["specific", "cats", "cat"] == (0, 20)
    assert counts["sensitive", "speech", "speech_adult"] == (0, 20)


def test_the_points_count_what_passes_them(evaluation: Evaluation) -> None:
    points = {p.point: p for p in evaluation.clip_points}
    assert (points["balanced"].found, points["balanced"].cries) == (30, 30)
    assert (points["balanced"].false, points["balanced"].false_alarms) == (1, 1)
    assert points["specific"].found < 30


def test_parts_hold_every_clip_once(evaluation: Evaluation) -> None:
    for by in ("source", "bandwidth"):
        mine = [p for p in evaluation.parts if p.by == by and p.detector == OURS]
        assert sum(p.cries for p in mine) == 30
        assert sum(p.noncries for p in mine) == 40
        assert sum(p.false or 0 for p in mine) == 1


def test_scenes_are_counted_at_each_threshold(evaluation: Evaluation) -> None:
    found = {(r.detector, r.at): (r.found, r.events) for r in evaluation.scene_results}
    # 30 cries at 20 dB; at 0 dB ours hears those of two scenes, 10.
    assert found[OURS, "at most 0.5 an hour"] == (40, 60)
    assert found[REFERENCE, "at most 0.5 an hour"] == (30, 60)
    assert found[OURS, "balanced"] == (40, 60)
    by_snr = {
        p.part: (p.found, p.events)
        for p in evaluation.scene_parts
        if (p.detector, p.at, p.by) == (OURS, "balanced", "SNR")
    }
    assert by_snr == {"20": (30, 30), "0": (10, 30)}


def test_a_curve_goes_down_to_where_there_is_no_false_alarm(evaluation: Evaluation) -> None:
    quiet = {
        detector: max(
            p.recall
            for p in evaluation.scene_curves
            if p.detector == detector and p.false_alarms_per_hour == 0.0
        )
        for detector in (OURS, REFERENCE)
    }
    assert quiet == pytest.approx({OURS: 40 / 60, REFERENCE: 30 / 60})
    assert max(p.false_alarms_per_hour for p in evaluation.scene_curves) > 1.0


def test_the_lead_in_the_scenes_is_paired(evaluation: Evaluation) -> None:
    for lead in evaluation.scene_differences:
        assert lead.other == REFERENCE
        assert lead.at.startswith("at most")
        assert lead.difference == pytest.approx(10 / 60)
        assert lead.ci95[0] <= lead.difference <= lead.ci95[1]


def test_without_reference_and_scenes_there_are_no_such_rows(
    sets: list[Listened], chosen: Manifest
) -> None:
    alone = Listened(sets[0].set, sets[0].clips, {OURS: sets[0].heard[OURS]})
    found = summarize([alone], None, chosen)
    assert found.reference is None
    assert found.differences == found.scene_results == []
    assert len(found.ranking) == 1


def test_a_set_of_one_class_is_counted_and_not_ranked(
    sets: list[Listened], chosen: Manifest
) -> None:
    laughs = [make_clip(i, cry=False, fine="laugh") for i in range(3)]
    more = Listened("laughs", laughs, {OURS: [heard(0.1), heard(0.95), heard(0.1)]})
    found = summarize([*sets, more], None, chosen)
    assert {r.set for r in found.ranking} == {sets[0].set}
    [row] = [c for c in found.classes if c.fine == "laugh" and c.point == "specific"]
    assert (row.set, row.family, row.false, row.clips) == ("laughs", "laughs and babble", 1, 3)


def test_neonates_are_apart(sets: list[Listened]) -> None:
    def aged(number: int, code: str) -> Clip:
        plain = make_clip(number, cry=True, fine="hungry")
        return replace(plain, source="donateacry_raw", original=f"0a-14-1.0-m-{code}-hu.3gp")

    clips = [aged(0, "04"), aged(1, "26"), make_clip(2, cry=False, fine="cat")]
    mixed = Listened("s", clips, {OURS: [heard(0.1), heard(0.2), heard(0.3)]})
    found = {s.set: s.scores(OURS).tolist() for s in by_age(mixed)}
    assert found == {"s, neonates' cries": [0.1, 0.3], "s, without neonates": [0.2, 0.3]}
    assert list(by_age(sets[0])) == []


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=40))
def test_the_worst_are_the_worst(scored: list[tuple[bool, float]]) -> None:
    clips = [make_clip(i, cry, "x") for i, (cry, _) in enumerate(scored)]
    rows = worst(Listened("s", clips, {OURS: [heard(score) for _, score in scored]}), OURS)
    for cry in (True, False):
        shown = [w.score for w in rows if w.cry == cry]
        every = sorted((s for c, s in scored if c == cry), reverse=not cry)
        assert shown == every[: len(shown)]
        assert len(shown) == min(12, len(every))


def test_every_noncry_is_in_one_class_and_one_family(
    sets: list[Listened], chosen: Manifest
) -> None:
    rows = classes(sets[0], OURS, chosen.operating_points)
    for point in chosen.operating_points:
        mine = [r for r in rows if r.point == point]
        assert sum(r.clips for r in mine if r.fine is None) == 40
        assert sum(r.clips for r in mine if r.fine is not None) == 40


def test_windows_half_in_a_cry_are_cries_and_those_at_its_edge_are_neither() -> None:
    timeline = Timeline("t", 20.0, (Event(10.0, 12.0),))
    ends = np.array([9.9, 10.2, 10.6, 12.0, 12.5, 12.9, 13.0])
    evidence = np.arange(7) / 10
    cry, scores = window_labels(timeline, Heard(ends, evidence, 20.0, evidence.max()), 1.0)
    assert scores.tolist() == [0.0, 0.2, 0.3, 0.4, 0.6]
    assert cry.tolist() == [False, True, True, True, False]
