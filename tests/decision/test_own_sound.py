"""Which windows hold the monitor's own buzzer, and what they do to a cry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecry.decision.cry import CryDetector, Thresholds
from edgecry.decision.evidence import Evidence
from edgecry.decision.own_sound import EARLY_S, HIDES_AT_MOST_S, LATE_S, OwnSound
from edgecry.types import BuzzerPulse, Score

WINDOW_S, HOP_S = 0.975, 0.24
CLEAR_S = 5.0


@pytest.mark.parametrize(
    ("begin_s", "end_s", "hidden"),
    [
        (8.0, 8.975, False),
        (9.0, 10.0, True),
        (10.05, 10.1, True),
        (10.2 + LATE_S - 0.01, 12.2, True),
        (10.2 + LATE_S + 0.01, 12.2, False),
    ],
)
def test_a_window_is_hidden_if_it_holds_a_pulse_or_its_tail(begin_s, end_s, hidden) -> None:
    pulses = (BuzzerPulse(2.0, 2.2), BuzzerPulse(10.0, 10.2))
    assert OwnSound(lambda: pulses).hides(begin_s, end_s) is hidden


def test_a_pulse_that_still_sounds_hides_all_that_comes() -> None:
    own = OwnSound(lambda: (BuzzerPulse(10.0),))
    assert own.hides(11.0, 12.0)
    assert own.hides(13.0, 14.0)


pulse_trains = st.lists(st.tuples(st.floats(0.05, 20), st.floats(0.05, 3)), max_size=12)


@given(pulse_trains)
def test_it_deafens_for_five_seconds_at_most_and_hides_nothing_else(gaps) -> None:
    pulses, at_s = [], 0.0
    for gap_s, length_s in gaps:
        pulses.append(BuzzerPulse(at_s + gap_s, at_s + gap_s + length_s))
        at_s = pulses[-1].end_mono_s
    own, deaf_s = OwnSound(lambda: pulses), 0.0
    for index in range(int((at_s + 10) / HOP_S)):
        begin_s = index * HOP_S
        end_s = begin_s + WINDOW_S
        hidden = own.hides(begin_s, end_s)
        deaf_s = deaf_s + HOP_S if hidden else 0.0
        assert deaf_s <= HIDES_AT_MOST_S + HOP_S
        if hidden:
            assert any(
                p.begin_mono_s - EARLY_S < end_s and begin_s < p.end_mono_s + LATE_S for p in pulses
            )


def test_evidence_is_frozen_through_what_says_nothing() -> None:
    evidence = Evidence(windows=4, hop_samples=1)
    for end, p_cry in enumerate([0.2, 0.4, 0.6, 0.8]):
        before = evidence.update(Score(p_cry, end, None, 0.0))
    assert [evidence.skip(Score(1.0, 4 + i, None, 0.0)) for i in range(20)] == [before] * 20
    assert evidence.update(Score(1.0, 24, None, 0.0)) == pytest.approx((0.4 + 0.6 + 0.8 + 1.0) / 4)
    assert evidence.skip(Score(1.0, 99, None, 0.0)) == 0.0, "after lost sound nothing is known"


@given(st.lists(st.sampled_from("cq-"), max_size=200))
def test_with_time_that_says_nothing_a_cry_begins_and_ends_as_without_it(words: list[str]) -> None:
    """c: crying, q: quiet, -: nothing is known. A word a second."""
    with_unknown, without = (CryDetector(Thresholds(0.7, 0.4), CLEAR_S, 1.0) for _ in range(2))
    known_s, same = 0, None
    for now_s, word in enumerate(words):
        if word == "-":
            cry = with_unknown.skip(1.0)
        else:
            p_cry = 0.9 if word == "c" else 0.0
            cry, same = with_unknown.step(p_cry, now_s), without.step(p_cry, known_s)
            known_s += 1
        assert (cry is None) == (same is None)
