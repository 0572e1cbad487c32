"""No stretch of time sees more than its share."""

from hypothesis import given
from hypothesis import strategies as st

from edgecry.remote.rate import RateLimit


@given(st.lists(st.floats(0.0, 3.0), max_size=200))
def test_no_stretch_of_time_admits_more_than_burst_and_rate_allow(gaps_s) -> None:
    limit = RateLimit(per_s=5.0, burst=10, now_s=0.0)
    now_s, admitted_s = 0.0, []
    for gap_s in gaps_s:
        now_s += gap_s
        if limit.admits(now_s):
            admitted_s.append(now_s)
    for first, begin_s in enumerate(admitted_s):
        for last, end_s in enumerate(admitted_s[first:], start=1):
            assert last <= 10 + 5.0 * (end_s - begin_s) + 1e-6


@given(st.floats(2.0, 1e6))
def test_after_a_rest_a_whole_burst_passes_and_not_one_more(rest_s) -> None:
    limit = RateLimit(per_s=5.0, burst=10, now_s=0.0)
    for _ in range(50):
        limit.admits(0.0)
    assert [limit.admits(rest_s) for _ in range(11)] == [True] * 10 + [False]
