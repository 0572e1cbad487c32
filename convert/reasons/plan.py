"""Which pieces of which clips train, tell when to stop, and judge. Pure.

by_baby: whole groups are kept back (StratifiedGroupKFold); copies and balancing happen in the
training alone, and the clips that judge are as they were recorded. leaky: pieces are split at
random, as nearly every published figure was made; copies that the authors made before they split
are there before the split here too, so that what judges has brothers in the training.
"""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from convert.data.types import DataError
from convert.reasons.approach import Copies

Protocol = Literal["by_baby", "leaky"]
PROTOCOLS: tuple[Protocol, ...] = ("by_baby", "leaky")
WATCHED_FOLDS = 5
"""One of so many parts of the training tells when to stop it; of fewer, where there are not as many
babies, or clips of the largest class."""


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """clip: its place among the clips. version: 0 as recorded, others are changed copies."""

    clip: int
    number: int
    version: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """fit: trains. watch: tells when to stop, [] without early stopping. judge: is judged."""

    fit: list[Piece]
    watch: list[Piece]
    judge: list[Piece]


@dataclass(frozen=True, slots=True)
class Clips:
    """What a plan has to know of the clips, in their order."""

    labels: Sequence[int]
    groups: Sequence[str]
    pieces: Sequence[int]


def plans(
    clips: Clips,
    protocol: Protocol,
    seed: int,
    folds: int,
    *,
    copies: Copies | None = None,
    watched: bool = False,
) -> Iterator[Plan]:
    """The plan of each fold. by_baby: the clips that judge depend on labels, groups, seed and
    number of folds alone, and are the same for all approaches that share a class map. Raises
    DataError where there are too few babies."""
    everything = _all_pieces(clips)
    if protocol == "leaky" and copies and copies.before_split:
        everything, copies = with_copies(everything, clips.labels, copies, 1.0, seed), None
    for fold, (train, judge) in enumerate(_split(everything, clips, protocol, folds, seed)):
        fit: list[Piece] = train
        watch: list[Piece] = []
        if watched:
            parts = max(2, min(WATCHED_FOLDS, _most_folds(train, clips)))
            fit, watch = next(_split(train, clips, protocol, parts, seed))
        if copies:
            share = len(fit) / len(everything)
            fit = with_copies(fit, clips.labels, copies, share, seed * folds + fold)
        yield Plan(fit, watch, judge)


def everyone(clips: Clips, seed: int, *, copies: Copies | None = None) -> Plan:
    """All clips train: nobody is left to tell when to stop, or to judge."""
    fit = _all_pieces(clips)
    return Plan(with_copies(fit, clips.labels, copies, 1.0, seed) if copies else fit, [], [])


def with_copies(
    pieces: Sequence[Piece], labels: Sequence[int], copies: Copies, share: float, seed: int
) -> list[Piece]:
    """The pieces and their copies; `per_class` as that share of it. Copies are new versions."""
    rng = np.random.default_rng([seed, 5])
    out = [replace(p, version=v) for p in pieces for v in range(copies.each + 1)]
    if copies.per_class is None:
        return out
    wanted = max(1, round(copies.per_class * share))
    of_class: dict[int, list[Piece]] = defaultdict(list)
    for piece in out:
        of_class[labels[piece.clip]].append(piece)
    originals: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        originals[labels[piece.clip]].append(piece)
    balanced: list[Piece] = []
    for label, own in sorted(of_class.items()):
        if len(own) >= wanted:
            balanced += [own[i] for i in sorted(rng.choice(len(own), wanted, replace=False))]
            continue
        balanced += own
        order = [originals[label][i] for i in rng.permutation(len(originals[label]))]
        for extra in range(wanted - len(own)):
            turn, which = divmod(extra, len(order))
            balanced.append(replace(order[which], version=copies.each + 1 + turn))
    return balanced


def _split(
    pieces: Sequence[Piece], clips: Clips, protocol: Protocol, folds: int, seed: int
) -> Iterator[tuple[list[Piece], list[Piece]]]:
    """(kept, held back) for each fold."""
    most = _most_folds(pieces, clips)
    if most < folds:
        raise DataError(
            f"{most} babies, or clips of the most frequent class, are too few for {folds} folds; "
            "add recordings"
        )
    if protocol == "leaky":
        labels = [clips.labels[p.clip] for p in pieces]
        for kept, held in _folds(StratifiedKFold, labels, None, folds, seed):
            yield [pieces[i] for i in kept], [pieces[i] for i in held]
        return
    members = _members(pieces)
    labels = [clips.labels[c] for c in members]
    groups = [clips.groups[c] for c in members]
    for _, held in _folds(StratifiedGroupKFold, labels, groups, folds, seed):
        back = {members[i] for i in held}
        yield [p for p in pieces if p.clip not in back], [p for p in pieces if p.clip in back]


def parts_by_baby(
    labels: Sequence[int], groups: Sequence[str], most: int
) -> list[NDArray[np.intp]]:
    """Places of the members of each part, `most` parts where there are enough babies and clips:
    whole babies, the classes about as everywhere."""
    parts = min(most, len(set(groups)), max(Counter(labels).values()))
    return [held for _, held in _folds(StratifiedGroupKFold, labels, groups, parts, 0)]


def _folds(
    kind: type[StratifiedKFold] | type[StratifiedGroupKFold],
    labels: Sequence[int],
    groups: Sequence[str] | None,
    folds: int,
    seed: int,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    with warnings.catch_warnings():
        # Classes with fewer members than folds: the result names them (reasons.results).
        warnings.filterwarnings("ignore", "The least populated class")
        splitter = kind(folds, shuffle=True, random_state=seed)
        yield from splitter.split(np.zeros(len(labels)), labels, groups)


def _all_pieces(clips: Clips) -> list[Piece]:
    return [Piece(c, n) for c, count in enumerate(clips.pieces) for n in range(count)]


def _most_folds(pieces: Sequence[Piece], clips: Clips) -> int:
    """Into how many parts they can be split: none without a clip, or without its largest class."""
    members = _members(pieces)
    largest = max(Counter(clips.labels[c] for c in members).values())
    return min(largest, len({clips.groups[c] for c in members}))


def _members(pieces: Sequence[Piece]) -> list[int]:
    return sorted({piece.clip for piece in pieces})
