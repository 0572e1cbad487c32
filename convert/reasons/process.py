"""What needs TensorFlow, each in a process of its own: the device's run time cannot live there."""

from __future__ import annotations

from pathlib import Path

from convert.process import run_module
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
    if run_module(module, ["--job", str(job), "--data", str(data)], job.parent / log):
        raise RunError(f"{module} failed: see {job.parent / log}")
