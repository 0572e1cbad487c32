"""Ablation and leave-one-source-out, from the command to the table, on a tiny synthetic set."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from convert.recipe import load_recipe
from convert.run import timelines_folder
from convert.timeline import build

pytestmark = [pytest.mark.trains, pytest.mark.timeout(600)]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def place(tiny_data: Path, tiny_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recipe, two studies of it, and a run with scenes of val."""
    folder = tmp_path_factory.mktemp("studies")
    recipe = yaml.safe_load(tiny_recipe.read_text())
    recipe["train"] |= {"steps": 20, "mine_every": 10, "check_every": 10}
    recipe["timelines"] |= {
        "scene_minutes": 0.5,
        "hours": {"val": [1 / 120, 1 / 120], "test": [0, 0]},
        "cries_per_minute": 4,
        "backgrounds": ["noncry"],
    }
    (folder / "tiny.yaml").write_text(yaml.safe_dump(recipe))
    one_group = ["tiny/*_train_0.wav", "tiny/*_val_0.wav", "tiny/*_test_0.wav"]
    for name, rows in (
        ("ablation", {"whole": {}}),
        ("leave_out", {"one group of each class": {"data": {"exclude": one_group}}}),
    ):
        study = {"base": "tiny.yaml", "seeds": [3], "rows": rows}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(study))
    made = load_recipe(folder / "tiny.yaml")
    scenes = timelines_folder(folder / "run", "val")
    build(made, tiny_data, "val", scenes)
    return folder


def run(step: str, place: Path, data: Path) -> dict[str, list[list[str]]]:
    command = [sys.executable, "-m", f"convert.{step}", "--study", f"{step}.yaml"]
    command += ["--data", str(data), "--run", "run"]
    environment = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", "HOME": str(place)}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    table: dict[str, list[list[str]]] = json.loads((place / "run" / f"{step}.json").read_text())
    assert all(cell in done.stdout for row in table["rows"] for cell in row)
    return table


def test_an_ablation_has_a_row_for_each_change(place: Path, tiny_data: Path) -> None:
    table = run("ablation", place, tiny_data)
    [row] = table["rows"]
    assert len(row) == len(table["columns"])
    assert (row[0], row[-1]) == ("whole", "1")
    trained = next((place / "run" / "ablation").rglob("int8.tflite"))
    before = trained.stat().st_mtime_ns
    assert run("ablation", place, tiny_data) == table
    assert trained.stat().st_mtime_ns == before, "what is trained is not trained again"


def test_the_source_left_out_is_what_is_measured(place: Path, tiny_data: Path) -> None:
    [row] = run("leave_out", place, tiny_data)["rows"]
    assert row[:3] == ["one group of each class", "without it, seed 3", "3 / 3"]
    recipe = yaml.safe_load(next((place / "run" / "leave_out").rglob("study.yaml")).read_text())
    assert recipe["data"]["clips"] == ["pack/manifest.csv"]
