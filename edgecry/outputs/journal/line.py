"""One line of the journal: JSON that begins with the CRC-32 of all that follows it.

    {"crc32":"5f8a9c11","seq":17,"at":"2026-01-31T03:04:05.678Z", ... ,"what":"stop", ...}

In JSON a quotation mark inside a text is escaped, so that the beginning of a line cannot occur
anywhere else: a reader finds the next line even behind one that was torn off.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Annotated

import msgspec

MAX_ENTRY_BYTES = 16 * 1024
_BEGIN = b'{"crc32":"'
_BOUNDARY = re.compile(rb"\n|(?=" + re.escape(_BEGIN) + rb")")
_WHOLE = re.compile(re.escape(_BEGIN) + rb'([0-9a-f]{8})",(.+)', re.DOTALL)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, and when and where it was made.

    seq: counts up on a device for ever, in 15 digits. at: RFC 3339, UTC, ms; `clock_synced` says
    whether to believe it. boot_id: which start of the machine. mono_s: monotonic seconds of that
    start. what: the kind of entry. words: what happened, for people. facts: the JSON of the entry.
    """

    seq: Annotated[int, msgspec.Meta(ge=0, lt=10**15)] = 0
    at: str
    clock_synced: bool
    boot_id: str
    mono_s: float
    device: str
    what: str
    words: str
    facts: msgspec.Raw

    def __post_init__(self) -> None:
        moment = self.moment
        if moment.utcoffset() != timedelta(0):
            raise ValueError(f"{self.at} is not in UTC")
        if not MINYEAR < moment.year < MAXYEAR:
            raise ValueError(f"{self.at} is no date in every time zone")

    @property
    def moment(self) -> datetime:
        """`at`, timezone-aware."""
        return datetime.fromisoformat(self.at)


_lines = msgspec.json.Decoder(Line)


def sealed(line: Line) -> bytes:
    """The bytes that are written, newline included."""
    body = msgspec.json.encode(line)[1:]
    return b'%s%08x",%s\n' % (_BEGIN, zlib.crc32(body), body)


def lines_in(data: bytes) -> Iterator[Line | None]:
    """What `data` holds, in order; None for each piece that is torn or damaged. Never raises."""
    for piece in _BOUNDARY.split(data):
        if piece:
            yield _opened(piece)


def _opened(piece: bytes) -> Line | None:
    whole = _WHOLE.fullmatch(piece)
    if whole is None or zlib.crc32(whole[2]) != int(whole[1], 16):
        return None
    try:
        line = _lines.decode(piece)
        msgspec.json.decode(line.facts)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return line
