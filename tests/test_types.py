"""What the values that travel promise to everyone who receives them."""

import dataclasses

import numpy as np
import pytest

from edgecry.types import AudioBlock, FeatureWindow


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (AudioBlock(np.zeros(4, np.float32), 16000, 100, captured_mono_s=1.0), "samples"),
        (FeatureWindow(np.zeros((2, 3), np.float32), 100, level_dbfs=None), "log_mel"),
    ],
)
def test_arrays_and_fields_cannot_be_changed_on_the_way(value, field: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        getattr(value, field)[0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, None)


def test_a_block_ends_where_the_next_one_begins() -> None:
    block = AudioBlock(np.zeros(4, np.float32), 16000, first_sample=100, captured_mono_s=1.0)
    assert block.end_sample == 104
