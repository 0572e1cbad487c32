"""The reasons model that ships: small, experimental, and the same on every machine."""

import numpy as np
import pytest
from support.golden import golden_windows

from edgecry.inference.classifier import SHIPPED_MODELS, load_classifier
from edgecry.inference.manifest import MAX_MODEL_BYTES
from edgecry.inference.reasons import ReasonsClassifier, load_reasons
from edgecry.types import FeatureWindow

TFLITE = SHIPPED_MODELS / "cry-reasons.tflite"


@pytest.fixture(scope="module")
def reasons() -> ReasonsClassifier:
    return load_reasons("cry-detector", load_classifier("cry-detector").manifest)


GOLDEN = (
    (26, -6, 44, 49, 1),
    (-3, 18, 19, 49, 47),
    (-16, 34, 35, 56, -7),
    (-41, 31, 58, 92, -21),
    (-17, 58, 5, 53, -52),
)
"""int8 outputs for `golden_windows`. Run times and machines may differ by one step."""


def test_golden_logits(reasons: ReasonsClassifier) -> None:
    output = reasons.manifest.output
    logits = [
        reasons.logits(FeatureWindow(window, 15_600, None))
        for window in golden_windows(reasons.manifest.input.shape)
    ]
    steps = np.rint(np.array(logits) / output.scale) + output.zero_point
    assert np.abs(steps - GOLDEN).max() <= 1, steps.astype(int).tolist()


def test_it_fits_and_its_card_is_its_own(reasons: ReasonsClassifier) -> None:
    assert TFLITE.stat().st_size <= MAX_MODEL_BYTES
    card = TFLITE.with_suffix(".md").read_text()
    assert reasons.manifest.sha256 in card
    assert "experimental" in card
    assert "always" in card, "it stands beside always answering the most frequent reason"
