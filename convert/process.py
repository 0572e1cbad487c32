"""Processes of a build, a study or a benchmark, and that only one of them works in a run folder."""

from __future__ import annotations

import ctypes
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL

from convert.run import LOCK, RunError

_PR_SET_PDEATHSIG = 1
"""prctl(2)"""


@contextmanager
def alone(run: Path) -> Iterator[None]:
    """Hold a run folder, which is created, until this and every step that it started has ended: a
    step that survives whoever started it holds the folder too. Raises RunError if it is held."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{run}: another build, study or benchmark is at work in it; wait for its end"
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


def pool(workers: int) -> ProcessPoolExecutor:
    """Processes for parts of a step. They end with it, however it ends: nobody else would end them,
    and they would hold its folder."""
    return ProcessPoolExecutor(workers, initializer=_end_with_the_step)


def _end_with_the_step() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, SIGKILL)
