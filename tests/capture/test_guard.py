"""A library that hangs."""

import threading

import pytest

from edgecry.capture.guard import Guard
from edgecry.errors import CaptureError

DEADLINE_S = 30.0


def test_a_call_that_returns_in_time() -> None:
    guard = Guard("library", DEADLINE_S)
    assert [guard.call(lambda: 1), guard.call(lambda: 2)] == [1, 2]


def test_a_call_that_raises() -> None:
    guard = Guard("library", DEADLINE_S)
    with pytest.raises(ZeroDivisionError):
        guard.call(lambda: 1 // 0)
    assert guard.call(lambda: 3) == 3


def test_a_call_that_hangs_is_left_behind_and_its_result_discarded() -> None:
    guard = Guard("library", 0.5)
    let_go, discarded = threading.Event(), threading.Event()
    with pytest.raises(CaptureError, match="library has not answered"):
        guard.call(lambda: let_go.wait(DEADLINE_S), discard=lambda _: discarded.set())
    with pytest.raises(CaptureError, match="library has not answered"):
        guard.call(lambda: pytest.fail("two calls at a time"))
    let_go.set()
    assert discarded.wait(DEADLINE_S)
    assert guard.call(lambda: 4) == 4
