"""What each part of a training brings: it is left out, or put in, with several seeds a row.

    python -m convert.ablation --study convert/recipes/ablation.yaml --data D --run R

R is the run of the recipe that the study stands on; its val scenes (`convert.timeline`) judge. The
table goes to R/ablation.json and R/ablation.md, the trainings to R/<name of the study>/.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from convert.material import read_scenes
from convert.measuring.events import Timeline, best_at, curve
from convert.measuring.logits import logits_of, read_recording
from convert.process import alone
from convert.reporting.run_folder import write_study
from convert.reporting.table import Table
from convert.run import JUDGED, TRAINING, RunError, scene_sound, timelines_folder, write_json
from convert.sounds.audio import RATE_HZ
from convert.study import (
    Training,
    base_recipe,
    command,
    prepare,
    study_arguments,
    study_folder,
    train_all,
)
from edgecry.features.mel import MelParams, span_samples

COLUMNS = (
    "row",
    "cries found at 2 false alarms/h",
    "at 0.5/h",
    "false windows/h at 85 % of cry windows",
    "seeds",
)

Figures = tuple[float, float, float]
NOTE = (
    "Scenes built from the val split, int8, uncalibrated; mean and standard deviation over seeds. "
    "False windows are what stops a training: windows of val and held-out streams, clean and in "
    "noise."
)


class Judge:
    """Scenes that every training of a study listens to; their recordings are in `folder`."""

    def __init__(self, folder: Path, scenes: Sequence[Timeline], window_frames: int) -> None:
        self._timelines = scenes
        if not any(t.events for t in self._timelines):
            raise RunError(f"{folder}: no scene with a cry; run python -m convert.timeline first")
        self._recordings = {
            t.name: read_recording(scene_sound(folder, t.name), window_frames)
            for t in self._timelines
        }
        self._truth = b"".join(
            scene_sound(folder, t.name).with_suffix(".json").read_bytes() for t in scenes
        )
        self._window_s = span_samples(window_frames, MelParams()) / RATE_HZ

    def __call__(self, training: Training) -> Figures:
        """(share found at 2/h, at 0.5/h, false windows/h); kept beside the training."""
        path = training.run / JUDGED
        kept = json.loads(path.read_text()) if path.exists() else {}
        judged = hashlib.sha256(self._truth + training.model.read_bytes()).hexdigest()
        if kept.get("judged") != judged:
            kept = {"judged": judged, "figures": self._listen(training)}
            write_json(path, kept)
        at_2, at_half, windows = kept["figures"]
        return at_2, at_half, windows

    def _listen(self, training: Training) -> list[float]:
        runtime, smoothing = training.runtime(), training.recipe.smoothing_windows
        heard = {
            name: logits_of(runtime, recording).heard(smoothing)
            for name, recording in self._recordings.items()
        }
        results = curve(self._timelines, heard, self._window_s)
        found = [best_at(results, limit).recall for limit in (2.0, 0.5)]
        trained = json.loads((training.run / TRAINING).read_text())
        return [*found, trained["false_windows_per_hour"]]


def rows_of(judged: Sequence[tuple[str, Figures]]) -> list[list[str]]:
    """A row for each row of the study, in the order in which they came: mean ± deviation."""
    rows: dict[str, list[Figures]] = defaultdict(list)
    for row, figures in judged:
        rows[row].append(figures)
    lines = []
    for row, of_seeds in rows.items():
        mean = np.mean(of_seeds, axis=0)
        spread = np.std(of_seeds, axis=0, ddof=1 if len(of_seeds) > 1 else 0)
        shares = [
            f"{100 * m:.1f} ± {100 * s:.1f} %" for m, s in zip(mean[:2], spread, strict=False)
        ]
        lines.append([row, *shares, f"{mean[2]:.0f} ± {spread[2]:.0f}", str(len(of_seeds))])
    return lines


def main() -> None:
    """Train all rows and write the table."""
    args = study_arguments(__doc__)
    with alone(study_folder(args)):
        _ablate(args)


def _ablate(args: argparse.Namespace) -> None:
    trainings = prepare(args.study, study_folder(args))
    scenes = read_scenes(base_recipe(args.study), args.data, args.run, "val")
    folder = timelines_folder(args.run, "val")
    judge = Judge(folder, scenes, trainings[0].recipe.window_frames)
    judged = []
    for training in train_all(trainings, args.data):
        judged.append((training.row, judge(training)))
        table = Table("", COLUMNS, rows_of(judged), NOTE)
        write_study(args.run, "ablation", table, command("ablation", args))
    print(table.markdown(2))


if __name__ == "__main__":
    main()
