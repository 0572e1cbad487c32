"""Which files of a folder are recordings, and which of those the workbench can read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from convert.data.types import DataError
from edgecry.capture.recording import SUFFIXES

READABLE = frozenset(
    [".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".au", ".caf"]
)
"""What libsndfile decodes; the others need a program to convert them first."""


def recordings_in(folder: Path) -> list[Path]:
    """Every recording in a folder and below it, sorted, relative to it; hidden files are not.

    Raises DataError if the name of one is not UTF-8.
    """
    found = sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    for path in found:
        if any("\udc80" <= letter <= "\udcff" for letter in str(path)):
            raise DataError(f"{folder}: {str(path)!a} is not a name in UTF-8; rename it")
    return found


def readable(paths: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """The recordings that can be read, and a remark if others were left out."""
    kept: list[Path] = []
    others: list[Path] = []
    for path in paths:
        (kept if path.suffix.lower() in READABLE else others).append(path)
    if not others:
        return kept, []
    kinds = ", ".join(sorted({path.suffix.lower() for path in others}))
    return kept, [
        f"{len(others)} files ({kinds}) cannot be read and were left out, such as {others[0]}; "
        "convert them first: ffmpeg -i IN.m4a OUT.wav"
    ]


@contextmanager
def table(path: Path) -> Iterator[Iterable[str]]:
    """The lines of a CSV file. Raises DataError if it cannot be read or is not text."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            yield file
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: not a CSV file in UTF-8: {error}") from None
