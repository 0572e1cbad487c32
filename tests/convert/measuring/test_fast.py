"""The quick kernels of studies say what the device's kernels say."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from convert.measuring.fast import FastInterpreter
from convert.measuring.runtimes import installed, run_on
from edgecry.features.mel import LogMel, MelParams
from edgecry.inference.classifier import SHIPPED_MODELS, quantize
from edgecry.types import Float32Array

pytestmark = pytest.mark.skipif("ai-edge-litert" not in installed(), reason="no ai-edge-litert")

MODEL = SHIPPED_MODELS / "cry-detector.tflite"


def quick(model: Path, windows: Float32Array) -> list[int]:
    runtime = FastInterpreter(model)
    return [int(runtime.run(quantize(w, runtime.input))[0, 0]) for w in windows]


def test_quick_kernels_are_a_few_steps_from_the_devices() -> None:
    rng = np.random.default_rng(1)
    swept = np.sin(np.cumsum(rng.uniform(0.05, 1.5, 16_000 * 20))).astype(np.float32)
    log_mel = LogMel(MelParams())(swept * rng.uniform(0.01, 0.5, len(swept)).astype(np.float32))
    windows = np.stack([log_mel[first : first + 96] for first in range(0, len(log_mel) - 96, 60)])
    device, _ = run_on(installed()[0], MODEL.read_bytes(), windows)
    spawn = multiprocessing.get_context("spawn")  # two run times cannot live in one process
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        found = process.submit(quick, MODEL, windows).result()
    assert len(set(found)) > 3
    assert np.abs(np.array(found) - device[:, 0].astype(int)).max() <= 4
