"""The screens: live in a terminal, plain lines elsewhere; the terminal is always given back."""

import io
import logging
import os
import pty
import re
import threading

import numpy as np
import pytest

from edgecry.demo.frame import View
from edgecry.demo.message import Message
from edgecry.demo.scene import Scene, SceneEvent
from edgecry.demo.screen import LiveScreen, LogScreen, ScreenLog, open_screen

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"


def view():
    cry = SceneEvent("cry", 10.0, 20.0, "a long cry")
    scene = Scene(np.zeros(16_000 * 100, np.float32), 16_000, (cry,))
    return View(scene, "a test", 6.0, 0.6, 0.4, "here")


class Terminal(io.TextIOWrapper):
    """A UTF-8 terminal whose output can be read."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def isatty(self):
        return True

    def text(self):
        return self.buffer.getvalue().decode()


@pytest.fixture(autouse=True)
def capable_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_terminal_gets_the_live_screen():
    assert isinstance(open_screen(Terminal(), view()), LiveScreen)


def test_a_real_pseudo_terminal_is_one():
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w", encoding="utf-8") as out:
        assert isinstance(open_screen(out, view()), LiveScreen)
    os.close(leader)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb"), ("TERM", None)])
def test_who_wants_no_control_characters_gets_none(monkeypatch, name, value):
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    assert isinstance(open_screen(Terminal(), view()), LogScreen)


@pytest.mark.parametrize(("columns", "lines"), [(59, 40), (120, 17)])
def test_a_terminal_that_is_too_small_gets_plain_lines(monkeypatch, columns, lines):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(lines))
    assert isinstance(open_screen(Terminal(), view()), LogScreen)


@pytest.mark.parametrize("lines", [18, 24, 60])
def test_the_frame_fits_the_terminal(monkeypatch, lines):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", str(lines))
    out = Terminal()
    with open_screen(out, view()) as screen:
        screen.heard(1.0, 0.1, -50.0)
        frame = re.split(r"\x1b\[\d+F", out.text())[0]
    assert 13 + 3 <= frame.count("\n") < lines


def test_a_file_gets_plain_lines():
    assert isinstance(open_screen(io.StringIO(), view()), LogScreen)


def test_plain_lines_one_for_each_change_without_control_characters():
    out = io.StringIO()
    with LogScreen(out, view()) as screen:
        screen.link(True)
        screen.link(True)
        screen.heard(11.0, 0.2, -20.0)
        screen.heard(12.0, 0.9, -20.0)
        screen.set(led=True, buzzer=True)
        screen.set(led=True, buzzer=False)
        screen.message(Message("edgecry/cot/availability", "on\x1b[2Jline", False))
        screen.heard(21.0, 0.1, None)
    assert out.getvalue().splitlines() == [
        "00:00  MQTT connected",
        "00:11  now: the baby cries: a long cry",
        "00:12  LED lit",
        "00:12  buzzer sounds",
        "00:12  buzzer silent",
        "00:12  availability  on?[2Jline",
        "00:21  now: only the incubator's hum",
        "00:21  LED dark",
    ]


def test_the_live_frame_is_drawn_over_itself():
    out = Terminal()
    with LiveScreen(out, view()) as screen:
        screen.heard(1.0, 0.1, -50.0)
        screen.heard(2.0, 0.2, -50.0)
        backs = re.findall(r"\x1b\[(\d+)F", out.text())
        first_frame = out.text().split(f"\x1b[{backs[0]}F")[0]
        assert first_frame.count("\n") == int(backs[0])


@pytest.mark.parametrize("failure", [None, KeyboardInterrupt, RuntimeError])
def test_the_cursor_comes_back_whatever_happens(failure):
    out = Terminal()
    try:
        with LiveScreen(out, view()) as screen:
            screen.set(led=True, buzzer=True)
            if failure is not None:
                raise failure
    except (KeyboardInterrupt, RuntimeError):
        pass
    assert out.text().startswith(HIDE)
    assert out.text().endswith(SHOW)
    last_frame = re.split(r"\x1b\[\d+F", out.text())[-1]
    assert "○ dark" in last_frame
    assert "silent" in last_frame


def test_after_close_nothing_is_drawn_any_more():
    out = Terminal()
    screen = LiveScreen(out, view())
    screen.close()
    length = len(out.text())
    screen.set(led=True, buzzer=False)
    screen.heard(1.0, 0.5, -20.0)
    screen.close()
    assert len(out.text()) == length


def test_what_was_lit_is_remembered_in_the_scenes_time():
    shown = view()
    screen = LogScreen(io.StringIO(), shown)
    for now_s, led in ((5.0, False), (10.0, True), (20.0, False), (30.0, True), (40.0, True)):
        screen.heard(now_s, 0.0, None)
        screen.set(led=led, buzzer=False)
    assert shown.lit == [(10.0, 20.0), (30.0, 40.0)]


def test_threads_may_draw_at_once():
    out = Terminal()
    with LiveScreen(out, view()) as screen:

        def work():
            for n in range(30):
                screen.set(led=bool(n % 2), buzzer=False)
                screen.heard(float(n), 0.5, -20.0)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30.0)
    frames = re.split(r"\x1b\[\d+F", out.text())
    assert len({frame.count("\n") for frame in frames}) == 1


def test_warnings_are_shown_among_the_messages():
    out = io.StringIO()
    handler = ScreenLog(LogScreen(out, view()))
    log = logging.getLogger("test-of-the-demo-screen")
    log.addHandler(handler)
    log.propagate = False
    log.info("not this")
    log.warning("audio was lost %d times", 3)
    assert out.getvalue() == "00:00  warning: audio was lost 3 times\n"
