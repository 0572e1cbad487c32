"""What a reasons model says of itself: why a baby may be crying. Pure; see docs/models.md.

Experimental: nobody has shown that the reason of a cry can be heard reliably. So a reasons model
says for every label whether it may be answered at all, and everything else is `uncertain`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from edgecry.errors import ModelError
from edgecry.inference.manifest import Manifest, ModelManifest, Problem, decode_as

UNCERTAIN = "uncertain"
"""The answer when no label is. No label of a model."""

Label = Annotated[str, Meta(pattern="^[a-z_]+$")]
Float64Array = NDArray[np.float64]


class ReasonsCalibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Temperature and bias of the log probabilities, fitted after int8 conversion.

    p = softmax(slope * ln(mean) + intercepts), where mean is the mean over the windows of a cry of
    the softmax of the model's logits. C. Guo et al., On calibration of modern neural networks,
    2017 ("vector scaling" with one slope).
    """

    slope: Annotated[float, Meta(gt=0.0, le=100.0)]
    intercepts: tuple[Annotated[float, Meta(ge=-100.0, le=100.0)], ...]

    def probabilities(self, log_mean: Float64Array) -> Float64Array:
        """Calibrated probabilities, (..., labels), of the logarithm of mean probabilities."""
        p: Float64Array = np.exp(log_softmax(self.slope * log_mean + np.array(self.intercepts)))
        return p


class ReasonsManifest(ModelManifest, frozen=True, forbid_unknown_fields=True):
    """Everything that the device must know of a reasons model.

    answer_from: for every label the calibrated probability from which on it is answered, or None:
    never, because nothing showed it to be clearly above its share in the training set.
    """

    schema: Literal["edgecry.reasons/1"]
    labels: Annotated[tuple[Label, ...], Meta(min_length=2)]
    calibration: ReasonsCalibration
    answer_from: dict[str, Annotated[float, Meta(gt=0.0, le=1.0)] | None]


def log_softmax(x: NDArray[Any]) -> Float64Array:
    """Logarithm of the softmax over the last axis, (..., labels) of finite numbers."""
    shifted = np.asarray(x, np.float64) - np.max(x, axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True)))


def decode_reasons_manifest(data: bytes, where: str) -> ReasonsManifest:
    """Parse and check a manifest.

    Raises ModelError, with `where` in the message, if it is not a manifest that this version can
    keep: unknown or missing fields, impossible values, a label without its number.
    """
    return decode_as(ReasonsManifest, _problems, data, where)


def check_same_window(reasons: ReasonsManifest, detector: Manifest, where: str) -> None:
    """Raise ModelError unless both models hear the same windows, which are computed once."""
    for field in ("log_mel", "window_frames", "hop_frames"):
        if getattr(reasons.features, field) != getattr(detector.features, field):
            raise ModelError(
                f"{where}: its {field} is not that of {detector.name}; "
                "make the reasons model for the windows of this detector"
            )


def _problems(manifest: ReasonsManifest) -> list[Problem]:
    labels = manifest.labels
    return [
        (len(set(labels)) != len(labels), "a label is named twice"),
        (UNCERTAIN in labels, f"{UNCERTAIN} is an answer, not a label"),
        (
            manifest.output.shape != (1, len(labels)),
            f"output.shape must be (1, {len(labels)}), a logit for each label",
        ),
        (
            len(manifest.calibration.intercepts) != len(labels),
            "calibration.intercepts needs a number for each label",
        ),
        (
            set(manifest.answer_from) != set(labels),
            "answer_from needs each label and no other, with a probability or null",
        ),
    ]
