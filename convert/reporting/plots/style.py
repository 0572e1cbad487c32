"""One look for all plots: colours that the colour-blind tell apart, and how a plot is saved."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from edgecry.errors import EdgecryError

# M. Okabe and K. Ito, Color universal design, 2008.
BLUE, ORANGE, GREEN, VERMILION, SKY, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#666666",
)
DETECTORS = ((BLUE, "-"), (VERMILION, "--"), (ORANGE, "-."), (GREEN, ":"))
"""Colour and line of the detectors, in their order."""
CRY, NONCRY = BLUE, ORANGE
DPI = 110
PRINT_DPI = 200


class PlotError(EdgecryError, ValueError):
    """What was given cannot be drawn."""


@contextmanager
def plot(path: Path, width_in: float = 6.4, height_in: float = 4.4) -> Iterator[Axes]:
    """Axes to draw on; saved as PNG when the block ends."""
    with figure(path, width_in, height_in) as drawn:
        axes = drawn.add_subplot()
        axes.grid(visible=True, color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        yield axes


@contextmanager
def figure(path: Path, width_in: float, height_in: float, dpi: int = DPI) -> Iterator[Figure]:
    """A figure, saved as PNG when the block ends. A character that the font lacks is a box."""
    drawn = Figure(figsize=(width_in, height_in), layout="constrained")
    FigureCanvasAgg(drawn)
    yield drawn
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        drawn.savefig(path, dpi=dpi)


def shortened(name: str, most: int = 72) -> str:
    """A name that fits over a plot: of a long one its beginning and its end."""
    if len(name) <= most:
        return name
    return f"{name[: most // 2]}…{name[-(most // 2) + 1 :]}"
