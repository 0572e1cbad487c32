"""The workbench hears recordings as the device does, whatever their format."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from convert.sounds.audio import RATE_HZ, duration_s, load_audio
from edgecry.capture.recording import Recording
from edgecry.errors import RecordingError

SECONDS = 3.0
BARE_MP3 = ["-write_xing", "0", "-id3v2_version", "0", "-q:a", "3"]


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A tone, then silence, 44.1 kHz stereo."""
    t = np.arange(int(SECONDS * 44100)) / 44100
    tone = 0.3 * np.sin(2 * np.pi * 500 * t) * (t < 1)
    soundfile.write(tmp_path / "a.wav", np.column_stack([tone, 0.5 * tone]), 44100)
    return tmp_path / "a.wav"


@pytest.mark.parametrize(
    ("name", "options"),
    [("b.wav", []), ("b.flac", []), ("b.m4a", []), ("b.aac", []), ("b.mp3", BARE_MP3)],
    ids=["wav", "flac", "m4a", "aac", "mp3 of unknown length"],
)
def test_a_recording_is_the_same_here_and_there(
    recorded: Path, name: str, options: list[str]
) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed: apt install ffmpeg")
    path = recorded.with_name(name)
    subprocess.run(["ffmpeg", "-v", "error", "-i", recorded, *options, path], check=True)
    samples = load_audio(path)
    with Recording(path, RATE_HZ) as device:
        np.testing.assert_array_equal(samples, np.concatenate(list(device)))
    assert samples.dtype == np.float32
    assert len(samples) / RATE_HZ == pytest.approx(SECONDS, abs=0.2)
    assert duration_s(path) == pytest.approx(len(samples) / RATE_HZ, abs=0.1)


@pytest.mark.parametrize("name", ["b.wav", "b.flac"])
def test_what_went_into_a_pipe_is_as_long_as_it_is(recorded: Path, name: str) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed: apt install ffmpeg")
    path = recorded.with_name(name)
    command = ["ffmpeg", "-v", "error", "-i", recorded, "-f", path.suffix[1:], "pipe:1"]
    path.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    assert duration_s(path) == pytest.approx(SECONDS, abs=0.01)


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")
    for read in (load_audio, duration_s):
        with pytest.raises(RecordingError, match=str(path)):
            read(path)
