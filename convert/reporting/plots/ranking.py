"""ROC and DET: false positives against cries found, over all thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from convert.reporting.plots.style import DETECTORS, GREY, plot

DET_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)

Scores = Mapping[str, NDArray[np.float64]]


def roc(path: Path, title: str, cry: NDArray[np.bool_], scores: Scores) -> None:
    """scores: detector -> (clips,)."""
    with plot(path) as axes:
        for (name, of), (colour, line) in zip(scores.items(), DETECTORS, strict=False):
            fpr, tpr, _ = roc_curve(cry, of)
            axes.plot(100 * fpr, 100 * tpr, line, color=colour, label=name)
        axes.axvline(1, color=GREY, linewidth=0.8, linestyle=":")
        axes.set(
            title=f"ROC, {title}",
            xlabel="others taken for a cry, % (linear to 1, then logarithmic)",
            ylabel="cries found, %",
            ylim=(0, 102),
        )
        axes.set_xscale("symlog", linthresh=1.0)
        axes.set_xlim(0, 100)
        axes.set_xticks(
            [0, 0.5, 1, 2, 5, 10, 20, 50, 100],
            labels=["0", ".5", "1", "2", "5", "10", "20", "50", "100"],
        )
        axes.legend(loc="lower right")


def det(path: Path, title: str, cry: NDArray[np.bool_], scores: Scores) -> None:
    """Both errors on normal-deviate axes (A. Martin et al., The DET curve, 1997).

    An error of none of n is drawn at half a clip.
    """
    deviate = np.vectorize(NormalDist().inv_cdf)
    with plot(path) as axes:
        for (name, of), (colour, line) in zip(scores.items(), DETECTORS, strict=False):
            fpr, tpr, _ = roc_curve(cry, of, drop_intermediate=False)
            least_false, least_missed = 0.5 / (~cry).sum(), 0.5 / cry.sum()
            false = np.clip(fpr, least_false, 1 - least_false)
            missed = np.clip(1 - tpr, least_missed, 1 - least_missed)
            axes.plot(deviate(false), deviate(missed), line, color=colour, label=name)
        at = deviate(np.array(DET_TICKS))
        names = [f"{100 * t:g}" for t in DET_TICKS]
        axes.set_xticks(at, labels=names)
        axes.set_yticks(at, labels=names)
        axes.set(
            title=f"DET, {title}",
            xlabel="others taken for a cry, %",
            ylabel="cries missed, %",
            xlim=(at[0], at[-1]),
            ylim=(at[0], at[-1]),
        )
        axes.legend(loc="upper right")
