"""Signals are kept in order, and given back to whoever had them before."""

import os
import signal

from edgecry.signals import SignalInbox


def test_signals_wait_in_order_until_they_are_taken() -> None:
    with SignalInbox(signal.SIGHUP, signal.SIGUSR1) as inbox:
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGHUP):
            os.kill(os.getpid(), number)
        taken = [inbox.wait(5.0) for _ in range(3)]
        assert taken == [signal.SIGHUP, signal.SIGUSR1, signal.SIGHUP]
        assert inbox.wait(0.0) is None


def test_the_handlers_from_before_come_back() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with SignalInbox(signal.SIGHUP):
        assert signal.getsignal(signal.SIGHUP) != before
    assert signal.getsignal(signal.SIGHUP) == before
