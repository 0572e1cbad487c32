"""Time, handed to whatever measures it.

Two of edgecry's three clocks live here. *Monotonic* time drives liveness, pauses and time-outs.
*UTC* only stamps events. The third, *audio time* (samples / rate), travels with the samples.
"""

from __future__ import annotations

import ctypes
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_STA_UNSYNC = 0x0040  # adjtimex(2): the kernel's clock is not disciplined by any source
_TIMEX_STATUS_OFFSET = 40  # bytes before `int status` in struct timex, 64-bit Linux
_TIMEX_STATUS_OFFSET_32BIT = 20


class Clock(Protocol):
    """What edgecry asks of time."""

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary origin; never goes back."""
        ...

    def utc(self) -> datetime:
        """Now, timezone-aware, in UTC."""
        ...

    def synchronised(self) -> bool:
        """Whether UTC is disciplined by a time source and may be believed."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic_s(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)

    def synchronised(self) -> bool:
        return _kernel_clock_synchronised()


class ManualClock:
    """A clock that moves only when told: for tests and for recordings replayed at full speed."""

    def __init__(self, utc: datetime | None = None) -> None:
        self._start_utc = utc or datetime(2026, 1, 1, tzinfo=UTC)
        self._elapsed_s = 0.0

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds` (>= 0)."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back ({seconds} s)")
        self._elapsed_s += seconds

    def monotonic_s(self) -> float:
        return self._elapsed_s

    def utc(self) -> datetime:
        return self._start_utc + timedelta(seconds=self._elapsed_s)

    def synchronised(self) -> bool:
        return True


def _kernel_clock_synchronised() -> bool:
    """Ask the kernel (adjtimex(2), read only), which every NTP client disciplines."""
    is_64bit = ctypes.sizeof(ctypes.c_long) == 8
    offset = _TIMEX_STATUS_OFFSET if is_64bit else _TIMEX_STATUS_OFFSET_32BIT
    timex = ctypes.create_string_buffer(512)
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    except (OSError, AttributeError):
        return False
    if state < 0:
        return False
    status = ctypes.c_int.from_buffer(timex, offset).value
    return not status & _STA_UNSYNC
