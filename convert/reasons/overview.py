"""All approaches at a glance: what was published, what a leaky split gives, what by baby stays,
and what is left of that for the reason of a cry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from convert.reasons.plan import Protocol
from convert.reasons.results import Figure, Row
from convert.reporting.plots.style import BLUE, GREY, PRINT_DPI, VERMILION, figure

ROW_IN = 0.36
BESIDE = 0.18
"""How far from the middle of its line the mark of a protocol lies."""


Shown = tuple[Callable[[Row], Figure | None], Callable[[Row], float]]
"""What is drawn of a row, and what comes without listening."""


def _figure(name: str) -> Shown:
    return lambda row: row.figures[name], lambda row: row.majority[name].value


_ACCURACY, _MACRO_F1 = _figure("accuracy"), _figure("macro_f1")
_WHICH_REASON: Shown = (
    lambda row: row.of_reasons.balanced_accuracy if row.of_reasons else None,
    lambda row: row.of_reasons.chance if row.of_reasons else 0.0,
)


def draw_overview(path: Path, rows: Sequence[Row]) -> None:
    """Three figures with their intervals, a line for each approach."""
    titles = list(dict.fromkeys(row.title for row in rows))
    with figure(path, 13.0, ROW_IN * len(titles) + 1.6, PRINT_DPI) as drawn:
        columns = drawn.subplots(1, 3, sharey=True)
        accuracy, f1, reason = columns
        for axes, (value, idle) in zip(columns, (_ACCURACY, _MACRO_F1, _WHICH_REASON), strict=True):
            shown = [row for row in rows if value(row) is not None]
            _protocol(axes, shown, titles, value, "leaky", VERMILION, "leaky split", BESIDE)
            _protocol(axes, shown, titles, value, "by_baby", BLUE, "by baby", -BESIDE)
            always = [row for row in shown if row.protocol == "by_baby"]
            axes.plot(
                [100 * idle(row) for row in always],
                [titles.index(row.title) + BESIDE for row in always],
                "|",
                color=GREY,
                markersize=13,
                markeredgewidth=2,
                label="always the majority, by baby (right: chance)",
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
        reason.set_xlabel("which reason, of cries alone:\nbalanced accuracy, %")
        named = dict(zip(*reversed(accuracy.get_legend_handles_labels()), strict=True))
        drawn.legend(named.values(), named.keys(), loc="outside upper center", ncols=4)


def _protocol(
    axes: Axes,
    rows: Sequence[Row],
    titles: Sequence[str],
    value: Callable[[Row], Figure | None],
    protocol: Protocol,
    colour: str,
    label: str,
    above: float,
) -> None:
    """Values with their intervals, so far above the middle of each approach's line."""
    found = [(titles.index(r.title), value(r)) for r in rows if r.protocol == protocol]
    shown = [(line, figure_) for line, figure_ in found if figure_ is not None]
    values = np.array([figure_.value for _, figure_ in shown])
    axes.errorbar(
        100 * values,
        [line - above for line, _ in shown],
        xerr=100 * np.array([_reach(figure_) for _, figure_ in shown]).reshape(-1, 2).T,
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
