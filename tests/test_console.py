"""Lines reach standard error whatever a library does to it, in the form that its reader likes."""

import os
import subprocess
import sys
import threading

import pytest

SCRIPT = """
import logging, os
from edgecry.console import configure_logging
configure_logging("info")
nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(nowhere, 2)  # what sounddevice does while PortAudio starts
logging.getLogger("a").warning("the microphone is lost\\nplug it in")
"""


@pytest.mark.parametrize(
    ("to_journal", "expected"),
    [
        (True, ["<4>the microphone is lost", "<4>plug it in"]),
        (False, ["WARNING the microphone is lost", "plug it in"]),
    ],
    ids=["journal", "person"],
)
def test_a_line_is_not_lost_while_a_library_redirects_stderr(
    tmp_path, to_journal, expected
) -> None:
    path = tmp_path / "stderr"
    with path.open("w") as stderr:
        where = os.fstat(stderr.fileno())
        stream = f"{where.st_dev}:{where.st_ino + (not to_journal)}"
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"JOURNAL_STREAM": stream},
            stderr=stderr,
            check=True,
        )
    lines = path.read_text().splitlines()
    assert len(lines) == len(expected)
    assert all(line.endswith(end) for line, end in zip(lines, expected, strict=True))


def test_a_line_that_cannot_be_made_is_nobody_s_defect_but_its_own(tmp_path) -> None:
    script = (
        SCRIPT
        + """
logging.getLogger("a").info("%d degrees", "many")
logging.getLogger("a").info("it goes on")
"""
    )
    path = tmp_path / "stderr"
    with path.open("w") as stderr:
        subprocess.run([sys.executable, "-c", script], stderr=stderr, check=True)
    assert path.read_text().endswith("it goes on\n")


NOBODY_READS = """
import logging, sys
from edgecry.console import configure_logging
configure_logging("info")
for number in range(5000):
    logging.getLogger("a").info("%d: %s", number, "x" * 100)
print("done", flush=True)
sys.stdin.read(1)
logging.getLogger("a").info("the last")
"""


def test_who_does_not_read_the_log_does_not_stop_the_monitor_and_is_told_what_is_missing() -> None:
    """A pager that waits, a terminal after Ctrl-S, a journal on a dead card."""
    process = subprocess.Popen(
        [sys.executable, "-c", NOBODY_READS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    said = threading.Thread(target=process.stdout.readline, daemon=True)
    said.start()
    said.join(30.0)
    waits = said.is_alive()
    log = process.communicate(b"\n", timeout=30.0)[1].decode()
    assert not waits, "it waits for its reader"
    assert ": xxx" in log
    assert "line(s) of this log were lost here: nobody read it" in log


def test_nobody_ever_reads_and_it_ends_all_the_same() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", NOBODY_READS],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.wait(30.0) == 0
    finally:
        process.kill()


def test_an_error_of_a_command_has_its_priority_in_the_journal(tmp_path) -> None:
    path = tmp_path / "stderr"
    with path.open("w") as stderr:
        where = os.fstat(stderr.fileno())
        done = subprocess.run(
            [sys.executable, "-m", "edgecry", "check-config", "--set", "mqtt.port=0"],
            env={"JOURNAL_STREAM": f"{where.st_dev}:{where.st_ino}"},
            cwd=tmp_path,
            stderr=stderr,
        )
    assert done.returncode == 78
    assert path.read_text() == "<3>--set mqtt.port=0: 0 is too small, at least 1\n"
