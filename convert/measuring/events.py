"""Was every cry of a long recording found, how soon, and what was found that was none?

A window whose score reaches the threshold is on. An event is found if a window that is on ends
between its onset and TOLERANCE_S after its offset; the delay runs from the onset to the end of the
first such window. A window that ends TOLERANCE_S before an onset or later, and begins up to
RELEASE_S after the offset, touches the event; the others that are on are false alarms, counted as
`scoring.false_alarms` counts them, per hour outside of events.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from convert.measuring.metrics import share_interval
from convert.measuring.scoring import Heard, false_alarms

TOLERANCE_S = 1.0
RELEASE_S = 2.0
THRESHOLDS = 300
RESAMPLES = 1000

Interval = tuple[float, float]


class Event(msgspec.Struct, frozen=True):
    """One cry. snr_db: over all else at that time; group: of the baby; response: of the room."""

    onset_s: float
    offset_s: float
    snr_db: float | None = None
    source: str = ""
    group: str = ""
    response: str = ""


class Timeline(msgspec.Struct, frozen=True):
    """What is true of one long recording."""

    name: str
    duration_s: float
    events: tuple[Event, ...]

    @property
    def hours_outside(self) -> float:
        """Hours in which an alarm is false."""
        return (self.duration_s - sum(e.offset_s - e.onset_s for e in self.events)) / 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event. delay_s: from its onset until it was found; None: it was not."""

    event: Event
    delay_s: float | None


@dataclass(frozen=True, slots=True)
class EventResult:
    """What one threshold gives. false_alarms, hours (outside of events): (timelines,)."""

    threshold: float
    outcomes: tuple[Outcome, ...]
    false_alarms: NDArray[np.int64]
    hours: NDArray[np.float64]

    @property
    def delays_s(self) -> list[float]:
        """Of the events that were found."""
        return [o.delay_s for o in self.outcomes if o.delay_s is not None]

    @property
    def recall(self) -> float:
        """Share of the events that were found; NaN if there are none."""
        return len(self.delays_s) / len(self.outcomes) if self.outcomes else float("nan")

    @property
    def median_delay_s(self) -> float | None:
        """None if nothing was found."""
        return float(np.median(self.delays_s)) if self.delays_s else None

    @property
    def false_alarms_per_hour(self) -> float:
        """Outside of events."""
        return float(self.false_alarms.sum() / self.hours.sum())


@dataclass(frozen=True, slots=True)
class Recall:
    """Of some of the events. interval: 95 %, see `recall_of`."""

    found: int
    events: int
    interval: Interval

    @property
    def share(self) -> float:
        """Found of all."""
        return self.found / self.events


def read_timelines(folder: Path) -> list[Timeline]:
    """The truth of every NAME.json in a folder, by name; further keys are ignored."""
    return [
        msgspec.convert(msgspec.json.decode(path.read_bytes()) | {"name": path.stem}, Timeline)
        for path in sorted(folder.glob("*.json"))
    ]


