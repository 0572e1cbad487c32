"""A microphone or an amplifier driven too hard."""

from __future__ import annotations

import numpy as np

from edgecry.types import Float32Array

DRIVE_DB = (3.0, 24.0)
"""How far the peaks are over what it can take."""


def clipped(samples: Float32Array, rng: np.random.Generator) -> Float32Array:
    """The sound clipped hard, or softly by a hyperbolic tangent; its peak stays as it was: (n,).

    The peak is that of all but the loudest thousandth, so that one click does not save the rest.
    """
    peak = float(np.quantile(np.abs(samples), 0.999))
    if peak < 1e-6:
        return samples
    driven = samples * (10.0 ** (rng.uniform(*DRIVE_DB) / 20.0) / peak)
    limited = np.clip(driven, -1.0, 1.0) if rng.random() < 0.5 else np.tanh(driven)
    return (peak * limited).astype(np.float32)
