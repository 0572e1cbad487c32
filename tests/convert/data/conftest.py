"""Recordings in other people's layouts. What is in them matters little: short hisses."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE_HZ = 16_000


@pytest.fixture
def hiss() -> Callable[..., Path]:
    """Write noise, different each time, to a path; its folders come with it."""
    rng = np.random.default_rng(5)

    def write(path: Path, seconds: float = 0.5) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = 0.05 * rng.standard_normal(int(seconds * RATE_HZ))
        soundfile.write(path, noise.astype(np.float32), RATE_HZ, format="WAV")
        return path

    return write
