"""What there is to learn from: the clips of a recipe, their splits, and what is wrong.

A group (a baby, a speaker, a recording) that is in two splits is an error: it would make every
number a lie.
"""

from __future__ import annotations

import fnmatch
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from convert.data.layouts import check_classes, read_sets
from convert.data.manifest import read_manifest
from convert.data.types import Clip, DataError, Split
from convert.recipe import Data

__all__ = [
    "Clip",
    "DataError",
    "Split",
    "check_classes",
    "check_groups",
    "data_hash",
    "excluded_clips",
    "is_excluded",
    "read_dataset",
    "survey",
]


def read_dataset(data: Data, folder: Path) -> list[Clip]:
    """Every clip and stream that a recipe trains, chooses or tests with, checked.

    Raises DataError if a file is missing, a row is wrong, a group crosses splits, or a split lacks
    a class.
    """
    clips = survey(data, folder)[0]
    check_classes(clips)
    return clips


def survey(data: Data, folder: Path) -> tuple[list[Clip], list[str]]:
    """As `read_dataset`, whatever classes there are; and remarks about how sets were read."""
    clips, remarks = _everything(data, folder)
    return [c for c in clips if c.split == "test" or not is_excluded(c, data)], remarks


def excluded_clips(data: Data, folder: Path) -> list[Clip]:
    """Exactly what `exclude` names, whatever its split: what a run without it is tested on."""
    return [clip for clip in _everything(data, folder)[0] if is_excluded(clip, data)]


def is_excluded(clip: Clip, data: Data) -> bool:
    """Does `source/path` or `source/original` match a pattern of `exclude`?"""
    names = (clip.name, f"{clip.source}/{clip.original}")
    return any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in data.exclude)


def check_groups(clips: Iterable[Clip]) -> None:
    """Raise DataError if a group is in more than one split."""
    splits: dict[str, set[str]] = defaultdict(set)
    for clip in clips:
        splits[clip.group].add(clip.split)
    leaks = {group: found for group, found in splits.items() if len(found) > 1}
    if leaks:
        group, found = sorted(leaks.items())[0]
        raise DataError(
            f"{len(leaks)} groups are in more than one split, such as {group} in "
            f"{', '.join(sorted(found))}; move all clips of a group into one split"
        )


def data_hash(clips: Iterable[Clip]) -> str:
    """SHA-256 over what every clip is called, how it is labelled, and its bytes."""
    total = hashlib.sha256()
    for clip in sorted(clips, key=lambda c: c.key):
        total.update(f"{clip.key},{clip.cry},{clip.group},{clip.split},".encode())
        total.update(hashlib.sha256(clip.path.read_bytes()).digest())
    return total.hexdigest()


def _everything(data: Data, folder: Path) -> tuple[list[Clip], list[str]]:
    missing = [name for name in (*data.clips, *data.streams) if not (folder / name).is_file()]
    if missing:
        raise DataError(
            f"{folder / missing[0]} is not there; if it is a public set, fetch it: "
            f"python -m convert.download {Path(missing[0]).parent} --to {folder}"
        )
    clips = [clip for name in data.clips for clip in read_manifest(folder, name)]
    from_sets, remarks = read_sets(data.sets, folder, data.split_seed)
    clips += from_sets
    if not clips:
        raise DataError("no recordings: data.clips and data.sets of the recipe name none")
    for name in data.streams:
        clips += read_manifest(folder, name, data.held_out)
    _check_once(clips)
    check_groups(clips)
    for pattern in data.exclude:
        if not any(is_excluded(clip, Data(exclude=[pattern])) for clip in clips):
            raise DataError(f"exclude: {pattern!r} matches no clip; it is source/path")
    return clips, remarks


def _check_once(clips: Iterable[Clip]) -> None:
    twice = [key for key, count in Counter(clip.key for clip in clips).items() if count > 1]
    if twice:
        raise DataError(f"{len(twice)} files are listed more than once, such as {twice[0]}")
