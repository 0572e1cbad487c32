"""The labelled clips of an approach."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from convert.data.files import table
from convert.data.manifest import read_manifest
from convert.data.types import DataError
from convert.reasons.approach import Approach
from convert.sounds.audio import duration_s

REASONS = "reasons.csv"
CLIPS = "pack/manifest.csv"
COLUMNS = ("path", "reason", "source", "licence", "group", "duration_s", "use")
USES = ("any", "benchmark")
NO_REASONS = frozenset({"laugh", "silence", "noise", "cry", "noncry"})
"""Labels that do not say why a baby cries."""


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """key: its path relative to the data folder. label: an index into the approach's classes.
    group: the baby, or the recording. use: `benchmark` where the licence forbids shipping what
    learned from it."""

    key: str
    path: Path
    label: int
    group: str
    source: str
    licence: str
    use: str
    duration_s: float


def read_clips(approach: Approach, data: Path) -> list[LabelledClip]:
    """The clips of an approach, sorted by key.

    Raises DataError where a row is wrong, or all clips are of one class; RecordingError.
    """
    listed = data / table_of(approach)
    if not listed.is_file():
        raise DataError(
            f"{listed} is not there; this makes it from public sets: "
            f"python -m convert.benchmark_data --data {data}"
        )
    rows = _reasons(data) if approach.data == "reasons" else _cries(data)
    class_of = {
        label: number for number, labels in enumerate(approach.classes.values()) for label in labels
    }
    clips = [
        LabelledClip(
            key, data / key, class_of[label], group, source, licence, use, duration_s(data / key)
        )
        for key, label, group, source, licence, use in sorted(rows)
        if label in class_of
    ]
    twice = [key for key, count in Counter(c.key for c in clips).items() if count > 1]
    if twice:
        raise DataError(f"{len(twice)} files are listed more than once, such as {twice[0]}")
    if len({c.label for c in clips}) < 2:
        raise DataError(
            f"{listed}: approach {approach.name} finds clips of fewer than two of its "
            f"classes ({', '.join(approach.classes)}); add recordings with their labels"
        )
    return clips


def table_of(approach: Approach) -> str:
    """What lists its recordings, in the data folder."""
    return REASONS if approach.data == "reasons" else CLIPS


def without_recordings(approach: Approach, clips: Iterable[LabelledClip]) -> list[str]:
    """Its classes of which there is no clip."""
    there = {c.label for c in clips}
    return [name for number, name in enumerate(approach.classes) if number not in there]


def reasons_of(approach: Approach) -> list[int]:
    """Which of its classes say why a baby cries."""
    return [
        number
        for number, labels in enumerate(approach.classes.values())
        if NO_REASONS.isdisjoint(labels)
    ]


def few(clips: Sequence[LabelledClip], per_class: int) -> list[LabelledClip]:
    """The first clips of each class, of as many groups as there are."""
    seen: Counter[object] = Counter()
    rank = {}
    for clip in clips:
        rank[clip.key] = seen[clip.label, clip.group], clip.key
        seen[clip.label, clip.group] += 1
    kept = []
    for label in sorted({c.label for c in clips}):
        kept += sorted((c for c in clips if c.label == label), key=lambda c: rank[c.key])[
            :per_class
        ]
    return sorted(kept, key=lambda c: c.key)


def sources(clips: Iterable[LabelledClip]) -> dict[str, int]:
    """How many recordings came from where; those that may train no shipped model say so."""
    of = {c.key: c.source + (", for benchmarks only" * (c.use == "benchmark")) for c in clips}
    return dict(Counter(of.values()).most_common())


def clips_hash(clips: Iterable[LabelledClip]) -> str:
    """SHA-256 over what every clip is called, how it is labelled, and its bytes."""
    total = hashlib.sha256()
    for clip in clips:
        total.update(f"{clip.key},{clip.label},{clip.group},".encode())
        total.update(hashlib.sha256(clip.path.read_bytes()).digest())
    return total.hexdigest()


_Row = tuple[str, str, str, str, str, str]
"""Path, label, group, source, licence, use."""


def _reasons(data: Path) -> list[_Row]:
    with table(data / REASONS) as lines:
        reader = csv.DictReader(lines)
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{data / REASONS}: no column {', '.join(sorted(missing))}")
        rows = list(reader)
    found = []
    for line, row in enumerate(rows, start=2):
        where = f"{data / REASONS}:{line}"
        if not all(row[column] for column in ("path", "reason", "group")):
            raise DataError(f"{where}: path, reason and group must not be empty")
        if row["use"] not in USES:
            raise DataError(f"{where}: use {row['use']!r} is not {' or '.join(USES)}")
        if not (data / row["path"]).is_file():
            raise DataError(f"{where}: {data / row['path']} does not exist")
        values = (row[c] for c in ("path", "reason", "group", "source", "licence", "use"))
        found.append(tuple(values))
    return found  # type: ignore[return-value]


def _cries(data: Path) -> list[_Row]:
    """Train and val: nothing is compared on the clips that the detector is tested with."""
    return [
        (clip.key, "cry" if clip.cry else "noncry", clip.group, clip.source, clip.licence, "any")
        for clip in read_manifest(data, CLIPS)
        if clip.split != "test"
    ]
