"""Which windows count: those in which a detected cry is heard, and no others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reasons import TINY_MANIFEST

from edgecry.decision.cry import CryDetector, Thresholds
from edgecry.inference.reasons_manifest import decode_reasons_manifest
from edgecry.reasoning import EARLIER_WINDOWS, Reasoner
from edgecry.types import FeatureWindow, Reason

MANIFEST = decode_reasons_manifest(TINY_MANIFEST, "here")
ON, OFF, CLEAR_S, HOP_S, WINDOW_S = 0.7, 0.4, 1.0, 0.24, 0.975


class Scorer:
    """Notes the windows it is asked about; on those in `failing` it fails."""

    manifest = MANIFEST

    def __init__(self, failing: set[int] = frozenset()) -> None:
        self.asked: list[int] = []
        self._failing = failing

    def logits(self, window: FeatureWindow) -> np.ndarray | None:
        self.asked.append(window.end_sample)
        if window.end_sample in self._failing:
            return None
        return np.array([float(window.end_sample % 5), 0.0, 1.0])


def run(evidence: list[float], scorer: Scorer, **how: bool) -> list[Reason | None]:
    """Windows numbered from 0 by their `end_sample`, with this evidence at their ends."""
    cries = CryDetector(Thresholds(ON, OFF), CLEAR_S, WINDOW_S)
    reasoner = Reasoner(scorer, **how)
    reasons = []
    for i, value in enumerate(evidence):
        window = FeatureWindow(np.zeros((96, 64), np.float32), i, None)
        cry = cries.step(value, WINDOW_S + i * HOP_S)
        reasons.append(reasoner.hear(window, cry, heard=value >= OFF))
    return reasons


def test_a_cry_is_heard_from_its_onset_on_and_not_in_its_lulls() -> None:
    scorer = Scorer()
    reasons = run([0.1, 0.5, 0.6, 0.8, 0.9, 0.2, 0.3, 0.5], scorer)
    assert scorer.asked == [1, 2, 3, 4, 7]
    assert [reason is not None for reason in reasons] == [False] * 3 + [True] * 5
    assert reasons[5] == reasons[6] == reasons[4], "a lull changes nothing"


def test_what_never_became_a_cry_is_not_listened_to() -> None:
    scorer = Scorer()
    assert run([0.6, 0.6, 0.1] * 20, scorer) == [None] * 60
    assert scorer.asked == []


def test_few_windows_are_kept_before_the_detection() -> None:
    scorer = Scorer()
    run([0.5] * 100 + [0.9], scorer)
    assert scorer.asked == list(range(100 - EARLIER_WINDOWS, 101))


CRY, QUIET = [0.9] * 3, [0.0] * 8


def test_every_cry_has_a_reason_of_its_own() -> None:
    together = run([*CRY, *QUIET, *CRY], Scorer())
    alone = run([*[0.0] * 11, *CRY], Scorer())
    assert together[-1] == alone[-1] != together[2]


def test_a_whole_recording_pools_all_its_cries() -> None:
    scorer = Scorer()
    pooled = run([*CRY, *QUIET, *CRY], scorer, whole_recording=True)
    assert scorer.asked == [0, 1, 2, 11, 12, 13]
    assert pooled[2] == run(CRY, Scorer())[2]
    assert pooled[10] is None, "between the cries there is none"
    first, second = (
        {**dict(run([*[0.0] * at, *CRY], Scorer())[-1].probabilities)} for at in (0, 11)
    )
    lowest, highest = sorted((first["hungry"], second["hungry"]))
    assert lowest < dict(pooled[-1].probabilities)["hungry"] < highest


def test_a_model_that_fails_gives_no_reason_until_it_works_again() -> None:
    reasons = run([*CRY, *CRY], Scorer(failing={1, 2}))
    assert [reason is not None for reason in reasons] == [True, False, False, True, True, True]
    assert run(CRY, Scorer(failing={0, 1, 2})) == [None] * 3


@given(st.lists(st.floats(0, 1), max_size=120), st.booleans())
def test_only_windows_of_detected_cries_are_ever_asked_about(
    evidence: list[float], whole_recording: bool
) -> None:
    scorer = Scorer()
    reasons = run(evidence, scorer, whole_recording=whole_recording)
    cries = CryDetector(Thresholds(ON, OFF), CLEAR_S, WINDOW_S)
    crying = [cries.step(e, WINDOW_S + i * HOP_S) is not None for i, e in enumerate(evidence)]
    assert [reason is not None for reason in reasons] == crying
    assert scorer.asked == sorted(set(scorer.asked)), "each once, in order"
    assert all(evidence[i] >= OFF for i in scorer.asked)
    assert set(scorer.asked) >= {i for i, e in enumerate(evidence) if crying[i] and e >= OFF}
    for reason in filter(None, reasons):
        assert sum(p for _, p in reason.probabilities) == pytest.approx(1.0)
