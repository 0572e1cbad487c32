"""Log lines that journald likes, and that a person at a terminal can read."""

from __future__ import annotations

import logging
import os

_SYSLOG_PRIORITY = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}


class _JournalFormatter(logging.Formatter):
    """Each line starts with its syslog priority, `<4>`; the journal adds time and name itself."""

    def format(self, record: logging.LogRecord) -> str:
        prefix = f"<{_SYSLOG_PRIORITY.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())


def configure_logging(level: str) -> None:
    """Log to standard error: for the journal if that is where it goes, else for a person.

    To a copy of its descriptor, since sounddevice points the original at /dev/null whenever it
    starts PortAudio: what other threads log meanwhile would be lost.
    """
    stderr = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace")
    handler = logging.StreamHandler(stderr)
    if os.environ.get("JOURNAL_STREAM"):
        handler.setFormatter(_JournalFormatter("%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def warn_on_stderr() -> None:
    """For commands that a person waits for: warnings only, each as one line of the command."""
    logging.basicConfig(format="edgecry: %(message)s", level=logging.WARNING)


def set_level(level: str) -> None:
    """Change the least severity that is logged, while running."""
    logging.getLogger().setLevel(level.upper())
