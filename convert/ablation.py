"""What each part of a training brings: it is left out, or put in, with several seeds a row.

    python -m convert.ablation --study convert/recipes/ablation.yaml --data D --run R

R is the run of the recipe that the study stands on; its val scenes (`convert.timeline`) judge. The
table goes to R/ablation.json and R/ablation.md, the trainings to R/ablation/.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from convert.measuring.events import best_at, curve, read_timelines
from convert.measuring.logits import logits_of, read_recording
from convert.reporting.table import Table
from convert.run import write_json
from convert.sounds.audio import RATE_HZ
from convert.study import Training, prepare, train_all
from convert.timeline import timelines_folder
from edgecry.features.mel import MelParams, span_samples

COLUMNS = (
    "row",
    "cries found at 2 false alarms/h",
    "at 0.5/h",
    "false windows/h at 85 % of cry windows",
    "seeds",
)

FALSE_WINDOWS = "false_windows_per_hour"
NOTE = (
    "Scenes built from the val split, int8, uncalibrated; mean and standard deviation over seeds. "
    "The last column is what stops a training: windows of val and held-out streams, clean and in "
    "noise."
)


class Judge:
    """Scenes that every training of a study listens to."""

    def __init__(self, folder: Path, window_frames: int) -> None:
        self._timelines = read_timelines(folder)
        self._recordings = {
            t.name: read_recording(folder / f"{t.name}.flac", window_frames)
            for t in self._timelines
        }
        self._window_s = span_samples(window_frames, MelParams()) / RATE_HZ

    def __call__(self, training: Training) -> tuple[float, float, float]:
        """(share found at 2/h, at 0.5/h, false windows/h); kept beside the training."""
        path = training.run / "judged.json"
        if not path.exists():
            runtime, smoothing = training.runtime(), training.recipe.smoothing_windows
            heard = {
                name: logits_of(runtime, recording).heard(smoothing)
                for name, recording in self._recordings.items()
            }
            results = curve(self._timelines, heard, self._window_s)
            found = [best_at(results, limit).recall for limit in (2.0, 0.5)]
            kept = json.loads((training.run / "training.json").read_text())
            write_json(path, [*found, kept[FALSE_WINDOWS]])
        at_2, at_half, windows = json.loads(path.read_text())
        return at_2, at_half, windows


def table(judged: Sequence[tuple[str, tuple[float, float, float]]]) -> list[list[str]]:
    """A row for each row of the study, in the order in which they came: mean ± deviation."""
    rows: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--study", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--run", type=Path, required=True, help="run with val scenes")
    args = parser.parse_args()
    trainings = prepare(args.study, args.run / args.study.stem)
    judge = Judge(timelines_folder(args.run, "val"), trainings[0].recipe.window_frames)
    judged = []
    for training in train_all(trainings, args.data):
        judged.append((training.row, judge(training)))
        rows = table(judged)
        write_json(args.run / "ablation.json", {"columns": COLUMNS, "rows": rows, "notes": NOTE})
    text = Table("", COLUMNS, rows, NOTE).markdown(2)
    (args.run / "ablation.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
