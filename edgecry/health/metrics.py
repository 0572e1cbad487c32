"""What the machine says of itself: temperature, throttling, which boot this is."""

from __future__ import annotations

from pathlib import Path

TEMPERATURE = Path("/sys/class/thermal/thermal_zone0/temp")
THROTTLED = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

_THROTTLED_NOW = 0b0110  # frequency capped, throttled: Raspberry Pi firmware, get_throttled


def temperature_c() -> float | None:
    """Temperature of the processor in degrees Celsius; None where there is no sensor."""
    try:
        return int(TEMPERATURE.read_text()) / 1000
    except (OSError, ValueError):
        return None


def throttled() -> bool | None:
    """Whether a Raspberry Pi slows its processor down now; None on other machines."""
    try:
        return bool(int(THROTTLED.read_text(), 16) & _THROTTLED_NOW)
    except (OSError, ValueError):
        return None


def boot_id() -> str:
    """The kernel's name for this start of the machine; empty where it has none."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""
