"""How numbers read in the card and the report."""

from __future__ import annotations

Interval = tuple[float, float]


def percent(found: int, of: int) -> str:
    """A share of a count, such as "90 %"; one decimal where it says something."""
    return share(found / of) if of else "-"


def share(value: float) -> str:
    """0.905 -> "90.5 %", 1.0 -> "100 %"."""
    return f"{100 * value:.1f}".removesuffix(".0") + " %"


def shares(interval: Interval) -> str:
    """An interval of shares: "81 to 95 %"."""
    return f"{100 * interval[0]:.0f} to {100 * interval[1]:.0f} %"


def counted(found: int, of: int, interval: Interval | None) -> str:
    """ "45 of 50, 90 % (79 to 96 %)"; "-" for none of none."""
    if interval is None or not of:
        return "-"
    return f"{found} of {of}, {percent(found, of)} ({shares(interval)})"


def ranked(value: float, interval: Interval) -> str:
    """A metric between 0 and 1 and its interval: "0.966 (0.949 to 0.999)"."""
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def difference(value: float, interval: Interval) -> str:
    """With its sign: "+0.012 (-0.003 to +0.028)"."""
    low, high = (_signed(v, 3) for v in interval)
    return f"{_signed(value, 3)} ({low} to {high})"


def points(value: float, interval: Interval) -> str:
    """A difference of shares in percentage points: "+15.0 (+9.1 to +21.4)"."""
    low, high = (_signed(100 * v, 1) for v in interval)
    return f"{_signed(100 * value, 1)} ({low} to {high})"


def rate(count: int, hours: float) -> str:
    """So many an hour, with the digits that a count of this size can bear."""
    return f"{count / hours:.2f}" if count / hours < 10 else f"{count / hours:.0f}"


def seconds(value: float | None) -> str:
    """ "1.4 s"; "-" where nothing was found."""
    return "-" if value is None else f"{value:.1f} s"


def _signed(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:+.{digits}f}"
