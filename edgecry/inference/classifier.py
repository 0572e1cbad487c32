"""A feature window in, a calibrated score out."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edgecry.errors import ModelError
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import (
    AnyManifest,
    Manifest,
    ModelManifest,
    Quantization,
    check_model_bytes,
    decode_manifest,
)
from edgecry.types import FeatureWindow, Float32Array, Score

SHIPPED_MODELS = Path(__file__).parent.parent / "models"
SCALE_TOLERANCE = 1e-6


class Runtime(Protocol):
    """What the classifier asks of a TFLite run time."""

    @property
    def runtime(self) -> str: ...
    @property
    def input(self) -> Quantization: ...
    @property
    def output(self) -> Quantization: ...
    def run(self, quantized: NDArray[np.int8]) -> NDArray[np.int8]: ...


class Classifier:
    """Quantizes the window as the manifest says, runs the model and calibrates its logit.

    Raises ModelError if the run time's tensors are not those of the manifest.
    """

    def __init__(self, manifest: Manifest, runtime: Runtime) -> None:
        check_tensors(manifest, runtime)
        self.manifest = manifest
        self._runtime = runtime

    @property
    def runtime(self) -> str:
        """Name of the TFLite run time."""
        return self._runtime.runtime

    def score(self, window: FeatureWindow) -> Score:
        """Calibrated probability that the window holds a cry.

        Raises ModelError if the run time fails.
        """
        started = time.perf_counter()
        step = self.step(window.log_mel)
        logit = self.manifest.output.scale * (step - self.manifest.output.zero_point)
        p_cry = self.manifest.calibration.probability(logit)
        inference_ms = (time.perf_counter() - started) * 1e3
        return Score(p_cry, window.end_sample, window.level_dbfs, inference_ms)

    def step(self, log_mel: Float32Array) -> int:
        """The model's int8 output for a window of (frames, mels).

        Raises ModelError if the run time fails.
        """
        [[step]] = self._runtime.run(quantize(log_mel, self.manifest.input))
        return int(step)


def quantize(log_mel: Float32Array, to: Quantization) -> NDArray[np.int8]:
    """Round to the nearest step, ties to even, and clip to int8: (frames, mels) -> `to.shape`."""
    steps = np.rint(log_mel * np.float32(1.0 / to.scale)) + to.zero_point
    quantized: NDArray[np.int8] = np.clip(steps, -128, 127).astype(np.int8)
    return quantized.reshape(to.shape)


def load_classifier(model: str | Path) -> Classifier:
    """A classifier from a shipped model's name or the path of a .tflite file.

    Raises ModelError if the file, its manifest or a run time for it is missing or does not fit.
    """
    return Classifier(*open_model(model_path(model), decode_manifest))


def model_path(model: str | Path) -> Path:
    """Where a shipped model, or the one of a path, lies."""
    path = Path(model)
    return path if path.suffix == ".tflite" else SHIPPED_MODELS / f"{model}.tflite"


def open_model(
    path: Path, decode: Callable[[bytes, str], AnyManifest]
) -> tuple[AnyManifest, Int8Interpreter]:
    """The manifest and the run time of the .tflite file at `path`.

    Raises ModelError if a file or the run time is missing, or if they do not fit.
    """
    manifest_path = path.with_suffix(".json")
    manifest = decode(_read(manifest_path), str(manifest_path))
    content = _read(path)
    check_model_bytes(content, manifest, str(path))
    return manifest, Int8Interpreter(content, str(path))


def check_tensors(manifest: ModelManifest, runtime: Runtime) -> None:
    """Raise ModelError if the run time's tensors are not those of the manifest."""
    for name, stated, actual in (
        ("input", manifest.input, runtime.input),
        ("output", manifest.output, runtime.output),
    ):
        if not _same(stated, actual):
            raise ModelError(
                f"model {manifest.name}: its {name} is {actual}, the manifest says {stated}; "
                "make the manifest again with convert"
            )


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise ModelError(f"{path}: not a regular file")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: {error.strerror}; a model is a .tflite file with its .json beside it, "
            "or the name of a shipped one"
        ) from None


def _same(stated: Quantization, actual: Quantization) -> bool:
    return (
        stated.shape == actual.shape
        and stated.zero_point == actual.zero_point
        and abs(stated.scale - actual.scale) <= SCALE_TOLERANCE * stated.scale
    )
