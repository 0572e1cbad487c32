"""Data sets in the layouts that people have, told apart and read into clips."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from convert.data.audioset import is_audioset, read_audioset
from convert.data.donateacry import donateacry_group, read_donateacry
from convert.data.esc import is_esc, read_esc
from convert.data.files import recordings_in
from convert.data.folders import read_folders
from convert.data.splitting import FEWEST_GROUPS, split_groups
from convert.data.types import Clip, Contents, DataError, Found, OwnSplit
from convert.recipe import DataSet
from convert.sounds.audio import duration_s
from edgecry.errors import RecordingError

READERS: dict[str, Callable[[Path, DataSet], Contents]] = {
    "folders": read_folders,
    "donateacry": read_donateacry,
    "esc": read_esc,
    "audioset": read_audioset,
}


@dataclass(frozen=True, slots=True)
class _Read:
    entry: DataSet
    folder: Path
    contents: Contents


def read_sets(entries: Sequence[DataSet], data: Path, seed: int) -> tuple[list[Clip], list[str]]:
    """The clips of all sets, and remarks about how each was read.

    Raises DataError if a set is not there, holds nothing, or is not in its layout.
    """
    read = [_read(entry, data) for entry in entries]
    splits = _splits(read, seed)
    clips = [_clip(r, found, splits, data) for r in read for found in r.contents.found]
    remarks = [f"{r.entry.path}: {remark}" for r in read for remark in r.contents.remarks]
    return clips, remarks


def check_classes(clips: Sequence[Clip]) -> None:
    """Raise DataError unless cries and non-cries are in each of train, val and test."""
    for cry in (True, False):
        kind = "cry" if cry else "noncry"
        groups: dict[str, set[str]] = defaultdict(set)
        for clip in clips:
            if clip.cry == cry:
                groups[clip.split].add(clip.group)
        missing = [split for split in ("train", "val", "test") if split not in groups]
        if missing:
            count = len(set().union(*groups.values()))
            raise DataError(
                f"no {kind} in {' and '.join(missing)}: there are {count} groups with that class; "
                f"{FEWEST_GROUPS} are the fewest, 20 give figures worth reading. Add recordings, "
                "or say by `group` and `split` how they differ"
            )


def detect(folder: Path) -> str | None:
    """The layout of a folder; None if there is no recording in it."""
    recordings = recordings_in(folder)
    if not recordings:
        return None
    if is_esc(folder):
        return "esc"
    if is_audioset(folder):
        return "audioset"
    if all(donateacry_group(path) for path in recordings):
        return "donateacry"
    return "folders"


def _read(entry: DataSet, data: Path) -> _Read:
    folder = data / entry.path
    if not folder.is_dir() or Path(entry.path).is_absolute():
        raise DataError(f"{folder}: no such folder; `path` of a set is relative to --data")
    contents = READERS[entry.layout](folder, entry)
    if not contents.found:
        what = f"nothing in it is a recording of layout {entry.layout!r}"
        raise DataError("; ".join([f"{folder}: {what}", *contents.remarks]))
    return _Read(entry, folder, contents)


def _splits(read: Sequence[_Read], seed: int) -> dict[str, OwnSplit]:
    """Where the groups go whose set does not say it. Sets may share groups."""
    classes: dict[str, set[bool]] = defaultdict(set)
    for r in read:
        for found in r.contents.found:
            if r.entry.split is None and found.split is None:
                classes[found.group].add(found.cry)
    return split_groups({group: frozenset(has) for group, has in classes.items()}, seed)


def _clip(r: _Read, found: Found, splits: dict[str, OwnSplit], data: Path) -> Clip:
    path = r.folder / found.path
    source = r.folder.resolve().name if r.entry.layout == "folders" else r.entry.layout
    name = f"{source}/{found.path.as_posix()}"
    return Clip(
        key=path.relative_to(data).as_posix(),
        name=name,
        path=path,
        cry=found.cry,
        fine=found.fine,
        source=source,
        licence=found.licence,
        group=found.group,
        split=r.entry.split or found.split or splits[found.group],
        duration_s=_duration_s(path),
        bandwidth_hz=None,
        original=found.path.as_posix(),
    )


def _duration_s(path: Path) -> float:
    """0 for a damaged file, which the checks then name."""
    try:
        return duration_s(path)
    except RecordingError:
        return 0.0
