"""What a training ran on: machine, packages and code."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from convert.run import git_revision


def hardware(tensorflow: Any = None) -> dict[str, str]:
    """processor, gpu ("" where there is none or no network was trained), python, tensorflow, and
    the commit of this code."""
    found = {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "gpu": "",
        "python": platform.python_version(),
        "tensorflow": version("tensorflow"),
        "code": git_revision(),
    }
    if tensorflow is not None:
        gpus = tensorflow.config.list_physical_devices("GPU")
        names = [
            tensorflow.config.experimental.get_device_details(g).get("device_name", g.name)
            for g in gpus
        ]
        found["gpu"] = ", ".join(names)
    return found


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
