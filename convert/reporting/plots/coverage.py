"""How often is it wrong, if it only answers when it is sure?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from convert.reporting.numbers import Interval
from convert.reporting.plots.style import BLUE, GREY, plot


def draw_coverage(
    path: Path,
    title: str,
    coverages: Sequence[float],
    risks: Sequence[float],
    intervals: Sequence[Interval],
    always: Sequence[float],
) -> None:
    """Risk over coverage, with its intervals, and what always the most frequent class makes of the
    same clips. All of one length."""
    answered = 100 * np.array(coverages)
    low, high = 100 * np.array(intervals).T
    with plot(path) as axes:
        axes.fill_between(answered, low, high, color=BLUE, alpha=0.18, linewidth=0)
        axes.plot(answered, 100 * np.array(risks), "o-", color=BLUE, label="model, 95 % by baby")
        label = "always the most frequent class, same clips"
        axes.plot(answered, 100 * np.array(always), "s--", color=GREY, markersize=4, label=label)
        axes.set(
            title=title,
            xlabel="answered, % of clips, the surest first",
            ylabel="wrong, % of answers",
            xlim=(0, 100),
            ylim=(0, 100),
        )
        axes.legend(loc="best")
