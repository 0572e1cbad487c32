"""What was measured, as rows: `evaluation.json`. The card and the report hold no other number.

Every row names its detector where the reference is measured beside the model. Intervals (`_ci95`)
are 95 %: bootstrap over groups for what ranks clips, `metrics.share_interval` for cries found,
E. B. Wilson's (1927) for other shares of clips, `events.false_alarm_interval` for false alarms.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from convert.run import EVALUATION
from edgecry.errors import EdgecryError

Interval = tuple[float, float]


class EvaluationError(EdgecryError, ValueError):
    """An evaluation.json is missing or is not what this version writes."""


class Ranking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How well a detector's file scores tell cries from other sounds, on one set of clips."""

    set: str
    detector: str
    cries: int
    noncries: int
    cry_groups: int
    auc: float
    auc_ci95: Interval
    average_precision: float
    average_precision_ci95: Interval
    tpr_at_fpr_1pct: float
    tpr_at_fpr_1pct_ci95: Interval
    tpr_at_fpr_0_1pct: float
    tpr_at_fpr_0_1pct_ci95: Interval
    best_f1: float
    best_f1_ci95: Interval
    best_f1_threshold: float


class Difference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model's metric minus the reference's, on the same clips, with a paired interval."""

    set: str
    metric: str
    difference: float
    ci95: Interval


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source or bandwidth of a set. auc: inside the part, where it has both classes.

    found, false: cries and non-cries that pass the model's balanced point; None for the reference.
    """

    set: str
    by: str
    part: str
    detector: str
    cries: int
    noncries: int
    auc: float | None
    found: int | None
    false: int | None


class ClipPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operating point on a set of clips.

    found of cries, false of noncries; false_alarms: a lasting one counts every 10 s.
    """

    set: str
    point: str
    on: float
    off: float
    found: int
    cries: int
    recall_ci95: Interval | None
    false: int
    noncries: int
    false_ci95: Interval | None
    false_alarms: int
    noncry_hours: float


class ClassCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Non-cries of one family (fine: None) or one class of it that pass an operating point."""

    set: str
    point: str
    family: str
    fine: str | None
    false: int
    clips: int
    ci95: Interval


class SceneSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The built scenes. hours: outside events."""

    scenes: int
    events: int
    cry_groups: int
    hours: float


class SceneResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A detector on the scenes at one threshold.

    at: an operating point's name, or the limit of false alarms per hour at which the threshold was
    the best on these scenes. Delays from the onset, in seconds, over found events.
    """

    detector: str
    at: str
    threshold: float
    found: int
    events: int
    recall_ci95: Interval
    false_alarms: int
    hours: float
    false_alarms_per_hour_ci95: Interval
    delay_median_s: float | None
    delay_p90_s: float | None


class SceneDifference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Share of the events that the model finds minus that of another detector, on the same scenes,
    each at its best threshold for `at`; paired, by bootstrap over the babies."""

    other: str
    at: str
    difference: float
    ci95: Interval


class ScenePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events of one SNR or response: how many of them a SceneResult found."""

    detector: str
    at: str
    by: str
    part: str
    found: int
    events: int
    ci95: Interval


class CurvePoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Recall against false alarms per hour over the scenes, at one threshold."""

    detector: str
    threshold: float
    recall: float
    false_alarms_per_hour: float


class WorstClip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clip that the model got most wrong."""

    set: str
    key: str
    cry: bool
    fine: str
    score: float


class Evaluation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows. detector: the model's name; reference: that of the detector beside it, if any."""

    detector: str
    reference: str | None
    ranking: list[Ranking]
    differences: list[Difference]
    parts: list[Part]
    clip_points: list[ClipPoint]
    classes: list[ClassCount]
    worst: list[WorstClip]
    scenes: SceneSet | None = None
    scene_results: list[SceneResult] = []
    scene_differences: list[SceneDifference] = []
    scene_parts: list[ScenePart] = []
    scene_curves: list[CurvePoint] = []


def write_evaluation(run: Path, evaluation: Evaluation) -> None:
    """Write the run's evaluation.json."""
    text = msgspec.json.format(msgspec.json.encode(evaluation), indent=1)
    (run / EVALUATION).write_bytes(text + b"\n")


def read_evaluation(run: Path) -> Evaluation:
    """The run's evaluation.json. Raises EvaluationError with the file and what is wrong."""
    path = run / EVALUATION
    try:
        return msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except (OSError, msgspec.DecodeError) as error:
        raise EvaluationError(f"{path}: {error}; run python -m convert.evaluate again") from None
