"""Scores of cries and of all else, with the operating points."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.reporting.plots.style import CRY, GREY, NONCRY, plot

BINS = 40


def histogram(
    path: Path,
    title: str,
    cry: NDArray[np.bool_],
    scores: NDArray[np.float64],
    points: Mapping[str, float],
) -> None:
    """scores: (clips,), 0..1. points: name -> threshold."""
    edges = np.linspace(0, 1, BINS + 1).tolist()
    with plot(path) as axes:
        for of, colour, name, hatch in (
            (~cry, NONCRY, "others", ""),
            (cry, CRY, "cries", "///"),
        ):
            axes.hist(scores[of], edges, color=colour, alpha=0.65, label=name, hatch=hatch)
        top = axes.get_ylim()[1]
        for name, on in points.items():
            axes.axvline(on, color=GREY, linewidth=1, linestyle="--")
            axes.text(on, top, f"{name} ", rotation=90, ha="right", va="top", color=GREY, size=8)
        axes.set_yscale("symlog", linthresh=10)
        axes.set_yticks([0, 5, 10, 100, 1000], labels=["0", "5", "10", "100", "1000"])
        axes.set(
            title=f"Scores, {title}", xlabel="highest evidence", ylabel="recordings", xlim=(0, 1)
        )
        axes.set_ylim(0, max(12, axes.dataLim.ymax * 2))
        axes.legend(loc="upper center")
