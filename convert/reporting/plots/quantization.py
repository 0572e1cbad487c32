"""How far int8 is from float: the distribution of score differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from convert.reporting.plots.style import CRY, NONCRY, plot


def score_differences(
    path: Path, edges: Sequence[float], counts: Mapping[str, Sequence[int]]
) -> None:
    """edges: (bins + 1,) of int8 - float, before calibration. counts: class -> (bins,)."""
    with plot(path) as axes:
        looks = ((CRY, "-"), (NONCRY, "--"))
        for (name, of), (colour, line) in zip(counts.items(), looks, strict=False):
            share = np.array(of) / max(1, sum(of))
            axes.stairs(100 * share, edges, color=colour, linestyle=line, linewidth=1.5, label=name)
        axes.set_yscale("symlog", linthresh=0.1)
        axes.set_yticks([0, 0.1, 1, 10, 100], labels=["0", "0.1", "1", "10", "100"])
        axes.set(
            title="int8 against float",
            xlabel="score difference, int8 - float",
            ylabel="windows of val, %",
        )
        axes.set_ylim(bottom=0)
        axes.legend()
