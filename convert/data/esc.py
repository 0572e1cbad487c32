"""ESC-50 (`meta/esc50.csv` and `audio/`), and ESC-10 as it was once published (a folder a class).

K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015;
https://github.com/karolpiczak/ESC-50. Clips cut from one recording of freesound.org are a group.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from convert.data.files import recordings_in, table
from convert.data.types import Contents, DataError, Found
from convert.recipe import DataSet

META = Path("meta") / "esc50.csv"
LICENCE_ESC10 = "CC BY 3.0"
LICENCE_ESC50 = "CC BY-NC 3.0"
CRY = ("crying_baby", "baby_cry")
_NAME = re.compile(r"(?P<fold>[1-5])-(?P<recording>[0-9]+)-(?P<take>[A-Z])(-(?P<target>[0-9]+))?")
_OLD_FOLDER = re.compile(r"[0-9]{3} - (?P<category>.+)")


def read_esc(folder: Path, entry: DataSet) -> Contents:
    """All clips of either. Raises DataError if the table or a clip is not as published."""
    found = _from_table(folder, entry) if (folder / META).is_file() else _from_folders(folder)
    if not found:
        raise DataError(f"{folder}: neither {META} nor folders such as '004 - Baby cry'")
    remarks = []
    if any(f.licence == LICENCE_ESC50 for f in found):
        remarks.append(
            "ESC-50 outside ESC-10 is CC BY-NC: what it trains is not for sale; "
            "leave it out with `exclude` if that matters"
        )
    return Contents(found, remarks)


def is_esc(folder: Path) -> bool:
    """Does a folder look like one of the two?"""
    return (folder / META).is_file() or bool(_from_folders(folder))


def esc_group(path: Path) -> str | None:
    """The group of a file that is named as ESC names its files."""
    name = _NAME.fullmatch(path.stem)
    return f"freesound:{name['recording']}" if name else None


def _from_table(folder: Path, entry: DataSet) -> list[Found]:
    found = []
    with table(folder / META) as lines:
        for line, row in enumerate(csv.DictReader(lines), start=2):
            try:
                path = Path("audio") / row["filename"]
                licence = LICENCE_ESC10 if row["esc10"] == "True" else LICENCE_ESC50
                category, recording = row["category"], row["src_file"]
            except (KeyError, TypeError) as error:
                raise DataError(f"{folder / META}:{line}: no column {error}") from None
            if not (folder / path).is_file():
                raise DataError(f"{folder / META}:{line}: {folder / path} does not exist")
            found.append(_found(path, category, recording, entry.licence or licence))
    return found


def _from_folders(folder: Path) -> list[Found]:
    found = []
    for path in recordings_in(folder):
        name = _NAME.fullmatch(path.stem)
        category = _OLD_FOLDER.fullmatch(path.parent.name)
        if name and category:
            fine = category["category"].lower().replace(" ", "_")
            found.append(_found(path, fine, name["recording"], LICENCE_ESC10))
    return found


def _found(path: Path, category: str, recording: str, licence: str) -> Found:
    return Found(path, category in CRY, category, f"freesound:{recording}", licence)
