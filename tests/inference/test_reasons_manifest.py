"""A reasons manifest says everything, or is refused with a clear error."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.manifests import changed, without
from support.reasons import TINY_MANIFEST

from edgecry.errors import ModelError
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.manifest import MAX_MODEL_BYTES, check_model_bytes, decode_manifest
from edgecry.inference.reasons_manifest import (
    UNCERTAIN,
    ReasonsCalibration,
    check_same_window,
    decode_reasons_manifest,
    log_softmax,
)

DETECTOR = decode_manifest((SHIPPED_MODELS / "cry-detector.json").read_bytes(), "detector")
FOUR = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema", "edgecry.model/1", "schema"),
        ("name", "Cry Reasons", "name"),
        ("sha256", "abc", "sha256"),
        ("labels", ["hungry"], "labels"),
        ("labels", ["hungry", "tired", "Belly pain"], "labels"),
        ("labels", ["hungry", "tired", "tired"], "named twice"),
        ("labels", ["hungry", "tired", UNCERTAIN], "an answer, not a label"),
        ("labels", FOUR, r"output.shape must be \(1, 4\)"),
        ("input.shape", [1, 96, 32, 1], "input.shape does not fit"),
        ("output.shape", [1, 1], "output.shape must be"),
        ("features.hop_frames", 48, "hop_frames must be 24"),
        ("features.smoothing_windows", 4, "smoothing_windows"),
        ("calibration.slope", 0.0, "slope"),
        ("calibration.slope", 1e6, "slope"),
        ("calibration.intercepts", [0.0, 1.0], "intercepts needs"),
        ("calibration.intercepts", [0.0, 1.0, 1e6], "intercepts"),
        ("answer_from", {"hungry": 0.5, "tired": 0.5}, "answer_from needs"),
        ("answer_from.colic", 0.5, "answer_from needs"),
        ("answer_from.tired", 0.0, "answer_from"),
        ("answer_from.tired", 1.01, "answer_from"),
        ("operating_points", {}, "operating_points"),
    ],
)
def test_a_bad_value_is_named(path: str, value: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message) as error:
        decode_reasons_manifest(changed(TINY_MANIFEST, path, value), "here.json")
    assert str(error.value).startswith("here.json: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("field", list(json.loads(TINY_MANIFEST)))
def test_every_field_is_required(field: str) -> None:
    with pytest.raises(ModelError, match=field):
        decode_reasons_manifest(without(TINY_MANIFEST, field), "here.json")


def test_a_detector_is_no_reasons_model() -> None:
    with pytest.raises(ModelError):
        decode_reasons_manifest((SHIPPED_MODELS / "cry-detector.json").read_bytes(), "here.json")


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ModelError):
        decode_reasons_manifest(data, "here.json")


@given(
    at=st.integers(0, len(TINY_MANIFEST) - 1),
    removed=st.integers(0, 40),
    inserted=st.binary(max_size=10),
)
def test_a_damaged_manifest_is_refused_or_still_whole(
    at: int, removed: int, inserted: bytes
) -> None:
    damaged = TINY_MANIFEST[:at] + inserted + TINY_MANIFEST[at + removed :]
    try:
        manifest = decode_reasons_manifest(damaged, "here.json")
    except ModelError:
        return
    n = len(manifest.labels)
    assert n >= 2
    assert UNCERTAIN not in manifest.labels
    assert set(manifest.labels) == set(manifest.answer_from)
    assert manifest.output.shape == (1, n)
    assert all(p is None or 0 < p <= 1 for p in manifest.answer_from.values())
    p = manifest.calibration.probabilities(np.log(np.full(n, 1 / n)))
    assert p.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("features.log_mel.floor", 1e-5, "log_mel"),
        ("features.window_frames", 48, "window_frames"),
    ],
)
def test_other_windows_than_the_detectors_are_refused(path: str, value: Any, field: str) -> None:
    other = changed(TINY_MANIFEST, path, value)
    if field == "window_frames":
        other = changed(other, "input.shape", [1, value, 64, 1])
    with pytest.raises(ModelError, match=f"here: its {field} is not that of cry-detector"):
        check_same_window(decode_reasons_manifest(other, "here"), DETECTOR, "here")


def test_the_same_windows_are_accepted() -> None:
    check_same_window(decode_reasons_manifest(TINY_MANIFEST, "here"), DETECTOR, "here")


def test_a_model_that_is_too_big_is_refused() -> None:
    manifest = decode_reasons_manifest(TINY_MANIFEST, "here")
    with pytest.raises(ModelError, match="at most 100000"):
        check_model_bytes(bytes(MAX_MODEL_BYTES + 1), manifest, "big.tflite")


LOGITS = arrays.arrays(np.float64, (3, 4), elements=st.floats(-1e4, 1e4))


@given(LOGITS)
def test_log_softmax_is_the_logarithm_of_probabilities(logits: np.ndarray) -> None:
    log_p = log_softmax(logits)
    assert np.exp(log_p).sum(axis=-1) == pytest.approx(1.0)
    assert np.diff(log_p) == pytest.approx(np.diff(logits), abs=1e-9), "the odds stay"


@given(LOGITS, st.floats(0.01, 100), st.lists(st.floats(-100, 100), min_size=4, max_size=4))
def test_calibrated_probabilities_sum_to_one(
    logits: np.ndarray, slope: float, intercepts: list[float]
) -> None:
    p = ReasonsCalibration(slope, tuple(intercepts)).probabilities(log_softmax(logits))
    assert (p >= 0).all()
    assert p.sum(axis=-1) == pytest.approx(1.0)
