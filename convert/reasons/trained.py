"""What the benchmark trained by baby of one approach: the material of a model of the device."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from statistics import median_low

import msgspec

from convert.reasons.approach import Approach, DeviceMel, trained
from convert.reasons.job import JOB, Job, asked, clips_of, is_done
from convert.reasons.sounds import LabelledClip, clips_hash
from convert.run import CURVES, RunError, needed
from edgecry.features.mel import FRAMES_PER_BATCH, MelParams, span_samples
from edgecry.inference.manifest import Manifest, Window


def trained_folds(
    run: Path, approach: str, data: Path, detector: Manifest
) -> tuple[list[Job], list[LabelledClip]]:
    """All folds of all seeds, and the clips that they are of.

    Raises RunError where folds are missing, differ, or are of other recordings than `data` holds
    now; where the detector's windows are not those of the approach; and where a licence forbids to
    ship what a clip trains.
    """
    where = run / approach / "by_baby"
    jobs = [job for job in map(_asked, sorted(where.glob(f"*/{JOB}"))) if job.fold is not None]
    again = f"run python -m convert.benchmark --only {approach} --run {run} first"
    if not jobs:
        raise RunError(f"{where}: nothing is trained; {again}")
    first = jobs[0]
    clips = clips_of(first.approach, data, first.quick)
    alike = {(str(trained(j.approach)), j.quick, j.folds, j.data_sha256) for j in jobs}
    there = {(j.seed, j.fold) for j in jobs if is_done(j, run)}
    wanted = {(j.seed, fold) for j in jobs for fold in range(first.folds)}
    problems = [
        (len(alike) > 1, "trainings differ in recipe or recordings: delete them"),
        (bool(wanted - there), f"{len(wanted - there)} of {len(wanted)} trainings are not done"),
        (first.data_sha256 != clips_hash(clips), f"{data} is not what they were trained on"),
    ]
    for wrong, what in problems:
        if wrong:
            raise RunError(f"{where}: {what}; {again}")
    _check_window(first.approach, detector)
    forbidden = [c.key for c in clips if c.use != "any"]
    if forbidden:
        raise RunError(
            f"{approach}: {len(forbidden)} of its clips are for benchmarks only, such as "
            f"{forbidden[0]}: what they train must not be shipped; leave their class out"
        )
    return jobs, clips


def _asked(path: Path) -> Job:
    try:
        return asked(path)
    except ValueError as error:
        raise RunError(f"{path}: not a training of today's benchmark: {error}") from None


def best_epochs(folder: Path) -> int:
    """After how many epochs a training had its lowest loss; all of them, if nobody watched it."""
    with needed(folder / CURVES, "benchmark").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    if "val_loss" not in rows[0]:
        return len(rows)
    return min(range(len(rows)), key=lambda row: float(rows[row]["val_loss"])) + 1


def for_everyone(folds: Sequence[Job], run: Path) -> Job:
    """The training that ships: of all clips, for as many epochs as was best in the median fold,
    since nobody is left to tell when to stop."""
    epochs = median_low(best_epochs(job.folder(run)) for job in folds)
    replace, first = msgspec.structs.replace, folds[0]
    train = replace(first.approach.train, epochs=epochs, patience=None)
    return replace(
        first, approach=replace(first.approach, train=train), fold=None, embedded=False, timed=False
    )


def window_of(approach: Approach) -> Window:
    """A piece of the approach's clips, as a manifest says it. Raises RunError where it is none of
    the device's."""
    if not isinstance(approach.features, DeviceMel):
        raise RunError(f"approach {approach.name}: its features are not the device's, device_mel")
    params = MelParams()
    samples = round(approach.items.seconds * params.sample_rate_hz)
    frames = 1 + (samples - params.window_samples) // params.hop_samples
    return Window(params, frames, FRAMES_PER_BATCH)


def _check_window(approach: Approach, detector: Manifest) -> None:
    ours, theirs = window_of(approach), detector.features
    if (ours.log_mel, ours.window_frames) != (theirs.log_mel, theirs.window_frames):
        seconds = span_samples(theirs.window_frames, theirs.log_mel) / theirs.log_mel.sample_rate_hz
        raise RunError(
            f"approach {approach.name}: its pieces are not the windows of {detector.name}; say "
            f"items.seconds {seconds:g} and train again"
        )
