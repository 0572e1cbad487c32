"""Recordings that end too soon, too late, or without saying where."""

import shutil
import struct
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.recordings import (
    FFMPEG,
    NO_FFMPEG,
    RATE_HZ,
    decoded,
    error,
    needs_ffmpeg,
    recorded,
    tone,
)

from edgecry.capture.ending import missing_end
from edgecry.capture.recording import Recording
from edgecry.errors import RecordingError

FORMATS = ["a.wav", "a.flac", "a.ogg", "a.opus", "a.mp3", "a.m4a", "a.aac", "a.aiff", "a.au"]


def cut(content: bytes) -> bytes:
    """As after a power cut."""
    return content[: len(content) // 2]


def scratch(content: bytes) -> bytes:
    """As from a bad memory card."""
    middle = len(content) // 2
    return content[:middle] + bytes(range(256)) * 16 + content[middle + 4096 :]


@pytest.mark.parametrize("name", FORMATS)
def test_of_one_that_was_cut_short_all_that_is_there_is_given_and_then_an_error(
    tmp_path: Path, name: str
) -> None:
    path = recorded(tmp_path / name, 20.0)
    path.write_bytes(cut(path.read_bytes()))
    heard = 0
    with Recording(path, RATE_HZ) as recording, pytest.raises(RecordingError) as caught:
        for audio in recording:
            heard += len(audio)
    assert 8 * RATE_HZ < heard <= 12 * RATE_HZ
    assert str(caught.value).startswith(f"{path}: damaged after {recording.duration_s:.2f} s: ")


@pytest.mark.parametrize("name", ["a.flac", "a.m4a", "a.aac"])
def test_what_a_bad_memory_card_has_changed_is_an_error_too(tmp_path: Path, name: str) -> None:
    path = recorded(tmp_path / name, 20.0)
    path.write_bytes(scratch(path.read_bytes()))
    assert "damaged after" in error(path)


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_recording_is_not_called_damaged(tmp_path: Path, name: str) -> None:
    heard = decoded(recorded(tmp_path / name, 3.0))
    assert len(heard) == pytest.approx(3 * RATE_HZ, abs=0.1 * RATE_HZ)  # aac: whole frames


@pytest.mark.parametrize("name", ["a.wav", "a.ogg", "a.opus", "a.aiff", "a.au"])
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_wherever_it_was_cut_it_is_not_taken_for_whole(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    path = recorded(tmp_path / name, 0.5)
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    error(path)


@pytest.mark.parametrize("suffix", [".wav", ".aiff"])
@pytest.mark.parametrize("stated", [0, 0x7EFF_FFFE, 0x7FFF_EFFC, 0x8000_0000, 0xFFFF_FFFF])
def test_what_went_into_a_pipe_does_not_know_its_length_and_is_read_to_its_end(
    tmp_path: Path, suffix: str, stated: int
) -> None:
    """Python's wave says 0 until it is closed, sox, arecord and ffmpeg the others."""
    if not stated and FFMPEG is None:
        pytest.skip(NO_FFMPEG)
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, tone(1.0, RATE_HZ), RATE_HZ)
    name, order = (b"data", "<I") if suffix == ".wav" else (b"SSND", ">I")
    head, audio = path.read_bytes().split(name, 1)
    path.write_bytes(head + name + struct.pack(order, stated) + audio[4:])
    assert len(decoded(path)) == RATE_HZ


@pytest.mark.parametrize("name", ["a.ogg", "a.opus"])
def test_one_ogg_behind_another_is_not_passed_over(tmp_path: Path, name: str) -> None:
    """libsndfile gives the first stream alone."""
    first, second = (recorded(tmp_path / f"{n}{name}", 0.5).read_bytes() for n in "12")
    (tmp_path / name).write_bytes(first + second)
    assert "another recording follows" in error(tmp_path / name)
    (tmp_path / name).write_bytes(first[: len(first) // 2] + second)
    assert error(tmp_path / name)


def test_an_ogg_whose_end_nobody_finds_is_not_taken_for_whole(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.ogg", 0.5)
    path.write_bytes(path.read_bytes() + b"\xff" * 200_000)
    assert "its end is missing" in error(path)


@pytest.mark.parametrize("behind", [b"", b"LIST" + struct.pack("<I", 6) + b"INFOab"])
def test_an_empty_wav_holds_no_audio_whatever_is_behind_it(tmp_path: Path, behind: bytes) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0), RATE_HZ)
    with (tmp_path / "a.wav").open("ab") as file:
        file.write(behind)
    assert "holds no audio" in error(tmp_path / "a.wav")


def test_a_length_that_nobody_writes_into_a_pipe_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(1.0, RATE_HZ), RATE_HZ)
    head, audio = path.read_bytes().split(b"data", 1)
    path.write_bytes(head + b"data" + struct.pack("<I", 0x9000_0000) + audio[4:])
    assert "missing at its end" in error(path)


def test_zeros_for_chunks_are_not_walked_through(tmp_path: Path) -> None:
    """8 bytes a step: a gigabyte would take a minute."""
    path = tmp_path / "a.wav"
    with path.open("wb") as file:
        file.write(b"RIFF\0\0\0\0WAVE")
        file.truncate(10**9)
    begin = time.process_time()
    missing_end(path)
    assert time.process_time() - begin < 1


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.opus", "a.au", "a.aiff"])
def test_ffmpeg_into_a_pipe(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / "source.wav", tone(1.0, 48000), 48000)
    demuxer = {"opus": "ogg"}.get(name[2:], name[2:])
    with (tmp_path / name).open("wb") as file:
        command = ["ffmpeg", "-v", "error", "-i", tmp_path / "source.wav", "-f", demuxer, "pipe:1"]
        piped = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert piped.stdout is not None
        shutil.copyfileobj(piped.stdout, file)
        assert piped.wait(60) == 0
    assert len(decoded(tmp_path / name)) == RATE_HZ


@pytest.mark.parametrize("name", ["a.wav", "a.ogg", "a.flac"])
def test_what_somebody_put_behind_the_audio_is_no_damage(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, tone(1.0, RATE_HZ), RATE_HZ)
    with (tmp_path / name).open("ab") as file:
        file.write(b"TAG" + bytes(125))
    assert len(decoded(tmp_path / name)) == RATE_HZ
