"""What the machine says of itself: temperature, throttling, disk, which boot this is."""

from __future__ import annotations

import os
from pathlib import Path

from edgecry.health.heat import SLOWED
from edgecry.health.storage import Space

_TEMPERATURE = "sys/class/thermal/thermal_zone0/temp"
_THROTTLING = "sys/devices/platform/soc*/soc*:firmware/get_throttled"
"""`soc` up to a Raspberry Pi 4, `soc@107c000000` on a 5."""
_BOOT_ID = "proc/sys/kernel/random/boot_id"


class Machine:
    """Plain readings of the files under `root`; None, or empty, where the machine has none."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def temperature_c(self) -> float | None:
        """Temperature of the processor in degrees Celsius."""
        try:
            return int((self._root / _TEMPERATURE).read_text()) / 1000
        except (OSError, ValueError):
            return None

    def throttling(self) -> int | None:
        """A Raspberry Pi's throttling bits: see `edgecry.health.heat`."""
        for path in self._root.glob(_THROTTLING):
            try:
                return int(path.read_text(), 16)
            except (OSError, ValueError):
                continue
        return None

    def throttled(self) -> bool | None:
        """Whether a Raspberry Pi slows its processor down now."""
        bits = self.throttling()
        return None if bits is None else bool(bits & SLOWED)

    def boot_id(self) -> str:
        """The kernel's name for this start of the machine."""
        try:
            return (self._root / _BOOT_ID).read_text().strip()
        except OSError:
            return ""


def space(folder: Path) -> Space | None:
    """The file system that holds `folder`; None if it cannot be asked."""
    try:
        stat = os.statvfs(folder)
    except OSError:
        return None
    return Space(stat.f_bavail * stat.f_frsize, bool(stat.f_flag & os.ST_RDONLY))
