"""Who was taken for whom: counts of true and predicted classes, from the files people have."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.data.files import table
from convert.data.types import DataError

TRUE, PREDICTED = "label", "predicted"
CLASSES, COUNTS = "classes", "counts"


@dataclass(frozen=True, slots=True)
class Confusion:
    """counts: (classes, classes), true class down, predicted class across."""

    classes: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def accuracy(self) -> float:
        """Share of all that were predicted right."""
        return float(np.trace(self.counts) / self.counts.sum())

    @property
    def majority(self) -> float:
        """The accuracy of whoever always says the most frequent class."""
        return float(self.counts.sum(axis=1).max() / self.counts.sum())

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that there are."""
        there = self.counts.sum(axis=1) > 0
        return float(np.mean(np.diag(self.shares)[there]))

    @property
    def shares(self) -> NDArray[np.float64]:
        """Each row's counts by its sum, 0..1; 0 where a class has none."""
        return self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True))


def read_confusion(path: Path) -> Confusion:
    """From CSV or JSON, counts or pairs.

    CSV: a column `label` and a column `predicted`, one row a clip; or counts, with the predicted
    classes in the first row and the true class in front of each other row. JSON: a list of objects
    with `label` and `predicted`; or an object with `classes` and `counts`.
    Raises DataError if it is neither, or holds nothing.
    """
    read = _json if path.suffix.lower() == ".json" else _csv
    try:
        made = read(path)
    except DataError:
        raise
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"{path}: neither rows of {TRUE} and {PREDICTED} nor a table of counts: {error}"
        ) from None
    if not made.counts.sum():
        raise DataError(f"{path}: nothing was counted")
    return made


def from_pairs(pairs: Iterable[tuple[str, str]]) -> Confusion:
    """(true, predicted) of each clip; classes in alphabetical order."""
    found = list(pairs)
    classes = sorted({name for pair in found for name in pair})
    place = {name: number for number, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), np.int64)
    for true, predicted in found:
        counts[place[true], place[predicted]] += 1
    return Confusion(tuple(classes), counts)


def _json(path: Path) -> Confusion:
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, list):
        return from_pairs((str(row[TRUE]), str(row[PREDICTED])) for row in content)
    return _counted(content[CLASSES], content[COUNTS])


def _csv(path: Path) -> Confusion:
    with table(path) as lines:
        rows = [row for row in csv.reader(lines) if row]
    if not rows:
        raise ValueError("it is empty")
    head, *body = rows
    if TRUE in head and PREDICTED in head:
        true, predicted = head.index(TRUE), head.index(PREDICTED)
        if any(len(row) != len(head) for row in body):
            raise ValueError("a row has not as many cells as the first")
        return from_pairs((row[true], row[predicted]) for row in body)
    if len(head) < 2:
        raise ValueError("its first row names no class")
    if [row[0] for row in body] != head[1:]:
        raise ValueError("the classes of the rows are not those of the columns, in their order")
    return _counted(head[1:], [row[1:] for row in body])


def _counted(classes: Sequence[str], counts: Sequence[Sequence[str | float]]) -> Confusion:
    values = np.array([[float(cell) for cell in row] for row in counts])
    if values.shape != (len(classes), len(classes)):
        raise ValueError(f"{len(classes)} classes need as many rows and columns of counts")
    if not (np.isfinite(values).all() and (values >= 0).all() and (values % 1 == 0).all()):
        raise ValueError("counts are whole numbers from 0 on")
    return Confusion(tuple(map(str, classes)), values.astype(np.int64))
