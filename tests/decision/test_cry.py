"""Hysteresis, persistence, clear time, onset; and evidence over gaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecry.decision.cry import CryDetector, Thresholds
from edgecry.decision.evidence import Evidence
from edgecry.types import Score

HOP_S = 0.24
WINDOW_S = 0.975
CLEAR_S = 5.0


def run(evidence: list[float], clear_after_s: float = CLEAR_S):
    detector = CryDetector(Thresholds(on=0.7, off=0.4), clear_after_s, WINDOW_S)
    times = [WINDOW_S + i * HOP_S for i in range(len(evidence))]
    return [(t, detector.step(e, t)) for t, e in zip(times, evidence, strict=True)]


def test_starts_at_on_and_reports_the_onset_of_the_run_that_led_to_it() -> None:
    steps = run([0.1, 0.5, 0.6, 0.8, 0.9])
    assert [cry is not None for _, cry in steps] == [False, False, False, True, True]
    _, cry = steps[-1]
    assert cry.onset_s == pytest.approx(steps[1][0] - WINDOW_S)
    assert cry.detected_s == steps[3][0]
    assert cry.peak_p_cry == 0.9


def test_between_off_and_on_nothing_starts_and_nothing_ends() -> None:
    assert all(cry is None for _, cry in run([0.5] * 100))
    assert all(cry is not None for _, cry in run([0.8] + [0.41] * 100))


def test_a_lull_shorter_than_clear_after_does_not_end_it() -> None:
    lull = int(CLEAR_S / HOP_S) - 1
    steps = run([0.9] + [0.0] * lull + [0.9] * 3)
    assert all(cry is not None for _, cry in steps)
    assert len({cry.detected_s for _, cry in steps}) == 1


def test_ends_after_clear_time_at_the_last_moment_it_was_heard() -> None:
    steps = run([0.9, 0.9] + [0.0] * 40)
    alive = [(t, cry) for t, cry in steps if cry is not None]
    assert alive[-1][1].heard_s == steps[1][0]
    first_gone = next(t for t, cry in steps if cry is None)
    assert CLEAR_S <= first_gone - steps[1][0] < CLEAR_S + 2 * HOP_S


def test_a_cry_does_not_begin_before_sound_that_was_lost() -> None:
    detector = CryDetector(Thresholds(on=0.7, off=0.4), CLEAR_S, WINDOW_S)
    assert detector.step(0.5, 10.0) is None
    assert detector.skip(HOP_S) is None
    assert detector.step(0.5, 10.0 + 2 * HOP_S) is None
    cry = detector.step(0.9, 3600.0)
    assert cry is not None
    assert cry.onset_s == 3600.0 - WINDOW_S


def test_onset_is_never_before_the_beginning() -> None:
    [(_, cry)] = run([0.9])
    assert cry.onset_s == 0.0


@given(st.lists(st.floats(0, 1), max_size=300))
def test_an_episode_needs_on_and_outlives_only_what_is_at_off(evidence: list[float]) -> None:
    previous = None
    for (now_s, cry), value in zip(run(evidence), evidence, strict=True):
        if cry is not None and previous is None:
            assert value >= 0.7
        if cry is None and previous is not None:
            assert value < 0.4
            assert now_s - previous.heard_s >= CLEAR_S
        if cry is not None:
            assert cry.onset_s <= cry.detected_s <= cry.heard_s <= now_s
            assert now_s - cry.heard_s < CLEAR_S
        previous = cry


@pytest.mark.parametrize(("on", "off"), [(0.4, 0.7), (1.0, 0.5), (0.5, 0.0)])
def test_thresholds_in_the_wrong_order_are_refused(on: float, off: float) -> None:
    with pytest.raises(ValueError, match="off <= on"):
        Thresholds(on, off)


def scores(values: list[float], first: int = 15600, hop: int = 3840):
    return [Score(p, first + i * hop, None, 0.0) for i, p in enumerate(values)]


def test_evidence_is_the_mean_of_the_last_windows() -> None:
    evidence = Evidence(windows=3, hop_samples=3840)
    values = [evidence.update(score) for score in scores([0.9, 0.3, 0.6, 0.0])]
    assert values == pytest.approx([0.9, 0.6, 0.6, 0.3])


def test_evidence_from_before_a_gap_does_not_count() -> None:
    evidence = Evidence(windows=3, hop_samples=3840)
    for score in scores([1.0, 1.0, 1.0]):
        evidence.update(score)
    [after_gap] = scores([0.2], first=1_000_000)
    assert evidence.update(after_gap) == 0.2
