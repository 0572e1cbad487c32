"""A reasons model for tests: tiny, but real; models/make_tiny_reasons.py made it."""

import shutil
from pathlib import Path

from edgecry.inference.classifier import SHIPPED_MODELS

TINY = Path(__file__).parent / "models" / "tiny-reasons.tflite"
TINY_MANIFEST = TINY.with_suffix(".json").read_bytes()


def models_with_reasons(folder: Path, manifest: bytes = TINY_MANIFEST) -> Path:
    """The shipped detector in `folder` with the tiny reasons model beside it; the detector."""
    for suffix in (".json", ".tflite"):
        shutil.copy(SHIPPED_MODELS / f"cry-detector{suffix}", folder)
    shutil.copy(TINY, folder / "cry-reasons.tflite")
    (folder / "cry-reasons.json").write_bytes(manifest)
    return folder / "cry-detector.tflite"
