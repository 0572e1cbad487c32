"""Recordings of every kind, good and bad, made here."""

import os
import shutil
import subprocess
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.recordings import (
    RATE_HZ,
    by_ffmpeg,
    decoded,
    error,
    needs_ffmpeg,
    recorded,
    tone,
)

from edgecry.capture import ffmpeg
from edgecry.capture.playback import Playback, Replay
from edgecry.capture.recording import Recording, Recordings, open_recording, recordings_in
from edgecry.clock import ManualClock, SystemClock
from edgecry.errors import EndOfAudio, RecordingError


@pytest.mark.parametrize(
    ("name", "rate_hz", "options"),
    [
        ("a.wav", 44100, {"subtype": "PCM_16"}),
        ("a.wav", 8000, {"subtype": "PCM_U8"}),
        ("a.wav", 96000, {"subtype": "PCM_24"}),
        ("a.wav", 48000, {"subtype": "FLOAT"}),
        ("a.wav", 11025, {"subtype": "ULAW"}),
        ("a.flac", 44100, {}),
        ("a.ogg", 32000, {}),
        ("a.opus", 48000, {"format": "OGG", "subtype": "OPUS"}),
        ("a.mp3", 44100, {}),
        ("a.aiff", 22050, {}),
    ],
)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_formats(
    tmp_path: Path, name: str, rate_hz: int, options: dict[str, str], channels: int
) -> None:
    if name == "a.mp3" and channels > 2:
        pytest.skip("mp3 has at most two channels")
    samples = np.repeat(tone(1.0, rate_hz)[:, None], channels, axis=1)
    soundfile.write(tmp_path / name, samples, rate_hz, **options)
    audio = decoded(tmp_path / name)
    assert len(audio) == RATE_HZ
    tolerance = 0.1 if name == "a.opus" else 0.02
    np.testing.assert_allclose(audio[2000:-2000], tone(1.0, RATE_HZ)[2000:-2000], atol=tolerance)


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.m4a", ("-c:a", "aac", "-b:a", "128k")),
        ("a.aac", ("-c:a", "aac", "-b:a", "128k")),
        ("a.m4a", ("-c:a", "alac")),
        ("faststart.mp4", ("-c:a", "aac", "-movflags", "+faststart")),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_formats_of_ffmpeg(
    tmp_path: Path, name: str, options: tuple[str, ...], channels: int
) -> None:
    samples = np.repeat(tone(2.0, 44100)[:, None], channels, axis=1)
    audio = decoded(by_ffmpeg(tmp_path / name, samples, 44100, *options))
    assert len(audio) == pytest.approx(2 * RATE_HZ, abs=0.1 * RATE_HZ)  # aac: whole frames
    middle = audio[8000:24000]
    spectrum = np.abs(np.fft.rfft(middle)) / 8000
    assert np.argmax(spectrum) == 500
    assert spectrum[500] == pytest.approx(0.5, rel=0.02)


def test_at_the_models_rate_samples_are_exact(tmp_path: Path) -> None:
    written = np.random.default_rng(0).integers(-32768, 32768, 50_000).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", written, RATE_HZ)
    np.testing.assert_array_equal(decoded(tmp_path / "a.wav") * 32768, written)


