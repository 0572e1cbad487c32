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
    parts,
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

DEVICE, CALIBRATED = "as the device hears it, int8", "the same, calibrated"
FLOAT = "in float, all windows of a recording"
ALWAYS = "always the most frequent class"


class Answering(msgspec.Struct, frozen=True):
    """One way to answer each clip: its figures, those minus what ALWAYS scores, and minus what the
    same answers would score at random."""

    figures: Figures
    above_majority: Figures
    above_chance: Figures


class OfLabel(msgspec.Struct, frozen=True):
    """clips, babies: that there are. precision, recall: of the device, before calibration."""

    name: str
    clips: int
    babies: int
    precision: float
    recall: float
    answer_from: float | None
    trials: list[Trial]


class Worth(msgspec.Struct, frozen=True):
    """Out of fold. answering, quality: by what answers. confusion: of the device, a row for each
    true class. silent: clips in which the detector hears no cry; they are in no figure. In silent,
    confusion and trials a clip is counted once for each seed. calibration: what ships, of all
    babies; all that is said of it is judged in parts, each calibrated by the others' babies."""

    clips: int
    babies: int
    silent: int
    most_frequent: str
    labels: list[OfLabel]
    answering: dict[str, Answering]
    confusion: list[list[int]]
    calibration: ReasonsCalibration
    quality: dict[str, Quality]
    coverage: RiskCoverage


def worth(names: Sequence[str], device: OutOfFold, in_float: OutOfFold, silent: int) -> Worth:
    """names: of the classes. device, in_float: of the same clips, in the same order. silent: clips
    in which the detector hears no cry."""
    calibration = fitted(device)
    by_others = parts(device)
    calibrated = cross_fitted(device, by_others)
    answers = {
        DEVICE: device.log_mean.argmax(axis=1),
        CALIBRATED: calibrated.argmax(axis=1),
        FLOAT: in_float.log_mean.argmax(axis=1),
        ALWAYS: device.majority,
    }
    counted = _confusion(device, answers[DEVICE])
    precision, recall, _ = of_classes(counted.sum(axis=0))
    tried = trials(device, calibration, by_others)
    labels = [
        OfLabel(
            name=name,
            clips=len(np.unique(device.clip[device.labels == number])),
            babies=len(np.unique(device.groups[device.labels == number])),
            precision=float(precision[number]),
            recall=float(recall[number]),
            answer_from=answer_from(tried[number]),
            trials=tried[number],
        )
        for number, name in enumerate(names)
    ]
    return Worth(
        clips=len(np.unique(device.clip)),
        babies=len(np.unique(device.groups)),
        silent=silent,
        most_frequent=names[int(np.bincount(device.labels).argmax())],
        labels=labels,
        answering={name: _answering(device, answered) for name, answered in answers.items()},
        confusion=counted.sum(axis=0).tolist(),
        calibration=calibration,
        quality={
            DEVICE: quality(np.exp(device.log_mean), device),
            CALIBRATED: quality(calibrated, device),
            "the class shares alone": quality(shares_cross_fitted(device), device),
        },
        coverage=risk_coverage(device, by_others),
    )


def _answering(heard: OutOfFold, answered: Numbers) -> Answering:
    ours, theirs = _confusion(heard, answered), _confusion(heard, heard.majority)
    measured = (with_intervals(ours), differences(ours, theirs), above_chance(ours))
    return Answering(*({name: Figure(*of) for name, of in found.items()} for found in measured))


def _confusion(heard: OutOfFold, answered: Numbers) -> Matrix:
    return confusion_by_group(heard.labels, answered, heard.groups.tolist(), heard.classes)
