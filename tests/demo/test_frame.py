"""The frame that a person sees."""

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecry.demo.frame import View, draw, sounding_text
from edgecry.demo.scene import Scene, SceneEvent

CRY = SceneEvent("cry", 10.0, 20.0, "a long cry")
TALK = SceneEvent("talk", 40.0, 50.0, "a nurse talks")


def view(**changes):
    scene = Scene(np.zeros(16_000 * 100, np.float32), 16_000, (CRY, TALK))
    defaults = {"title": "a test", "speed": 6.0, "on": 0.6, "off": 0.4, "broker": "here"}
    return View(scene=scene, **(defaults | changes))


def plain(lines):
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]


def row(lines, label):
    return [line for line in plain(lines) if line.startswith(f" {label}")]


def test_led_and_buzzer_are_told_in_words_too():
    dark = "\n".join(plain(draw(view(), 80, 4)))
    lit = "\n".join(plain(draw(view(led=True, buzzer=True), 80, 4)))
    assert "○ dark" in dark
    assert "silent" in dark
    assert "● lit" in lit
    assert "♪ sounding" in lit


def test_it_says_what_really_sounds():
    assert "the baby cries: a long cry" in row(draw(view(now_s=15.0), 80, 4), "now")[0]
    assert "a nurse talks" in row(draw(view(now_s=45.0), 80, 4), "now")[0]
    assert sounding_text(None) in row(draw(view(now_s=30.0), 80, 4), "now")[0]


def test_the_thresholds_are_marks_on_the_bar():
    bar = row(draw(view(p_cry=0.5), 80, 4), "p(cry)")[0]
    assert bar.index("┊") < bar.index("┃")
    assert "0.50  on 0.60, off 0.40" in bar


def test_the_bar_grows_with_p():
    filled = [row(draw(view(p_cry=p), 80, 4), "p(cry)")[0].count("█") for p in (0.0, 0.3, 0.9)]
    assert filled[0] < filled[1] < filled[2]


def test_the_strips_put_truth_and_led_under_one_another():
    lines = draw(view(now_s=60.0, lit=[(12.0, 26.0)]), 80, 4)
    truth, led = row(lines, "scene")[0], row(lines, "LED")[1]
    cells = truth.count("█")
    assert cells == pytest.approx(67 * 0.1, abs=2)
    assert truth.index("█") < led.index("█") < truth.rindex("█") < led.rindex("█")


def test_digital_silence_is_said():
    assert "digital silence" in row(draw(view(level_dbfs=None), 80, 4), "level")[0]


def test_the_newest_messages_are_shown():
    text = "\n".join(plain(draw(view(messages=[f"message {n}" for n in range(9)]), 80, 3)))
    assert "message 5" not in text
    assert text.index("message 6") < text.index("message 8")


@given(
    columns=st.integers(60, 300),
    rows=st.integers(0, 20),
    p_cry=st.floats(0.0, 1.0),
    level=st.none() | st.floats(-200.0, 10.0),
    now_s=st.floats(0.0, 200.0),
    lit=st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=3),
    messages=st.lists(st.text(st.characters(categories=["L", "N"]), max_size=200), max_size=30),
)
def test_it_always_has_its_size(columns, rows, p_cry, level, now_s, lit, messages):
    changes = {"p_cry": p_cry, "level_dbfs": level, "now_s": now_s, "lit": lit}
    lines = draw(
        view(**changes, title="x" * 200, broker="localhost", messages=messages), columns, rows
    )
    assert len(lines) == 13 + rows
    for line in plain(lines):
        assert len(line) <= columns
        assert not any(unicodedata.category(character) == "Cc" for character in line)
