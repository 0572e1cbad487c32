"""The reasons model under the real run time: what it says, what is refused, and how it fails."""

import logging
from pathlib import Path

import numpy as np
import pytest
from support.manifests import changed
from support.reasons import TINY, TINY_MANIFEST, Breakable, models_with_reasons

from edgecry.errors import ModelError
from edgecry.inference.classifier import load_classifier
from edgecry.inference.manifest import Manifest
from edgecry.inference.reasons import FAILURE_LOG_EVERY, ReasonsClassifier, load_reasons
from edgecry.inference.reasons_manifest import decode_reasons_manifest
from edgecry.types import FeatureWindow

MANIFEST = decode_reasons_manifest(TINY_MANIFEST, "here")


@pytest.fixture(scope="module")
def detector() -> Manifest:
    return load_classifier("cry-detector").manifest


def window(low: float, high: float) -> FeatureWindow:
    """A steady window, with one level in the lower half of its bands and one in the upper."""
    log_mel = np.full((96, 64), low, np.float32)
    log_mel[:, 32:] = high
    return FeatureWindow(log_mel, 15_600, None)


def test_it_says_what_it_hears(tmp_path: Path, detector: Manifest) -> None:
    reasons = load_reasons(models_with_reasons(tmp_path), detector)
    step = reasons.manifest.output.scale
    assert reasons.logits(window(1.0, -1.0)) == pytest.approx([4.0, -4.0, 0.0], abs=1.5 * step)
    assert reasons.logits(window(-0.5, 1.0)) == pytest.approx([-2.0, 4.0, 0.0], abs=1.5 * step)
    assert reasons.failures == 0


def test_without_one_beside_the_detector_it_says_what_to_do(
    tmp_path: Path, detector: Manifest
) -> None:
    path = models_with_reasons(tmp_path)
    (tmp_path / "cry-reasons.tflite").unlink()
    with pytest.raises(ModelError, match=r"cry-reasons\.tflite: there is no reasons model"):
        load_reasons(path, detector)


def test_without_its_manifest_it_is_refused(tmp_path: Path, detector: Manifest) -> None:
    path = models_with_reasons(tmp_path)
    (tmp_path / "cry-reasons.json").unlink()
    with pytest.raises(ModelError, match=r"cry-reasons\.json: No such file"):
        load_reasons(path, detector)


def test_a_damaged_one_is_refused(tmp_path: Path, detector: Manifest) -> None:
    path = models_with_reasons(tmp_path)
    content = bytearray(TINY.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "cry-reasons.tflite").write_bytes(content)
    with pytest.raises(ModelError, match="not the one its manifest describes"):
        load_reasons(path, detector)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("features.log_mel.floor", 1e-5, r"cry-reasons\.json: its log_mel is not that of"),
        ("output.scale", 0.5, r"its output is .* the manifest says"),
    ],
)
def test_one_that_does_not_fit_is_refused(
    tmp_path: Path, detector: Manifest, path: str, value: float, message: str
) -> None:
    model = models_with_reasons(tmp_path, changed(TINY_MANIFEST, path, value))
    with pytest.raises(ModelError, match=message):
        load_reasons(model, detector)


def test_a_failure_is_counted_logged_now_and_then_and_never_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runtime = Breakable(TINY.read_bytes(), "here")
    reasons = ReasonsClassifier(MANIFEST, runtime)
    runtime.broken = True
    with caplog.at_level(logging.INFO):
        for _ in range(FAILURE_LOG_EVERY):
            assert reasons.logits(window(0.0, 0.0)) is None
        assert len(caplog.records) == 1
        assert reasons.logits(window(0.0, 0.0)) is None
    assert reasons.failures == FAILURE_LOG_EVERY + 1
    assert len(caplog.records) == 2
    assert all("(experimental)" in record.message for record in caplog.records)
    runtime.broken = False
    assert reasons.logits(window(0.0, 0.0)) is not None
