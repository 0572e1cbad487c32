"""One training of the benchmark: what it is asked to be, what it leaves, and whether it is done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import yaml

from convert.reasons.approach import Approach, DeviceMel, trained
from convert.reasons.plan import Clips, Plan, Protocol, everyone, plans
from convert.reasons.sounds import LabelledClip, few, read_clips
from convert.recipe import read_yaml
from convert.run import FLOAT_MODEL, RunError, write_whole

JOB = "job.yaml"
RESULT = "result.json"
"""Written last: a training without it was stopped before its end."""
EMBEDDINGS = "embeddings.npz"
LOG = "train.log"


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """fold: the one that judges; null: all clips train, none judges. quick: so many clips a class;
    null: all. embedded: do others learn from its embeddings? timed: is its network timed?"""

    approach: Approach
    protocol: Protocol
    seed: int
    fold: int | None
    folds: int
    data_sha256: str
    quick: int | None = None
    embedded: bool = False
    timed: bool = False

    def folder(self, run: Path, of: str | None = None) -> Path:
        """Where its files lie; `of`: those of the same training of another approach."""
        fold = "all" if self.fold is None else self.fold
        return run / (of or self.approach.name) / self.protocol / f"{self.seed}-{fold}"

    @property
    def left(self) -> tuple[str, ...]:
        """The files of a training that is done. Of a network on the device's features FLOAT_MODEL
        too: it can become a model of the device, or tell by baby what such a one is worth."""
        kept = self.protocol == "by_baby" and isinstance(self.approach.features, DeviceMel)
        return (JOB, RESULT, *[EMBEDDINGS] * self.embedded, *[FLOAT_MODEL] * kept)

    def plan(self, clips: Sequence[LabelledClip]) -> Plan:
        """Who trains and who judges."""
        items, copies, train = self.approach.items, self.approach.copies, self.approach.train
        about = Clips(
            [c.label for c in clips],
            [c.group for c in clips],
            [items.count(c.duration_s) for c in clips],
        )
        if self.fold is None:
            return everyone(about, self.seed, copies=copies)
        made = plans(
            about,
            self.protocol,
            self.seed,
            self.folds,
            copies=copies,
            watched=train.patience is not None,
        )
        return list(made)[self.fold]


class Result(msgspec.Struct, frozen=True):
    """What came of one training.

    groups, labels, probabilities: of each item that was judged: a clip by baby, a piece where it
    leaks. majority: the most frequent class of the clips that trained. size_bytes: of the
    weights in float32, or of a classifier with the network that it stands on. network_ms: CPU time
    for one clip, features aside; null where it was not taken.
    """

    groups: list[str]
    labels: list[int]
    probabilities: list[list[float]]
    majority: int
    parameters: int
    size_bytes: int
    network_ms: float | None
    hardware: dict[str, str]


def clips_of(approach: Approach, data: Path, quick: int | None) -> list[LabelledClip]:
    """The clips of an approach, or a few of each class."""
    clips = read_clips(approach, data)
    return clips if quick is None else few(clips, quick)


def ask(job: Job, run: Path) -> Path:
    """Write what a training is asked to be. Returns the file."""
    folder = job.folder(run)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / JOB, yaml.safe_dump(msgspec.to_builtins(job), sort_keys=False))
    return folder / JOB


def asked(path: Path) -> Job:
    """What a training was asked to be."""
    return msgspec.convert(read_yaml(path, "job"), Job)


def unfinished(jobs: Sequence[Job], run: Path) -> list[Job]:
    """Those that have to be trained.

    Raises RunError, before anything is written, where there are results of another recipe or of
    other data.
    """
    missing = [job for job in jobs if not is_done(job, run)]
    stale = {str(j.folder(run).parents[1]) for j in missing if (j.folder(run) / RESULT).exists()}
    if stale:
        raise RunError(
            f"{', '.join(sorted(stale))}: trained with another recipe or other recordings than "
            "there are now, or files are missing; delete what is to be trained again, or name "
            "another --run"
        )
    return missing


def is_done(job: Job, run: Path) -> bool:
    """Is there a result, and is it of the same network, judged by the same clips?"""
    folder = job.folder(run)
    if not all((folder / name).exists() for name in job.left):
        return False
    try:
        had = asked(folder / JOB)
    except ValueError:
        return False
    about = [(trained(j.approach), j.quick, j.folds, j.data_sha256) for j in (had, job)]
    return about[0] == about[1]


def result(job: Job, run: Path) -> Result:
    """What came of a training that is done. Raises RunError if it cannot be read, or is not one."""
    path, classes = job.folder(run) / RESULT, len(job.approach.classes)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Result)
        items = {len(found.groups), len(found.labels), len(found.probabilities)}
        named = {0 <= label < classes for label in (*found.labels, found.majority)}
        if len(items) > 1 or named != {True} or {len(p) for p in found.probabilities} - {classes}:
            raise ValueError(f"its items are not of {classes} classes")
        return found
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise RunError(f"{path}: not a result: {error}; delete it and run again") from None


def write_result(folder: Path, result: Result) -> None:
    """RESULT, whole or not at all."""
    write_whole(folder / RESULT, json.dumps(msgspec.to_builtins(result)) + "\n")
