"""A part of a recording is what the device would make of it, wherever it begins."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.reporting.passage import Passage, listen
from edgecry.decision.cry import Thresholds
from edgecry.detection import Detector
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.manifest import Manifest, decode_manifest
from edgecry.types import FeatureWindow, Score

RATE_HZ = 16_000
WINDOW_S = 0.975
SHIPPED = SHIPPED_MODELS / "cry-detector.json"
MANIFEST = decode_manifest(SHIPPED.read_bytes(), str(SHIPPED))
LOUD_DBFS = -20.0


class Loud:
    """Takes what is loud for a cry."""

    manifest: Manifest = MANIFEST

    def score(self, window: FeatureWindow) -> Score:
        loud = window.level_dbfs is not None and window.level_dbfs > LOUD_DBFS
        return Score(0.99 if loud else 0.01, window.end_sample, window.level_dbfs, 0.0)


def detector() -> Detector:
    return Detector(Loud(), Thresholds(0.8, 0.4), clear_after_s=2.0)


def sound(quiet_s: float, loud_s: float, after_s: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    parts = ((0.001, quiet_s), (0.5, loud_s), (0.001, after_s))
    made = [peak * rng.uniform(-1, 1, int(s * RATE_HZ)) for peak, s in parts]
    return np.concatenate(made).astype(np.float32)


def heard(samples: np.ndarray, first_s: float, last_s: float, block: int = 1600) -> Passage:
    blocks = (samples[i : i + block] for i in range(0, len(samples), block))
    return listen(blocks, detector(), first_s, last_s)


def test_a_part_has_the_scores_and_cries_of_the_whole() -> None:
    samples = sound(4.0, 4.0, 12.0)
    whole, part = heard(samples, 0.0, 20.0), heard(samples, 6.0, 20.0)
    assert len(whole.spans) == 1
    assert part.spans == whole.spans
    np.testing.assert_array_equal(part.samples, samples[6 * RATE_HZ :])
    np.testing.assert_array_equal(part.evidence, whole.evidence[whole.end_s >= 6.0])
    assert not whole.goes_on


def test_a_cry_that_was_over_before_is_not_in_it() -> None:
    assert heard(sound(2.0, 3.0, 15.0), 12.0, 20.0).spans == []


def test_what_comes_after_is_not_heard() -> None:
    samples = sound(4.0, 4.0, 12.0)
    part = heard(samples, 0.0, 3.0)
    assert part.goes_on
    assert part.spans == []
    assert part.last_s == 3.0
    assert part.end_s[-1] <= 3.0


def test_a_cry_that_is_not_over_has_no_end() -> None:
    samples = sound(4.0, 4.0, 2.0)
    [(_, end_s)] = heard(samples, 0.0, 7.0).spans
    assert end_s == math.inf
    [(_, end_s)] = heard(samples[: 7 * RATE_HZ], 0.0, 7.0).spans
    assert 6.0 < end_s <= 7.0


def test_a_recording_that_ends_before_leaves_nothing() -> None:
    assert len(heard(sound(1.0, 1.0, 1.0), 5.0, 6.0).samples) == 0


def test_a_recording_shorter_than_a_window_has_its_score() -> None:
    short = heard(sound(0.1, 0.1, 0.1), 0.0, 120.0)
    assert short.end_s.tolist() == [WINDOW_S]
    assert short.last_s == pytest.approx(0.3)


@given(st.floats(0, 4), st.floats(0.1, 4), st.integers(1, 20_000).filter(lambda block: block % 7))
def test_a_part_is_as_long_as_it_was_asked_to_be(first_s: float, long_s: float, block: int) -> None:
    samples = np.zeros(5 * RATE_HZ, np.float32)
    part = heard(samples, first_s, first_s + long_s, block)
    expected = max(0.0, min(5.0, first_s + long_s) - first_s)
    assert len(part.samples) / RATE_HZ == pytest.approx(expected, abs=1 / RATE_HZ)
    assert part.goes_on == (round((first_s + long_s) * RATE_HZ) < len(samples))
