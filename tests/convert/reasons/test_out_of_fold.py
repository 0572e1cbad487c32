"""Windows of clips are pooled as the device pools those of a cry."""

import numpy as np
import pytest

from convert.reasons.out_of_fold import log_means
from edgecry.decision.reason import WindowPool


def test_windows_are_pooled_as_on_the_device() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 8, (12, 5)).astype(np.float32)
    clip_of = np.array([7, 7, 7, 2, 2, 9, 9, 9, 9, 9, 9, 9])
    pooled = log_means(logits, clip_of)
    for row, clip in zip(pooled, (2, 7, 9), strict=True):
        pool = WindowPool(5)
        for window in logits[clip_of == clip]:
            pool.add(window)
        assert row == pytest.approx(pool.log_mean)
