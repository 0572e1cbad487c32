"""Presses and releases of the button, clean, long, bouncing and stuck."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edgecry.decision.button import BOUNCE_S, LONG_S, STUCK_S, Button

TICK_S = 0.5


def what_comes_of(edges, until_s: float, closed: bool = False, ticks: bool = True):
    """What comes of the contact's (closed, at_s), with a tick every half second: (press, at_s)."""
    button, found = Button(closed, 0.0), []
    moments = [(at_s, 1, now_closed) for now_closed, at_s in edges]
    if ticks:
        moments += [(tick * TICK_S, 0, None) for tick in range(int(until_s / TICK_S) + 1)]
    for now_s, _, now_closed in sorted(moments, key=lambda moment: moment[:2]):
        came = button.step(now_s) if now_closed is None else button.edge(now_closed, now_s)
        if came is not None:
            found.append((came, now_s))
    return found


def press(begin_s: float, held_s: float):
    return [(True, begin_s), (False, begin_s + held_s)]


def test_a_short_press_is_taken_when_it_ends() -> None:
    assert what_comes_of(press(1.0, 0.3), 20.0) == [("short", 1.3)]


def test_a_long_press_is_taken_while_it_is_held_and_is_no_short_one() -> None:
    assert what_comes_of(press(1.0, 5.0), 20.0) == [("long", 3.0)]


def test_a_long_press_counts_even_if_no_tick_came_between() -> None:
    assert what_comes_of(press(1.0, 3.0), 20.0, ticks=False) == [("long", 4.0)]


def test_a_button_found_stuck_only_at_its_release_was_never_pressed() -> None:
    assert what_comes_of(press(1.0, 60.0), 70.0, ticks=False) == []


def test_a_touch_shorter_than_a_bounce_is_none() -> None:
    assert what_comes_of(press(1.0, 0.01), 20.0) == []


def test_a_contact_that_bounces_is_pressed_once() -> None:
    edges = [(True, 1.0), (False, 1.002), (True, 1.005), (False, 1.3), (True, 1.302), (False, 1.31)]
    assert what_comes_of(edges, 20.0) == [("short", 1.3)]


def test_stuck_after_ten_seconds_until_it_is_released() -> None:
    button = Button(False, 0.0)
    assert button.edge(True, 1.0) is None
    assert button.step(3.0) == "long"
    assert button.step(10.9) is None
    assert not button.stuck
    assert button.step(11.0) is None
    assert button.stuck
    assert button.edge(False, 3600.0) is None
    button.step(3600.5)
    assert not button.stuck
    assert what_comes_of(press(3601.0, 0.3), 0.0) == [("short", 3601.3)]


def test_a_stuck_button_that_rattles_stays_stuck() -> None:
    button = Button(False, 0.0)
    button.edge(True, 0.0)
    button.step(11.0)
    for i in range(20):
        assert button.edge(i % 2 == 1, 12.0 + i * 0.01) is None
        assert button.stuck


def test_a_button_that_is_closed_from_the_start_is_stuck_and_no_press() -> None:
    button = Button(True, 0.0)
    assert [button.step(tick * TICK_S) for tick in range(21)] == [None] * 21
    assert button.stuck
    assert what_comes_of([(False, 1.0)], 5.0, closed=True) == []
    assert what_comes_of([(False, 1.0), *press(2.0, 0.2)], 5.0, closed=True) == [("short", 2.2)]


RUNS = st.lists(st.floats(0.0, 15.0) | st.floats(0.0, 0.1), max_size=20)


def contact(runs: list[float]):
    """Edges of a contact that is open, closed, open, ... for so long each, and open at the end."""
    edges, now_s = [], 0.0
    for i, run_s in enumerate(runs):
        now_s += run_s
        edges.append((i % 2 == 0, now_s))
    if len(runs) % 2:
        edges.append((False, now_s + 1.0))
    return edges


def presses(edges) -> list[tuple[float, float]]:
    """What a person would call presses: closed spells, joined where a bounce parts them."""
    joined: list[tuple[float, float]] = []
    for (_, begin_s), (_, end_s) in zip(edges[::2], edges[1::2], strict=True):
        if joined and begin_s - joined[-1][1] < BOUNCE_S:
            joined[-1] = (joined[-1][0], end_s)
        else:
            joined.append((begin_s, end_s))
    return joined


@settings(max_examples=300, deadline=None)
@given(RUNS)
def test_each_press_is_taken_for_what_it_is_whatever_the_contact_does(runs) -> None:
    edges = contact(runs)
    end_s = edges[-1][1] if edges else 0.0
    found = what_comes_of(edges, end_s + 1.0)
    taken = 0
    for begin_s, until_s in presses(edges):
        mine = [came for came, at_s in found if begin_s <= at_s <= until_s]
        taken += len(mine)
        assert mine in ([], ["short"], ["long"], ["short", "long"])
        held_s = until_s - begin_s
        if held_s < BOUNCE_S:
            assert mine == []
        if held_s < LONG_S:
            assert "long" not in mine
        if held_s > LONG_S + TICK_S:
            assert "long" in mine
        if BOUNCE_S < held_s < LONG_S:
            assert mine == ["short"]
    assert taken == len(found), "nothing is taken that nobody pressed"


@settings(deadline=None)
@given(RUNS, st.lists(st.floats(0.0, 30.0), max_size=20))
def test_stuck_is_held_for_ten_seconds_and_nothing_comes_of_it(runs, moments) -> None:
    edges = contact(runs)
    spells = presses(edges)
    button = Button(False, 0.0)
    steps = [(at_s, now_closed) for now_closed, at_s in edges]
    steps += [(at_s, None) for at_s in moments]
    for now_s, now_closed in sorted(steps, key=lambda step: step[0]):
        was_stuck = button.stuck
        came = button.step(now_s) if now_closed is None else button.edge(now_closed, now_s)
        if was_stuck and button.stuck:
            assert came is None
        if button.stuck:
            assert any(
                end_s - begin_s >= STUCK_S and begin_s + STUCK_S <= now_s
                for begin_s, end_s in spells
            )
