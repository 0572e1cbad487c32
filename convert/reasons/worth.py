"""What a reasons model is worth, by baby: all that its card says. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from convert.reasons.answering import Trial, answer_from, trials
from convert.reasons.calibrating import (
    Quality,
    cross_fitted,
    fitted,
    quality,
    shares_cross_fitted,
)
from convert.reasons.coverage import RiskCoverage, risk_coverage
from convert.reasons.judging import (
    Matrix,
    above_chance,
    confusion_by_group,
    differences,
    of_classes,
    with_intervals,
)
from convert.reasons.out_of_fold import Numbers, OutOfFold
from convert.reasons.results import Figure, Figures
from edgecry.inference.reasons_manifest import ReasonsCalibration

INT8, FLOAT, CALIBRATED = "int8, as on the device", "in float", "int8, calibrated"
ALWAYS = "always the most frequent class"


class Answering(msgspec.Struct, frozen=True):
    """One way to answer each clip: its figures, those minus what ALWAYS scores, and minus what the
    same answers would score at random."""

    figures: Figures
    above_majority: Figures
    above_chance: Figures


class OfLabel(msgspec.Struct, frozen=True):
    """clips, babies: that there are. precision, recall: of int8, before calibration."""

    name: str
    clips: int
    babies: int
    precision: float
    recall: float
    answer_from: float | None
    trials: list[Trial]


class Worth(msgspec.Struct, frozen=True):
    """Out of fold. answering, quality: by what answers. confusion: of int8, a row for each true
    class; a clip is counted there, and in trials, once for each seed."""

    clips: int
    babies: int
    most_frequent: str
    labels: list[OfLabel]
    answering: dict[str, Answering]
    confusion: list[list[int]]
    calibration: ReasonsCalibration
    quality: dict[str, Quality]
    coverage: RiskCoverage


def worth(names: Sequence[str], int8: OutOfFold, in_float: OutOfFold) -> Worth:
    """names: of the classes. int8, in_float: of the same clips, in the same order."""
    calibration = fitted(int8)
    p = calibration.probabilities(int8.log_mean)
    answers = {
        INT8: int8.log_mean.argmax(axis=1),
        FLOAT: in_float.log_mean.argmax(axis=1),
        CALIBRATED: cross_fitted(int8).argmax(axis=1),
        ALWAYS: int8.majority,
    }
    counted = _confusion(int8, answers[INT8])
    precision, recall, _ = of_classes(counted.sum(axis=0))
    tried = trials(p, int8)
    labels = [
        OfLabel(
            name=name,
            clips=len(np.unique(int8.clip[int8.labels == number])),
            babies=len(np.unique(int8.groups[int8.labels == number])),
            precision=float(precision[number]),
            recall=float(recall[number]),
            answer_from=answer_from(tried[number]),
            trials=tried[number],
        )
        for number, name in enumerate(names)
    ]
    return Worth(
        clips=len(np.unique(int8.clip)),
        babies=len(np.unique(int8.groups)),
        most_frequent=names[int(np.bincount(int8.labels).argmax())],
        labels=labels,
        answering={name: _answering(int8, answered) for name, answered in answers.items()},
        confusion=counted.sum(axis=0).tolist(),
        calibration=calibration,
        quality={
            INT8: quality(np.exp(int8.log_mean), int8),
            CALIBRATED: quality(cross_fitted(int8), int8),
            "the class shares alone": quality(shares_cross_fitted(int8), int8),
        },
        coverage=risk_coverage(p, int8),
    )


def _answering(heard: OutOfFold, answered: Numbers) -> Answering:
    ours, theirs = _confusion(heard, answered), _confusion(heard, heard.majority)
    measured = (with_intervals(ours), differences(ours, theirs), above_chance(ours))
    return Answering(*({name: Figure(*of) for name, of in found.items()} for found in measured))


def _confusion(heard: OutOfFold, answered: Numbers) -> Matrix:
    return confusion_by_group(heard.labels, answered, heard.groups.tolist(), heard.classes)
