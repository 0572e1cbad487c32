"""What a data set holds, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from edgecry.errors import EdgecryError

OwnSplit = Literal["train", "val", "test"]
Split = Literal["train", "held-out", "val", "test"]
NEONATE_AGE_CODE = "04"


class DataError(EdgecryError, ValueError):
    """A data set cannot be trained on."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled recording.

    key: its path relative to the data folder. name: `source/path` as its manifest or set has it,
    which is what the patterns of a recipe are held against. original: what its publisher called it.
    """

    key: str
    name: str
    path: Path
    cry: bool
    fine: str
    source: str
    licence: str
    group: str
    split: Split
    duration_s: float
    bandwidth_hz: float | None
    original: str

    @property
    def neonate(self) -> bool:
        """Is the baby 0 to 4 weeks old? DonateACry writes the age into the file name."""
        parts = self.original.split("-")
        return self.source.startswith("donateacry") and NEONATE_AGE_CODE in parts[-2:-1]


@dataclass(frozen=True, slots=True)
class Found:
    """One recording of a published set; `path` is relative to the set's folder.

    split: None where the set does not say it.
    """

    path: Path
    cry: bool
    fine: str
    group: str
    licence: str
    split: OwnSplit | None = None


@dataclass(slots=True)
class Contents:
    """What a set holds, and what a person should know about how it was read."""

    found: list[Found] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
