"""Clips in which the detector hears no cry are in no figure."""

import numpy as np
import pytest

from convert.reasons.classified import FLOOR, with_cries
from tests.convert.reasons.synthetic import heard


def test_only_clips_with_cries_are_asked_about() -> None:
    whole = heard(1, skill=0.0, babies=20)
    told = np.tile([0.5, 0.25, 0.25, 0.0, 0.0], (len(whole.labels), 1))
    told[::3] = np.nan
    device, in_float = with_cries(whole, told)
    kept = np.arange(len(whole.labels)) % 3 != 0
    assert device.clip.tolist() == in_float.clip.tolist() == whole.clip[kept].tolist()
    assert device.labels.tolist() == whole.labels[kept].tolist()
    assert np.array_equal(in_float.log_mean, whole.log_mean[kept])
    assert np.exp(device.log_mean[0]) == pytest.approx([0.5, 0.25, 0.25, FLOOR, FLOOR])
