"""A feature window in, the logits of a reasons model out. Experimental; see docs/models.md."""

from __future__ import annotations

import logging
from pathlib import Path

from edgecry.errors import ModelError
from edgecry.inference.classifier import Runtime, check_tensors, model_path, open_model, quantize
from edgecry.inference.manifest import Manifest
from edgecry.inference.reasons_manifest import (
    Float64Array,
    ReasonsManifest,
    check_same_window,
    decode_reasons_manifest,
)
from edgecry.types import FeatureWindow

log = logging.getLogger(__name__)

NAME = "cry-reasons"
FAILURE_LOG_EVERY = 100


class ReasonsClassifier:
    """Runs a reasons model, and never takes cry detection with it: a failure is counted and logged.

    Raises ModelError if the run time's tensors are not those of the manifest.
    """

    def __init__(self, manifest: ReasonsManifest, runtime: Runtime) -> None:
        check_tensors(manifest, runtime)
        self.manifest = manifest
        self.failures = 0
        self._runtime = runtime

    def logits(self, window: FeatureWindow) -> Float64Array | None:
        """Dequantized logits, (labels,); None if the model has failed, whatever the reason."""
        output = self.manifest.output
        try:
            [steps] = self._runtime.run(quantize(window.log_mel, self.manifest.input))
        except Exception as error:
            self._count_failure(error)
            return None
        logits: Float64Array = output.scale * (steps.astype(float) - output.zero_point)
        return logits

    def _count_failure(self, error: Exception) -> None:
        self.failures += 1
        if self.failures % FAILURE_LOG_EVERY == 1:
            log.error(
                "the reasons model (experimental) failed (%d times so far): %r; "
                "cry detection goes on without it",
                self.failures,
                error,
            )


def load_reasons(detector_model: str | Path, detector: Manifest) -> ReasonsClassifier:
    """The reasons model that lies beside the detector.

    Raises ModelError if it is missing or damaged, or hears other windows than the detector.
    """
    path = model_path(detector_model).with_name(f"{NAME}.tflite")
    if not path.exists():
        raise ModelError(
            f"{path}: there is no reasons model beside the detector; "
            f"put {NAME}.tflite and {NAME}.json there, or do without reasons"
        )
    manifest, runtime = open_model(path, decode_reasons_manifest)
    check_same_window(manifest, detector, str(path.with_suffix(".json")))
    return ReasonsClassifier(manifest, runtime)
