"""The durable end of the journal: what `append` returned has survived whatever comes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from edgecry.outputs.journal.line import Line, lines_in, sealed
from edgecry.outputs.journal.segments import SEGMENT_BYTES, SEGMENTS, segment_path, segments_in

_FOLDER_MODE, _FILE_MODE = 0o750, 0o640
"""Whatever the service's umask: technicians in its group read the journal without being root."""


class Writer:
    """Appends to the newest file, begins the next one when it is full, deletes the oldest.

    Used by one thread. Every method may raise OSError; close it then, and make a new one later.
    The folder stays locked against a second daemon until `close`.
    """

    def __init__(
        self, folder: Path, segment_bytes: int = SEGMENT_BYTES, segments: int = SEGMENTS
    ) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._segments = segments
        self._file: int | None = None
        self._size = 0
        _make_folder(folder)
        self._folder_fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._folder_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.next_seq = self._find_end()
        except OSError:
            self.close()
            raise

    def append(self, lines: Sequence[Line]) -> int:
        """Number and write as many of `lines` as fit into one file; at least one.

        Returns how many are on the disk now. When it raises none of them is, unless the disk
        refuses even to take back what it has of them.
        """
        numbered = [
            sealed(msgspec.structs.replace(line, seq=seq))
            for seq, line in enumerate(lines, self.next_seq)
        ]
        if self._file is None or self._size + len(numbered[0]) > self._segment_bytes:
            self._begin_segment()
        assert self._file is not None
        size, fitting = self._size, 0
        for data in numbered:
            if fitting and size + len(data) > self._segment_bytes:
                break
            size, fitting = size + len(data), fitting + 1
        try:
            _write_all(self._file, b"".join(numbered[:fitting]))
            os.fdatasync(self._file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise
        self._size = size
        self.next_seq += fitting
        return fitting

    def close(self) -> None:
        """Give the files and the lock back. May be called twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._folder_fd >= 0:
            os.close(self._folder_fd)
            self._folder_fd = -1

    def _find_end(self) -> int:
        """Open the newest file; the number after that of the last line that can be read."""
        files = segments_in(self._folder)
        if not files:
            return 1
        newest_seq, newest = files[-1]
        self._file = os.open(newest, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._size = os.fstat(self._file).st_size
        last = (line.seq for line in lines_in(newest.read_bytes()) if line is not None)
        return max(newest_seq, *(seq + 1 for seq in last), 1)

    def _begin_segment(self) -> None:
        """The oldest goes first: a full disk then has room for the new one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        files = segments_in(self._folder)
        for _, path in files[: max(0, len(files) - self._segments + 1)]:
            path.unlink()
        path = segment_path(self._folder, self.next_seq)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.open(path, flags, _FILE_MODE)
        os.fchmod(self._file, _FILE_MODE)
        os.fsync(self._folder_fd)
        self._size = 0


def _make_folder(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir()
        folder.chmod(_FOLDER_MODE)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
