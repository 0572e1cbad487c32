"""After int8: which windows calibrate, what the thresholds are chosen on, what is told of it."""

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from convert.calibrate_scores import as_timeline, calibrate, calibrated, points
from convert.data.clips import Clip
from convert.measuring.logits import Logits
from convert.recipe import Recipe, load_recipe
from convert.run import INT8_MODEL, timelines_folder
from convert.timeline import build
from convert.training.bank import BankedClip
from convert.training.labels import CRY, DOUBTFUL, NO_CRY
from edgecry.errors import RecordingError
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.manifest import Calibration

PLAIN = Calibration(1.0, 0.0)


def heard(*logits: float) -> Logits:
    ends = 0.975 + 0.24 * np.arange(len(logits))
    return Logits(ends, np.array(logits), 600.0)


def banked(cry: bool, labels: list[int] | None) -> BankedClip:
    known = None if labels is None else np.array(labels, np.int8)
    return BankedClip("k", cry, "s", "f", "g", "val", (), known, None)


def clip(key: str, *, cry: bool) -> Clip:
    return Clip(
        key=key,
        name=key,
        path=Path(key),
        cry=cry,
        fine="x",
        source="a",
        licence="CC0",
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


def test_a_clip_of_a_cry_is_one_event_and_another_is_none(shipped_recipe: Recipe) -> None:
    rng = np.random.default_rng(0)
    quiet = (as_timeline(clip("quiet", cry=False)), heard(*rng.normal(-3.0, 1.0, 2000)))
    found = [(as_timeline(clip(f"cry {i}", cry=True)), heard(*[5.0] * 20)) for i in range(3)]
    missed = (as_timeline(clip("missed", cry=True)), heard(*[-9.0] * 20))
    chosen = points(shipped_recipe, PLAIN, [quiet, *found, missed], "val split")
    assert {p.recall for p in chosen.values()} == {0.75}
    assert {p.measured_on for p in chosen.values()} == {"val split, on which it was chosen"}


@pytest.fixture
def place(
    tiny_data: Path, tiny_recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Recipe, Path, Path]:
    """A recipe, data whose held-out stream cannot be listened to, and a quantized run."""
    monkeypatch.chdir(tmp_path)
    data, run = tmp_path / "data", tmp_path / "run"
    shutil.copytree(tiny_data, data)
    (data / "extra" / "b.wav").write_text("no sound")
    run.mkdir()
    shutil.copy(SHIPPED_MODELS / "cry-detector.tflite", run / INT8_MODEL)
    recipe = load_recipe(tiny_recipe)
    scenes = msgspec.structs.replace(
        recipe.timelines,
        scene_minutes=0.5,
        hours={"val": (1 / 120, 1 / 120), "test": (0.0, 0.0)},
        cries_per_minute=4.0,
        backgrounds=["noncry"],
    )
    return msgspec.structs.replace(recipe, timelines=scenes), data, run


def test_thresholds_come_from_scenes_and_then_no_held_out_stream_is_listened_to(
    place: tuple[Recipe, Path, Path],
) -> None:
    recipe, data, run = place
    build(recipe, data, "val", timelines_folder(run, "val"))
    chosen = calibrate(recipe, data, run, "made here").operating_points
    assert all(p.measured_on.startswith("scenes of val") for p in chosen.values())


def test_without_scenes_the_held_out_streams_are_listened_to(
    place: tuple[Recipe, Path, Path], tiny_data: Path
) -> None:
    recipe, data, run = place
    with pytest.raises(RecordingError, match="not a recording"):
        calibrate(recipe, data, run, "made here")
    chosen = calibrate(recipe, tiny_data, run, "made here").operating_points
    assert all(p.measured_on.startswith("val split and held-out") for p in chosen.values())
