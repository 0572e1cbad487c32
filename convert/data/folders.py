"""A folder a class, as most people and the Kaggle sets have it.

Names that say it themselves need no setting: `cry`, `not_crying`, `silence`, `hungry` and such; for
others the recipe's `classes` says what they are. Folders train, val and test around the classes, or
in them, are kept if all three are there. Many sets are made of DonateACry and ESC-50, whose file
names tell the group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from convert.data.donateacry import donateacry_group
from convert.data.esc import esc_group
from convert.data.files import readable, recordings_in
from convert.data.types import Contents, DataError, Found, OwnSplit
from convert.recipe import DataSet

CRY = frozenset(
    [
        "hungry",
        "hunger",
        "tired",
        "sleepy",
        "belly_pain",
        "pain",
        "burping",
        "burp",
        "discomfort",
        "lonely",
        "scared",
        "cold_hot",
    ]
)
NONCRY = frozenset(
    [
        "silence",
        "noise",
        "background",
        "other",
        "others",
        "negative",
        "negatives",
        "laugh",
        "laughing",
        "laughter",
        "baby_laugh",
        "babble",
        "babbling",
        "speech",
        "music",
    ]
)
SPLITS: dict[str, OwnSplit] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
NO_LICENCE = "not stated"
_CRY = r"(baby|infant)?(cry|cries|crying)(baby|infant)?(_|$)"
_CRY_WORD = re.compile(rf"(^|_){_CRY}")
_NO_CRY = re.compile(rf"^(non|not|no|without)(_|(?=cr))(\w+_)?{_CRY}")


def read_folders(folder: Path, entry: DataSet) -> Contents:
    """Every recording below a folder whose name tells its class.

    Raises DataError if a class is not known, or `group` finds nothing in a file's path.
    """
    paths, remarks = readable(recordings_in(folder))
    unknown = unknown_classes(folder, paths, entry)
    if unknown:
        raise DataError(
            f"{folder}: are these cries: {', '.join(unknown)}? "
            f'Say it in the recipe: classes: {{"{unknown[0]}": cry}}, or noncry, or leave out'
        )
    splits = {_split_of(path) for path in paths}
    keep_splits = {"train", "val", "test"} <= splits
    if splits - {None} and not keep_splits:
        remarks.append("its own splits are not kept, because one of train, val and test is missing")
    if entry.licence is None:
        remarks.append("no licence is given; write it into the recipe, the model's card names it")
    alone = sum(_known_group(path) is None for path in paths)
    if entry.group is None and alone:
        remarks.append(
            f"{alone} files count as a group each. If several are of one baby or one recording, "
            "say in `group` how the file name tells, or all figures will be too good"
        )
    contents = Contents(remarks=remarks)
    for path in paths:
        fine, kind = _class_of(folder, path, entry)  # type: ignore[misc]
        if kind != "leave out":
            contents.found.append(
                Found(
                    path=path,
                    cry=kind == "cry",
                    fine=fine,
                    group=_group(folder, path, entry),
                    licence=entry.licence or NO_LICENCE,
                    split=_split_of(path) if keep_splits else None,
                )
            )
    return contents


def known_class(name: str) -> str | None:
    """cry or noncry if a class's name says it; numbers in front are ignored."""
    plain = re.sub(r"[^a-z]+", "_", re.sub(r"^[\d\W_]+", "", name.lower())).strip("_")
    if plain in NONCRY or _NO_CRY.match(plain):
        return "noncry"
    if plain in CRY or _CRY_WORD.search(plain):
        return "cry"
    return None


def unknown_classes(folder: Path, paths: Iterable[Path], entry: DataSet) -> list[str]:
    """The folders of those recordings of which nobody said whether they are cries, sorted."""
    return sorted(
        {_names(folder, path)[0] for path in paths if _class_of(folder, path, entry) is None}
    )


def _class_of(folder: Path, path: Path, entry: DataSet) -> tuple[str, str] | None:
    """(folder, cry or noncry or leave out) of the nearest folder that says it."""
    for name in _names(folder, path):
        kind = entry.classes.get(name) or known_class(name)
        if kind:
            return name, kind
    return None


def _names(folder: Path, path: Path) -> list[str]:
    """The folders around a recording, nearest first; the set's own where there are none."""
    names = [name for name in reversed(path.parent.parts) if name.lower() not in SPLITS]
    return names or [folder.resolve().name]


def _split_of(path: Path) -> OwnSplit | None:
    return next((SPLITS[p.lower()] for p in path.parent.parts if p.lower() in SPLITS), None)


def _known_group(path: Path) -> str | None:
    return donateacry_group(path) or esc_group(path)


def _group(folder: Path, path: Path, entry: DataSet) -> str:
    if entry.group is None:
        return _known_group(path) or f"{folder.resolve().name}:{path.as_posix()}"
    try:
        match = re.search(entry.group, path.as_posix())
    except re.error as error:
        raise DataError(f"group: {entry.group!r} is not a regular expression: {error}") from None
    if match is None:
        raise DataError(f"group: {entry.group!r} finds nothing in {path.as_posix()!r}")
    return f"{folder.resolve().name}:{match[1] if match.re.groups else match[0]}"
