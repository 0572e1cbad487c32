"""Log lines reach standard error whatever a library does to it."""

import subprocess
import sys

import pytest

SCRIPT = """
import logging, os
from edgecry.logs import configure_logging
configure_logging("info")
nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(nowhere, 2)  # what sounddevice does while PortAudio starts
logging.getLogger("a").warning("the microphone is lost\\nplug it in")
"""


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        ({"JOURNAL_STREAM": "8:1"}, ["<4>the microphone is lost", "<4>plug it in"]),
        ({}, ["WARNING the microphone is lost", "plug it in"]),
    ],
    ids=["journal", "person"],
)
def test_a_line_is_not_lost_while_a_library_redirects_stderr(journal, expected) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=journal, capture_output=True, text=True, check=True
    )
    lines = done.stderr.splitlines()
    assert len(lines) == len(expected)
    assert all(line.endswith(end) for line, end in zip(lines, expected, strict=True))
