"""Recipes: those that are shipped, and how one stands on another."""

from pathlib import Path

import pytest
import yaml

from convert.reasons.approach import load_approaches
from convert.reasons.model_recipe import load_model_recipe
from convert.recipe import RecipeError, load_recipe, settings
from convert.study import prepare

RECIPES = Path(__file__).parents[2] / "convert" / "recipes"


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_recipe_is_one(path: Path, tmp_path: Path) -> None:
    says = yaml.safe_load(path.read_text())
    if "rows" in says:
        assert prepare(path, tmp_path)
    elif "approach" in says:
        assert load_model_recipe(path).approach in load_approaches()
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
        ("base: none.yaml", "own.yaml: its base 'none.yaml' is neither beside it nor in"),
        ("base: ''", "own.yaml: its base '' is neither"),
        ("version: 1.0.0", "missing required field"),
        ("base: quick.yaml\ntrain: {stpes: 3}", "stpes"),
        (
            "base: quick.yaml\ntrain: {steps: 3}\nseed: 1\ntrain: {batch: 8}",
            "`train` is there twice",
        ),
        (b"name: \xe4", "own.yaml: not a recipe: .*utf-8"),
        ("a: " + "[" * 2000, "own.yaml: not a recipe"),
    ],
)
def test_what_is_no_recipe(content: str | bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(RecipeError, match=said):
        load_recipe(path)


@pytest.mark.parametrize(
    "wrong",
    [
        "name: My Detector",
        "name: ../mine",
        "version: '1.0'",
        "window_frames: 100",
        "smoothing_windows: 100",
        "seed: -1",
        "train: {learning_rate: .nan}",
        "network: {blocks: [[16, 0]]}",
        "network: {blocks: []}",
        "augment: {gain_db: [10, -30]}",
        "augment: {gain_db: [.nan, 0]}",
        "variants: {speed: [1.0, .inf]}",
        "timelines: {hours: {val: [1, 1]}}",
        "timelines: {hours: {val: [1, 1], test: [-1, 1]}}",
        "timelines: {snr_db: []}",
    ],
)
def test_what_would_fail_hours_later_is_refused_at_once(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(f"base: quick.yaml\n{wrong}\n")
    with pytest.raises(RecipeError, match=r"own\.yaml: not a recipe"):
        load_recipe(path)
