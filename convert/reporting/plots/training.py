"""What happened during training: the columns of curves.csv over its steps."""

from __future__ import annotations

import csv
from pathlib import Path

from convert.reporting.plots.style import BLUE, figure


def training_curves(path: Path, curves: Path) -> None:
    """One small plot for each column of `curves` but the first, which is the step."""
    with curves.open(newline="") as file:
        head, *rows = list(csv.reader(file))
    steps = [float(row[0]) for row in rows]
    with figure(path, 6.4, 4.4) as drawn:
        drawn.suptitle("Training")
        for number, name in enumerate(head[1:], start=1):
            axes = drawn.add_subplot(len(head) - 1, 1, number)
            values = [float(row[number]) if row[number] else float("nan") for row in rows]
            axes.plot(steps, values, ".-", color=BLUE)
            axes.set_ylabel(name.replace("_", " "), size=8)
            axes.grid(visible=True, color="#dddddd", linewidth=0.6)
            axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel(head[0])
