"""A confusion matrix: how many of each class were taken for what."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convert.reporting.confusion import Confusion
from convert.reporting.plots.style import PRINT_DPI, figure, shortened

CELL_IN = 0.62
FEWEST_IN, MOST_IN = 2.6, 14.0
LONGEST_NAME = 24
LONGEST_TITLE = 48
DARK = 0.65
"""On cells above this share the text is white."""


def confusion_matrix(path: Path, title: str, confusion: Confusion, items: str = "clips") -> None:
    """Colour: share of the true class; numbers: `items`. A class without any is left grey."""
    shares, counts = confusion.shares, confusion.counts
    totals = counts.sum(axis=1)
    side = float(np.clip(CELL_IN * len(totals), FEWEST_IN, MOST_IN))
    with figure(path, side + 3.2, side + 1.9, PRINT_DPI) as drawn:
        axes = drawn.add_subplot()
        axes.set_facecolor("#e4e4e4")
        shown = np.where(totals[:, None] > 0, 100 * shares, np.nan)
        image = axes.imshow(shown, cmap="Blues", vmin=0, vmax=100)
        for row, column in np.argwhere(counts > 0):
            axes.text(
                column,
                row,
                f"{counts[row, column]}\n{100 * shares[row, column]:.0f} %",
                ha="center",
                va="center",
                size=8,
                color="white" if shares[row, column] > DARK else "black",
                weight="bold" if row == column else "normal",
            )
        names = [shortened(name, LONGEST_NAME) for name in confusion.classes]
        places = np.arange(len(names))
        axes.set_xticks(places, labels=names, rotation=40, ha="right", rotation_mode="anchor")
        numbered = [f"{name}  ({total})" for name, total in zip(names, totals, strict=True)]
        axes.set_yticks(places, labels=numbered)
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_parse_math(False)
        axes.set_xticks(places[1:] - 0.5, minor=True)
        axes.set_yticks(places[1:] - 0.5, minor=True)
        axes.grid(which="minor", color="white", linewidth=1.2)
        axes.tick_params(which="both", length=0)
        axes.spines[:].set_visible(False)
        axes.set(xlabel="predicted class", ylabel=f"true class ({items})")
        drawn.colorbar(image, ax=axes, shrink=0.8).set_label("share of the true class, %")
        named = f"{shortened(title, LONGEST_TITLE)}\n{_summary(confusion, items)}"
        drawn.suptitle(named, size=10, parse_math=False)


def _summary(confusion: Confusion, items: str) -> str:
    return (
        f"{confusion.counts.sum()} {items}: accuracy {100 * confusion.accuracy:.1f} %, "
        f"always the majority {100 * confusion.majority:.1f} %\n"
        f"balanced accuracy {100 * confusion.balanced_accuracy:.1f} %, "
        f"chance {100 / (confusion.counts.sum(axis=1) > 0).sum():.1f} %"
    )
