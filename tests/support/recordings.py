"""Recordings made here, and what is heard of them."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edgecry.capture.recording import Recording
from edgecry.errors import RecordingError

RATE_HZ = 16000
FFMPEG = shutil.which("ffmpeg")
NO_FFMPEG = "ffmpeg is not installed: apt install ffmpeg"
needs_ffmpeg = pytest.mark.skipif(FFMPEG is None, reason=NO_FFMPEG)


def tone(seconds: float, rate_hz: int, hz: float = 500.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def decoded(path: Path) -> np.ndarray:
    with Recording(path, RATE_HZ) as recording:
        audio = np.concatenate(list(recording))
        assert audio.dtype == np.float32
        assert abs(len(audio) - recording.duration_s * RATE_HZ) <= 1
        return audio


def error(path: Path) -> str:
    """The one line that a bad recording gives."""
    with pytest.raises(RecordingError) as caught:
        decoded(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def by_ffmpeg(path: Path, samples: np.ndarray, rate_hz: int, *options: str) -> Path:
    source = path.with_suffix(".source.wav")
    soundfile.write(source, samples, rate_hz)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-i", source, *options, path], check=True, timeout=60
    )
    source.unlink()
    return path


def noisy(seconds: float, rate_hz: int) -> np.ndarray:
    size = round(seconds * rate_hz)
    return tone(seconds, rate_hz) * np.random.default_rng(0).uniform(0.5, 1, size)


def recorded(path: Path, seconds: float) -> Path:
    """A recording that does not compress well, at 48 kHz, in the format of the path."""
    if path.suffix not in (".m4a", ".aac"):
        kind = {"format": "OGG", "subtype": "OPUS"} if path.suffix == ".opus" else {}
        soundfile.write(path, noisy(seconds, 48000), 48000, **kind)
        return path
    if FFMPEG is None:
        pytest.skip(NO_FFMPEG)
    options = ["-movflags", "+faststart"] if path.suffix == ".m4a" else []
    return by_ffmpeg(path, noisy(seconds, 48000), 48000, *options)
