"""Whatever is shown, and whenever: the buzzer is never on for long, and what is new is heard."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edgecry.decision.schedule import GAP_S, TRIAL_S, Schedule
from edgecry.decision.signal import SILENT, SOUNDS, Signal

LIGHTS = ("off", "missed", "quiet", "steady", "flashing")
SIGNALS = st.builds(
    Signal,
    light=st.sampled_from(LIGHTS),
    sound=st.sampled_from([None, *SOUNDS]),
    announcement=st.integers(0, 3),
)
STEPS = st.lists(
    st.tuples(st.one_of(SIGNALS, st.sampled_from([1, 2, "trial"])), st.floats(0.0, 20.0)),
    max_size=30,
)
LONGEST_S = 0.25


def give(schedule: Schedule, what: Signal | int | str, now_s: float) -> None:
    if isinstance(what, Signal):
        schedule.show(what, now_s)
    elif isinstance(what, str):
        schedule.try_out(now_s)
    else:
        schedule.chirp(what, now_s)


def buzzer(schedule: Schedule, begin_s: float, end_s: float):
    """The line from edge to edge: (begin, end, on)."""
    now_s = begin_s
    while now_s < end_s:
        levels = schedule.levels(now_s)
        stays_s = levels.change_in_s
        next_s = end_s if stays_s is None else min(now_s + stays_s, end_s)
        assert stays_s is None or stays_s > 0
        yield now_s, next_s, levels.buzzer
        now_s = next_s


@settings(max_examples=500, deadline=None)
@given(STEPS)
def test_the_buzzer_is_never_on_for_longer_than_one_pulse(steps) -> None:
    schedule, now_s, on_s = Schedule(), 0.0, 0.0
    for what, seconds in steps:
        give(schedule, what, now_s)
        for begin_s, end_s, on in buzzer(schedule, now_s, now_s + seconds):
            on_s = on_s + end_s - begin_s if on else 0.0
            assert on_s <= LONGEST_S + 1e-6
        now_s += seconds


@settings(deadline=None)
@given(STEPS, st.sampled_from(SOUNDS))
def test_a_new_announcement_sounds_at_once_or_after_the_gap_to_what_sounds(steps, sound) -> None:
    schedule, now_s = Schedule(), 0.0
    for what, seconds in steps:
        give(schedule, what, now_s)
        now_s += seconds
    schedule.show(Signal("steady", sound, 99), now_s)
    begins = [begin_s for begin_s, _, on in buzzer(schedule, now_s, now_s + 1.0) if on]
    assert begins
    assert begins[0] - now_s <= GAP_S + 1e-6


@settings(deadline=None)
@given(STEPS)
def test_silence_is_at_once_and_for_ever(steps) -> None:
    schedule, now_s = Schedule(), 0.0
    for what, seconds in steps:
        give(schedule, what, now_s)
        now_s += seconds
    schedule.show(Signal("steady", "medium", 99), now_s)
    schedule.show(SILENT, now_s + 0.1)
    assert not any(on for _, _, on in buzzer(schedule, now_s + 0.1, now_s + 60.0))


def pulses(schedule: Schedule, begin_s: float, end_s: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for since_s, until_s, on in buzzer(schedule, begin_s, end_s):
        if on and found and found[-1][1] == since_s:
            found[-1] = (found[-1][0], until_s)
        elif on:
            found.append((since_s, until_s))
    return [(round(since_s, 3), round(until_s, 3)) for since_s, until_s in found]


def test_what_was_announced_before_is_not_announced_again_by_the_end_of_something_louder() -> None:
    schedule = Schedule()
    schedule.show(Signal("flashing", "medium", 2), 0.0)
    schedule.show(Signal("steady", "technical-low", 2), 5.0)
    assert pulses(schedule, 5.0, 60.0) == []


def test_an_equal_alarm_that_goes_on_keeps_the_time_of_its_bursts() -> None:
    schedule = Schedule()
    schedule.show(Signal("flashing", "medium", 2), 0.0)
    schedule.show(Signal("flashing", "technical-medium", 2), 5.0)
    assert pulses(schedule, 5.0, 17.0) == [(15.0, 15.2), (15.4, 15.6), (15.8, 16.0)]


def test_what_is_still_unacknowledged_is_heard_when_the_audio_comes_back() -> None:
    schedule = Schedule()
    schedule.show(Signal("steady", "low", 1), 0.0)
    schedule.show(Signal("steady", None, 1), 5.0)
    schedule.show(Signal("steady", "low", 1), 125.0)
    assert pulses(schedule, 125.0, 200.0) == [(125.0, 125.2)]


def test_a_burst_that_interrupts_a_pulse_is_set_off_by_a_gap() -> None:
    schedule = Schedule()
    schedule.show(Signal("steady", "low", 1), 0.0)
    schedule.show(Signal("flashing", "medium", 2), 0.1)
    assert pulses(schedule, 0.0, 10.0) == [(0.3, 0.5), (0.7, 0.9), (1.1, 1.3)]


def test_a_new_burst_is_set_off_from_a_pulse_that_something_quieter_has_just_cut() -> None:
    schedule = Schedule()
    schedule.show(Signal("flashing", "medium", 1), 0.0)
    schedule.show(Signal("steady", "low", 1), 15.1)
    schedule.show(Signal("steady", "low", 2), 15.1)
    assert pulses(schedule, 15.1, 30.0) == [(15.3, 15.5)]


def test_a_chirp_confirms_and_never_disturbs_an_alarm() -> None:
    schedule = Schedule()
    schedule.chirp(2, 0.0)
    assert pulses(schedule, 0.0, 10.0) == [(0.0, 0.05), (0.15, 0.2)]
    schedule.show(Signal("flashing", "medium", 1), 10.0)
    schedule.chirp(1, 11.5)
    assert pulses(schedule, 11.5, 27.0) == [(25.0, 25.2), (25.4, 25.6), (25.8, 26.0)]


def test_a_light_that_goes_on_keeps_its_time() -> None:
    schedule = Schedule()
    schedule.show(Signal("flashing", "low", 1), 0.0)
    schedule.show(Signal("flashing", "medium", 2), 0.5)
    assert [schedule.levels(at_s).led for at_s in (0.8, 0.9, 1.6, 1.7)] == [
        True,
        False,
        False,
        True,
    ]


def test_a_trial_shows_both_lines_for_a_moment_and_leaves_what_was_shown() -> None:
    schedule = Schedule()
    schedule.show(Signal("missed"), 0.0)
    schedule.try_out(10.0)
    assert pulses(schedule, 10.0, 60.0) == [(10.0, 10.2), (10.4, 10.6), (10.8, 11.0)]
    assert [schedule.levels(10.0 + s).led for s in (0.5, 1.0, 2.0)] == [True, False, True]
    assert not schedule.levels(10.0 + TRIAL_S).led
    assert schedule.levels(13.05).led, "the wink for a missed cry"


def test_a_trial_never_disturbs_an_alarm_and_an_alarm_ends_a_trial() -> None:
    schedule = Schedule()
    schedule.try_out(0.0)
    schedule.show(Signal("steady", "low", 1), 1.5)
    assert pulses(schedule, 1.5, 20.0) == [(1.5, 1.7)]
    assert schedule.levels(2.4).led, "steady"
    schedule.try_out(3.0)
    assert pulses(schedule, 3.0, 20.0) == []
