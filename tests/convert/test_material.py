"""Scenes that are not what `timeline` would build now are refused by every step that reads them."""

import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from convert import ablation, calibrate_scores, evaluate
from convert.data.laughs import SPLITS
from convert.material import read_scenes
from convert.recipe import load_recipe
from convert.run import INT8_MODEL, QUANTIZATION, RunError, model_file, timelines_folder
from convert.timeline import build
from edgecry.inference.classifier import SHIPPED_MODELS

AGAIN = r"run python -m convert\.timeline --split val again"


def write_recipe(path: Path, **timelines: object) -> Path:
    """The recipe of the scenes here, with other settings of the scenes."""
    recipe = yaml.safe_load(path.read_text())
    recipe["timelines"] |= timelines
    path.write_text(yaml.safe_dump(recipe))
    return path


@pytest.fixture(scope="module")
def built(tiny_data: Path, tiny_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with recipe.yaml, data, and a run that has scenes of val and test."""
    folder = tmp_path_factory.mktemp("material")
    shutil.copytree(tiny_data, folder / "data")
    shutil.copy(tiny_recipe, folder / "recipe.yaml")
    write_recipe(
        folder / "recipe.yaml",
        scene_minutes=0.5,
        hours={"val": [1 / 120, 1 / 120], "test": [1 / 120, 0]},
        backgrounds=["noncry"],
    )
    recipe = load_recipe(folder / "recipe.yaml")
    for split in SPLITS:
        build(recipe, folder / "data", split, timelines_folder(folder / "run", split))
    return folder


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return tmp_path


def names(place: Path) -> list[str]:
    """Of the scenes of val, as a step reads them."""
    recipe = load_recipe(place / "recipe.yaml")
    return [t.name for t in read_scenes(recipe, place / "data", place / "run", "val")]


def test_scenes_are_read_if_nothing_that_made_them_is_another(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "data" / "pack" / "cry_train_0.wav").write_bytes(b"heard in no scene")
    assert names(place) == ["cries-00", "quiet-00"]
    monkeypatch.chdir(place)
    assert names(Path()) == ["cries-00", "quiet-00"]


def test_a_run_without_scenes_has_none(place: Path) -> None:
    shutil.rmtree(timelines_folder(place / "run", "val"))
    assert names(place) == []


def test_what_became_another_is_named(place: Path) -> None:
    write_recipe(place / "recipe.yaml", cries_per_minute=5)
    with pytest.raises(RunError, match=f"other settings; {AGAIN}"):
        names(place)
    recording = place / "data" / "pack" / "noncry_val_0.wav"
    recording.write_bytes(recording.read_bytes()[:-2])
    with pytest.raises(RunError, match=f"other recordings and settings; {AGAIN}"):
        names(place)


def test_more_scenes_than_there_are_is_another_setting(place: Path) -> None:
    write_recipe(place / "recipe.yaml", hours={"val": [1 / 60, 1 / 120], "test": [1 / 120, 0]})
    with pytest.raises(RunError, match=AGAIN):
        names(place)


@pytest.mark.parametrize("made_from", [None, "0" * 64, {"code": "0" * 64}])
def test_scenes_that_do_not_say_what_they_are_from_are_refused(
    place: Path, made_from: object
) -> None:
    path = timelines_folder(place / "run", "val") / "quiet-00.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"made_from": made_from}))
    with pytest.raises(RunError, match=AGAIN):
        names(place)


def test_a_timeline_that_was_stopped_halfway_is_refused(place: Path) -> None:
    (timelines_folder(place / "run", "val") / "quiet-00.json").unlink()
    with pytest.raises(RunError, match=f"not all there; {AGAIN}"):
        names(place)


@pytest.mark.parametrize(
    ("step", "split"),
    [(calibrate_scores, "val"), (evaluate, "test"), (ablation, "val")],
    ids=["calibrate_scores", "evaluate", "ablation"],
)
def test_a_step_refuses_scenes_of_other_settings_before_it_listens(
    step: ModuleType, split: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = place / "run"
    shutil.copy(SHIPPED_MODELS / "cry-detector.tflite", run / INT8_MODEL)
    model_file(run, "tiny").write_bytes(b"a model that cannot listen")
    shutil.copy(SHIPPED_MODELS / "cry-detector.json", run / "tiny.json")
    (run / QUANTIZATION).write_text("{}")
    write_recipe(place / "recipe.yaml", cries_per_minute=5)
    (place / "study.yaml").write_text("base: recipe.yaml\nseeds: [1]\nrows: {a: {}}\n")
    asked = ["--study", "study.yaml"] if step is ablation else ["--recipe", "recipe.yaml"]
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "argv", ["step", *asked, "--data", "data", "--run", "run"])
    with pytest.raises(RunError, match=rf"run python -m convert\.timeline --split {split} again"):
        step.main()
