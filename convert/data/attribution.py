"""What a model learned from, as its manifest tells it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from edgecry.inference.manifest import TrainingData


class Recorded(Protocol):
    """What is told of a clip."""

    @property
    def source(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def duration_s(self) -> float: ...


def training_data(clips: Iterable[Recorded]) -> list[TrainingData]:
    """By source. The attribution inside a licence stays with the source: "CC-BY (recording 1 by
    ...)" becomes "CC-BY", and "ODbL-1.0 (db) / DbCL-1.0 (contents)" "ODbL-1.0 / DbCL-1.0"."""
    by_source: dict[str, list[Recorded]] = defaultdict(list)
    for clip in clips:
        by_source[clip.source].append(clip)
    return [
        TrainingData(
            source=source,
            licence=", ".join(sorted({_without_attribution(c.licence) for c in members})),
            clips=len(members),
            minutes=round(sum(c.duration_s for c in members) / 60, 1),
        )
        for source, members in sorted(by_source.items())
    ]


def _without_attribution(licence: str) -> str:
    return " / ".join(part.split(" (")[0] for part in licence.split(") / "))
