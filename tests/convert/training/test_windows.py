"""Window labels, and windows cut from a version."""

import numpy as np

from convert.training.bank import LOW_FLOOR_NATS, Version
from convert.training.labels import CRY, NO_CRY, label_windows
from convert.training.sampler import cut
from edgecry.features.mel import MelParams

RATE_HZ = 16_000


def test_only_loud_windows_of_a_cry_clip_are_cries() -> None:
    rng = np.random.default_rng(0)
    quiet = 1e-4 * rng.standard_normal(3 * RATE_HZ)
    loud = 0.1 * rng.standard_normal(3 * RATE_HZ)
    samples = np.concatenate((quiet, loud)).astype(np.float32)
    labels = label_windows(samples, None, MelParams())
    assert (labels[:8] == NO_CRY).all()
    assert (labels[-6:] == CRY).all()


def test_a_window_over_the_end_is_padded_with_silence() -> None:
    version = Version(np.zeros((50, 64), np.float16), 1.0)
    window = cut(version, -10, 96)
    assert (window[:10] == LOW_FLOOR_NATS).all()
    assert (window[10:60] == 0.0).all()
    assert (window[60:] == LOW_FLOOR_NATS).all()
