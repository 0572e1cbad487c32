"""All approaches at a glance: what was published, what a leaky split gives, what by baby stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from convert.reasons.plan import Protocol
from convert.reasons.results import Figure, Row
from convert.reporting.plots.style import BLUE, GREY, PRINT_DPI, VERMILION, figure

ROW_IN = 0.36
BESIDE = 0.18
"""How far from the middle of its line the mark of a protocol lies."""


def draw_overview(path: Path, rows: Sequence[Row]) -> None:
    """Accuracy and macro-F1 with their intervals, a line for each approach."""
    titles = list(dict.fromkeys(row.title for row in rows))
    with figure(path, 11.0, ROW_IN * len(titles) + 1.6, PRINT_DPI) as drawn:
        accuracy, f1 = drawn.subplots(1, 2, sharey=True)
        for axes, name in ((accuracy, "accuracy"), (f1, "macro_f1")):
            _protocol(axes, rows, titles, name, "leaky", VERMILION, "leaky split", BESIDE)
            _protocol(axes, rows, titles, name, "by_baby", BLUE, "by baby", -BESIDE)
            always = [row for row in rows if row.protocol == "by_baby"]
            axes.plot(
                [100 * row.majority[name].value for row in always],
                [titles.index(row.title) + BESIDE for row in always],
                "|",
                color=GREY,
                markersize=13,
                markeredgewidth=2,
                label="always the majority, by baby",
            )
            axes.set_xlim(0, 100)
            axes.grid(visible=True, axis="x", color="#dddddd", linewidth=0.6)
            axes.spines[["top", "right"]].set_visible(False)
        for row in rows:
            if row.protocol == "leaky" and row.published.accuracy is not None:
                span = [100 * value for value in row.published.accuracy]
                line = [titles.index(row.title)] * 2
                accuracy.plot(span, line, "D-", color="black", markersize=4, label="published")
        accuracy.set_yticks(range(len(titles)), labels=titles)
        accuracy.invert_yaxis()
        accuracy.set_xlabel("accuracy, %")
        f1.set_xlabel("macro-F1, %; bars: 95 % by baby")
        named = dict(zip(*reversed(accuracy.get_legend_handles_labels()), strict=True))
        drawn.legend(named.values(), named.keys(), loc="outside upper center", ncols=4)


def _protocol(
    axes: Axes,
    rows: Sequence[Row],
    titles: Sequence[str],
    name: str,
    protocol: Protocol,
    colour: str,
    label: str,
    above: float,
) -> None:
    """Values with their intervals, so far above the middle of each approach's line."""
    shown = [(titles.index(r.title), r.figures[name]) for r in rows if r.protocol == protocol]
    values = np.array([figure_.value for _, figure_ in shown])
    axes.errorbar(
        100 * values,
        [line - above for line, _ in shown],
        xerr=100 * np.array([_reach(figure_) for _, figure_ in shown]).T,
        fmt="o",
        color=colour,
        markersize=5,
        capsize=2,
        label=label,
    )


def _reach(shown: Figure) -> tuple[float, float]:
    """How far the interval goes down and up."""
    low, high = shown.ci95
    return max(0.0, shown.value - low), max(0.0, high - shown.value)
