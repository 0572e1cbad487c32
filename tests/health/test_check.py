"""A trouble that counts once it has lasted."""

from hypothesis import given
from hypothesis import strategies as st

from edgecry.health.check import Lasting

RAISE_S, CLEAR_S = 3, 5


@given(st.lists(st.booleans(), max_size=60))
def test_it_counts_from_three_seconds_on_and_until_it_has_been_away_for_five(
    seen: list[bool],
) -> None:
    lasting = Lasting(RAISE_S, CLEAR_S)
    counts = []
    for now_s, wrong in enumerate(seen):
        counts.append(lasting.step(f"since {now_s}" if wrong else None, now_s) is not None)
        before = counts[-2] if len(counts) > 1 else False
        if counts[-1] and not before:
            assert all(seen[now_s - RAISE_S : now_s + 1])
        if before and not counts[-1]:
            assert not any(seen[now_s - CLEAR_S + 1 : now_s + 1])
        if len(seen[: now_s + 1]) > RAISE_S and all(seen[now_s - RAISE_S : now_s + 1]):
            assert counts[-1]
        if now_s >= CLEAR_S and not any(seen[now_s - CLEAR_S : now_s + 1]):
            assert not counts[-1]


def test_the_latest_words_are_told() -> None:
    lasting = Lasting(0, 2)
    assert lasting.step("81 degrees", 0.0) == "81 degrees"
    assert lasting.step("83 degrees", 1.0) == "83 degrees"
    assert lasting.step(None, 2.0) == "83 degrees"
    assert lasting.step(None, 3.0) is None
