"""The journal's files: each is named after the number of its first line, and none is ever renamed.

So a reader who has listed them is not misled when the oldest is deleted meanwhile.
"""

from __future__ import annotations

import re
from pathlib import Path

SEGMENT_BYTES = 1024 * 1024
SEGMENTS = 16
_NAME = re.compile(r"(\d{15})\.jsonl")


def journal_folder(state_dir: str) -> Path:
    """Where the journal of a daemon with this `state_dir` lies."""
    return Path(state_dir) / "journal"


def segment_path(folder: Path, first_seq: int) -> Path:
    """Where the file whose first line is number `first_seq` lies."""
    return folder / f"{first_seq:015}.jsonl"


def segments_in(folder: Path) -> list[tuple[int, Path]]:
    """The journal's files with the number of their first line, oldest first; others are ignored.

    Raises OSError if the folder cannot be listed.
    """
    found = [(_NAME.fullmatch(path.name), path) for path in folder.iterdir()]
    return sorted((int(name[1]), path) for name, path in found if name)