def test_channels_are_averaged(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", [[0.5, -0.25]] * 100, RATE_HZ, subtype="FLOAT")
    np.testing.assert_array_equal(decoded(tmp_path / "a.wav"), np.full(100, 0.125, np.float32))


@needs_ffmpeg
def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    m4a = by_ffmpeg(tmp_path / "a.m4a", tone(1.0, 44100), 44100)
    assert len(decoded(m4a.rename(tmp_path / "a.wav"))) > RATE_HZ
    soundfile.write(tmp_path / "b.wav", tone(1.0, 44100), 44100)
    for name in ("b.m4a", "b.raw", "b"):
        shutil.copy(tmp_path / "b.wav", tmp_path / name)
        assert len(decoded(tmp_path / name)) == RATE_HZ


@pytest.mark.parametrize("name", ["-i.wav", "http:a.wav", "a b%d\u00e9.wav"])
@needs_ffmpeg
def test_awkward_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    soundfile.write("a.wav", tone(0.1, RATE_HZ), RATE_HZ)
    Path("a.wav").rename(name)
    assert len(decoded(Path(name))) == 1600
    by_ffmpeg(tmp_path / "a.m4a", tone(0.1, RATE_HZ), RATE_HZ).rename(name)
    assert len(decoded(Path(name))) >= 1600


@pytest.mark.parametrize("rate_hz", [8000, 16000, 96000])
def test_one_sample_is_a_recording(tmp_path: Path, rate_hz: int) -> None:
    soundfile.write(tmp_path / "a.wav", [0.5], rate_hz)
    assert 1 <= len(decoded(tmp_path / "a.wav")) <= 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"hello, I am a text\n" * 100, "not a recording"),
        (bytes(1000), "not a recording"),
        (b"RIFF", "not a recording"),
        (b"\xff\xd8\xff\xe0" + bytes(1000), "not a recording"),
    ],
)
def test_what_is_not_audio(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert message in error(tmp_path / "a.wav")


@needs_ffmpeg
@pytest.mark.parametrize("head", [b"\0\0\0\x20ftypM4A ", b"\xff\xf1\x50\x80"])
def test_what_is_not_audio_to_ffmpeg(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.m4a").write_bytes(head + bytes(1000))
    assert "not a recording: " in error(tmp_path / "a.m4a")


@needs_ffmpeg
def test_a_video_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    video = ("-f", "lavfi", "-i", "testsrc=d=0.2:s=16x16", "-c:v", "mpeg4")
    subprocess.run(["ffmpeg", "-v", "error", *video, path], check=True, timeout=60)
    assert "not a recording: " in error(path)


def test_no_samples(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.empty(0), RATE_HZ)
    assert "holds no audio" in error(tmp_path / "a.wav")


def test_not_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    assert "not a regular file" in error(tmp_path / "pipe.wav")
    assert "No such file" in error(tmp_path / "absent.wav")
    assert "is a folder" in error(tmp_path)
    assert "cannot be read" in error(tmp_path / "nul\0.wav")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(0.1, RATE_HZ), RATE_HZ)
    (tmp_path / "a.wav").chmod(0)
    assert "Permission denied" in error(tmp_path / "a.wav")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_values_that_are_not_sound(tmp_path: Path, bad: float) -> None:
    samples = tone(2.0, RATE_HZ)
    samples[20_000] = bad
    soundfile.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="FLOAT")
    assert "values that are not sound" in error(tmp_path / "a.wav")


@pytest.mark.parametrize(("rate_hz", "channels"), [(999, 1), (768_001, 1), (RATE_HZ, 65)])
def test_what_no_recorder_makes(tmp_path: Path, rate_hz: int, channels: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((10, channels)), rate_hz)
    assert f"{rate_hz} Hz with {channels} channels" in error(tmp_path / "a.wav")


@pytest.mark.parametrize(("rate_hz", "channels"), [(1_000, 1), (768_000, 1), (RATE_HZ, 64)])
def test_what_some_recorder_may_make(tmp_path: Path, rate_hz: int, channels: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((rate_hz // 10, channels)), rate_hz)
    assert len(decoded(tmp_path / "a.wav")) == 1600


@needs_ffmpeg
@pytest.mark.parametrize("quality", [("-b:a", "64k"), ("-q:a", "3")], ids=["constant", "variable"])
@pytest.mark.parametrize("tag", ["0", "4"], ids=["bare", "id3"])
def test_an_mp3_that_does_not_say_how_long_it_is_is_read_to_its_end(
    tmp_path: Path, quality: tuple[str, str], tag: str
) -> None:
    """libsndfile guesses from the first frame: 0.5 s of these 3 where the bit rate changes."""
    tone_then_silence = np.concatenate([tone(1.0, 44100), np.zeros(88_200)])
    bare = ("-write_xing", "0", "-id3v2_version", tag)
    path = by_ffmpeg(tmp_path / "a.mp3", tone_then_silence, 44100, *bare, *quality)
    assert 3 * RATE_HZ <= len(decoded(path)) < 3.2 * RATE_HZ


def test_without_ffmpeg_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(1000))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt install ffmpeg" in error(tmp_path / "a.m4a")


def fake_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(1000))
    return tmp_path / "a.m4a"


AU_HEADER = (
    r"printf '.snd\000\000\000\030\377\377\377\377\000\000\000\006\000\000\076\200\000\000\000\001'"
)


def test_an_ffmpeg_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "DEADLINE_S", 0.2)
    path = fake_ffmpeg(tmp_path, monkeypatch, "exec sleep 1000")
    assert "gave nothing for" in error(path)


