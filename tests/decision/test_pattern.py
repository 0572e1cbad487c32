"""What any pulse train must be, whatever it says; the trains themselves are tested on the pins."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgecry.decision.pattern import BURSTS, FLASHES, Pattern, chirp

ALL = [*BURSTS.values(), *FLASHES.values(), chirp(1), chirp(2)]


@pytest.mark.parametrize("pattern", ALL)
def test_edges_ascend_and_a_pattern_that_repeats_ends_off(pattern: Pattern) -> None:
    assert pattern.edges_us[:1] in ((), (0,))
    assert all(a < b for a, b in zip(pattern.edges_us, pattern.edges_us[1:], strict=False))
    if pattern.repeat_us is not None:
        assert len(pattern.edges_us) % 2 == 0
        assert pattern.edges_us[-1] < pattern.repeat_us


@pytest.mark.parametrize("pattern", [*BURSTS.values(), chirp(1), chirp(2)])
def test_every_pulse_of_the_buzzer_ends_within_a_quarter_of_a_second(pattern: Pattern) -> None:
    begins, ends = pattern.edges_us[::2], pattern.edges_us[1::2]
    assert all(0 < end - begin <= 250_000 for begin, end in zip(begins, ends, strict=True))


@settings(deadline=None)
@given(st.sampled_from(ALL), st.integers(-10_000_000, 100_000_000), st.data())
def test_a_line_stays_for_as_long_as_is_said_and_changes_then_or_begins_again(
    pattern: Pattern, elapsed_us: int, data: st.DataObject
) -> None:
    on, stays_us = pattern.at(elapsed_us)
    assert stays_us is None or stays_us > 0
    within_us = data.draw(st.integers(0, (stays_us or 1_000_000_000) - 1))
    assert pattern.at(elapsed_us + within_us)[0] == on
    if elapsed_us < 0:
        assert not on


@settings(deadline=None)
@given(st.sampled_from(ALL), st.integers(-10_000_000, 100_000_000))
def test_a_line_that_has_been_off_for_so_long_was_on_until_then(pattern, elapsed_us) -> None:
    off_us = pattern.off_for_us(elapsed_us)
    on, _ = pattern.at(elapsed_us)
    if on:
        assert off_us == 0
    elif off_us is None:
        assert elapsed_us < 0 or not pattern.edges_us
    else:
        assert pattern.at(elapsed_us - off_us - 1)[0]
        assert not pattern.at(elapsed_us - off_us)[0]
