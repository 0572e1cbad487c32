"""What a classifier refuses, and how it quantizes."""

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edgecry.errors import ModelError
from edgecry.inference.classifier import SHIPPED_MODELS, Classifier, load_classifier, quantize
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import Quantization, decode_manifest
from edgecry.types import FeatureWindow

TFLITE, MANIFEST = (SHIPPED_MODELS / f"cry-detector{suffix}" for suffix in (".tflite", ".json"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped model in a folder of its own."""
    shutil.copy(MANIFEST, tmp_path / "mine.json")
    return Path(shutil.copy(TFLITE, tmp_path / "mine.tflite"))


def test_a_model_is_loaded_by_path_too(copy: Path) -> None:
    assert load_classifier(copy).manifest == load_classifier("cry-detector").manifest


def test_a_model_that_differs_by_one_bit_is_refused(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises(ModelError, match="not the one its manifest describes"):
        load_classifier(copy)


def test_a_missing_file_is_named(copy: Path) -> None:
    copy.unlink()
    with pytest.raises(ModelError, match=r"mine\.tflite: No such file"):
        load_classifier(copy)
    copy.with_suffix(".json").unlink()
    with pytest.raises(ModelError, match=r"mine\.json: No such file"):
        load_classifier(copy)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ModelError, match=r"nobody\.json"):
        load_classifier("nobody")


@pytest.mark.parametrize("content", [b"", b"text", bytes(4096)])
def test_what_is_no_model_is_refused_by_the_run_time(content: bytes) -> None:
    with pytest.raises(ModelError, match=r"here\.tflite"):
        Int8Interpreter(content, "here.tflite")


def test_a_manifest_with_other_quantization_is_refused() -> None:
    manifest = decode_manifest(MANIFEST.read_bytes(), "here")
    other = msgspec.structs.replace(
        manifest, input=msgspec.structs.replace(manifest.input, scale=2 * manifest.input.scale)
    )
    with pytest.raises(ModelError, match=r"its input is .* the manifest says"):
        Classifier(other, Int8Interpreter(TFLITE.read_bytes(), "here"))


def test_quantize_rounds_to_even_and_clips() -> None:
    to = Quantization((1, 1, 6, 1), scale=0.5, zero_point=-10)
    values = np.array([[0.25, 0.75, -0.25, 0.5, 1e9, -1e9]], np.float32)
    assert quantize(values, to).ravel().tolist() == [-10, -8, -10, -9, 127, -128]


def test_a_score_carries_what_the_window_says() -> None:
    classifier = load_classifier("cry-detector")
    log_mel = np.zeros(classifier.manifest.input.shape[1:3], np.float32)
    score = classifier.score(FeatureWindow(log_mel, 15_600, -42.0))
    assert (score.end_sample, score.level_dbfs) == (15_600, -42.0)
    assert 0.0 <= score.p_cry <= 1.0
    assert score.inference_ms > 0.0
