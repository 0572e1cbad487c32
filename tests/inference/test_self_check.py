"""A detector that is not what it was: damaged in memory, stuck, or with a run time that fails."""

import ctypes

import msgspec
import numpy as np
import pytest

from edgecry.errors import ModelError
from edgecry.inference.classifier import SHIPPED_MODELS, Classifier, load_classifier
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import Manifest
from edgecry.inference.self_check import TOLERANCE_STEPS, SelfCheck

TFLITE = SHIPPED_MODELS / "cry-detector.tflite"


@pytest.fixture
def memory() -> bytes:
    """The shipped model's file in memory of its own, in which the run time leaves the weights."""
    return bytes(bytearray(TFLITE.read_bytes()))


@pytest.fixture
def detector(memory: bytes) -> Classifier:
    manifest = load_classifier("cry-detector").manifest
    return Classifier(manifest, Int8Interpreter(memory, str(TFLITE)))


class Constant:
    """A run time whose output has stuck."""

    runtime = "stuck"

    def __init__(self, manifest: Manifest, step: int) -> None:
        self.input, self.output = manifest.input, manifest.output
        self._step = step

    def run(self, quantized: np.ndarray) -> np.ndarray:  # noqa: ARG002 (whatever it is)
        return np.array([[self._step]], np.int8)


def test_the_shipped_detector_is_well(detector: Classifier) -> None:
    assert detector.manifest.self_check is not None
    assert SelfCheck(detector).run() is None


def test_its_answers_lie_apart_and_none_is_saturated(detector: Classifier) -> None:
    answers = sorted(SelfCheck(detector).answers())
    assert min(np.diff([-128, *answers, 127])) > 2 * TOLERANCE_STEPS


def test_weights_that_change_in_memory_are_seen(detector: Classifier, memory: bytes) -> None:
    check = SelfCheck(detector)
    assert check.run() is None
    middle = len(memory) // 2
    ctypes.memset(id(memory) + bytes.__basicsize__ - 1 + middle, 0x55, 2000)
    assert "answers known sounds by" in (check.run() or "")


@pytest.mark.parametrize("step", [-128, -90, 0, 127])
def test_a_constant_or_saturated_output_is_seen(detector: Classifier, step: int) -> None:
    stuck = Classifier(detector.manifest, Constant(detector.manifest, step))
    assert f"{step}, {step}, {step} instead of" in (SelfCheck(stuck).run() or "")


def test_a_run_time_that_fails_says_so_in_one_line(detector: Classifier) -> None:
    detector._runtime._input["index"] = 9999
    with pytest.raises(ModelError, match="fails: ") as failed:
        SelfCheck(detector).run()
    assert "\n" not in str(failed.value)


def test_a_model_without_answers_in_its_manifest_is_held_to_its_first_ones(
    detector: Classifier, memory: bytes
) -> None:
    detector.manifest = msgspec.structs.replace(detector.manifest, self_check=None)
    check = SelfCheck(detector)
    assert check.run() is None
    ctypes.memset(id(memory) + bytes.__basicsize__ - 1 + len(memory) // 2, 0x55, 2000)
    assert check.run() is not None


def test_another_run_time_or_processor_may_differ_by_a_step(detector: Classifier) -> None:
    answers = detector.manifest.self_check
    shifted = tuple(answer + 1 for answer in answers)
    detector.manifest = msgspec.structs.replace(detector.manifest, self_check=shifted)
    assert SelfCheck(detector).run() is None
