"""Does a score of 0.8 mean eight cries in ten?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.reporting.plots.style import DETECTORS, GREY, plot

BINS = 10
FEWEST = 10
"""A bin of fewer is not drawn."""


def reliability(
    path: Path, sets: Mapping[str, tuple[NDArray[np.bool_], NDArray[np.float64]]], prior: float
) -> None:
    """Share of cries among what scored alike.

    sets: name -> labels and scores, (n,) each. Cries are weighted to be `prior` of each set: that
    is what the calibration promises.
    """
    with plot(path) as axes:
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, label="as promised")
        for (name, (cry, scores)), (colour, line) in zip(sets.items(), DETECTORS, strict=False):
            mean, share = curve(cry, scores, prior)
            axes.plot(mean, share, line, marker="o", color=colour, label=name)
        axes.set(
            title=f"Reliability, cries weighted to {100 * prior:g} %",
            xlabel="score",
            ylabel="share of cries",
            xlim=(0, 1),
            ylim=(0, 1),
        )
        axes.legend(loc="upper left")


def curve(
    cry: NDArray[np.bool_], scores: NDArray[np.float64], prior: float
) -> tuple[list[float], list[float]]:
    """Mean score and weighted share of cries in each of BINS equal bins that hold FEWEST."""
    weights = np.where(cry, prior / cry.mean(), (1 - prior) / (1 - cry.mean()))
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    full = [bins == b for b in range(BINS) if (bins == b).sum() >= FEWEST]
    mean = [float(np.average(scores[b], weights=weights[b])) for b in full]
    return mean, [float(np.average(cry[b], weights=weights[b])) for b in full]
