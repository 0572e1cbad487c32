"""After int8: which windows calibrate, what the thresholds are chosen on, what is told of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from convert.calibrate_scores import calibrated, points, training_data
from convert.data.clips import Clip
from convert.measuring.events import Event, Timeline
from convert.measuring.logits import Logits
from convert.recipe import Recipe
from convert.training.bank import BankedClip
from convert.training.labels import CRY, DOUBTFUL, NO_CRY
from edgecry.inference.manifest import Calibration

PLAIN = Calibration(1.0, 0.0)


def heard(*logits: float) -> Logits:
    ends = 0.975 + 0.24 * np.arange(len(logits))
    return Logits(ends, np.array(logits), 600.0)


def banked(cry: bool, labels: list[int] | None) -> BankedClip:
    known = None if labels is None else np.array(labels, np.int8)
    return BankedClip("k", cry, "s", "f", "g", "val", (), known, None)


def clip(key: str, *, cry: bool, source: str = "a", licence: str = "CC0") -> Clip:
    return Clip(
        key=key,
        name=key,
        path=Path(key),
        cry=cry,
        fine="x",
        source=source,
        licence=licence,
        group=key,
        split="train",
        duration_s=90.0,
        bandwidth_hz=None,
        original="",
    )


def test_windows_in_doubt_and_quiet_parts_of_cries_do_not_calibrate() -> None:
    cries = [3.0, 1.0, 2.0, -1.0]
    others = [-3.0, 0.0, -2.0, 1.5]
    sure = [(banked(True, [CRY] * 4), heard(*cries)), (banked(False, None), heard(*others))]
    in_doubt = (banked(True, [CRY] * 4 + [DOUBTFUL, NO_CRY]), heard(*cries, -9.0, 9.0))
    assert calibrated([in_doubt, sure[1]]) == calibrated(sure)


def test_clips_of_cries_are_events_only_where_no_scene_has_one(shipped_recipe: Recipe) -> None:
    rng = np.random.default_rng(0)
    quiet = (clip("quiet", cry=False), heard(*rng.normal(-3.0, 1.0, 2000)))
    found = [(clip(f"cry {i}", cry=True), heard(*[5.0] * 20)) for i in range(4)]
    missed = Timeline("scene", 600.0, (Event(100.0, 110.0, group="baby"),))
    alone = points(shipped_recipe, PLAIN, [], [quiet, *found])
    beside = points(shipped_recipe, PLAIN, [(missed, heard(*[-5.0] * 2000))], [quiet, *found])
    assert {p.recall for p in alone.values()} == {1.0}
    assert {p.recall for p in beside.values()} == {0.0}
    assert all("scenes of val" in p.measured_on for p in beside.values())
    assert not any("scenes" in p.measured_on for p in alone.values())


def test_with_scenes_a_clip_that_fools_the_model_moves_no_threshold(
    shipped_recipe: Recipe,
) -> None:
    rng = np.random.default_rng(0)
    scene = Timeline("scene", 600.0, (Event(100.0, 110.0, group="baby"),))
    scenes = [(scene, heard(*rng.normal(-3.0, 1.0, 2000)))]
    fools = (clip("quiet", cry=False), heard(*[6.0] * 20))
    assert points(shipped_recipe, PLAIN, scenes, []) == points(
        shipped_recipe, PLAIN, scenes, [fools]
    )


def test_training_data_is_told_by_source_without_the_attribution_of_single_recordings() -> None:
    clips = [
        clip("1", cry=True, source="b", licence="CC-BY (recording 1 by somebody)"),
        clip("2", cry=False, source="b", licence="CC-BY (recording 2)"),
        clip("3", cry=False),
        replace(clip("4", cry=False), split="test"),
    ]
    told = [(d.source, d.licence, d.clips, d.minutes) for d in training_data(clips)]
    assert told == [("a", "CC0", 1, 1.5), ("b", "CC-BY", 2, pytest.approx(3.0))]
