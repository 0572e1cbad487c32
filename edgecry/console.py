"""Standard output and error: results, errors and log lines, in the form that their reader likes.

Every line is whole and cannot steer a terminal; the journal gets priorities.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from edgecry.errors import EdgecryError
from edgecry.log_lines import LineWriter

_HOME_AND_CLEAR = "\x1b[H\x1b[2J"
_SYSLOG_PRIORITY = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}


def say(text: str) -> None:
    """A result. Raises EdgecryError if it cannot be written, BrokenPipeError if nobody reads it."""
    with writing("standard output"):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def watch(text: Callable[[], str], every_s: float, redraw: bool) -> None:
    """Say `text()` again and again until Ctrl-C: in one place on a terminal that can `redraw`.

    Elsewhere, as in a pipe, one follows the other. Raises as `say` does.
    """
    redraw = redraw and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    try:
        while True:
            say((_HOME_AND_CLEAR if redraw else "") + text())
            time.sleep(every_s)
    except KeyboardInterrupt:
        return


def say_error(line: str, prefix: str = "edgecry: ") -> None:
    """One line for the person at the terminal, or of priority `err` in the journal."""
    priority = "<3>" if stderr_is_journal() else ""
    with suppress(OSError):
        sys.stderr.write(f"{priority}{prefix}{visible(line)}\n")


def visible(text: str) -> str:
    """`text` as one line that cannot steer a terminal: a file's name may hold any character."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def open_missing_streams() -> None:
    """Where standard output or error is closed, what goes there is dropped.

    What the output's encoding lacks is written as an escape, as Python does for standard error.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115 (for good)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def let_go_of_output() -> None:
    """What can no longer be written is dropped: at exit the interpreter would try it again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def writing(what: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise EdgecryError(f"{what}: cannot be written: {error.strerror}") from error


def configure_logging(level: str) -> None:
    """Log to standard error: for the journal if that is where it goes, else for a person.

    To a copy of its descriptor, since sounddevice points the original at /dev/null whenever it
    starts PortAudio: what other threads log meanwhile would be lost.
    """
    handler = LineWriter(2)
    if stderr_is_journal():
        handler.setFormatter(_JournalFormatter("%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def flush_log() -> None:
    """Let what was logged come before what is said next; waits a moment for it."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def stderr_is_journal() -> bool:
    """Whether standard error goes to the journal: systemd.exec(5), $JOURNAL_STREAM."""
    try:
        stderr = os.fstat(2)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stderr.st_dev}:{stderr.st_ino}"


def warn_on_stderr() -> None:
    """For commands that a person waits for: warnings only, each as one line of the command."""
    logging.basicConfig(format="edgecry: %(message)s", level=logging.WARNING)


def set_level(level: str) -> None:
    """Change the least severity that is logged, while running."""
    logging.getLogger().setLevel(level.upper())


class _JournalFormatter(logging.Formatter):
    """Each line starts with its syslog priority, `<4>`; the journal adds time and name itself."""

    def format(self, record: logging.LogRecord) -> str:
        prefix = f"<{_SYSLOG_PRIORITY.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())
