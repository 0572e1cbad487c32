"""Lines for the journal's tests, and a process that writes them until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from edgecry.outputs.journal.line import Line
from edgecry.outputs.journal.writer import Writer


def line(words: str) -> Line:
    """A line that says `words`."""
    return Line(
        at="2026-01-31T03:04:05.678Z",
        clock_synced=True,
        boot_id="boot",
        mono_s=0.0,
        device="cot-1",
        what="stop",
        words=words,
        facts=msgspec.Raw(b"{}"),
    )


def write_for_ever(folder: Path, segment_bytes: int) -> None:
    """Say the number of each line on standard output once it is on the disk."""
    writer = Writer(folder, segment_bytes=segment_bytes)
    while True:
        batch = [line(f"line {writer.next_seq + ahead}") for ahead in range(3)]
        written = writer.append(batch)
        sys.stdout.write(f"{writer.next_seq - 1} {written}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]), int(sys.argv[2]))
