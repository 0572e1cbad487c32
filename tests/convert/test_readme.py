"""convert/README.md names the steps that there are, in their order, with options they have."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from convert.build import STEPS

WORKBENCH = Path(__file__).parents[2] / "convert"
README = (WORKBENCH / "README.md").read_text()
ALL_STEPS = sorted(p.stem for p in WORKBENCH.glob("*.py") if "__main__" in p.read_text())
COMMANDS = re.findall(r"python -m convert\.(\w+)([^`\n]*)", README)
TABLED = re.findall(r"^\| `(\w+)` \|(.*)\|$", README, re.M)


def help_of(step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setattr(sys, "argv", [f"convert.{step}", "--help"])
    with pytest.raises(SystemExit) as exit_:
        importlib.import_module(f"convert.{step}").main()
    assert exit_.value.code == 0
    return capsys.readouterr().out


def test_the_tables_hold_every_step_and_builds_in_their_order() -> None:
    tabled = [name for name, _ in TABLED if name in ALL_STEPS]
    assert sorted([*tabled, "build"]) == ALL_STEPS
    assert tuple(tabled[: len(STEPS)]) == STEPS


@pytest.mark.parametrize("step", ALL_STEPS)
def test_every_step_says_what_it_is_for(
    step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = help_of(step, monkeypatch, capsys)
    named = " ".join(rest for name, rest in [*COMMANDS, *TABLED] if name == step)
    assert set(re.findall(r"--[a-z][a-z-]*", named)) <= set(re.findall(r"--[a-z][a-z-]*", said))
    assert len(said.splitlines()) > 4


def test_commands_name_steps_and_recipes_that_exist() -> None:
    assert {name for name, _ in COMMANDS} - {"STEP"} <= set(ALL_STEPS)
    recipes = re.findall(r"convert/recipes/([\w-]+\.yaml)", README)
    assert recipes
    assert all((WORKBENCH / "recipes" / name).is_file() for name in recipes)
