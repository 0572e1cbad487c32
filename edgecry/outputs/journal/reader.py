"""Reads the journal, also while it is written and whatever has happened to it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from edgecry.outputs.journal.line import Line, lines_in
from edgecry.outputs.journal.segments import SEGMENT_BYTES, segments_in

_READ_MAX_BYTES = 16 * SEGMENT_BYTES
"""Of one file: more than a writer ever makes, and little enough for any machine."""


class JournalReader:
    """Hands out each line once, in the order of their numbers.

    damaged: pieces of lines that were skipped so far, and files that could not be read.
    missing: numbers that no line had, between the first and the last.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._segment = 0
        self._offset = 0
        self._next_seq: int | None = None
        self.damaged = 0
        self.missing = 0

    def read(self, growing: bool = False) -> Iterator[Line]:
        """The lines since the last time.

        growing: there will be a next time, for which a line that has no end yet is left.

        Raises OSError if the folder cannot be listed; a file that cannot be read is counted.
        """
        segments = [each for each in segments_in(self._folder) if each[0] >= self._segment]
        ends: list[float] = [number for number, _ in segments[1:]]
        for (number, path), end in zip(segments, [*ends, math.inf], strict=False):
            if number != self._segment:
                self._segment, self._offset = number, 0
            data = self._data(path)
            if growing and end == math.inf:
                data = data[: data.rfind(b"\n") + 1]
            self._offset += len(data)
            yield from self._sound(data, end)

    def _sound(self, data: bytes, end: float) -> list[Line]:
        """The lines in `data`, whose numbers are below `end`: those of the next file.

        What a dying card repeats or misplaces did not happen twice, and hides nothing.
        """
        expected = max(self._segment, self._next_seq or 0)
        found: dict[int, Line] = {}
        for line in lines_in(data):
            if line is None or line.seq in found or not expected <= line.seq < end:
                self.damaged += 1
            else:
                found[line.seq] = line
        if found:
            before = min(found) if self._next_seq is None else self._next_seq
            self._next_seq = max(found) + 1
            self.missing += self._next_seq - before - len(found)
        return [found[seq] for seq in sorted(found)]

    def _data(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                file.seek(self._offset)
                return file.read(_READ_MAX_BYTES)
        except FileNotFoundError:
            return b""  # the oldest, deleted since it was listed
        except OSError:
            self.damaged += 1
            return b""
