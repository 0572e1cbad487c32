"""What edgecry costs on this machine: the table of docs/performance.md.

Run it as `python tests/measure_performance.py` on a machine that does nothing else. Medians.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from support.daemon import Daemon
from support.mosquitto import Mosquitto, eventually
from support.virtual_microphone import VirtualMicrophone
from test_budget import REPLAYED_S, replay_cpu_s

from edgecry.demo.scene import build_scene
from edgecry.features.stream import FeatureStream
from edgecry.inference.classifier import load_classifier
from edgecry.inference.reasons import load_reasons
from edgecry.types import AudioBlock

RUNS = 7
LISTENED_S = 60.0
REASONS = "detection.reasons=experimental"


def replay(folder: Path, *options: str) -> tuple[float, float]:
    """CPU seconds of ten minutes beyond start-up, and of start-up (a recording of 1 s)."""
    second, night = folder / "second.wav", folder / "night.wav"
    soundfile.write(second, np.zeros(16_000, np.float32), 16_000)
    scene = build_scene(REPLAYED_S, seed=0)
    soundfile.write(night, scene.samples, scene.sample_rate_hz, subtype="PCM_16")
    start_up_s = statistics.median(replay_cpu_s(second, *options) for _ in range(RUNS))
    whole_s = statistics.median(replay_cpu_s(night, *options) for _ in range(RUNS))
    return whole_s - start_up_s, start_up_s


def daemon(folder: Path, *wanted: str) -> dict[str, float]:
    """Start-up to READY in s; then a minute at the microphone: MB, and share of one core in %."""
    (folder / "microphone").mkdir(parents=True)
    microphone = VirtualMicrophone(folder / "microphone")
    try:
        with Mosquitto(folder) as broker:
            settings = "audio.device=pipemic", f"mqtt.port={broker.port}", *wanted
            ready_s = []
            for _ in range(RUNS):
                began_s = time.monotonic()
                with Daemon(folder / "cot", *settings, environment=microphone.environment) as one:
                    one.wait_ready()
                    ready_s.append(time.monotonic() - began_s)
            with Daemon(folder / "cot", *settings, environment=microphone.environment) as one:
                eventually(lambda: "WATCHDOG=1" in one.notified(), "sound is scored", 60.0)
                process = Path(f"/proc/{one.process.pid}")
                before_s = cpu_s(process)
                time.sleep(LISTENED_S)
                return {
                    "ready_s": statistics.median(ready_s),
                    "cpu_percent": 100.0 * (cpu_s(process) - before_s) / LISTENED_S,
                    "peak_mb": megabytes(process / "status", "VmHWM"),
                    "rss_mb": megabytes(process / "smaps_rollup", "Rss"),
                    "pss_mb": megabytes(process / "smaps_rollup", "Pss"),
                }
    finally:
        microphone.close()


def cpu_s(process: Path) -> float:
    """User and system time of a process so far (proc_pid_stat(5), fields 14 and 15)."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(file: Path, key: str) -> float:
    [kib] = re.findall(rf"^{key}:\s+(\d+) kB$", file.read_text(), re.M)
    return int(kib) * 1024 / 1e6


def median_ms(work: Callable[[], object]) -> float:
    times_s = []
    for _ in range(300):
        began_s = time.perf_counter()
        work()
        times_s.append(time.perf_counter() - began_s)
    return 1e3 * statistics.median(times_s)


def stages() -> tuple[float, float, float]:
    """Features: ms per second of audio in blocks of 0.1 s. Both inferences: ms a window."""
    classifier = load_classifier("cry-detector")
    features = classifier.manifest.features
    rate = features.log_mel.sample_rate_hz
    rng = np.random.default_rng(0)
    second = rng.normal(0.0, 0.1, rate).astype(np.float32)
    stream, heard, windows = FeatureStream(features.log_mel, features.window_frames), 0, []

    def one_second() -> None:
        nonlocal heard
        for block in np.split(second, 10):
            windows.extend(stream.push(AudioBlock(block, rate, heard, 0.0)))
            heard += len(block)

    features_ms = median_ms(one_second)
    reasons = load_reasons("cry-detector", classifier.manifest)
    return (
        features_ms,
        median_ms(lambda: classifier.score(windows[0])),
        median_ms(lambda: reasons.logits(windows[0])),
    )


def main() -> None:
    """Print the table."""
    features_ms, inference_ms, reasons_ms = stages()
    with tempfile.TemporaryDirectory(prefix="cost-") as name:
        replay_s, start_up_s = replay(Path(name))
        guessing_s, _ = replay(Path(name), f"--set={REASONS}")
        running = daemon(Path(name) / "off")
        guessing = daemon(Path(name) / "experimental", REASONS)
    rows = {
        "`edgecry replay` of 10 minutes, CPU beyond start-up": f"{replay_s:.2f} s",
        "its start-up (a recording of 1 s), CPU": f"{start_up_s:.2f} s",
        "`edgecry run`, from start to `READY=1`": f"{running['ready_s']:.2f} s",
        "at the microphone, share of one core": f"{running['cpu_percent']:.1f} %",
        "peak memory (VmHWM)": f"{running['peak_mb']:.0f} MB",
        "resident memory (RSS)": f"{running['rss_mb']:.0f} MB",
        "its proportional share (PSS)": f"{running['pss_mb']:.0f} MB",
        "features, per second of audio": f"{features_ms:.2f} ms",
        "inference, per window": f"{inference_ms:.2f} ms",
        f"with `{REASONS}`: that replay": f"{guessing_s:.2f} s",
        "peak memory (VmHWM) with it": f"{guessing['peak_mb']:.0f} MB",
        "its inference, per window of a cry": f"{reasons_ms:.2f} ms",
    }
    sys.stdout.write("| what | cost |\n|---|---|\n")
    for what, cost in rows.items():
        sys.stdout.write(f"| {what} | {cost} |\n")


if __name__ == "__main__":
    main()
