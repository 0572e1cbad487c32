"""Pulse trains and flashes against the table of the alarm contract."""

import pytest

from edgecry.decision.signal import SILENT, Signal, levels


def edges(signal: Signal, line: str, until_ms: int) -> list[tuple[int, bool]]:
    """Follow `change_in_ms` from edge to edge: (time, new state) of one line."""
    found, now_ms, state = [], 0, False
    while now_ms < until_ms:
        at = levels(signal, now_ms, now_ms)
        if getattr(at, line) != state:
            state = getattr(at, line)
            found.append((now_ms, state))
        if at.change_in_ms is None:
            break
        assert at.change_in_ms > 0
        now_ms += at.change_in_ms
    return found


def test_low_is_one_pulse_and_not_repeated() -> None:
    assert edges(Signal("steady", "low", 1), "buzzer", 600_000) == [(0, True), (200, False)]


def test_medium_is_three_pulses_every_fifteen_seconds_for_ten_minutes() -> None:
    burst = [(0, True), (200, False), (400, True), (600, False), (800, True), (1000, False)]
    expected = [(start + t, on) for start in range(0, 600_000, 15_000) for t, on in burst]
    assert edges(Signal("flashing", "medium", 1), "buzzer", 600_000) == expected


def test_the_flash_is_0_6_hz_at_half_duty() -> None:
    flashes = edges(Signal("flashing", None, 1), "led", 600_000)
    ons = [t for t, on in flashes if on]
    offs = [t for t, on in flashes if not on]
    assert len(ons) / 600 == pytest.approx(0.6, abs=0.005)
    assert sum(off - on for on, off in zip(ons, offs, strict=False)) / 600_000 == pytest.approx(
        0.5, abs=0.01
    )


def test_steady_light_and_silence() -> None:
    assert edges(Signal("steady", None, 1), "led", 1000) == [(0, True)]
    assert edges(SILENT, "led", 1000) == []
    assert edges(SILENT, "buzzer", 1000) == []
