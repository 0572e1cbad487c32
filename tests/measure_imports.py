"""What each device dependency costs: resident memory and time that its import adds.

Run it as `python tests/measure_imports.py`; the table in docs/architecture.md is its output.
Every row imports all rows above it first, in a fresh interpreter; the median of seven.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

STEPS = {
    "python alone": "",
    "numpy": "numpy",
    "msgspec (settings, manifest, payloads)": "msgspec",
    "tflite-runtime or ai-edge-litert": "edgecry.inference.interpreter as i; i._load_runtime()",
    "pyyaml": "yaml",
    "soxr (resampling)": "soxr",
    "paho-mqtt": "paho.mqtt.client",
    "gpiozero (on a Pi)": "gpiozero",
    "sounddevice, PortAudio initialised": "sounddevice",
    "soundfile (recordings only)": "soundfile",
}
PROBE = """
import os, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"
{before}
def rss_kib():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024
m, t = rss_kib(), time.process_time()
{step}
print(rss_kib() - m if {added} else rss_kib(), (time.process_time() - t) * 1e3)
"""


def main() -> None:
    """Print the table."""
    print("| import | adds MB | adds CPU ms |\n|---|---|---|")
    before: list[str] = []
    for name, module in STEPS.items():
        step = f"import {module}" if module else ""
        script = PROBE.format(before="\n".join(before), step=step, added=bool(module))
        runs = [
            [float(x) for x in subprocess.check_output([sys.executable, "-c", script]).split()]
            for _ in range(7)
        ]
        mib, ms = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"| {name} | {mib / 1024:.1f} | {ms:.0f} |")
        before.append(step)


if __name__ == "__main__":
    main()
