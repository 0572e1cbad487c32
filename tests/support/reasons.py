"""A reasons model for tests: tiny, but real; models/make_tiny_reasons.py made it."""

import shutil
from pathlib import Path

import numpy as np

from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.interpreter import Int8Interpreter

TINY = Path(__file__).parent / "models" / "tiny-reasons.tflite"
TINY_MANIFEST = TINY.with_suffix(".json").read_bytes()


class Breakable(Int8Interpreter):
    """The real run time, until it is `broken`."""

    broken = False

    def run(self, quantized: np.ndarray) -> np.ndarray:
        if self.broken:
            raise RuntimeError("out of memory")
        return super().run(quantized)


def models_with_reasons(folder: Path, manifest: bytes = TINY_MANIFEST) -> Path:
    """The shipped detector in `folder` with the tiny reasons model beside it; the detector."""
    for suffix in (".json", ".tflite"):
        shutil.copy(SHIPPED_MODELS / f"cry-detector{suffix}", folder)
    shutil.copy(TINY, folder / "cry-reasons.tflite")
    (folder / "cry-reasons.json").write_bytes(manifest)
    return folder / "cry-detector.tflite"
