"""What a manifest says of the training data."""

from dataclasses import dataclass

import pytest

from convert.data.attribution import training_data


@dataclass
class Clip:
    source: str
    licence: str
    duration_s: float = 90.0


def test_training_data_is_told_by_source_without_the_attribution_of_single_recordings() -> None:
    clips = [
        Clip("b", "CC-BY (recording 1 by somebody)"),
        Clip("b", "CC-BY (recording 2 (a)"),
        Clip("a", "CC0"),
    ]
    told = [(d.source, d.licence, d.clips, d.minutes) for d in training_data(clips)]
    assert told == [("a", "CC0", 1, 1.5), ("b", "CC-BY", 2, pytest.approx(3.0))]


def test_a_licence_of_two_parts_keeps_both() -> None:
    [told] = training_data([Clip("dac", "ODbL-1.0 (db) / DbCL-1.0 (contents)")])
    assert told.licence == "ODbL-1.0 / DbCL-1.0"
