"""Logits of a cry's windows -> the experimental reason of the cry."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgecry.inference.reasons_manifest import (
    UNCERTAIN,
    Float64Array,
    ReasonsManifest,
    log_softmax,
)
from edgecry.types import Reason


class WindowPool:
    """Mean of what single windows say: the softmax of their logits, kept as a logarithm."""

    def __init__(self, labels: int) -> None:
        self.windows = 0
        self._log_sum: Float64Array = np.full(labels, -np.inf)

    def add(self, logits: NDArray[Any]) -> None:
        """Take the dequantized logits of one more window, (labels,)."""
        self._log_sum = np.logaddexp(self._log_sum, log_softmax(logits))
        self.windows += 1

    @property
    def log_mean(self) -> Float64Array:
        """Logarithm of the mean probabilities, (labels,). There must be a window."""
        return np.asarray(self._log_sum - np.log(self.windows))


def reason_of(log_mean: Float64Array, manifest: ReasonsManifest) -> Reason:
    """Calibrate what `WindowPool.log_mean` says and answer, if the manifest allows the answer."""
    p = manifest.calibration.probabilities(log_mean)
    best = int(np.argmax(p))
    answer_from = manifest.answer_from[manifest.labels[best]]
    certain = answer_from is not None and p[best] >= answer_from
    return Reason(
        label=manifest.labels[best] if certain else UNCERTAIN,
        probabilities=tuple(zip(manifest.labels, p.tolist(), strict=True)),
        model=manifest.model,
    )
