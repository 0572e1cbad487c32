"""No class of non-cries is forgotten silently."""

import csv
from pathlib import Path

import pytest

from convert.reporting.families import FAMILIES, UNSORTED, family_of

DATA = Path(__file__).parents[4] / "shared" / "data"
MIXED = {"", "_", "effects"}
"""Classes of the data that say nothing of the sound."""


@pytest.mark.parametrize("manifest", ["pack/manifest.csv", "extra/manifest.csv"])
def test_every_class_of_the_data_has_a_family(manifest: str) -> None:
    if not (DATA / manifest).exists():
        pytest.skip("the recordings are not beside this checkout")
    with (DATA / manifest).open(newline="") as file:
        fines = {row["fine"] for row in csv.DictReader(file) if row["label"] == "noncry"}
    assert {fine for fine in fines if family_of(fine) == UNSORTED} <= MIXED


def test_a_name_counts_before_a_pattern() -> None:
    assert family_of("animal_kitten") == "cats"
    assert family_of("animal_tractor") == "machines and traffic"
    assert family_of("animal_badger") == "other animals"


def test_what_nobody_knows_is_said_to_be_unsorted() -> None:
    assert family_of("theremin") == UNSORTED


def test_no_class_is_in_two_families() -> None:
    names = [name for patterns in FAMILIES.values() for name in patterns]
    assert len(names) == len(set(names))
