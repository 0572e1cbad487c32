"""Our own layout: a `manifest.csv` beside the recordings.

Columns: path, label (cry, noncry), fine, source, licence, duration_s, and for clips group and
split (train, val, test) too. Streams, which are long non-cries, have neither.
"""

from __future__ import annotations

import csv
import fnmatch
import math
from pathlib import Path

from convert.data.files import table
from convert.data.types import Clip, DataError


def read_manifest(folder: Path, name: str, held_out: list[str] | None = None) -> list[Clip]:
    """The clips of the manifest `name` in the data folder.

    held_out: None for clips, which have their own split; for streams the patterns of those that are
    kept for choosing thresholds. Raises DataError with the line of the first row that is wrong.
    """
    manifest = folder / name
    with table(manifest) as lines:
        rows = list(csv.DictReader(lines))
    clips = []
    for line, row in enumerate(rows, start=2):
        try:
            clips.append(_clip(manifest, Path(name).parent, row, held_out))
        except KeyError as error:
            raise DataError(f"{manifest}:{line}: no column {error}") from None
        except (TypeError, ValueError) as error:
            raise DataError(f"{manifest}:{line}: {error}") from None
    return clips


def _clip(manifest: Path, prefix: Path, row: dict[str, str], held_out: list[str] | None) -> Clip:
    path = manifest.parent / row["path"]
    if not path.is_file():
        raise ValueError(f"{path} does not exist")
    if row["label"] not in ("cry", "noncry"):
        raise ValueError(f"label {row['label']!r} is not cry or noncry")
    name = f"{row['source']}/{row['path']}"
    if held_out is None:
        group, split = row["group"], row["split"]
        if split not in ("train", "val", "test"):
            raise ValueError(f"split {split!r} is not train, val or test")
        if not group:
            raise ValueError("the group is empty; name the baby, the speaker or the recording")
    else:
        if row["label"] == "cry":
            raise ValueError("a stream holds no cry; recordings of cries go into `clips`")
        group = name
        kept = any(fnmatch.fnmatchcase(name, pattern) for pattern in held_out)
        split = "held-out" if kept else "train"
    return Clip(
        key=str(prefix / row["path"]),
        name=name,
        path=path,
        cry=row["label"] == "cry",
        fine=row["fine"],
        source=row["source"],
        licence=row["licence"],
        group=group,
        split=split,  # type: ignore[arg-type]
        duration_s=_seconds(row["duration_s"]),
        bandwidth_hz=float(row["bandwidth_hz"]) if row.get("bandwidth_hz") else None,
        original=row.get("original") or "",
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise ValueError(f"duration_s {text!r} is not a time")
    return seconds
