"""What a model makes of a source that it never saw: a training without it, then that source only.

    python -m convert.leave_out --study convert/recipes/leave_out.yaml --data D --run R

Each row of the study excludes one source (`data.exclude`). Its model and YAMNet then hear all of
that source, and the other class from the test split where the source has one class only. The table
goes to R/leave_out.json and R/leave_out.md, the trainings to R/<name of the study>/.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from convert.data.clips import Clip, excluded_clips, read_dataset
from convert.measuring.logits import logits_of, read_recording
from convert.measuring.metrics import clip_metrics
from convert.measuring.scoring import Heard
from convert.measuring.yamnet import heard_by_yamnet
from convert.process import alone
from convert.recipe import Recipe
from convert.reporting.run_folder import write_study
from convert.reporting.table import Table
from convert.study import Training, command, prepare, study_arguments, study_folder, train_all

COLUMNS = ("left out", "listener", "cries / non-cries", "ROC-AUC", "AP", "TPR at 1 % FPR")
NOTE = (
    "Every model was trained without the source it is measured on; int8, uncalibrated. In "
    "brackets: 95 %, bootstrap over babies and recordings."
)


def heard_out(recipe: Recipe, data: Path) -> list[Clip]:
    """What a recipe leaves out, and from its test split the class that this lacks."""
    left_out = excluded_clips(recipe.data, data)
    labels = {clip.cry for clip in left_out}
    test = [c for c in read_dataset(recipe.data, data) if c.split == "test"]
    return left_out + [c for c in test if c.cry not in labels]


def row(name: str, listener: str, clips: Sequence[Clip], heard: Sequence[Heard]) -> list[str]:
    """One line of the table."""
    cry = np.array([c.cry for c in clips])
    scores = np.array([h.score for h in heard])
    m = clip_metrics(cry, scores, [c.group for c in clips])
    return [
        name,
        listener,
        f"{cry.sum()} / {(~cry).sum()}",
        _with_interval(m, "auc", 4),
        f"{m['average_precision']:.3f}",
        _with_interval(m, "tpr_at_fpr_1pct", 3),
    ]


def _with_interval(metrics: dict[str, Any], name: str, digits: int) -> str:
    low, high = metrics[f"{name}_ci95"]
    return f"{metrics[name]:.{digits}f} ({low:.3f} to {high:.3f})"


def measure(training: Training, data: Path) -> list[list[str]]:
    """The model of one row, and YAMNet if the recipe has it, on what the row leaves out."""
    recipe, runtime = training.recipe, training.runtime()
    clips = heard_out(recipe, data)
    recordings = (read_recording(c.path, recipe.window_frames) for c in clips)
    ours = [
        logits_of(runtime, recording).heard(recipe.smoothing_windows)
        for recording in tqdm(recordings, training.row, len(clips))
    ]
    rows = [row(training.row, f"without it, seed {training.seed}", clips, ours)]
    if recipe.data.teacher:
        yamnet = heard_by_yamnet(data / recipe.data.teacher, [c.path for c in clips])
        theirs = list(tqdm(yamnet, "YAMNet", len(clips)))
        rows.append(row(training.row, "YAMNet", clips, theirs))
    return rows


def main() -> None:
    """Train without each source and measure on it."""
    args = study_arguments(__doc__)
    with alone(study_folder(args)):
        _leave_out(args)


def _leave_out(args: argparse.Namespace) -> None:
    trainings = prepare(args.study, study_folder(args))
    rows = [line for t in train_all(trainings, args.data) for line in measure(t, args.data)]
    table = Table("", COLUMNS, rows, NOTE)
    write_study(args.run, "leave_out", table, command("leave_out", args))
    print(table.markdown(2))


if __name__ == "__main__":
    main()
