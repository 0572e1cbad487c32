"""What happened during training: the columns of curves.csv over its steps."""

from __future__ import annotations

import csv
from pathlib import Path

from matplotlib.ticker import MaxNLocator

from convert.reporting.plots.style import BLUE, DPI, VERMILION, PlotError, figure, shortened

ROW_IN = 1.35
HELD_OUT = "val_"
"""A column with this before the name of another is drawn in the other's plot, as Keras means it."""


def training_curves(path: Path, curves: Path, title: str = "Training", dpi: int = DPI) -> None:
    """One small plot for each column of `curves` but the first, which is the step.

    Raises PlotError if it is not a table of numbers.
    """
    over, columns = read_curves(curves)
    steps = columns.pop(over)
    apart = [name for name in columns if name.removeprefix(HELD_OUT) not in columns.keys() - {name}]
    with figure(path, 6.4, ROW_IN * len(apart) + 0.5, dpi) as drawn:
        drawn.suptitle(shortened(title), parse_math=False)
        top = None
        for number, name in enumerate(apart, start=1):
            axes = top = drawn.add_subplot(len(apart), 1, number, sharex=top)
            axes.plot(steps, columns[name], ".-", color=BLUE, label="training")
            if HELD_OUT + name in columns:
                beside = columns[HELD_OUT + name]
                axes.plot(steps, beside, ".--", color=VERMILION, label="held out")
                axes.legend(
                    fontsize=8, ncols=2, frameon=False, loc="lower right", bbox_to_anchor=(1, 0.96)
                )
            axes.set_title(name.replace("_", " "), size=9, loc="left")
            axes.margins(y=0.12)
            axes.grid(visible=True, color="#dddddd", linewidth=0.6)
            axes.spines[["top", "right"]].set_visible(False)
            axes.label_outer()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(over.replace("_", " "))


def read_curves(curves: Path) -> tuple[str, dict[str, list[float]]]:
    """The name of the step's column, and the values of every column; an empty cell is NaN.

    Raises PlotError if it is not a table of numbers.
    """
    try:
        with curves.open(newline="") as file:
            head, *rows = list(csv.reader(file))
        values = [[float(cell or "nan") for cell in row] for row in rows]
    except ValueError as error:
        raise PlotError(f"{curves}: not a table of numbers: {error}") from None
    if len(head) < 2 or not rows or any(len(row) != len(head) for row in values):
        raise PlotError(
            f"{curves}: needs a row of names, the step's first, and rows of as many numbers"
        )
    return head[0], dict(zip(head, map(list, zip(*values, strict=True)), strict=True))
