"""Sound that is too loud for its microphone, for long enough to matter."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgecry.health.clipping import CLEAR_AFTER_S, SHARE_OF_S, Clipping
from edgecry.types import AudioBlock

RATE_HZ, BLOCK_S = 16_000, 0.1


def play(*parts: tuple[float, float]) -> list[tuple[float, bool]]:
    """Parts are (seconds, clipped share); when it changed, and to what."""
    shares = [share for seconds, share in parts for _ in range(round(seconds / BLOCK_S))]
    clipping, changes = Clipping(), [(0.0, False)]
    for index, share in enumerate(shares):
        samples = np.zeros(int(BLOCK_S * RATE_HZ), np.float32)
        block = AudioBlock(samples, RATE_HZ, index * len(samples), 0.0, clipped=share)
        clipping.hear(block)
        if (clipping.trouble is not None) != changes[-1][1]:
            changes.append((block.end_sample / RATE_HZ, clipping.trouble is not None))
    return changes[1:]


def test_a_fifth_cut_off_is_known_within_four_seconds_and_over_ten_after_it() -> None:
    [(raised_s, _), (cleared_s, _)] = play((10, 0.0), (10, 0.2), (30, 0.0))
    assert raised_s - 10 <= SHARE_OF_S
    assert CLEAR_AFTER_S <= cleared_s - 20 <= CLEAR_AFTER_S + SHARE_OF_S


def test_a_cry_that_clips_and_breathes_is_one_fault() -> None:
    assert len(play(*[(1.5, 0.4), (1.0, 0.0)] * 12, (30, 0.0))) == 2


def test_a_bang_is_none() -> None:
    assert play(*[(10, 0.001), (0.3, 1.0)] * 10) == []


@given(st.lists(st.tuples(st.floats(0.1, 20), st.floats(0, 0.09)), max_size=6))
def test_less_than_a_tenth_is_none(parts) -> None:
    assert play(*parts) == []
