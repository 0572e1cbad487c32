"""A study's rows are recipes that differ in what they say, and a row that is none is refused."""

from pathlib import Path

import pytest
import yaml

from convert.ablation import rows_of
from convert.recipe import RecipeError
from convert.study import load_study, overridden, prepare

RECIPES = Path(__file__).parents[2] / "convert" / "recipes"


def study(folder: Path, recipe: Path, **keys: object) -> Path:
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({"base": str(recipe), "seeds": [1, 2], **keys}, sort_keys=False))
    return path


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


def test_a_row_is_trained_again_only_if_its_network_would_be_another(
    tmp_path: Path, tiny_recipe: Path
) -> None:
    def kept(changes: dict[str, object]) -> bool:
        path = study(tmp_path, tiny_recipe, rows={"a": changes})
        return prepare(path, tmp_path / "runs")[0].model.exists()

    assert not kept({"train": {"steps": 7}})
    (prepare(tmp_path / "study.yaml", tmp_path / "runs")[0].model).touch()
    assert kept({"train": {"steps": 7}, "version": "2.0.0", "card": {"limits": "-"}})
    assert not kept({"train": {"steps": 8}})


def test_a_row_that_makes_no_recipe_is_refused_before_anything_is_trained(
    tmp_path: Path, tiny_recipe: Path
) -> None:
    path = study(tmp_path, tiny_recipe, rows={"typo": {"augment": {"mask_shar": 0.0}}})
    with pytest.raises(RecipeError, match="mask_shar"):
        prepare(path, tmp_path / "runs")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        "base: x\nseeds: [1]\nrow: {}",
        "base: x\nseeds: []\nrows: {a: {}}",
        "base: [",
    ],
)
def test_what_is_no_study_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match="not a study"):
        load_study(path)


def test_overriding_leaves_the_base_alone() -> None:
    base = {"a": {"x": 1, "y": 2}, "b": 3}
    assert overridden(base, {"a": {"y": 5}, "b": 4}) == {"a": {"x": 1, "y": 5}, "b": 4}
    assert base == {"a": {"x": 1, "y": 2}, "b": 3}


@pytest.mark.parametrize("name", ["ablation", "leave_out"])
def test_the_studies_in_the_repository_make_recipes(name: str, tmp_path: Path) -> None:
    assert prepare(RECIPES / f"{name}.yaml", tmp_path)


def test_the_table_has_mean_and_deviation_over_seeds() -> None:
    judged = [("a", (0.5, 0.2, 10.0)), ("b", (0.4, 0.1, 20.0)), ("a", (0.7, 0.2, 30.0))]
    assert rows_of(judged) == [
        ["a", "60.0 ± 14.1 %", "20.0 ± 0.0 %", "20 ± 14", "2"],
        ["b", "40.0 ± 0.0 %", "10.0 ± 0.0 %", "20 ± 0", "1"],
    ]
