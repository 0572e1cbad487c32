"""A run folder: every file that the steps of one model leave there for each other."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import yaml

from convert.recipe import settings
from edgecry.errors import EdgecryError
from edgecry.inference.manifest import ModelManifest

RUNS = Path("runs")
CACHE = RUNS / "cache"
"""Of all runs: what was computed of each recording."""

LOCK = ".lock"
"""Held by whoever is at work in the folder."""

# augment
AUGMENTED = "augment"

# train
RECIPE = "recipe.yaml"
ORIGIN = "origin.json"
FLOAT_MODEL = "float.keras"
CURVES = "curves.csv"
TRAINING = "training.json"
"""Written last: a training without it was stopped before its end."""

# quantize, verify
INT8_MODEL = "int8.tflite"
FLOAT_LOGITS = "float_logits.npz"
"""Written last: a quantization without it was stopped before its end."""
QUANTIZATION = "quantization.json"

# evaluate
EVALUATION = "evaluation.json"
CLIP_SCORES = "clips.csv"
PLOTS = "plots"
REPORT = "report.html"

# ablation, leave_out
STUDY_RECIPE = "study.yaml"
"""What a training of a study was asked to be."""
JUDGED = "judged.json"


class RunError(EdgecryError, FileNotFoundError):
    """A run folder is not as a step needs it."""


def default_run(recipe: Path) -> Path:
    """The run folder of a recipe where none is named."""
    return RUNS / recipe.stem


def timelines_folder(run: Path, split: str) -> Path:
    """Where the scenes of a split are."""
    return run / "timelines" / split


def scene_sound(folder: Path, name: str) -> Path:
    """The recording of a scene; its truth lies beside it, with the suffix .json."""
    return folder / f"{name}.flac"


def model_file(folder: Path, name: str) -> Path:
    """The calibrated model of this name; its manifest lies beside it, with the suffix .json."""
    return folder / f"{name}.tflite"


def study_file(run: Path, study: str) -> Path:
    """The table of a study; beside it, with the suffix .md, for people."""
    return run / f"{study}.json"


def write_json(path: Path, content: Any) -> None:
    """JSON that a person can read and a diff can show."""
    write_whole(path, json.dumps(content, indent=2) + "\n")


def write_whole(path: Path, text: str) -> None:
    """A file that is there whole or not at all: a step may be stopped at any time."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.replace(path)


def write_model(folder: Path, content: bytes, manifest: ModelManifest) -> None:
    """`<name>.tflite` and `<name>.json`, as the device reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    model = model_file(folder, manifest.name)
    model.write_bytes(content)
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    model.with_suffix(".json").write_bytes(text + b"\n")


def write_origin(run: Path, recipe_path: Path, data_sha256: str) -> None:
    """Begin a run: its folder, and in it the recipe, the revision of the code and the data."""
    run.mkdir(parents=True, exist_ok=True)
    (run / RECIPE).write_text(yaml.safe_dump(settings(recipe_path), sort_keys=False))
    write_json(run / ORIGIN, {"revision": git_revision(), "data_sha256": data_sha256})


def needed(path: Path, step: str) -> Path:
    """A file that an earlier step leaves. Raises RunError if it is not there."""
    if not path.is_file():
        raise RunError(f"{path} is not there; run python -m convert.{step} first")
    return path


def git_revision() -> str:
    """The commit, with -dirty behind it if the package or the workbench differ from it."""
    folder = Path(__file__).parents[1]

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    revision = git("rev-parse", "HEAD") or "unknown"
    changed = git("status", "--porcelain", "--", "convert", "edgecry/features", "edgecry/inference")
    return f"{revision}-dirty" if changed else revision
