"""The operating points in words: what a clinical engineer reads first. Pure."""

from __future__ import annotations

from convert.reporting import numbers
from convert.reporting.evaluation import ClipPoint, Evaluation, SceneResult

LOUD_DB = 10.0
TEST = "test split"
AT_MOST = "at most "
"""How the name of a limit begins; see `at_most`."""


def lead(e: Evaluation) -> list[str]:
    """A sentence for each limit of false alarms: the model, and what it is compared with."""
    found: dict[str, list[str]] = {}
    for r in e.scene_results:
        if r.at.startswith(AT_MOST):
            share = numbers.percent(r.found, r.events)
            found.setdefault(r.at, []).append(f"{r.detector} finds {share}")
    return [
        f"With {at.replace('an hour', 'false alarms an hour')}, of the cries in long scenes "
        f"{'; '.join(who)}."
        for at, who in found.items()
    ]


def operating_points(e: Evaluation) -> list[tuple[str, list[str]]]:
    """(name, sentences) of each operating point, in their order."""
    return [
        (p.point, [*_in_scenes(e, p.point), _on_clips(p)]) for p in e.clip_points if p.set == TEST
    ]


def at_most(limit_per_hour: float) -> str:
    """How a limit is named in `SceneResult.at`."""
    return f"{AT_MOST}{limit_per_hour:g} an hour"


def _in_scenes(e: Evaluation, point: str) -> list[str]:
    return [
        sentence
        for r in e.scene_results
        if (r.detector, r.at) == (e.detector, point)
        for sentence in (
            f"In long scenes it finds {numbers.percent(r.found, r.events)} of {r.events} cries "
            f"(95 %: {numbers.shares(r.recall_ci95)}){_loud(e, r)}{_delay(r)}.",
            _false_alarms(r),
        )
    ]


def _loud(e: Evaluation, r: SceneResult) -> str:
    loud = [
        p
        for p in e.scene_parts
        if (p.detector, p.at, p.by) == (r.detector, r.at, "SNR") and float(p.part) >= LOUD_DB
    ]
    if not loud:
        return ""
    share = numbers.percent(sum(p.found for p in loud), sum(p.events for p in loud))
    return f", {share} of those that stand out by {LOUD_DB:g} dB or more"


def _delay(r: SceneResult) -> str:
    if r.delay_median_s is None:
        return ""
    return f", half of the found ones within {numbers.seconds(r.delay_median_s)} of their beginning"


def _false_alarms(r: SceneResult) -> str:
    low, high = r.false_alarms_per_hour_ci95
    if not r.false_alarms:
        return (
            f"No false alarm in {r.hours:.1f} h; that only shows fewer than {high:.2f} an hour "
            "(95 %)."
        )
    alarms = "One false alarm" if r.false_alarms == 1 else f"{r.false_alarms} false alarms"
    return (
        f"{alarms} in {r.hours:.1f} h without a cry: one in {_span(r.hours / r.false_alarms)} "
        f"(95 %: {low:.2f} to {high:.2f} an hour)."
    )


def _span(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{60 * hours:.0f} min"


def _on_clips(p: ClipPoint) -> str:
    return (
        f"Of {p.cries} recordings of cries it finds {p.found}; of {p.noncries} other recordings it "
        f"takes {p.false} for a cry."
    )
