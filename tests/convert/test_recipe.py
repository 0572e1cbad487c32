"""Recipes: those that are shipped, and how one stands on another."""

from pathlib import Path

import pytest
import yaml

from convert.recipe import RecipeError, load_recipe, settings
from convert.study import prepare

RECIPES = Path(__file__).parents[2] / "convert" / "recipes"


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_recipe_is_one(path: Path, tmp_path: Path) -> None:
    if "rows" in yaml.safe_load(path.read_text()):
        assert prepare(path, tmp_path)
    else:
        load_recipe(path)


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


def test_a_copy_of_a_shipped_recipe_still_stands_on_the_shipped_one(tmp_path: Path) -> None:
    copy = tmp_path / "mine.yaml"
    copy.write_text((RECIPES / "quick.yaml").read_text())
    assert load_recipe(copy) == load_recipe(RECIPES / "quick.yaml")


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
