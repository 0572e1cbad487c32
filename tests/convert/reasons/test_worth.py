"""What is said of a model is said of babies that neither trained nor calibrated it."""

import numpy as np

from convert.reasons.worth import CALIBRATED, worth
from tests.convert.reasons.synthetic import with_a_liar


def test_all_that_is_calibrated_is_judged_by_babies_that_did_not_calibrate_it() -> None:
    """40 of 100 clips are of one baby and sound like the class that they are not. Calibrated by
    themselves they would be answered as what they are."""
    some = with_a_liar(clips=40)
    found = worth(["first", "second"], some, some, silent=0)
    own = found.calibration.probabilities(some.log_mean)
    assert (own.argmax(axis=1) == some.labels)[-40:].all(), "what ships has seen them"
    first = found.labels[0]
    assert max(t.right for t in first.trials) < np.sum(some.labels == 0) - 40 + 1
    assert found.coverage.points[0].risk.value >= 0.4
    assert found.answering[CALIBRATED].figures["accuracy"].value <= 0.6
    assert found.quality[CALIBRATED].log_loss.value > 2
