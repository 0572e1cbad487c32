"""What each clip of a collection sounds like in numbers, and the two directions that say most."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convert.data.files import recordings_in, table
from convert.data.types import DataError
from convert.reporting.plots.style import PlotError
from convert.sounds.audio import RATE_HZ
from edgecry.capture.recording import Recording
from edgecry.errors import RecordingError
from edgecry.features.mel import LogMel, MelParams
from edgecry.types import Float32Array

HEARD_S = 30.0
"""Of each clip, from its beginning."""
FEWEST = 4
PERPLEXITY = 30.0
CLASS_COLUMNS = ("reason", "label")
"""Of a manifest, the first that is there."""
NO_CLASS = "none"
SPLIT, HIDDEN = "split", "test"
Projection = Literal["pca", "t-sne"]


@dataclass(frozen=True, slots=True)
class Collection:
    """clips: path and class each. hidden: how many of the test split were left out."""

    clips: list[tuple[Path, str]]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Described:
    """classes: (n,). statistics: (n, d). broken: what is wrong with each clip that is left out."""

    classes: list[str]
    statistics: NDArray[np.float64]
    broken: list[str]


@dataclass(frozen=True, slots=True)
class SoundMap:
    """at: (n, 2). made: in words, from what. axes: what the two directions are called."""

    at: NDArray[np.float64]
    made: str
    axes: tuple[str, str]


def read_collection(source: Path, column: str | None) -> Collection:
    """A folder, where the folder that a clip lies in is its class; or a manifest in CSV.

    A manifest has a column `path`, relative to it, and the classes in `column`; rows of the test
    split are left out. Raises DataError if it is neither.
    """
    if source.is_dir():
        paths = [source / path for path in recordings_in(source)]
        return Collection([(path, path.resolve().parent.name) for path in paths])
    with table(source) as lines:
        reader = csv.DictReader(lines)
        head, rows = reader.fieldnames or [], list(reader)
    candidates = [column] if column else CLASS_COLUMNS
    named = next((name for name in candidates if name in head), None)
    if named is None or "path" not in head:
        raise DataError(
            f"{source}: a manifest has the columns path and {' or '.join(candidates)}; it has "
            f"{', '.join(head) or 'none'}"
        )
    shown = [row for row in rows if row.get(SPLIT) != HIDDEN]
    clips = [(source.parent / row["path"], row[named] or NO_CLASS) for row in shown]
    return Collection(clips, len(rows) - len(shown))


def beginning(path: Path) -> Float32Array:
    """The first HEARD_S of a recording, (n,) at RATE_HZ. Raises RecordingError."""
    most = int(HEARD_S * RATE_HZ)
    kept, length = [], 0
    with Recording(path, RATE_HZ) as recording:
        for part in recording:
            kept.append(part)
            length += len(part)
            if length >= most:
                break
    return np.concatenate(kept)[:most]


def statistics(samples: Float32Array, mel: LogMel) -> NDArray[np.float64]:
    """Of a clip's log-mel, in each band: mean, deviation, and how much it changes from frame to
    frame. The clip's mean level is taken out. (3 * mels,)
    """
    short = max(0, mel.params.window_samples + mel.params.hop_samples - len(samples))
    frames = mel(np.pad(samples, (0, short))).astype(np.float64)
    frames -= frames.mean()
    changes = np.abs(np.diff(frames, axis=0)).mean(axis=0)
    return np.concatenate((frames.mean(axis=0), frames.std(axis=0), changes))


def describe(clips: Iterable[tuple[Path, str]]) -> Described:
    """The statistics of clips with their classes, by the log-mel of the shipped detector."""
    mel = LogMel(MelParams())
    found: list[NDArray[np.float64]] = []
    classes: list[str] = []
    broken: list[str] = []
    for path, name in clips:
        try:
            found.append(statistics(beginning(path), mel))
        except RecordingError as error:
            broken.append(str(error))
        else:
            classes.append(name)
    return Described(classes, np.array(found), broken)


def project(statistics: NDArray[np.float64], by: Projection, seed: int) -> SoundMap:
    """Two directions of (n, d) statistics, each of the d first scaled to unit variance.

    PCA, or t-SNE (L. van der Maaten and G. Hinton, Visualizing data using t-SNE, 2008) from the
    first principal components; on one thread, because several wait for each other where the machine
    is busy. Raises PlotError if there are too few clips.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    if len(statistics) < FEWEST:
        raise PlotError(f"a map needs {FEWEST} clips or more, there are {len(statistics)}")
    scaled = StandardScaler().fit_transform(statistics)
    if by == "pca":
        pca = PCA(2, random_state=seed)
        at = pca.fit_transform(scaled)
        shares = 100 * pca.explained_variance_ratio_
        first, second = (
            f"component {number}, {share:.0f} % of the variance"
            for number, share in enumerate(shares, start=1)
        )
        return SoundMap(at, "PCA of log-mel statistics", (first, second))
    perplexity = min(PERPLEXITY, (len(scaled) - 1) / 3)
    with threadpool_limits(1):
        at = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(scaled)
    made = f"t-SNE of log-mel statistics, seed {seed}"
    return SoundMap(at, made, ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)"))
