"""What `edgecry log` says of the journal: since when, and how a line reads."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import dropwhile
from pathlib import Path

import msgspec

from edgecry.errors import EdgecryError, UsageError
from edgecry.outputs.journal import JournalReader
from edgecry.outputs.journal.entries import StartEntry, StopEntry
from edgecry.outputs.journal.line import Line

FOLLOW_EVERY_S = 0.5
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_AGO = re.compile(r"([0-9]{1,5}) ?(s|min|h|d)")


def since(text: str, now: datetime) -> datetime:
    """The moment that `--since` means: `90s`, `30min`, `8h`, `2d` ago, or a local date or time.

    now: timezone-aware. Raises UsageError.
    """
    if ago := _AGO.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        raise UsageError(
            f"--since {text}: neither a time ago (90s, 30min, 8h, 2d) nor a date and time "
            '(2026-01-31, "2026-01-31 03:00")'
        ) from None


def lines_since(lines: Iterator[Line], moment: datetime | None) -> Iterator[Line]:
    """From the first line of that moment on all that follow, whatever the clock did meanwhile."""
    if moment is None:
        return lines
    return dropwhile(lambda line: line.moment < moment, lines)


def listed(reader: JournalReader, follow: bool) -> Iterator[Line]:
    """All lines there are and, with `follow`, those that come, until the reader is interrupted.

    Raises EdgecryError if there is no journal, or it may not be read.
    """
    try:
        yield from reader.read(growing=follow)
        while follow:
            time.sleep(FOLLOW_EVERY_S)
            yield from reader.read(growing=True)
    except FileNotFoundError as error:
        raise EdgecryError(
            f"{error.filename}: no journal: edgecry has never run with this state_dir"
        ) from error
    except OSError as error:
        raise EdgecryError(
            f"{error.filename}: {error.strerror}; use sudo, or let your account into the group "
            "edgecry"
        ) from error


def as_text(zone: tzinfo | None = None) -> Callable[[Line], str]:
    """Makes lines for people, in local time (or `zone`); hand it the lines in their order.

    A clock that was not synchronised is marked by `?` behind the time.
    """
    stopped = True

    def text(line: Line) -> str:
        nonlocal stopped
        words = line.words
        if line.what == StartEntry.what and not stopped:
            words += "; before it there was no stop: a crash, a kill or a power cut"
        stopped = line.what == StopEntry.what
        moment = line.moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        return f"{moment}{' ' if line.clock_synced else '?'} {line.device}  {words}"

    return text


def as_json(line: Line) -> str:
    """The line as it is kept, without its checksum."""
    return json.dumps(msgspec.json.decode(msgspec.json.encode(line)))


def flaws(reader: JournalReader, folder: Path) -> list[str]:
    """What a person has to know of a journal that is not whole."""
    words = []
    if reader.damaged:
        words.append(f"{reader.damaged} damaged line(s) were skipped")
    if reader.missing:
        words.append(f"{reader.missing} number(s) are missing in between")
    return [f"{folder}: {', '.join(words)}"] if words else []
