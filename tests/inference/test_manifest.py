"""A manifest says everything, or is refused with a clear error."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.manifests import changed, without

from edgecry.errors import ModelError
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.manifest import (
    MAX_MODEL_BYTES,
    Calibration,
    check_model_bytes,
    decode_manifest,
)

SHIPPED = (SHIPPED_MODELS / "cry-detector.json").read_bytes()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema", "edgecry.model/2", "schema"),
        ("name", "Cry Detector", "name"),
        ("version", "1.0", "version"),
        ("sha256", "abc", "sha256"),
        ("input.shape", [1, 96, 32, 1], "input.shape does not fit"),
        ("output.shape", [1, 2], "output.shape must be"),
        ("input.scale", 0.0, "scale"),
        ("output.zero_point", 300, "zero_point"),
        ("features.window_frames", 97, "window_frames must be a multiple"),
        ("features.hop_frames", 48, "hop_frames must be 24"),
        ("features.log_mel.mels", 0, "mels"),
        ("features.log_mel.high_hz", 9000.0, "high_hz"),
        ("features.smoothing_windows", 0, "smoothing_windows"),
        ("calibration.slope", -1.0, "slope"),
        ("operating_points.balanced.on", 1.5, "on"),
        ("operating_points.balanced.off", 0.999, "off above on"),
        ("operating_points", {}, "three operating points"),
        ("surprise", 1, "surprise"),
    ],
)
def test_a_bad_value_is_named(path: str, value: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message) as error:
        decode_manifest(changed(SHIPPED, path, value), "here.json")
    assert str(error.value).startswith("here.json: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("field", sorted(set(json.loads(SHIPPED)) - {"self_check"}))
def test_every_field_is_required(field: str) -> None:
    with pytest.raises(ModelError, match=field):
        decode_manifest(without(SHIPPED, field), "here.json")


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ModelError):
        decode_manifest(data, "here.json")


@given(
    at=st.integers(0, len(SHIPPED) - 1),
    removed=st.integers(0, 40),
    inserted=st.binary(max_size=10),
)
def test_a_damaged_manifest_is_refused_or_still_whole(
    at: int, removed: int, inserted: bytes
) -> None:
    damaged = SHIPPED[:at] + inserted + SHIPPED[at + removed :]
    try:
        manifest = decode_manifest(damaged, "here.json")
    except ModelError:
        return
    assert manifest.calibration.slope > 0
    assert len(manifest.operating_points) == 3
    assert all(0 < p.off <= p.on < 1 for p in manifest.operating_points.values())


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ModelError):
        decode_manifest(b"[" * 100_000, "here.json")


@given(st.floats(-300, 300), st.floats(-300, 300))
def test_calibration_keeps_the_order_and_stays_a_probability(a: float, b: float) -> None:
    calibration = Calibration(slope=1.5, intercept=-2.0)
    low, high = sorted((a, b))
    assert 0.0 <= calibration.probability(low) <= calibration.probability(high) <= 1.0


def test_a_model_that_is_too_big_is_refused() -> None:
    manifest = decode_manifest(SHIPPED, "here.json")
    with pytest.raises(ModelError, match="at most 100000"):
        check_model_bytes(bytes(MAX_MODEL_BYTES + 1), manifest, "big.tflite")
