"""Rows of the benchmark: what all trainings of an approach and a protocol came to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec
import numpy as np

from convert.measuring.metrics import Interval
from convert.reasons.approach import Approach, Published
from convert.reasons.job import Result
from convert.reasons.judging import (
    Matrix,
    above_chance,
    answers,
    chance,
    confusion_by_group,
    differences,
    of_classes,
    of_rows,
    with_intervals,
)
from convert.reasons.plan import Protocol
from convert.reasons.sounds import LabelledClip, reasons_of

REPRODUCED = 0.05
"""How far from a published accuracy the leaky one may be to be called the same."""


class Figure(msgspec.Struct, frozen=True):
    """A figure and its interval: 95 %, by baby."""

    value: float
    ci95: Interval


Figures = dict[str, Figure]


class OfClass(msgspec.Struct, frozen=True):
    """clips, groups: that there are. note: where there are too few; else ""."""

    name: str
    clips: int
    groups: int
    precision: float
    recall: float
    f1: float
    note: str


class OfReasons(msgspec.Struct, frozen=True):
    """Of the cries whose reason is known, laughs, silence and noise apart: balanced accuracy.

    chance: that of the same answers, each as often, given to these cries at random. above_chance:
    the one minus the other.
    """

    balanced_accuracy: Figure
    chance: float
    above_chance: Figure


class Row(msgspec.Struct, frozen=True):
    """One approach under one protocol; judged over all folds of all seeds.

    majority: of always answering the training's most frequent class, on the same folds;
    above_majority: ours minus that. of_reasons: None where no two classes are reasons. confusion: a
    row for each true class, a column for each answer. judged: items, over all seeds. features_ms,
    network_ms: CPU time for one clip.
    """

    approach: str
    title: str
    protocol: Protocol
    classes: list[OfClass]
    figures: Figures
    majority: Figures
    above_majority: Figures
    of_reasons: OfReasons | None
    confusion: list[list[int]]
    judged: int
    published: Published
    reproduced: str
    pretraining: str
    parameters: int
    size_bytes: int
    features_ms: float
    network_ms: float
    hardware: list[dict[str, str]]


def row(
    approach: Approach,
    protocol: Protocol,
    results: Sequence[Result],
    clips: Sequence[LabelledClip],
    *,
    folds: int,
    features_ms: float,
    network_ms: float,
) -> Row:
    """results: of all trainings of the approach and the protocol."""
    names = list(approach.classes)
    labels = np.array([label for r in results for label in r.labels])
    groups = [group for r in results for group in r.groups]
    probabilities = np.array([p for r in results for p in r.probabilities])
    always = np.array([r.majority for r in results for _ in r.labels])
    answered = answers(probabilities, approach.threshold)
    ours = confusion_by_group(labels, answered, groups, len(names))
    theirs = confusion_by_group(labels, always, groups, len(names))
    figures = _figures(with_intervals(ours))
    first = results[0]
    return Row(
        approach=approach.name,
        title=approach.title,
        protocol=protocol,
        classes=_classes(names, ours, clips, folds),
        figures=figures,
        majority=_figures(with_intervals(theirs)),
        above_majority=_figures(differences(ours, theirs)),
        of_reasons=_of_reasons(ours, reasons_of(approach)),
        confusion=ours.sum(axis=0).tolist(),
        judged=len(labels),
        published=approach.published,
        reproduced=reproduced(approach.published, figures["accuracy"].value),
        pretraining=approach.pretraining,
        parameters=first.parameters,
        size_bytes=int(median(r.size_bytes for r in results)),
        features_ms=features_ms,
        network_ms=network_ms,
        hardware=_different([r.hardware for r in results]),
    )


def reproduced(published: Published, accuracy: float) -> str:
    """Does an accuracy come near what was published? In words."""
    if published.accuracy is None:
        return "nothing to hold it against"
    low, high = published.accuracy
    away = max(low - accuracy, accuracy - high)
    if away <= 0:
        return "as published"
    side = "above" if accuracy > high else "below"
    points = f"{100 * away:.0f} points {side} what was published"
    return points if away <= REPRODUCED else f"{points}: not reproduced"


def _of_reasons(by_group: Matrix, reasons: Sequence[int]) -> OfReasons | None:
    cries = of_rows(by_group, reasons)
    if np.count_nonzero(cries.sum(axis=(0, 2))) < 2:
        return None
    name = "balanced_accuracy"
    return OfReasons(
        Figure(*with_intervals(cries)[name]),
        chance(cries)[name],
        Figure(*above_chance(cries)[name]),
    )


def _classes(
    names: Sequence[str], by_group: Matrix, clips: Sequence[LabelledClip], folds: int
) -> list[OfClass]:
    precision, recall, f1 = of_classes(by_group.sum(axis=0))
    found = []
    for number, name in enumerate(names):
        members = [c.group for c in clips if c.label == number]
        groups = len(set(members))
        found.append(
            OfClass(
                name=name,
                clips=len(members),
                groups=groups,
                precision=float(precision[number]),
                recall=float(recall[number]),
                f1=float(f1[number]),
                note=_too_few(groups, folds),
            )
        )
    return found


def _too_few(groups: int, folds: int) -> str:
    if groups == 0:
        return "no recording: in no figure"
    if groups == 1:
        return "one baby: by baby, whoever tests it has not trained it"
    if groups < folds:
        return f"{groups} babies for {folds} folds: by baby, not every fold tests it"
    return ""


def _figures(measured: dict[str, tuple[float, Interval]]) -> Figures:
    return {name: Figure(value, interval) for name, (value, interval) in measured.items()}


def _different(found: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [one for place, one in enumerate(found) if one not in found[:place]]
