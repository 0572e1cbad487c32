"""Counts of true and predicted classes, from every file that people have."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.data.types import DataError
from convert.reporting.confusion import Confusion, from_pairs, read_confusion

NAMES = st.text(min_size=1, max_size=8).filter(lambda n: n.isprintable() and "\ufeff" not in n)
PAIRS = st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=30)


def written(path: Path, rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def same(one: Confusion, other: Confusion) -> bool:
    return one.classes == other.classes and np.array_equal(one.counts, other.counts)


@given(PAIRS)
def test_every_layout_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("counts")
    made = from_pairs(pairs)
    counts = made.counts.tolist()
    assert sum(map(sum, counts)) == len(pairs)
    rows = [["path", "predicted", "label"], *(["x", p, t] for t, p in pairs)]
    table = [["", *made.classes], *([n, *c] for n, c in zip(made.classes, counts, strict=True))]
    listed, counted = folder / "pairs.json", folder / "counts.json"
    listed.write_text(json.dumps([{"label": t, "predicted": p} for t, p in pairs]))
    counted.write_text(json.dumps({"classes": made.classes, "counts": counts}))
    for path in (written(folder / "a.csv", rows), written(folder / "b.csv", table)):
        assert same(read_confusion(path), made)
    for path in (listed, counted):
        assert same(read_confusion(path), made)


def test_figures() -> None:
    c = Confusion(("a", "b", "c"), np.array([[8, 2, 0], [3, 1, 0], [0, 0, 0]]))
    assert c.accuracy == pytest.approx(9 / 14)
    assert c.majority == pytest.approx(10 / 14)
    assert c.balanced_accuracy == pytest.approx((0.8 + 0.25) / 2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", ""),
        ("a.csv", "hello\n"),
        ("a.csv", "label,predicted\n"),
        ("a.csv", "label,predicted\na\n"),
        ("a.csv", ",a,b\na,1,2\nb,1\n"),
        ("a.csv", ",a,b\nb,1,2\na,1,2\n"),
        ("a.csv", ",a,b\na,1,2\nb,1,-1\n"),
        ("a.csv", ",a,b\na,1,2\nb,1,x\n"),
        ("a.csv", ",a,b\na,1,2.5\nb,1,1\n"),
        ("a.csv", ",a,b\na,0,0\nb,0,0\n"),
        ("a.json", "{"),
        ("a.json", "3"),
        ("a.json", "[]"),
        ("a.json", '[{"label": "a"}]'),
        ("a.json", '{"classes": ["a"], "counts": [[NaN]]}'),
        ("a.json", '{"classes": ["a", "b"], "counts": [[1, 2]]}'),
    ],
)
def test_what_is_no_confusion_is_refused_with_its_name(
    name: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DataError, match=name):
        read_confusion(path)
