"""Laughs, which are heard in scenes and counted, and never train."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal

from convert.data.files import table
from convert.data.types import Clip

SceneSplit = Literal["val", "test"]
SPLITS: tuple[SceneSplit, ...] = ("val", "test")


def read_laughs(folder: Path, name: str, split: SceneSplit) -> list[Clip]:
    """The laughs of the table `name` in the data folder: every other group for val.

    Its columns: path, reason, group and source. Raises DataError if it cannot be read.
    """
    with table(folder / name) as lines:
        rows = [row for row in csv.DictReader(lines) if row["reason"] == "laugh"]
    groups = sorted({row["group"] for row in rows})[SPLITS.index(split) :: len(SPLITS)]
    place = Path(name).parent
    return [
        Clip(
            key=str(place / row["path"]),
            name=f"{row['source']}/{row['path']}",
            path=folder / place / row["path"],
            cry=False,
            fine="laugh",
            source=row["source"],
            licence="",
            group=row["group"],
            split=split,
            duration_s=0.0,
            bandwidth_hz=None,
            original="",
        )
        for row in rows
        if row["group"] in groups
    ]
