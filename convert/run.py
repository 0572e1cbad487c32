"""A run folder: everything that a training left behind, and what it was made from."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from convert.recipe import Recipe, load_recipe, settings
from edgecry.errors import EdgecryError


class RunError(EdgecryError, FileNotFoundError):
    """A step was run before the one that it needs."""


def step_parser(description: str | None) -> argparse.ArgumentParser:
    """For the arguments of a step; its description is shown as it is written."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The arguments of a step that begins now: from here on an error that was raised on purpose
    ends it with its message alone, and so does a file that cannot be read or written."""
    args = parser.parse_args()
    sys.excepthook = _say
    return args


def step_arguments(
    description: str | None, *extra: tuple[str, dict[str, Any]]
) -> tuple[argparse.Namespace, Recipe]:
    """The arguments that steps of a recipe have: --recipe, --data, --run; and the recipe.

    Creates the run folder. `extra`: further arguments as (name, keywords of add_argument).
    """
    parser = step_parser(description)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--run", type=Path, help="default: runs/<name of the recipe>")
    for name, keywords in extra:
        parser.add_argument(name, **keywords)
    args = parsed(parser)
    recipe = load_recipe(args.recipe)
    args.run = args.run or default_run(args.recipe)
    args.run.mkdir(parents=True, exist_ok=True)
    return args, recipe


def default_run(recipe: Path) -> Path:
    """The run folder of a recipe where none is named."""
    return Path("runs") / recipe.stem


def write_json(path: Path, content: Any) -> None:
    """JSON that a person can read and a diff can show."""
    write_whole(path, json.dumps(content, indent=2) + "\n")


def write_whole(path: Path, text: str) -> None:
    """A file that is there whole or not at all: a step may be stopped at any time."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.replace(path)


def needed(path: Path, step: str) -> Path:
    """A file that an earlier step leaves. Raises RunError if it is not there."""
    if not path.is_file():
        raise RunError(f"{path} is not there; run python -m convert.{step} first")
    return path


def write_origin(run: Path, recipe_path: Path, data_sha256: str) -> None:
    """Note the recipe, the revision of the code and the data that a run is made from."""
    (run / "recipe.yaml").write_text(yaml.safe_dump(settings(recipe_path), sort_keys=False))
    write_json(run / "origin.json", {"revision": _git_revision(), "data_sha256": data_sha256})


def _say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, EdgecryError):
        print(f"error: {error}", file=sys.stderr)
    elif isinstance(error, OSError) and error.filename:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def _git_revision() -> str:
    """The commit, with -dirty behind it if the package or the workbench differ from it."""
    folder = Path(__file__).parents[1]

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    revision = git("rev-parse", "HEAD") or "unknown"
    changed = git("status", "--porcelain", "--", "convert", "edgecry/features", "edgecry/inference")
    return f"{revision}-dirty" if changed else revision
