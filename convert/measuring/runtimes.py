"""A model's integers on every TFLite run time that is installed, each in a process of its own.

Two run times cannot live in one process, and the device's interpreter takes the first that it
finds: in each process all others are hidden from it.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edgecry.inference.classifier import quantize
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import Quantization
from edgecry.types import Float32Array

PACKAGES = {"tflite-runtime": "tflite_runtime", "ai-edge-litert": "ai_edge_litert"}
"""Run times by the name that `Int8Interpreter.runtime` gives; the device's first choice first."""


def installed() -> list[str]:
    """Names of the run times that are here."""
    return [name for name, package in PACKAGES.items() if importlib.util.find_spec(package)]


def run_on(
    runtime: str, model: bytes, windows: Float32Array
) -> tuple[NDArray[np.int8], Quantization]:
    """Output integers (n, outputs) of model inputs (n, frames, mels, 1), and how to read them.

    Raises ModelError if the run time is not there or cannot run the model.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(_run, runtime, model, windows).result()


def logits(outputs: NDArray[np.int8], read_as: Quantization) -> NDArray[np.float32]:
    """What output integers stand for."""
    return (outputs.astype(np.float32) - read_as.zero_point) * read_as.scale


def _run(
    runtime: str, model: bytes, windows: Float32Array
) -> tuple[NDArray[np.int8], Quantization]:
    for name, package in PACKAGES.items():
        if name != runtime:
            sys.modules[package] = None  # type: ignore[assignment]
    interpreter = Int8Interpreter(model, "the model")
    outputs = [
        interpreter.run(quantize(window, interpreter.input))[0] for window in tqdm(windows, runtime)
    ]
    return np.array(outputs, np.int8), interpreter.output
