"""Arrays that are computed once, by several processes, and kept in files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from convert.process import pool

WORKERS = 2

Task = TypeVar("Task")
Arrays = Mapping[str, NDArray[Any]]


def cached(
    cache: Path,
    tasks: Sequence[Task],
    keys: Sequence[str],
    make: Callable[[Task], Arrays],
    what: str,
) -> Iterator[Arrays]:
    """What `make` makes of each task, from the file of its key where that is there already.

    make: a function of a module, as it runs in other processes. A key has to change with whatever
    changes the arrays.
    """
    cache.mkdir(parents=True, exist_ok=True)
    files = [cache / f"{key}.npz" for key in keys]
    missing = [(make, t, f) for t, f in zip(tasks, files, strict=True) if not f.exists()]
    if missing:
        with pool(WORKERS) as workers:
            list(tqdm(workers.map(_keep, missing, chunksize=8), what, len(missing)))
    for file in files:
        with np.load(file) as arrays:
            yield dict(arrays)


def _keep(job: tuple[Callable[[Task], Arrays], Task, Path]) -> None:
    make, task, file = job
    part = file.with_suffix(f".{os.getpid()}.npz")
    np.savez(part, **make(task))
    part.replace(file)
