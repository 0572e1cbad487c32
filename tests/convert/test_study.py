"""A study's rows are recipes that differ in what they say, and a row that is none is refused."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from convert.ablation import rows_of
from convert.recipe import RecipeError
from convert.run import FLOAT_LOGITS, INT8_MODEL, TRAINING, RunError
from convert.study import (
    Training,
    command,
    load_study,
    overridden,
    prepare,
    study_arguments,
    train_all,
)

RECIPES = Path(__file__).parents[2] / "convert" / "recipes"


def study(folder: Path, recipe: Path, **keys: object) -> Path:
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({"base": str(recipe), "seeds": [1, 2], **keys}, sort_keys=False))
    return path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that were run, each in no time."""
    steps: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        steps.append(command[2])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return steps


def test_a_row_changes_only_what_it_says(tmp_path: Path, tiny_recipe: Path) -> None:
    rows = {"whole": {}, "no masks": {"augment": {"mask_share": 0.0}}}
    every_row = {"train": {"steps": 7}}
    path = study(tmp_path, tiny_recipe, rows=rows, every_row=every_row)
    trainings = prepare(path, tmp_path / "runs")
    assert [(t.row, t.seed) for t in trainings] == [
        ("whole", 1),
        ("no masks", 1),
        ("whole", 2),
        ("no masks", 2),
    ]
    whole, masked = trainings[0].recipe, trainings[1].recipe
    assert (whole.train.steps, whole.seed, trainings[2].recipe.seed) == (7, 1, 2)
    assert (masked.augment.mask_share, masked.train) == (0.0, whole.train)
    assert whole.augment.mask_share > 0
    assert len({t.run for t in trainings}) == 4


def test_a_finished_training_of_another_network_is_neither_used_nor_thrown_away(
    tmp_path: Path, tiny_recipe: Path
) -> None:
    def prepared(changes: dict[str, object]) -> Training:
        path = study(tmp_path, tiny_recipe, rows={"a": {}, "b": changes}, seeds=[1])
        return prepare(path, tmp_path / "runs")[1]

    finished = prepared({"train": {"steps": 7}})
    (finished.run / TRAINING).write_text("{}")
    kept = prepared({"train": {"steps": 7}, "version": "2.0.0", "quantize": {"f1_loss_limit": 0.2}})
    assert kept.recipe.version == "2.0.0"
    with pytest.raises(RunError, match=rf"^{finished.run}: .*delete .*another --run"):
        prepared({"train": {"steps": 8}})
    assert (finished.run / TRAINING).exists()
    assert finished.recipe == kept.recipe


def test_a_folder_without_a_finished_training_is_taken_over(
    tmp_path: Path, tiny_recipe: Path, ran: list[str]
) -> None:
    def prepared(steps: int) -> Training:
        path = study(tmp_path, tiny_recipe, rows={"a": {"train": {"steps": steps}}}, seeds=[1])
        return prepare(path, tmp_path / "runs")[0]

    stopped = prepared(7)
    stopped.model.write_bytes(b"half")
    (stopped.run / FLOAT_LOGITS).write_bytes(b"of an earlier training")
    taken_over = prepared(8)
    assert taken_over.run == stopped.run
    assert taken_over.recipe.train.steps == 8
    assert list(train_all([taken_over], tmp_path)) == [taken_over]
    assert ran == ["convert.train", "convert.quantize"]


def test_a_row_that_makes_no_recipe_is_refused_before_anything_is_trained(
    tmp_path: Path, tiny_recipe: Path
) -> None:
    path = study(tmp_path, tiny_recipe, rows={"typo": {"augment": {"mask_shar": 0.0}}})
    with pytest.raises(RecipeError, match="mask_shar"):
        prepare(path, tmp_path / "runs")


def test_a_mistake_in_one_row_costs_no_training_of_another(
    tmp_path: Path, tiny_recipe: Path
) -> None:
    trained = prepare(study(tmp_path, tiny_recipe, rows={"a": {}}), tmp_path / "runs")[0]
    before = trained.recipe
    rows = {"a": {"train": {"steps": 7}}, "typo": {"augment": {"mask_shar": 0.0}}}
    with pytest.raises(RecipeError, match="'typo'"):
        prepare(study(tmp_path, tiny_recipe, rows=rows), tmp_path / "runs")
    assert trained.recipe == before


