"""The step: scenes of a split in files that can be listened to."""

import csv
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import soundfile
import yaml

from convert.data.clips import DataError
from convert.data.laughs import read_laughs
from convert.material import material
from convert.measuring.events import read_timelines
from convert.recipe import Recipe, load_recipe
from convert.run import timelines_folder
from convert.timeline import build
from edgecry.inference.classifier import SHIPPED_MODELS

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def recipe_file(tiny_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny recipe with two scenes of half a minute."""
    recipe = yaml.safe_load(tiny_recipe.read_text())
    recipe["timelines"] |= {
        "scene_minutes": 0.5,
        "hours": {"val": [1 / 120, 1 / 120], "test": [1 / 120, 0]},
        "cries_per_minute": 4,
        "backgrounds": ["noncry"],
    }
    path = tmp_path_factory.mktemp("recipe") / "scenes.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return path


@pytest.fixture(scope="module")
def recipe(recipe_file: Path) -> Recipe:
    return load_recipe(recipe_file)


def test_a_split_is_built_from_its_own_clips(recipe: Recipe, tiny_data: Path) -> None:
    sounds = material(recipe, tiny_data, "val")
    assert len(sounds.cries) == len(sounds.backgrounds) == 4
    assert not sounds.distractors
    assert all("_val_" in s.path.name for s in (*sounds.cries, *sounds.backgrounds))


def test_what_is_left_out_is_not_heard(recipe_file: Path, tiny_data: Path, tmp_path: Path) -> None:
    changed = yaml.safe_load(recipe_file.read_text())
    changed["timelines"]["leave_out"] = ["tiny/noncry_val_[01]*"]
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(changed))
    sounds = material(load_recipe(tmp_path / "r.yaml"), tiny_data, "val")
    assert len(sounds.backgrounds) == 2


def test_without_a_cry_there_are_no_scenes(recipe: Recipe, tiny_data: Path) -> None:
    no_cries = msgspec.structs.replace(recipe.data, exclude=["tiny/cry_val_*"])
    with pytest.raises(DataError, match="no cry"):
        material(msgspec.structs.replace(recipe, data=no_cries), tiny_data, "val")


def test_scenes_are_kept_until_they_would_be_others(
    recipe: Recipe, tiny_data: Path, tmp_path: Path
) -> None:
    build(recipe, tiny_data, "val", tmp_path)
    first = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    assert set(first) == {f"{n}-00.{end}" for n in ("cries", "quiet") for end in ("flac", "json")}
    build(recipe, tiny_data, "val", tmp_path)
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == first
    for name in ("old.json", "quiet-00.json", "model.csv"):
        (tmp_path / name).write_text("{}")
    build(recipe, tiny_data, "val", tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == set(first)
    for timeline in read_timelines(tmp_path):
        assert bool(timeline.events) == timeline.name.startswith("cries")
        file = soundfile.info(tmp_path / f"{timeline.name}.flac")
        assert (file.samplerate, file.subtype, file.channels) == (16_000, "PCM_16", 1)
        assert file.frames / file.samplerate == timeline.duration_s == 30.0


def test_no_laugh_is_in_both_splits(tmp_path: Path) -> None:
    rows = [
        {"path": f"l{i}.flac", "reason": "laugh", "source": "s", "group": f"g{i // 2}"}
        for i in range(9)
    ]
    rows.append({"path": "h.flac", "reason": "hungry", "source": "s", "group": "g9"})
    with (tmp_path / "reasons.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    val, test = (read_laughs(tmp_path, "reasons.csv", split) for split in ("val", "test"))
    assert len(val) + len(test) == 9
    groups = [{rows[int(s.path.stem[1])]["group"] for s in part} for part in (val, test)]
    assert not groups[0] & groups[1]


def test_the_step_builds_listens_and_says_what_was_found(
    recipe_file: Path, tiny_data: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "convert.timeline", "--recipe", str(recipe_file)]
    command += ["--data", str(tiny_data), "--run", str(tmp_path), "--split", "val"]
    command += ["--model", str(SHIPPED_MODELS / "cry-detector.tflite")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "2 scenes" in done.stdout
    assert done.stdout.count("false alarms/h: found") == 3
    scores = (timelines_folder(tmp_path, "val") / "cry-detector.csv").read_text().splitlines()
    assert scores[0] == "timeline,t_end,score"
    assert len(scores) == 1 + 2 * 121  # windows of 0.975 s, 0.24 s apart, in 30 s