def write_scores(path: Path, heard_by_name: Mapping[str, Heard]) -> None:
    """CSV `timeline,t_end,score`; t_end is when a score is available, in seconds."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("timeline", "t_end", "score"))
        for name, heard in heard_by_name.items():
            rows = zip(heard.end_s, heard.evidence, strict=True)
            writer.writerows((name, f"{end:.3f}", f"{score:.6f}") for end, score in rows)


def at_threshold(
    timelines: Sequence[Timeline],
    heard_by_name: Mapping[str, Heard],
    threshold: float,
    window_s: float,
) -> EventResult:
    """What a threshold gives on timelines that were listened to with windows of `window_s`."""
    return _at(_match(timelines, heard_by_name, window_s), threshold, window_s)


def curve(
    timelines: Sequence[Timeline], heard_by_name: Mapping[str, Heard], window_s: float
) -> list[EventResult]:
    """What THRESHOLDS thresholds give, from the lowest to the one without any false alarm.

    They lie just above scores outside of events: all of the highest, ever fewer below.
    """
    matched = _match(timelines, heard_by_name, window_s)
    scores = np.unique(np.concatenate([m.outside.evidence for m in matched]))[::-1]
    chosen = np.unique(np.geomspace(1, len(scores), THRESHOLDS).astype(int)) - 1
    thresholds = np.nextafter(scores[chosen], np.inf)[::-1]
    return [_at(matched, float(threshold), window_s) for threshold in thresholds]


def best_at(results: Sequence[EventResult], limit_per_hour: float) -> EventResult:
    """The highest recall at no more than so many false alarms an hour; of equals, the lowest
    threshold, which is the soonest."""
    quiet = [r for r in results if r.false_alarms_per_hour <= limit_per_hour + 1e-9]
    return max(quiet, key=lambda r: (len(r.delays_s), -r.threshold))


def recall_of(outcomes: Sequence[Outcome]) -> Recall:
    """Interval: 95 %, over the babies (groups), see `metrics.share_interval`.

    Raises ValueError if there is no event.
    """
    if not outcomes:
        raise ValueError("a recall of no events: there is no cry in these timelines")
    found = [o.delay_s is not None for o in outcomes]
    interval = share_interval(found, [o.event.group for o in outcomes])
    return Recall(sum(found), len(found), interval)


def recall_by(result: EventResult, key: Callable[[Event], Hashable]) -> dict[Hashable, Recall]:
    """Recall of the events of each kind, such as `lambda e: e.snr_db`."""
    parts: dict[Hashable, list[Outcome]] = defaultdict(list)
    for outcome in result.outcomes:
        parts[key(outcome.event)].append(outcome)
    return {name: recall_of(parts[name]) for name in sorted(parts, key=str)}


def false_alarm_interval(result: EventResult) -> Interval:
    """95 % interval of the false alarms per hour: the wider, at each end, of two.

    The exact Poisson interval (F. Garwood, 1936), which few alarms or none need, and the bootstrap
    over timelines, which alarms that come in clusters need.
    """
    alarms, hours = int(result.false_alarms.sum()), float(result.hours.sum())
    low = chi2.ppf(0.025, 2 * alarms) / 2 / hours if alarms else 0.0
    high = chi2.ppf(0.975, 2 * alarms + 2) / 2 / hours
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(result.hours), size=(RESAMPLES, len(result.hours)))
    rates = result.false_alarms[drawn].sum(axis=1) / result.hours[drawn].sum(axis=1)
    return (
        float(min(low, np.percentile(rates, 2.5))),
        float(max(high, np.percentile(rates, 97.5))),
    )


@dataclass(frozen=True, slots=True)
class _Matched:
    """One timeline's windows by what they touch.

    finding: of each event, the ends of the windows that may find it, and the highest score until
    then; outside: the windows that touch no event.
    """

    timeline: Timeline
    finding: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]
    outside: Heard

    def outcomes(self, threshold: float) -> list[Outcome]:
        found = []
        for event, (ends, highest) in zip(self.timeline.events, self.finding, strict=True):
            first = int(np.searchsorted(highest, threshold))
            delay_s = float(ends[first] - event.onset_s) if first < len(ends) else None
            found.append(Outcome(event, delay_s))
        return found


def _match(
    timelines: Sequence[Timeline], heard_by_name: Mapping[str, Heard], window_s: float
) -> list[_Matched]:
    matched = []
    for timeline in timelines:
        heard = heard_by_name[timeline.name]
        ends, scores = heard.end_s, heard.evidence
        outside = np.ones(len(ends), bool)
        finding = []
        for e in timeline.events:
            first = np.searchsorted(ends, e.onset_s)
            last = np.searchsorted(ends, e.offset_s + TOLERANCE_S, side="right")
            finding.append((ends[first:last], np.maximum.accumulate(scores[first:last])))
            outside &= (ends < e.onset_s - TOLERANCE_S) | (ends - window_s > e.offset_s + RELEASE_S)
        rest = replace(heard, end_s=ends[outside], evidence=scores[outside])
        matched.append(_Matched(timeline, tuple(finding), rest))
    return matched


def _at(matched: Sequence[_Matched], threshold: float, window_s: float) -> EventResult:
    return EventResult(
        threshold,
        tuple(outcome for m in matched for outcome in m.outcomes(threshold)),
        np.array([false_alarms(m.outside, threshold, window_s) for m in matched]),
        np.array([m.timeline.hours_outside for m in matched]),
    )
