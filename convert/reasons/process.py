"""What needs TensorFlow, each in a process of its own: the device's run time cannot live there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from convert.reasons.job import LOG, Job, ask
from convert.run import RunError

INT8_LOG = "int8.log"


def train(job: Job, run: Path, data: Path) -> None:
    """`convert.reasons.fold` in the job's folder. Raises RunError if it fails."""
    _ran("convert.reasons.fold", ask(job, run), data, LOG)


def quantize(job: Job, run: Path, data: Path) -> None:
    """`convert.reasons.int8` in the folder of a job that is done. Raises RunError if it fails."""
    _ran("convert.reasons.int8", ask(job, run), data, INT8_LOG)


def _ran(module: str, job: Path, data: Path, log: str) -> None:
    command = [sys.executable, "-m", module, "--job", str(job), "--data", str(data)]
    with (job.parent / log).open("w") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise RunError(f"{module} failed: see {job.parent / log}")
