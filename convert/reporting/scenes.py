"""From what detectors made of long scenes to the rows of an evaluation. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.measuring.events import (
    Event,
    EventResult,
    Timeline,
    at_threshold,
    best_at,
    curve,
    false_alarm_interval,
    recall_by,
    recall_of,
)
from convert.measuring.metrics import mean_interval
from convert.measuring.scoring import Heard
from convert.reporting.clips import Points
from convert.reporting.evaluation import (
    CurvePoint,
    SceneDifference,
    ScenePart,
    SceneResult,
    SceneSet,
)
from convert.reporting.words import at_most

LIMITS_PER_HOUR = (2.0, 0.5)
DRAWN_PER_HOUR = 20.0
"""A curve is kept up to so many false alarms."""
PARTS: dict[str, Callable[[Event], str | None]] = {
    "SNR": lambda event: None if event.snr_db is None else f"{event.snr_db:g}",
    "response": lambda event: event.response or None,
}


@dataclass(frozen=True, slots=True)
class Scenes:
    """Scenes, and what each detector made of them: its name -> a scene's name -> Heard."""

    timelines: Sequence[Timeline]
    heard: Mapping[str, Mapping[str, Heard]]


@dataclass(frozen=True, slots=True)
class SceneRows:
    """What an evaluation holds of scenes."""

    results: list[SceneResult]
    differences: list[SceneDifference]
    parts: list[ScenePart]
    curves: list[CurvePoint]


def scene_set(timelines: Sequence[Timeline]) -> SceneSet:
    """How much there is."""
    events = [e for t in timelines for e in t.events]
    hours = sum(t.hours_outside for t in timelines)
    return SceneSet(len(timelines), len(events), len({e.group for e in events}), hours)


def scene_rows(scenes: Scenes, ours: str, points: Points, window_s: float) -> SceneRows:
    """Every detector at its best thresholds for LIMITS_PER_HOUR; ours at its operating points.

    window_s: of every detector's windows; YAMNet's are as long as ours.
    """
    curves = {d: curve(scenes.timelines, h, window_s) for d, h in scenes.heard.items()}
    found: list[tuple[str, str, EventResult]] = [
        (detector, at_most(limit), best_at(curves[detector], limit))
        for limit in LIMITS_PER_HOUR
        for detector in scenes.heard
    ]
    for name, point in points.items():
        result = at_threshold(scenes.timelines, scenes.heard[ours], point.on, window_s)
        found.append((ours, name, result))
    return SceneRows(
        [_result(*row) for row in found],
        [
            scene_difference(
                at_most(limit), other, *(best_at(curves[d], limit) for d in (ours, other))
            )
            for limit in LIMITS_PER_HOUR
            for other in scenes.heard
            if other != ours
        ],
        [part for row in found for part in _parts(*row)],
        [p for detector, of in curves.items() for p in _curve(detector, of)],
    )


def scene_difference(
    at: str, other: str, ours: EventResult, theirs: EventResult
) -> SceneDifference:
    """Of two results on the same scenes; each draw of babies judges both."""
    lead = [
        float(mine.delay_s is not None) - float(its.delay_s is not None)
        for mine, its in zip(ours.outcomes, theirs.outcomes, strict=True)
    ]
    interval = mean_interval(lead, [o.event.group for o in ours.outcomes])
    return SceneDifference(other, at, float(np.mean(lead)), interval)


def window_labels(
    timeline: Timeline, heard: Heard, window_s: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Labels and scores of a scene's windows: a cry where at least half of the window lies in an
    event, none where nothing of it does; the others are left out."""
    inside_s = np.zeros(len(heard.end_s))
    for e in timeline.events:
        begin = np.maximum(heard.end_s - window_s, e.onset_s)
        inside_s += np.maximum(0.0, np.minimum(heard.end_s, e.offset_s) - begin)
    cry, clear = inside_s >= window_s / 2, inside_s == 0.0
    return cry[cry | clear], heard.evidence[cry | clear]


def _result(detector: str, at: str, result: EventResult) -> SceneResult:
    delays = result.delays_s
    return SceneResult(
        detector=detector,
        at=at,
        threshold=result.threshold,
        found=len(delays),
        events=len(result.outcomes),
        recall_ci95=recall_of(result.outcomes).interval,
        false_alarms=int(result.false_alarms.sum()),
        hours=float(result.hours.sum()),
        false_alarms_per_hour_ci95=false_alarm_interval(result),
        delay_median_s=result.median_delay_s,
        delay_p90_s=float(np.percentile(delays, 90)) if delays else None,
    )


def _parts(detector: str, at: str, result: EventResult) -> list[ScenePart]:
    rows = []
    for by, key in PARTS.items():
        for part, r in recall_by(result, key).items():
            if part is not None:
                rows.append(ScenePart(detector, at, by, str(part), r.found, r.events, r.interval))
    return rows


def _curve(detector: str, results: Sequence[EventResult]) -> list[CurvePoint]:
    """One point for each rate and recall, up to DRAWN_PER_HOUR."""
    kept = {
        (r.false_alarms_per_hour, r.recall): r.threshold
        for r in results
        if r.false_alarms_per_hour <= DRAWN_PER_HOUR
    }
    return [
        CurvePoint(detector, threshold, recall, rate) for (rate, recall), threshold in kept.items()
    ]
