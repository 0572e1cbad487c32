"""Sounds that are taken for a cry and are none: single files of many public repositories.

`soundalikes.csv` names each at one commit, with its licence, whom to attribute it to and its
SHA-256. None of them is in this repository.
"""

from __future__ import annotations

import csv
from pathlib import Path

from convert.data.catalogue import ListedFile, ListedSet

LIST = Path(__file__).with_name("soundalikes.csv")
ADDRESS = "https://raw.githubusercontent.com"


def soundalikes() -> ListedSet:
    """The set, as its list has it."""
    with LIST.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return ListedSet("soundalikes", ADDRESS, tuple(map(_listed, rows)))


def _listed(row: dict[str, str]) -> ListedFile:
    return ListedFile(
        path=row["path"],
        fine=row["fine"],
        source=row["source"],
        licence=row["licence"],
        group=row["group"],
        duration_s=float(row["duration_s"]),
        where=f"{row['repository']}/{row['commit']}/{row['file']}",
        size_bytes=int(row["size_bytes"]),
        sha256=row["sha256"],
    )
