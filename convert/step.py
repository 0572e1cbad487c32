"""The command line of a step: arguments that steps share, and how an error ends one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from convert.recipe import Recipe, load_recipe
from convert.run import default_run
from edgecry.errors import EdgecryError


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

    `extra`: further arguments as (name, keywords of add_argument).
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
    return args, recipe


def _say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, EdgecryError):
        print(f"error: {error}", file=sys.stderr)
    elif isinstance(error, OSError) and error.filename:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
