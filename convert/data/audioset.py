"""AudioSet-style lists: `YTID, start_seconds, end_seconds, positive_labels`, and the clips beside.

J. F. Gemmeke et al., "Audio Set: An ontology and human-labeled dataset for audio events", ICASSP
2017; https://research.google.com/audioset/download.html. Everybody names the clips a little
differently: `<YTID>_<start>...`, in seconds or milliseconds, or `Y<YTID>` and `<YTID>` alone.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from convert.data.files import readable, recordings_in, table
from convert.data.types import Contents, DataError, Found
from convert.recipe import DataSet

BABY_CRY = "/t/dd00002"
IN_DOUBT = frozenset(["/m/0463cq4", "/m/07qz6j3", "/m/07qw_06"])
"""Crying, sobbing; whimper; wail, moan: of a baby or of an adult, nobody knows."""
LICENCE = "as each YouTube video has it; labels CC BY 4.0"
_COLUMNS = 4
_HEADER = re.compile(r"#\s*YTID,\s*start_seconds,\s*end_seconds,\s*positive_labels")
_FILE = re.compile(r"Y?(?P<video>[\w-]{11})(?:_(?P<start>[0-9]+(?:\.[0-9]+)?)(?:_.*)?)?")


def read_audioset(folder: Path, entry: DataSet) -> Contents:
    """The clips that are there, of all lists in the folder and below. Groups are videos.

    Clips labelled with crying that may be an adult's are left out. Raises DataError for a list that
    is not one, or if there is no clip of any.
    """
    clips, remarks = _clips_by_video(folder)
    found: dict[Path, Found] = {}
    rows = doubtful = 0
    for listed in _lists(folder):
        for video, start_s, labels in _rows(listed):
            rows += 1
            path = _clip_of(clips.get(video, []), start_s)
            if path is None:
                continue
            if BABY_CRY not in labels and labels & IN_DOUBT:
                doubtful += 1
                continue
            cry = BABY_CRY in labels
            found[path] = Found(
                path=path,
                cry=cry,
                fine="baby_cry" if cry else min(labels),
                group=f"youtube:{video}",
                licence=entry.licence or LICENCE,
            )
    if not found:
        raise DataError(f"{folder}: no clip of its lists is there; name them <YTID>_<start>.wav")
    remarks.append(f"{len(found) + doubtful} of {rows} listed clips are there")
    if doubtful:
        remarks.append(f"{doubtful} clips of crying that may be an adult's were left out")
    return Contents(list(found.values()), remarks)


def is_audioset(folder: Path) -> bool:
    """Is there a list in the folder?"""
    return bool(_lists(folder))


def _lists(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.csv")) if _is_list(path)]


def _is_list(path: Path) -> bool:
    with path.open(errors="replace") as file:
        head = [file.readline(1000) for _ in range(3)]
    return any(_HEADER.match(line) for line in head)


def _rows(path: Path) -> list[tuple[str, float, frozenset[str]]]:
    """(video, start in seconds, labels) of every row."""
    rows = []
    with table(path) as lines:
        for line, row in enumerate(csv.reader(lines, skipinitialspace=True), start=1):
            if not row or row[0].startswith("#"):
                continue
            try:
                if len(row) != _COLUMNS or not row[3]:
                    raise ValueError("not four columns: video, start, end, labels")
                rows.append((row[0], float(row[1]), frozenset(row[3].split(","))))
            except ValueError as error:
                raise DataError(f"{path}:{line}: {error}") from None
    return rows


def _clips_by_video(folder: Path) -> tuple[dict[str, list[tuple[float | None, Path]]], list[str]]:
    """Every clip by its video, with the start that its name tells."""
    paths, remarks = readable(recordings_in(folder))
    clips: dict[str, list[tuple[float | None, Path]]] = {}
    for path in paths:
        name = _FILE.fullmatch(path.stem)
        if name:
            start = float(name["start"]) if name["start"] else None
            clips.setdefault(name["video"], []).append((start, path))
    return clips, remarks


def _clip_of(clips: list[tuple[float | None, Path]], start_s: float) -> Path | None:
    """The clip of a video that starts there, in seconds or milliseconds."""
    for start, path in clips:
        if start is None or start in (start_s, int(start_s), round(1000 * start_s)):
            return path
    return None
