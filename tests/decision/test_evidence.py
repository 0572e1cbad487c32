"""The p_cry of a whole recording."""

import pytest

from edgecry.decision.evidence import recording_p_cry


def test_a_recordings_p_cry_is_of_its_surest_windows_wherever_they_are() -> None:
    scattered = [0.1, 0.9, 0.1, 0.8, 0.2, 0.7]
    assert recording_p_cry(scattered, 3) == pytest.approx(0.8)
    assert recording_p_cry(scattered, 1) == 0.9
    assert recording_p_cry([0.4, 0.6], 4) == pytest.approx(0.5)  # as many as there are
    assert recording_p_cry([], 4) == 0.0
