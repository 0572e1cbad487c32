"""Work in a run folder: one at a time, each step in a process of its own.

TensorFlow and the device's run time cannot live in one process.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from convert.run import LOCK, RunError


@contextmanager
def alone(run: Path) -> Iterator[None]:
    """The only work in a run folder, which is created, until it ends and every step of it too: one
    that survives whoever started it still holds the folder. Raises RunError if there is another."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{run}: somebody else is at work in it; wait for the end, or name another folder"
            ) from None
        os.set_inheritable(lock.fileno(), True)
        yield


def run_module(module: str, arguments: Sequence[str], log: Path | None = None) -> int:
    """`python -m module`; what it prints goes to `log`, if there is one. Returns its exit code."""
    command = [sys.executable, "-m", module, *arguments]
    if log is None:
        return subprocess.run(command, check=False, close_fds=False).returncode
    with log.open("w") as out:
        return subprocess.run(
            command, stdout=out, stderr=subprocess.STDOUT, check=False, close_fds=False
        ).returncode
