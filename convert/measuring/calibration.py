"""Logits -> probabilities: of a window in a place where a baby cries PRIOR of the time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from edgecry.inference.manifest import Calibration

PRIOR = 0.1
LOWEST_SLOPE = 1e-3


def platt(logits: NDArray[np.float64], cry: NDArray[np.bool_]) -> Calibration:
    """Platt scaling (J. Platt, 1999) with cries weighted to be PRIOR of the windows.

    logits, cry: (windows,); both classes must be there.
    """
    fit = LogisticRegression(
        class_weight={True: PRIOR / cry.mean(), False: (1 - PRIOR) / (1 - cry.mean())}, C=1e3
    ).fit(logits[:, None], cry)
    return Calibration(max(LOWEST_SLOPE, float(fit.coef_[0, 0])), float(fit.intercept_[0]))
