"""Single public files from the network: resumed, bounded and verified; a set has a manifest."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from convert.data.catalogue import ListedFile, ListedSet, PublicFile
from convert.data.fetching import DownloadError, GoneError, Progress, load

MANIFEST = "manifest.csv"
COLUMNS = ("path", "label", "fine", "source", "licence", "group", "duration_s", "split")
MOST_NAMED = 3


def fetch_files(wanted: ListedSet, to: Path, progress: Progress) -> Path:
    """Have the set in `to/<name>`, with its manifest; the folder comes back.

    What is there already is verified and never overwritten, so a set that broke off is gone on
    with. The manifest holds what is there in the end. Raises DownloadError; for files that nobody
    has any more only after all others are there.
    """
    folder = to / wanted.name
    have_bytes, gone = 0, []
    for file in wanted.files:
        try:
            _have(file, f"{wanted.address}/{quote(file.where)}", folder, lambda *_: None)
        except GoneError:
            gone.append(file)
        have_bytes += file.size_bytes
        progress(have_bytes, wanted.size_bytes)
    _write_manifest(folder / MANIFEST, (file for file in wanted.files if file not in gone))
    if gone:
        named = ", ".join(file.where for file in gone[:MOST_NAMED])
        raise DownloadError(
            f"{len(gone)} of {len(wanted.files)} files are gone from their repositories ({named}"
            f"{', ...' if len(gone) > MOST_NAMED else ''}); {folder / MANIFEST} names the others"
        )
    return folder


def fetch_file(wanted: PublicFile, to: Path, progress: Progress) -> Path:
    """Have the file where it belongs in `to`; its path comes back. Raises DownloadError.

    What is there already is verified and never overwritten.
    """
    return _have(wanted, wanted.address, to, progress)


def _have(file: ListedFile | PublicFile, address: str, folder: Path, progress: Progress) -> Path:
    path = folder / file.path
    if path.exists():
        if _sha256(path) != file.sha256:
            raise DownloadError(
                f"{path} exists and is another file than {address}; move it away and fetch again"
            )
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}")
    load(address, part, file.size_bytes, progress)
    if (found := _sha256(part)) != file.sha256:
        part.unlink()
        raise DownloadError(
            f"{address}: SHA-256 {found} instead of {file.sha256}; it was thrown away"
        )
    return part.rename(path)


def _write_manifest(path: Path, files: Iterable[ListedFile]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    about = (
        (f.path, "noncry", f.fine, f.source, f.licence, f.group, f.duration_s, "train")
        for f in files
    )
    with path.open("w", newline="") as manifest:
        csv.writer(manifest, lineterminator="\n").writerows([COLUMNS, *about])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
