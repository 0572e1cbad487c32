"""Does a recording's file hold all that it should? libsndfile says nothing of what is missing.

Where the audio of a wav, aiff or au ends is in its header; the last page of an ogg says that it is
the last.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

CHUNKED = {
    b"RIFF": (struct.Struct("<4sI"), b"data"),
    b"FORM": (struct.Struct(">4sI"), b"SSND"),
}
"""By a file's first bytes: the header of its chunks (name, bytes in it), and which of them is the
audio. Microsoft, Multimedia Programming Interface 1.0, 1991; Apple, AIFF 1.3, 1989."""
STREAM_BYTES = 0x7EFF_0000
"""Who writes so much, or 0, did not know how long it would be. Into a pipe ffmpeg says 0xFFFFFFFF,
arecord 0x80000000, sox 0x7FFFF000 or 0x7F000000, less what is not a whole frame."""
OGG_TAIL_BYTES = 131_072
"""Two of the longest pages: the last one, and what somebody has put behind it."""

_FIRST_CHUNK = 12
_AU = struct.Struct(">4sII")  # magic, where the audio begins, bytes of it
_OGG_PAGE = struct.Struct("<4sxB20xB")  # capture pattern, header type, segments; RFC 3533, 6
_OGG_LAST = 4


def missing_end(path: Path) -> str | None:
    """What is missing, for people; None if nothing is, or if the file cannot tell."""
    with path.open("rb") as file:
        if file.read(4) == b"OggS":
            return None if _ogg_ends(file) else "its end is missing"
        begin, stated = _stated_audio(file)
        missing = begin + stated - file.seek(0, os.SEEK_END)
    if missing <= 0 or stated >= STREAM_BYTES:
        return None
    return f"its last {missing} bytes are missing"


def wav_of_no_length(path: Path) -> bool:
    """Is it a wav whose header says that there is no audio, and there is?

    As after a recorder's sudden end, or from a pipe; libsndfile gives nothing of it.
    """
    with path.open("rb") as file:
        is_wav = file.read(4) == b"RIFF"
        begin, stated = _stated_audio(file)
        return is_wav and stated == 0 and 0 < begin < file.seek(0, os.SEEK_END)


def _stated_audio(file: BinaryIO) -> tuple[int, int]:
    """Where the audio begins and how many bytes of it there should be; (0, 0) if nobody says."""
    file.seek(0)
    head = file.read(_AU.size)
    if head.startswith(b".snd") and len(head) == _AU.size:
        _, begin, stated = _AU.unpack(head)
        return begin, stated
    if head[:4] not in CHUNKED:
        return 0, 0
    chunk, audio = CHUNKED[head[:4]]
    file.seek(_FIRST_CHUNK)
    while len(head := file.read(chunk.size)) == chunk.size:
        name, stated = chunk.unpack(head)
        if name == audio:
            return file.tell(), stated
        file.seek(stated + stated % 2, os.SEEK_CUR)
    return 0, 0


def _ogg_ends(file: BinaryIO) -> bool:
    file.seek(max(0, file.seek(0, os.SEEK_END) - OGG_TAIL_BYTES))
    tail = file.read()
    page = tail[max(0, tail.rfind(b"OggS")) :]
    if len(page) < _OGG_PAGE.size:
        return False
    _, header_type, segments = _OGG_PAGE.unpack_from(page)
    lengths = page[_OGG_PAGE.size :][:segments]
    return bool(header_type & _OGG_LAST) and len(page) >= _OGG_PAGE.size + segments + sum(lengths)
