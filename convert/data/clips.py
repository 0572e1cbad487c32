"""What there is to learn from: clips of `manifest.csv` files, their splits, and what is wrong.

A manifest has the columns path, label (cry, noncry), fine, source, licence, duration_s, and for
clips group and split (train, val, test) too. A group (a baby, a speaker, a recording) that is in
two splits is an error: it would make every number a lie.
"""

from __future__ import annotations

import csv
import fnmatch
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from convert.recipe import Data
from edgecry.errors import EdgecryError

Split = Literal["train", "held-out", "val", "test"]
NEONATE_AGE_CODE = "04"


class DataError(EdgecryError, ValueError):
    """A data set cannot be trained on."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled recording. `key` names it: its path relative to the data folder."""

    key: str
    path: Path
    cry: bool
    fine: str
    source: str
    licence: str
    group: str
    split: Split
    duration_s: float
    bandwidth_hz: float | None
    original: str

    @property
    def neonate(self) -> bool:
        """Is the baby 0 to 4 weeks old? DonateACry writes the age into the file name."""
        parts = self.original.split("-")
        return self.source.startswith("donateacry") and NEONATE_AGE_CODE in parts[-2:-1]


def read_dataset(data: Data, folder: Path) -> list[Clip]:
    """Every clip and stream of a recipe, checked.

    Raises DataError if a file is missing, a row is wrong or a group crosses splits.
    """
    clips = [c for name in data.clips for c in _read_manifest(folder, name, None)]
    for name in data.streams:
        clips += _read_manifest(folder, name, data.held_out)
    check_groups(clips)
    return clips


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


def _read_manifest(folder: Path, name: str, held_out: list[str] | None) -> list[Clip]:
    """held_out: None for clips, which have their own split; the patterns for streams."""
    manifest = folder / name
    try:
        with manifest.open(newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise DataError(f"{manifest}: {error.strerror}") from None
    clips = []
    for line, row in enumerate(rows, start=2):
        try:
            clips.append(_clip(manifest, Path(name).parent, row, held_out))
        except (KeyError, ValueError) as error:
            raise DataError(f"{manifest}:{line}: {error}") from None
    return clips


def _clip(manifest: Path, prefix: Path, row: dict[str, str], held_out: list[str] | None) -> Clip:
    path = manifest.parent / row["path"]
    if not path.exists():
        raise ValueError(f"{path} does not exist")
    if row["label"] not in ("cry", "noncry"):
        raise ValueError(f"label {row['label']!r} is not cry or noncry")
    if held_out is None:
        group, split = row["group"], row["split"]
        if split not in ("train", "val", "test"):
            raise ValueError(f"split {split!r} is not train, val or test")
    else:
        name = f"{row['source']}/{row['path']}"
        group = name
        kept = any(fnmatch.fnmatch(name, pattern) for pattern in held_out)
        split = "held-out" if kept else "train"
    return Clip(
        key=str(prefix / row["path"]),
        path=path,
        cry=row["label"] == "cry",
        fine=row["fine"],
        source=row["source"],
        licence=row["licence"],
        group=group,
        split=split,  # type: ignore[arg-type]
        duration_s=float(row["duration_s"]),
        bandwidth_hz=float(row["bandwidth_hz"]) if row.get("bandwidth_hz") else None,
        original=row.get("original", ""),
    )
