"""The int8 networks of the benchmark on the device's run time, beside what they were in float."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from convert.measuring import runtimes
from convert.reasons.job import Job, result
from convert.reasons.out_of_fold import OutOfFold, log_means
from convert.reasons.sounds import LabelledClip
from convert.run import FLOAT_LOGITS, INT8_MODEL, needed
from edgecry.errors import ModelError
from edgecry.inference.manifest import MAX_MODEL_BYTES
from edgecry.inference.reasons_manifest import log_softmax
from edgecry.types import Float32Array

QUANTILES = (0.5, 0.95, 0.99, 1.0)
LARGEST_SHIFT = 0.05
"""So much may int8 change a probability in 95 of 100 windows."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One network. logits: (windows, classes); of int8 on the run time that a device takes first.
    others: of int8 on the other run times."""

    content: bytes
    float_logits: Float32Array
    int8_logits: Float32Array
    others: dict[str, Float32Array]
    multiply_adds: int


class Int8Cost(msgspec.Struct, frozen=True):
    """How far int8 is from float. difference: quantiles of how far a window's probabilities are
    apart, all classes. other_answers: windows with another likeliest class. runtimes_differ:
    windows that another run time gives other logits."""

    windows: int
    difference: dict[str, float]
    other_answers: int
    runtimes_differ: dict[str, int]


def judged(folder: Path) -> Judged:
    """Run what `convert.reasons.int8` left in a folder on every run time that is installed."""
    content = needed(folder / INT8_MODEL, "reasons_model").read_bytes()
    with np.load(needed(folder / FLOAT_LOGITS, "reasons_model")) as kept:
        windows, logits, multiply_adds = kept["windows"], kept["logits"], kept["multiply_adds"]
    found = {
        name: runtimes.logits(*runtimes.run_on(name, content, windows))
        for name in runtimes.installed()
    }
    devices_own = found.pop(runtimes.installed()[0])
    return Judged(content, logits, devices_own, found, int(multiply_adds))


def out_of_fold(
    job: Job, clips: Sequence[LabelledClip], run: Path, logits: Float32Array
) -> OutOfFold:
    """The clips that a fold judges. logits: of their pieces, in the plan's order."""
    clip_of = np.array([piece.clip for piece in job.plan(clips).judge])
    judged_clips = np.unique(clip_of)
    members = [clips[number] for number in judged_clips]
    return OutOfFold(
        clip=judged_clips,
        labels=np.array([c.label for c in members]),
        groups=np.array([c.group for c in members]),
        majority=np.full(len(members), result(job, run).majority),
        log_mean=log_means(logits, clip_of),
    )


def int8_cost(networks: Sequence[Judged]) -> Int8Cost:
    """Over all windows of some networks."""
    in_float = np.concatenate([n.float_logits for n in networks])
    in_int8 = np.concatenate([n.int8_logits for n in networks])
    away = np.abs(np.exp(log_softmax(in_int8)) - np.exp(log_softmax(in_float)))
    differ = {
        name: sum(int((n.others[name] != n.int8_logits).any(axis=1).sum()) for n in networks)
        for name in networks[0].others
    }
    return Int8Cost(
        windows=len(away),
        difference={f"{q:g}": float(np.quantile(away, q)) for q in QUANTILES},
        other_answers=int((in_int8.argmax(axis=1) != in_float.argmax(axis=1)).sum()),
        runtimes_differ=differ,
    )


def check(content: bytes, cost: Int8Cost) -> None:
    """Raise ModelError if a network must not ship."""
    if len(content) > MAX_MODEL_BYTES:
        raise ModelError(
            f"{INT8_MODEL}: {len(content)} bytes, a model has at most {MAX_MODEL_BYTES}; make "
            "network.blocks of the approach smaller"
        )
    shift = cost.difference["0.95"]
    if shift > LARGEST_SHIFT:
        raise ModelError(
            f"{INT8_MODEL}: int8 changes probabilities by {shift:.3f} in one window of twenty, "
            f"more than {LARGEST_SHIFT:g}: train longer or with another network"
        )
