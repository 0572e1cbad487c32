"""Many trainings that differ in one thing each: rows of a table, each with several seeds.

A study is a YAML file: `base`, a recipe beside it or a shipped one; `seeds`; `every_row`, settings
that all trainings share; `rows`, a name and what is different there. What is trained is not trained
again, and refused if its recipe is another one now; of changes of code and recordings it knows
nothing.
"""

from __future__ import annotations

import argparse
import copy
import re
import shlex
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import Annotated, Any

import msgspec
import yaml
from msgspec import Meta
from tqdm import tqdm

from convert.measuring.fast import FastInterpreter
from convert.process import run_module
from convert.recipe import (
    Recipe,
    RecipeError,
    base_of,
    load_recipe,
    read_yaml,
    recipe_of,
    settings,
)
from convert.run import FLOAT_LOGITS, INT8_MODEL, STUDY_RECIPE, TRAINING, RunError, write_whole
from convert.step import parsed, step_parser

WORKERS = 2
STEPS = {"train": TRAINING, "quantize": FLOAT_LOGITS}
"""Of a training, and what each writes last."""
NOT_TRAINED = {"name", "version", "quantize", "timelines", "operating_points", "card"}
"""What a recipe says that does not change the network."""

Overrides = dict[str, Any]


class Study(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a study's file says. every_row, rows: sections of a recipe and their changed keys."""

    base: str
    seeds: Annotated[list[int], Meta(min_length=1)]
    rows: Annotated[dict[str, Overrides], Meta(min_length=1)]
    every_row: Overrides = {}


@dataclass(frozen=True, slots=True)
class Training:
    """One cell of the study: a row with a seed, and the folder of its run."""

    row: str
    seed: int
    run: Path

    @property
    def recipe(self) -> Recipe:
        """What it was trained with."""
        return load_recipe(self.run / STUDY_RECIPE)

    @property
    def model(self) -> Path:
        """The int8 network, without calibration."""
        return self.run / INT8_MODEL

    def runtime(self) -> FastInterpreter:
        """The int8 network, loaded."""
        return FastInterpreter(self.model)


def study_arguments(description: str | None) -> argparse.Namespace:
    """The arguments that studies have: --study, --data, --run."""
    parser = step_parser(description)
    parser.add_argument("--study", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--run", type=Path, required=True, help="run whose card shows the table")
    return parsed(parser)


def study_folder(args: argparse.Namespace) -> Path:
    """Where the trainings of a study are."""
    run: Path = args.run / args.study.stem
    return run


def command(step: str, args: argparse.Namespace) -> str:
    """What makes the table of a study again."""
    given = ["--study", str(args.study), "--data", str(args.data), "--run", str(args.run)]
    return shlex.join(["python", "-m", f"convert.{step}", *given])


def load_study(path: Path) -> Study:
    """Read a study. Raises RecipeError with the file and the key in the message."""
    try:
        return msgspec.convert(read_yaml(path, "study"), Study)
    except msgspec.ValidationError as error:
        raise RecipeError(f"{path}: not a study: {error}") from None


def base_recipe(path: Path) -> Recipe:
    """The recipe that a study stands on."""
    return load_recipe(base_of(path, load_study(path).base))


def prepare(path: Path, folder: Path) -> list[Training]:
    """The trainings of a study, each with its whole recipe in a folder of its own.

    Raises RecipeError where a row does not make a recipe, or two would share a folder, and RunError
    where a folder holds a finished training of another recipe, before anything is written.
    """
    study = load_study(path)
    base = settings(base_of(path, study.base))
    trainings: dict[Path, tuple[Training, Overrides]] = {}
    for seed in study.seeds:
        for row, changes in study.rows.items():
            name = re.sub(r"\W+", "-", row).strip("-")
            run = folder / name / str(seed)
            if not name or run in trainings:
                raise RecipeError(
                    f"{path}: row {row!r}, seed {seed}: rows differ in letters and digits, which "
                    "name their folders, and seeds from each other: rename it"
                )
            whole = overridden(overridden(base, study.every_row), changes) | {"seed": seed}
            recipe_of(whole, f"{path}: row {row!r}")
            trainings[run] = Training(row, seed, run), whole
    others = [
        str(run)
        for run, (_, whole) in trainings.items()
        if (run / TRAINING).exists() and not _trained_with(run / STUDY_RECIPE, whole)
    ]
    if others:
        raise RunError(
            f"{', '.join(others)}: trained with another recipe than {path} makes now; delete what "
            "is to be trained again, or name another --run"
        )
    for run, (_, whole) in trainings.items():
        run.mkdir(parents=True, exist_ok=True)
        write_whole(run / STUDY_RECIPE, yaml.safe_dump(whole, sort_keys=False))
    return [training for training, _ in trainings.values()]


def overridden(recipe: Overrides, changes: Overrides) -> Overrides:
    """A recipe's settings with some keys of some sections changed."""
    changed = copy.deepcopy(recipe)
    for section, keys in changes.items():
        if isinstance(keys, dict) and isinstance(changed.get(section, {}), dict):
            changed[section] = changed.get(section, {}) | keys
        else:
            changed[section] = keys
    return changed


def train_all(trainings: Sequence[Training], data: Path) -> Iterator[Training]:
    """Train and quantize what is not there yet, WORKERS at a time; each as soon as it is done."""
    with ThreadPoolExecutor(WORKERS) as pool:
        done = pool.map(lambda training: _train(training, data), trainings)
        yield from tqdm(done, "trainings", len(trainings))


def _trained_with(recipe: Path, wanted: Overrides) -> bool:
    """Does a recipe that was trained with make the same network as this one?"""
    if not recipe.exists():
        return False
    had = yaml.safe_load(recipe.read_text())
    return all(had.get(k) == wanted.get(k) for k in (had.keys() | wanted.keys()) - NOT_TRAINED)


def _train(training: Training, data: Path) -> Training:
    for step in dropwhile(lambda step: (training.run / STEPS[step]).exists(), STEPS):
        log = training.run / f"{step}.log"
        recipe = ["--recipe", str(training.run / STUDY_RECIPE), "--run", str(training.run)]
        if run_module(f"convert.{step}", [*recipe, "--data", str(data)], log):
            raise RecipeError(
                f"row {training.row!r}, seed {training.seed}: convert.{step} failed: see {log}"
            )
    return training
