"""Pieces of clips -> what a network is given of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.reasons.approach import Approach
from convert.reasons.features import Seen, seen
from convert.reasons.plan import Piece
from convert.reasons.sounds import LabelledClip
from convert.run import CACHE

SeenClips = Mapping[tuple[int, int], Seen]


def seen_of(
    approach: Approach, clips: Sequence[LabelledClip], pieces: Iterable[Piece], data: Path
) -> SeenClips:
    """(clip, version) -> (pieces, ...), for the clips that the pieces are of."""
    wanted = sorted({(p.clip, p.version) for p in pieces})
    versions = [(clips[clip], version) for clip, version in wanted]
    return dict(zip(wanted, seen(approach, data, versions, CACHE), strict=True))


def stacked(pieces: Sequence[Piece], sees: SeenClips) -> Seen:
    """(pieces, ...), in their order; there must be one."""
    return np.stack([sees[p.clip, p.version][p.number] for p in pieces])


def labels_of(pieces: Sequence[Piece], clips: Sequence[LabelledClip]) -> NDArray[np.intp]:
    """(pieces,)."""
    return np.array([clips[p.clip].label for p in pieces], np.intp)
