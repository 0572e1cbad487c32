"""What edgecry may cost: memory of the running daemon, processor time of a replay.

docs/performance.md has the figures. Both are counted by the kernel for the process alone, so that a
busy machine does not change them much.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from support.daemon import Daemon
from support.mosquitto import Mosquitto, Subscriber, eventually
from support.virtual_microphone import RATE_HZ

from edgecry.demo.scene import build_scene

PEAK_MB = 100
REPLAY_CPU_S = 6.0
REPLAYED_S = 600
LISTENED_S = 20.0


@pytest.fixture(scope="module")
def ten_minutes(tmp_path_factory) -> Path:
    """Ten minutes beside an incubator: cries, talk, alarms, hum."""
    scene = build_scene(REPLAYED_S, seed=0)
    path = tmp_path_factory.mktemp("night") / "night.wav"
    soundfile.write(path, scene.samples, scene.sample_rate_hz, subtype="PCM_16")
    return path


def replay_cpu_s(recording: Path, *options: str) -> float:
    """User and system time of one `edgecry replay`, all its threads."""
    child = subprocess.Popen(
        [sys.executable, "-m", "edgecry", "replay", *options, str(recording)],
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return usage.ru_utime + usage.ru_stime


def test_ten_minutes_are_replayed_within_six_seconds_of_cpu(ten_minutes, tmp_path) -> None:
    second = tmp_path / "second.wav"
    soundfile.write(second, np.zeros(16_000, np.float32), 16_000)
    start_up_s = replay_cpu_s(second)
    used_s = replay_cpu_s(ten_minutes) - start_up_s
    sys.stdout.write(f"replay of 600 s: {used_s:.2f} s of CPU beyond {start_up_s:.2f} s\n")
    assert used_s < REPLAY_CPU_S


def test_the_daemon_stays_under_a_hundred_megabytes(tmp_path, virtual_microphone) -> None:
    scene = build_scene(LISTENED_S, seed=0)
    heard = soxr.resample(scene.samples, scene.sample_rate_hz, RATE_HZ)
    with (
        Mosquitto(tmp_path) as broker,
        Subscriber(broker.port) as station,
        Daemon(
            tmp_path / "cot",
            "audio.device=pipemic",
            "health.interval_s=1",
            f"mqtt.port={broker.port}",
        ) as daemon,
    ):

        def listened_s() -> float:
            health = [message.json for message in station.heard("health")]
            scored = [h["uptime_s"] for h in health if h["frame_age_s"] is not None]
            return scored[-1] - scored[0] if scored else 0.0

        eventually(lambda: listened_s() > 0, "sound is scored", 60.0)
        virtual_microphone.play((heard * 32_767).astype(np.int16))
        eventually(lambda: listened_s() > LISTENED_S, "it has listened for 20 s", 90.0)
        assert station.events(), "it has heard the cry of the scene"
        status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    [peak_kib] = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.M)
    peak_mb = int(peak_kib) * 1024 / 1e6
    sys.stdout.write(f"peak memory of edgecry run: {peak_mb:.1f} MB\n")
    assert peak_mb < PEAK_MB
