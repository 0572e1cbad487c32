"""The shipped model on every run time that is installed."""

import numpy as np
import pytest

from convert.measuring.runtimes import PACKAGES, installed, run_on
from edgecry.errors import ModelError
from edgecry.inference.classifier import SHIPPED_MODELS, load_classifier, quantize
from edgecry.inference.interpreter import Int8Interpreter

MODEL = (SHIPPED_MODELS / "cry-detector.tflite").read_bytes()
WINDOWS = np.random.default_rng(0).normal(0, 1, (20, 96, 64, 1)).astype(np.float32)


def test_the_devices_choice_is_the_first_and_answers_alike() -> None:
    device = load_classifier("cry-detector")
    assert installed()[0] == device.runtime
    here = Int8Interpreter(MODEL, "here")
    expected = [here.run(quantize(window, here.input))[0].tolist() for window in WINDOWS]
    outputs, output = run_on(device.runtime, MODEL, WINDOWS)
    assert outputs.tolist() == expected
    assert output == here.output


def test_the_run_times_hardly_differ() -> None:
    if len(installed()) < 2:
        pytest.skip("one TFLite run time only: the extra convert brings both on Python 3.11")
    one, other = (run_on(name, MODEL, WINDOWS)[0].astype(int) for name in PACKAGES)
    assert len(np.unique(one)) > 3
    assert np.abs(one - other).max() <= 1


def test_a_run_time_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ModelError, match="no TFLite run time"):
        run_on("another", MODEL, WINDOWS)