@pytest.mark.parametrize(
    ("rows", "seeds"),
    [
        ({"no gain": {}, "no, gain": {"augment": {"gain_db": [0, 0]}}}, [1]),
        ({"a": {}}, [1, 1]),
        ({"...": {}}, [1]),
        ({"": {}}, [1]),
    ],
)
def test_no_two_trainings_share_a_folder(
    tmp_path: Path, tiny_recipe: Path, rows: dict[str, object], seeds: list[int]
) -> None:
    path = study(tmp_path, tiny_recipe, rows=rows, seeds=seeds)
    with pytest.raises(RecipeError, match="rename it"):
        prepare(path, tmp_path / "runs")


def test_a_row_that_makes_a_section_of_a_name_is_refused(tmp_path: Path, tiny_recipe: Path) -> None:
    path = study(tmp_path, tiny_recipe, rows={"a": {"name": {"x": 1}}})
    with pytest.raises(RecipeError, match=r"name"):
        prepare(path, tmp_path / "runs")


def test_a_study_may_stand_on_a_shipped_recipe(tmp_path: Path) -> None:
    path = study(tmp_path, Path("quick.yaml"), rows={"a": {}})
    assert prepare(path, tmp_path / "runs")[0].recipe.name == "quick"


@pytest.mark.parametrize(
    ("left", "still_to_do"),
    [
        ([], ["convert.train", "convert.quantize"]),
        ([INT8_MODEL], ["convert.train", "convert.quantize"]),
        ([TRAINING, INT8_MODEL], ["convert.quantize"]),
        ([TRAINING, INT8_MODEL, FLOAT_LOGITS], []),
    ],
)
def test_a_training_that_was_stopped_goes_on_with_the_step_that_was_not_finished(
    left: list[str], still_to_do: list[str], tmp_path: Path, tiny_recipe: Path, ran: list[str]
) -> None:
    (training,) = prepare(study(tmp_path, tiny_recipe, rows={"a": {}}, seeds=[1]), tmp_path / "r")
    for name in left:
        (training.run / name).touch()
    assert list(train_all([training], tmp_path)) == [training]
    assert ran == still_to_do


@pytest.mark.parametrize(
    "text",
    [
        "",
        b"base: \xe4",
        "base: x\nseeds: [1]\nrows: {a: {}, a: {}}",
        "[1]",
        "base: x\nseeds: [1]\nrow: {}",
        "base: x\nseeds: []\nrows: {a: {}}",
        "base: [",
    ],
)
def test_what_is_no_study_is_refused(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecipeError, match="not a study"):
        load_study(path)


def test_overriding_leaves_the_base_alone() -> None:
    base = {"a": {"x": 1, "y": 2}, "b": 3}
    assert overridden(base, {"a": {"y": 5}, "b": 4}) == {"a": {"x": 1, "y": 5}, "b": 4}
    assert base == {"a": {"x": 1, "y": 2}, "b": 3}


def test_the_command_of_a_table_can_be_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    given = ["--study", "my study.yaml", "--data", "d", "--run", "runs/r"]
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "argv", ["ablation", *given])
    told = command("ablation", study_arguments(None))
    assert shlex.split(told) == ["python", "-m", "convert.ablation", *given]


@pytest.mark.parametrize("name", ["ablation", "leave_out"])
def test_the_studies_in_the_repository_make_recipes(name: str, tmp_path: Path) -> None:
    assert prepare(RECIPES / f"{name}.yaml", tmp_path)


def test_the_table_has_mean_and_deviation_over_seeds() -> None:
    judged = [("a", (0.5, 0.2, 10.0)), ("b", (0.4, 0.1, 20.0)), ("a", (0.7, 0.2, 30.0))]
    assert rows_of(judged) == [
        ["a", "60.0 ± 14.1 %", "20.0 ± 0.0 %", "20 ± 14", "2"],
        ["b", "40.0 ± 0.0 %", "10.0 ± 0.0 %", "20 ± 0", "1"],
    ]
