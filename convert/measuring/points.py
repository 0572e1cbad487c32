"""The operating points: thresholds on the evidence, chosen by the false alarms that they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from convert.measuring.events import Timeline, at_threshold, curve
from convert.measuring.scoring import Heard
from convert.recipe import Point
from edgecry.inference.manifest import OperatingPoint, OperatingPointName

LAG_LOGITS = 1.5
"""`off` is this far under `on`: a cry in progress needs less to go on than a new one to begin."""
HIGHEST_ON = 0.995


def choose_points(
    wanted: Mapping[OperatingPointName, Point],
    timelines: Sequence[Timeline],
    heard_by_name: Mapping[str, Heard],
    window_s: float,
    measured_on: str,
) -> dict[OperatingPointName, OperatingPoint]:
    """For each point the lowest threshold that is quiet enough here, and then its margin."""
    results = curve(timelines, heard_by_name, window_s)
    points: dict[OperatingPointName, OperatingPoint] = {}
    for name, point in wanted.items():
        limit = point.false_alarms_per_hour
        lowest = min(r.threshold for r in results if r.false_alarms_per_hour <= limit)
        on = round(min(HIGHEST_ON, shifted(lowest, point.margin_logits)), 4)
        here = at_threshold(timelines, heard_by_name, on, window_s)
        points[name] = OperatingPoint(
            on=on,
            off=round(shifted(on, -LAG_LOGITS), 4),
            recall=here.recall,
            false_alarms_per_hour=here.false_alarms_per_hour,
            measured_on=measured_on,
        )
    return points


def shifted(p: float, logits: float) -> float:
    """A probability moved by so many logits."""
    p = min(max(p, 1e-6), 1.0 - 1e-6)
    return float(1.0 / (1.0 + (1.0 - p) / p * np.exp(-logits)))
