"""A public data set from the network: resumed, bounded, unpacked with care, and verified."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import stat
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from convert.data.catalogue import PublicSet
from edgecry.capture.recording import SUFFIXES
from edgecry.errors import EdgecryError

TIMEOUT_S = 30.0
CHUNK_BYTES = 1 << 16
DOCUMENTS = frozenset([".md", ".txt", ".csv", ""])
_RANGE_NOT_SATISFIABLE = 416
_PARTIAL_CONTENT = 206
_GONE = (404, 410, 451)

Progress = Callable[[int, int | None], None]
"""Told (bytes so far, bytes in all if known)."""


class DownloadError(EdgecryError, OSError):
    """A data set could not be fetched, or is not what it should be."""


class GoneError(DownloadError):
    """There is nothing at this address any more."""


def fetch_set(wanted: PublicSet, to: Path, progress: Progress) -> Path:
    """Have the set in `to/<name>`; the folder comes back. Whatever is there is never overwritten.

    What was loaded of the archive stays as `.<name>.zip` until the set is complete, so that a
    broken connection costs only what is missing. Raises DownloadError.
    """
    folder = to / wanted.name
    if folder.exists():
        if tree_hash(folder) != wanted.sha256:
            raise DownloadError(
                f"{folder} exists and differs from {wanted.version}; if it was not you who changed "
                "it, move it away and fetch it again"
            )
        return folder
    to.mkdir(parents=True, exist_ok=True)
    archive = to / f".{wanted.name}.zip"
    load(wanted.address, archive, 2 * wanted.size_bytes, progress)
    with tempfile.TemporaryDirectory(dir=to, prefix=f".{wanted.name}-") as place:
        try:
            unpack(archive, Path(place) / "set", wanted.size_bytes)
            found = tree_hash(Path(place) / "set")
            if found != wanted.sha256:
                raise DownloadError(
                    f"{wanted.address}: its files are not those of {wanted.version}: SHA-256 "
                    f"{found} instead of {wanted.sha256}; it was thrown away"
                )
        except DownloadError:
            archive.unlink()
            raise
        (Path(place) / "set").rename(folder)
    archive.unlink()
    return folder


def load(address: str, path: Path, most_bytes: int, progress: Progress) -> None:
    """Load an address into a file, going on where an earlier attempt ended.

    Raises DownloadError if it cannot be reached, breaks off, or is larger than `most_bytes`.
    """
    have = path.stat().st_size if path.exists() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            have = have if answer.status == _PARTIAL_CONTENT else 0
            missing = answer.headers["Content-Length"]
            total = have + int(missing) if missing else None
            with path.open("ab" if have else "wb") as file:
                while chunk := answer.read(CHUNK_BYTES):
                    have += len(chunk)
                    if have > most_bytes:
                        raise DownloadError(f"{address}: larger than {most_bytes} bytes; stopped")
                    file.write(chunk)
                    progress(have, total)
    except urllib.error.HTTPError as error:
        if have and error.code == _RANGE_NOT_SATISFIABLE:
            return
        kind = GoneError if error.code in _GONE else DownloadError
        raise kind(f"{address}: the server says {error.code} {error.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as why:
        reason = getattr(why, "reason", None) or why
        raise DownloadError(
            f"{address}: {reason}; is there internet? What is loaded is kept: run it again"
        ) from None
    if total is not None and have < total:
        raise DownloadError(
            f"{address}: broke off after {have} of {total} bytes; run it again to go on"
        )


def unpack(archive: Path, folder: Path, most_bytes: int) -> None:
    """The recordings and documents of a zip archive, without its outermost folder.

    Raises DownloadError for an archive that is damaged, that holds more than `most_bytes` of them,
    links, or paths that lead out of the folder.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            members = [(_inside(info), info) for info in content.infolist() if not info.is_dir()]
            kept = [(path, info) for path, info in members if _is_kept(path)]
            size = sum(info.file_size for _, info in kept)
            if size > most_bytes:
                raise DownloadError(f"{archive}: unpacks to {size} bytes, not to {most_bytes}")
            for path, info in kept:
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with content.open(info) as source, target.open("xb") as file:
                    shutil.copyfileobj(source, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, FileExistsError, RuntimeError) as error:
        raise DownloadError(f"{archive}: not a zip archive that can be unpacked: {error}") from None


def tree_hash(folder: Path) -> str:
    """SHA-256 over the path and content of each recording and document, sorted by path."""
    total = hashlib.sha256()
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    for name in sorted(names, key=os.fsencode):
        if _is_kept(PurePosixPath(name)):
            content = hashlib.sha256(names[name].read_bytes()).hexdigest()
            total.update(f"{content}  {name}\n".encode())
    return total.hexdigest()


def _inside(info: zipfile.ZipInfo) -> PurePosixPath:
    """Where a member belongs, without the outermost folder."""
    path = PurePosixPath(info.filename)
    escapes = path.is_absolute() or ".." in path.parts or "\\" in info.filename
    if escapes or stat.S_ISLNK(info.external_attr >> 16) or len(path.parts) < 2:
        raise DownloadError(
            f"the archive holds {info.filename!r}, which has no place in the folder"
        )
    return PurePosixPath(*path.parts[1:])


def _is_kept(path: PurePosixPath) -> bool:
    return path.suffix.lower() in SUFFIXES | DOCUMENTS and not path.name.startswith(".")
