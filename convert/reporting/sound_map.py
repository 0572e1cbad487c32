"""What a detector's network makes of each clip of a collection, in the two dimensions of a map."""

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
from convert.measuring.embedding import Embedder
from convert.reporting.plots.style import PlotError
from edgecry.errors import RecordingError

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
    """classes: (n,). embeddings: (n, d). broken: what is wrong with each clip that is left out."""

    classes: list[str]
    embeddings: NDArray[np.float64]
    broken: list[str]


@dataclass(frozen=True, slots=True)
class SoundMap:
    """at: (n, 2). made: by what. axes: what the two directions are called."""

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


def describe(clips: Iterable[tuple[Path, str]], embedder: Embedder) -> Described:
    """The embeddings of clips with their classes."""
    found: list[NDArray[np.float64]] = []
    classes: list[str] = []
    broken: list[str] = []
    for path, name in clips:
        try:
            found.append(embedder(path))
        except RecordingError as error:
            broken.append(str(error))
        else:
            classes.append(name)
    return Described(classes, np.array(found), broken)


def project(embeddings: NDArray[np.float64], by: Projection, seed: int) -> SoundMap:
    """(n, d) embeddings in two dimensions, in the units that the network gave them.

    PCA, or t-SNE (L. van der Maaten and G. Hinton, Visualizing data using t-SNE, 2008) from the
    first principal components; on one thread, because several wait for each other where the machine
    is busy. Raises PlotError if there are too few clips, or if all have the same embedding.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    if len(embeddings) < FEWEST:
        raise PlotError(f"a map needs {FEWEST} clips or more, there are {len(embeddings)}")
    if not embeddings.std(axis=0).any():
        raise PlotError("all clips are the same to the network; is there sound in them?")
    if by == "pca":
        pca = PCA(2, random_state=seed)
        at = pca.fit_transform(embeddings)
        shares = 100 * pca.explained_variance_ratio_
        first, second = (
            f"component {number}, {share:.0f} % of the variance"
            for number, share in enumerate(shares, start=1)
        )
        return SoundMap(at, "PCA", (first, second))
    perplexity = min(PERPLEXITY, (len(embeddings) - 1) / 3)
    with threadpool_limits(1):
        tsne = TSNE(2, perplexity=perplexity, init="pca", random_state=seed)
        at = tsne.fit_transform(embeddings)
    return SoundMap(at, f"t-SNE with seed {seed}", ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)"))
