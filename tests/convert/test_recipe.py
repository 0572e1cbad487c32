"""Recipes: those that are shipped, and how one stands on another."""

from pathlib import Path

import pytest
import yaml

from convert.recipe import Recipe, RecipeError, load_recipe, settings

RECIPES = Path(__file__).parents[2] / "convert" / "recipes"


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_recipe_is_one(path: Path) -> None:
    load_recipe(path)


def test_own_recordings_are_trained_on_as_the_shipped_detector_was(shipped_recipe: Recipe) -> None:
    own = load_recipe(RECIPES / "own.yaml")
    assert (own.train, own.network) == (shipped_recipe.train, shipped_recipe.network)
    assert (own.data.clips, own.data.rooms, own.data.teacher) == ([], None, None)


def test_a_recipe_says_only_what_differs_from_its_base(tmp_path: Path) -> None:
    base = {
        "name": "a",
        "data": {"clips": ["m.csv"], "rooms": "r"},
        "train": {"steps": 9, "ema": 0},
    }
    own = {
        "base": "base.yaml",
        "data": {"clips": []},
        "train": {"steps": 1},
        "card": {"limits": ""},
    }
    for name, content in (("base", base), ("own", own)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(content))
    assert settings(tmp_path / "own.yaml") == {
        "name": "a",
        "data": {"clips": []},
        "train": {"steps": 1, "ema": 0},
        "card": {"limits": ""},
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no keys"),
        ("[1]", "has no keys"),
        ("a: [", "own.yaml: not a recipe"),
        ("base: own.yaml", "stands on itself"),
        ("base: none.yaml", "none.yaml: not a recipe: .*No such file"),
        ("name: a", "missing required field"),
    ],
)
def test_what_is_no_recipe(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content)
    with pytest.raises(RecipeError, match=said):
        load_recipe(path)