def test_an_ffmpeg_that_dies_in_the_middle_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"{AU_HEADER}; printf '\\077\\000\\000\\000\\077\\000'; echo disk on fire >&2; exit 1"
    path = fake_ffmpeg(tmp_path, monkeypatch, script)
    with Recording(path, RATE_HZ) as recording:
        np.testing.assert_array_equal(next(recording), np.array([0.5], np.float32))
        with pytest.raises(RecordingError, match="disk on fire"):
            list(recording)


def test_a_talkative_ffmpeg_does_not_fill_the_memory_or_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"yes complaint | head -c 1000000 >&2; {AU_HEADER}; printf '\\077\\000\\000\\000'"
    path = fake_ffmpeg(tmp_path, monkeypatch, script)
    assert error(path).endswith("damaged after 0.00 s: complaint")


@needs_ffmpeg
def test_closing_early_ends_ffmpeg(tmp_path: Path) -> None:
    path = by_ffmpeg(tmp_path / "a.m4a", tone(30.0, 44100), 44100)
    recording = Recording(path, RATE_HZ)
    next(recording)
    process = recording._decoder._process  # type: ignore[attr-defined]
    recording.close()
    recording.close()
    assert process.poll() is not None


def test_no_file_is_left_open(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(0.1, RATE_HZ), RATE_HZ)
    soundfile.write(tmp_path / "absurd.wav", np.zeros((10, 65)), RATE_HZ)
    (tmp_path / "text.wav").write_text("no audio" * 100)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        decoded(tmp_path / "a.wav")
        error(tmp_path / "absurd.wav")
        error(tmp_path / "text.wav")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(600 * 8000, np.int16), 8000)
    with Recording(tmp_path / "a.wav", RATE_HZ) as recording:
        tracemalloc.start()
        total = sum(len(audio) for audio in recording)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert total == 600 * RATE_HZ
    assert peak < 2_000_000


def test_a_folder_is_one_stream_in_the_order_of_the_names(tmp_path: Path) -> None:
    levels = {"b.flac": 0.25, "a.wav": 0.125, "c.WAV": 0.5}
    for name, level in levels.items():
        soundfile.write(tmp_path / name, np.full(2000, level), RATE_HZ)
    (tmp_path / "notes.txt").write_text("not a recording")
    source = open_recording(str(tmp_path), RATE_HZ, ManualClock())
    assert isinstance(source, Replay)
    heard = []
    with pytest.raises(EndOfAudio):
        while (block := source.read(0.0)) is not None:
            assert block.first_sample == sum(map(len, heard))
            heard.append(block.samples)
    source.close()
    np.testing.assert_array_equal(np.concatenate(heard), np.repeat([0.125, 0.25, 0.5], 2000))


def test_a_damaged_recording_does_not_stop_those_behind_it(tmp_path: Path, caplog) -> None:
    for name in ("1.wav", "2.wav", "4.wav"):
        recorded(tmp_path / name, 1.0)
    cut = tmp_path / "1.wav"
    cut.write_bytes(cut.read_bytes()[:-2000])
    (tmp_path / "3.wav").write_bytes(b"no audio")
    audio = Recordings(recordings_in(tmp_path), RATE_HZ)
    heard = sum(len(part) for part in audio) / RATE_HZ
    assert heard == pytest.approx(3.0, abs=0.1)
    assert [line.split(": ")[0] for line in caplog.messages] == [str(cut), str(tmp_path / "3.wav")]


def test_if_the_last_recording_is_damaged_somebody_has_to_be_told(tmp_path: Path) -> None:
    for name in ("1.wav", "2.wav"):
        recorded(tmp_path / name, 1.0)
    last = tmp_path / "2.wav"
    last.write_bytes(last.read_bytes()[:-2000])
    with pytest.raises(RecordingError, match=str(last)):
        list(Recordings(recordings_in(tmp_path), RATE_HZ))


def test_a_folder_without_recordings(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a recording")
    with pytest.raises(RecordingError, match="no recordings"):
        open_recording(tmp_path, RATE_HZ, ManualClock())


def test_with_a_speed_a_recording_is_paced(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1.0, RATE_HZ), RATE_HZ)
    source = open_recording(tmp_path / "a.wav", RATE_HZ, SystemClock(), speed=1.0)
    assert isinstance(source, Playback)
    assert source.read(0.0) is None
    source.close()
