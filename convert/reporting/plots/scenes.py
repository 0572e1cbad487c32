"""Long scenes: recall against false alarms per hour, and by SNR."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from convert.reporting.evaluation import CurvePoint, ScenePart, SceneResult
from convert.reporting.plots.style import DETECTORS, plot

LOWEST, HIGHEST = 0.01, 10.0


def recall_against_false_alarms(
    path: Path, curves: Sequence[CurvePoint], points: Sequence[SceneResult]
) -> None:
    """curves: sorted by detector. points: operating points, drawn with their names."""
    with plot(path) as axes:
        detectors = list(dict.fromkeys(c.detector for c in curves))
        look = dict(zip(detectors, DETECTORS, strict=False))
        for detector, of in groupby(curves, key=lambda c: c.detector):
            on = sorted((max(LOWEST, c.false_alarms_per_hour), 100 * c.recall) for c in of)
            colour, line = look[detector]
            axes.step(*zip(*on, strict=True), line, where="post", color=colour, label=detector)
        for p in points:
            at = max(LOWEST, p.false_alarms / p.hours), 100 * p.found / p.events
            axes.plot(*at, "o", color=look[p.detector][0])
            axes.annotate(p.at, at, xytext=(5, -11), textcoords="offset points", size=8)
        axes.set_xscale("log")
        axes.set(
            title="Cries found in long scenes",
            xlabel=f"false alarms per hour (none is drawn at {LOWEST:g})",
            ylabel="cries found, %",
            xlim=(LOWEST, HIGHEST),
            ylim=(0, 102),
        )
        ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
        axes.set_xticks(ticks, labels=[f"{t:g}" for t in ticks])
        axes.minorticks_off()
        axes.legend(loc="lower right")


def recall_by_snr(path: Path, title: str, parts: Sequence[ScenePart]) -> None:
    """parts: of one threshold rule, by SNR, of all detectors."""
    with plot(path) as axes:
        detectors = list(dict.fromkeys(p.detector for p in parts))
        for number, (detector, (colour, line)) in enumerate(
            zip(detectors, DETECTORS, strict=False)
        ):
            mine = sorted((p for p in parts if p.detector == detector), key=lambda p: float(p.part))
            shares = [100 * p.found / p.events for p in mine]
            below = [s - 100 * p.ci95[0] for s, p in zip(shares, mine, strict=True)]
            above = [100 * p.ci95[1] - s for s, p in zip(shares, mine, strict=True)]
            axes.errorbar(
                [float(p.part) + 0.25 * number for p in mine],
                shares,
                yerr=[[max(0.0, e) for e in side] for side in (below, above)],
                fmt="o" + line,
                color=colour,
                capsize=3,
                label=detector,
            )
        axes.set(
            title=f"Cries found by level, {title}",
            xlabel="cry over all else, dB",
            ylabel="cries found, % (95 %)",
            ylim=(0, 102),
        )
        axes.set_xticks(sorted({float(p.part) for p in parts}))
        axes.legend(loc="lower right")
