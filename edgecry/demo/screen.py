"""The demo's screen: a live frame in a terminal, plain lines of text anywhere else.

The LED and the buzzer that they show are what the monitor drives.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self, TextIO

from edgecry.demo.frame import View, clock_text, draw, sounding_text
from edgecry.demo.message import Message, message_text, printable
from edgecry.errors import EdgecryError

MIN_COLUMNS, MIN_LINES = 60, 18
MAX_MESSAGE_ROWS = 14
MAX_MESSAGES = 200
_FRAME_ROWS = 13
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_CLEAR_TO_END_OF_LINE = "\x1b[K"


class Screen(ABC):
    """Keeps what is to be seen, and hands each change to `_changed`. Safe from any thread.

    failure: why nothing can be shown any more; None while it can.
    """

    def __init__(self, out: TextIO, view: View) -> None:
        self.failure: BrokenPipeError | EdgecryError | None = None
        self._out = out
        self._view = view
        self._lock = threading.RLock()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def set(self, *, led: bool, buzzer: bool) -> None:
        """What the monitor drives its LED and its buzzer to."""
        with self._lock:
            view = self._view
            _mark(view.lit, view.led, led, view.now_s)
            _mark(view.sounded, view.buzzer, buzzer, view.now_s)
            texts = []
            if led != view.led:
                texts.append("LED lit" if led else "LED dark")
            if buzzer != view.buzzer:
                texts.append("buzzer sounds" if buzzer else "buzzer silent")
            view.led, view.buzzer = led, buzzer
            self._changed(texts)

    def heard(self, now_s: float, p_cry: float, level_dbfs: float | None) -> None:
        """The monitor has heard the scene up to `now_s`: its evidence, and the level."""
        with self._lock:
            view = self._view
            before = view.scene.sounding_at(view.now_s)
            view.now_s, view.p_cry, view.level_dbfs = now_s, p_cry, level_dbfs
            _mark(view.lit, view.led, view.led, now_s)
            _mark(view.sounded, view.buzzer, view.buzzer, now_s)
            after = view.scene.sounding_at(now_s)
            self._changed([] if after == before else [f"now: {sounding_text(after)}"])

    def link(self, connected: bool) -> None:
        """Whether the monitor is connected to the broker."""
        with self._lock:
            if connected != self._view.connected:
                self._view.connected = connected
                self._changed(["MQTT connected" if connected else "MQTT not connected"])

    def message(self, message: Message) -> None:
        """A message has come over MQTT."""
        self.note(message_text(message))

    def note(self, text: str) -> None:
        """A line of text among the messages."""
        with self._lock:
            line = printable(text)
            self._view.messages.append(f"{clock_text(self._view.now_s)}  {line}")
            del self._view.messages[:-MAX_MESSAGES]
            self._changed([line])

    def close(self) -> None:
        """Both outputs off, and the terminal as it was. May be called twice."""
        with self._lock:
            if not self._closed:
                self.set(led=False, buzzer=False)
                self._closed = True
                self._leave()

    def _write(self, text: str) -> None:
        if self.failure is not None:
            return
        try:
            self._out.write(text)
            self._out.flush()
        except BrokenPipeError as error:
            self.failure = error
        except OSError as error:
            self.failure = EdgecryError(f"the screen: cannot be written: {error.strerror}")

    @abstractmethod
    def _changed(self, texts: list[str]) -> None:
        """Show the view; `texts` says what is new."""

    @abstractmethod
    def _leave(self) -> None:
        """Give the terminal back."""


class LiveScreen(Screen):
    """A frame that is drawn over itself. Hides the cursor until it is closed."""

    def __init__(self, out: TextIO, view: View) -> None:
        super().__init__(out, view)
        self._rows = 0
        lines = shutil.get_terminal_size().lines
        self._message_rows = min(lines - _FRAME_ROWS - 2, MAX_MESSAGE_ROWS)
        self._write(_HIDE_CURSOR + _NO_WRAP)

    def _changed(self, texts: list[str]) -> None:  # noqa: ARG002
        if self._closed:
            return
        columns = max(shutil.get_terminal_size().columns, MIN_COLUMNS)
        lines = draw(self._view, columns, self._message_rows)
        back = f"\x1b[{self._rows}F" if self._rows else ""
        self._write(back + "".join(line + _CLEAR_TO_END_OF_LINE + "\n" for line in lines))
        self._rows = len(lines)

    def _leave(self) -> None:
        self._write(_WRAP + _SHOW_CURSOR)


class LogScreen(Screen):
    """A line of text for each change, without control characters."""

    def _changed(self, texts: list[str]) -> None:
        if self._closed:
            return
        self._write("".join(f"{clock_text(self._view.now_s)}  {text}\n" for text in texts))

    def _leave(self) -> None:
        """Nothing was taken."""


class ScreenLog(logging.Handler):
    """Shows log records among the messages, where they do not tear the frame."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(logging.WARNING)
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        self._screen.note(f"{record.levelname.lower()}: {record.getMessage()}")


def open_screen(out: TextIO, view: View) -> Screen:
    """Live in a terminal that can; plain where NO_COLOR is set or TERM is `dumb`, and in files."""
    size = shutil.get_terminal_size()
    plain = (
        not out.isatty()
        or bool(os.environ.get("NO_COLOR"))
        or os.environ.get("TERM", "dumb") == "dumb"
        or size.columns < MIN_COLUMNS
        or size.lines < MIN_LINES
        or (out.encoding or "").lower().replace("-", "") != "utf8"
    )
    return LogScreen(out, view) if plain else LiveScreen(out, view)


def _mark(spans: list[tuple[float, float]], was_on: bool, is_on: bool, now_s: float) -> None:
    """Extend the span of an output that was on; begin one where it is switched on."""
    if was_on:
        spans[-1] = (spans[-1][0], now_s)
    elif is_on:
        spans.append((now_s, now_s))
