"""Does a recording's file hold all that it should, and no more? libsndfile says nothing of it.

Where the audio of a wav, aiff or au ends is in its header; the last page of an ogg says that it is
the last, and of which stream.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

CHUNKED = {
    b"RIFF": (struct.Struct("<4sI"), b"data"),
    b"FORM": (struct.Struct(">4sI"), b"SSND"),
}
"""By a file's first bytes: the header of its chunks (name, bytes in it), and which of them is the
audio. Microsoft, Multimedia Programming Interface 1.0, 1991; Apple, AIFF 1.3, 1989."""
STREAM_BYTES = (range(1), range(0x7EFF_0000, 0x8000_0001), range(0xFFFF_0000, 0x1_0000_0000))
"""Who writes such a length did not know how long it would be. Into a pipe Python's wave says 0,
ffmpeg 0xFFFFFFFF, arecord 0x80000000, sox 0x7FFFF000 or 0x7F000000, less what is not a whole
frame."""
MOST_CHUNKS = 1000
OGG_TAIL_BYTES = 131_072
"""Two of the longest pages: the last one, and what somebody has put behind it."""

_FIRST_CHUNK = 12
_AU = struct.Struct(">4sII")  # magic, where the audio begins, bytes of it
_OGG_PAGE = struct.Struct("<4sxB8xI8xB")  # magic, header type, serial number, segments; RFC 3533, 6
_OGG_FIRST, _OGG_LAST = 2, 4


def missing_end(path: Path) -> str | None:
    """What is not heard of it, for people; None if nothing is, or if the file cannot tell."""
    with path.open("rb") as file:
        if file.read(4) == b"OggS":
            return _ogg_unheard(file)
        begin, stated = _stated_audio(file)
        missing = begin + stated - file.seek(0, os.SEEK_END)
    if missing <= 0 or any(stated in unknown for unknown in STREAM_BYTES):
        return None
    return f"bytes that are missing at its end: {missing}"


def wav_of_no_length(path: Path) -> bool:
    """Is it a wav whose header says that there is no audio, and there is?

    As after a recorder's sudden end, or from a pipe; libsndfile gives nothing of it.
    """
    with path.open("rb") as file:
        is_wav = file.read(4) == b"RIFF"
        begin, stated = _stated_audio(file)
        size = file.seek(0, os.SEEK_END)
        if not is_wav or stated or not 0 < begin < size:
            return False
        # What is empty may have chunks behind it, which fill the file and are no audio.
        ends = [at + length for _, at, length in _chunks(file, begin)]
        return not ends or size - ends[-1] not in (0, 1)


def _stated_audio(file: BinaryIO) -> tuple[int, int]:
    """Where the audio begins and how many bytes of it there should be; (0, 0) if nobody says."""
    file.seek(0)
    head = file.read(_AU.size)
    if head.startswith(b".snd") and len(head) == _AU.size:
        _, begin, stated = _AU.unpack(head)
        return begin, stated
    if head[:4] not in CHUNKED:
        return 0, 0
    _, audio = CHUNKED[head[:4]]
    found = ((at, stated) for name, at, stated in _chunks(file, _FIRST_CHUNK) if name == audio)
    return next(found, (0, 0))


def _chunks(file: BinaryIO, at: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its content begins, bytes in it) of each, from one that begins at a byte."""
    file.seek(0)
    chunk, _ = CHUNKED[file.read(4)]
    for _ in range(MOST_CHUNKS):
        file.seek(at)
        head = file.read(chunk.size)
        if len(head) < chunk.size:
            return
        name, stated = chunk.unpack(head)
        if not name.isascii() or not name.decode().isprintable():
            return
        yield name, at + chunk.size, stated
        at += chunk.size + stated + stated % 2


def _ogg_unheard(file: BinaryIO) -> str | None:
    streams = _ogg_streams(file)
    file.seek(max(0, file.seek(0, os.SEEK_END) - OGG_TAIL_BYTES))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < _OGG_PAGE.size or not page.startswith(b"OggS"):
        return "its end is missing"
    _, header_type, stream, segments = _OGG_PAGE.unpack_from(page)
    lengths = page[_OGG_PAGE.size :][:segments]
    if not header_type & _OGG_LAST or len(page) < _OGG_PAGE.size + segments + sum(lengths):
        return "its end is missing"
    if stream not in streams:
        return "another recording follows in the same file; part them"
    return None


def _ogg_streams(file: BinaryIO) -> set[int]:
    """The serial numbers of what runs side by side: each has its first page before all others."""
    file.seek(0)
    streams: set[int] = set()
    while len(head := file.read(_OGG_PAGE.size)) == _OGG_PAGE.size:
        magic, header_type, stream, segments = _OGG_PAGE.unpack(head)
        if magic != b"OggS" or not header_type & _OGG_FIRST:
            break
        streams.add(stream)
        file.seek(sum(file.read(segments)), os.SEEK_CUR)
    return streams
