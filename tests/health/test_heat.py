"""Heat, throttling and a weak supply, out of the files that a Raspberry Pi's kernel has."""

from pathlib import Path

import pytest
from support.supervised import Supervised

from edgecry.health.check import Check
from edgecry.health.heat import Heat
from edgecry.health.metrics import Machine

ZONE = "sys/class/thermal/thermal_zone0/temp"
PI_4 = "sys/devices/platform/soc/soc:firmware/get_throttled"
PI_5 = "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled"


class Pi:
    def __init__(self, root: Path, firmware: str = PI_4) -> None:
        self._zone, self._firmware = root / ZONE, root / firmware
        for path in (self._zone, self._firmware):
            path.parent.mkdir(parents=True)
        self.is_at(45)

    def is_at(self, temperature_c: float, bits: int = 0) -> None:
        self._zone.write_text(f"{temperature_c * 1000:.0f}\n")
        self._firmware.write_text(f"{bits:x}\n")


@pytest.fixture
def monitor(tmp_path) -> Supervised:
    monitor = Supervised()
    monitor.checks.append(Check("over-temperature", "low", Heat(Machine(tmp_path)).look))
    return monitor


@pytest.mark.parametrize("firmware", [PI_4, PI_5], ids=["up to a 4", "a 5"])
@pytest.mark.parametrize(
    ("temperature_c", "bits", "words"),
    [
        (83, 0, "too hot at 83 degrees Celsius: "),
        (79, 0x20002, "too hot at 79 degrees Celsius and slowed down"),
        (85, 0xE000E, "too hot at 85 degrees Celsius and slowed down"),
        (50, 0x50005, "supply voltage is too low"),
    ],
)
def test_it_is_a_low_alarm_within_fifteen_seconds_until_it_has_been_away_for_a_minute(
    tmp_path, monitor, firmware, temperature_c, bits, words
) -> None:
    pi = Pi(tmp_path, firmware)
    monitor.tick(60)
    assert monitor.told == []
    pi.is_at(temperature_c, bits)
    assert monitor.until_raised("over-temperature", 20) <= 15.5
    assert words in monitor.active["over-temperature"]
    pi.is_at(60, bits & 0xFFFF0000)  # the firmware remembers that it has been so
    assert 55 < monitor.until_cleared("over-temperature", 70) <= 65.5
    assert [phase for _, phase, _ in monitor.told if phase in ("start", "end")] == ["start", "end"]


def test_a_moment_of_heat_is_none(tmp_path, monitor) -> None:
    pi = Pi(tmp_path)
    for _ in range(10):
        pi.is_at(81, 0x4)
        monitor.tick(8)
        pi.is_at(70)
        monitor.tick(8)
    assert monitor.told == []


def test_the_soft_limit_of_a_3b_plus_is_an_ordinary_day(tmp_path, monitor) -> None:
    Pi(tmp_path).is_at(62, 0x80008)
    monitor.tick(60)
    assert monitor.told == []


@pytest.mark.parametrize("content", [None, "", "hot", "-"])
def test_a_machine_that_cannot_tell_is_no_alarm(tmp_path, monitor, content) -> None:
    if content is not None:
        Pi(tmp_path)
        (tmp_path / ZONE).write_text(content)
        (tmp_path / PI_4).write_text(content)
    monitor.tick(60)
    assert monitor.told == []
    assert Machine(tmp_path).throttled() is None
