"""Recordings of every kind, good and bad, made here."""

import os
import shutil
import struct
import subprocess
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgecry.capture import ffmpeg
from edgecry.capture.ending import missing_end
from edgecry.capture.playback import Playback, Replay
from edgecry.capture.recording import Recording, Recordings, open_recording, recordings_in
from edgecry.clock import ManualClock, SystemClock
from edgecry.errors import EndOfAudio, RecordingError

RATE_HZ = 16000
needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="ffmpeg is not installed: apt install ffmpeg"
)


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


def cut(content: bytes) -> bytes:
    """As after a power cut."""
    return content[: len(content) // 2]


def scratch(content: bytes) -> bytes:
    """As from a bad memory card."""
    middle = len(content) // 2
    return content[:middle] + bytes(range(256)) * 16 + content[middle + 4096 :]


def noisy(seconds: float, rate_hz: int) -> np.ndarray:
    size = round(seconds * rate_hz)
    return tone(seconds, rate_hz) * np.random.default_rng(0).uniform(0.5, 1, size)


def recorded(path: Path, seconds: float) -> Path:
    """A recording that does not compress well, at 48 kHz, in the format of the path."""
    if path.suffix not in (".m4a", ".aac"):
        kind = {"format": "OGG", "subtype": "OPUS"} if path.suffix == ".opus" else {}
        soundfile.write(path, noisy(seconds, 48000), 48000, **kind)
        return path
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed: apt install ffmpeg")
    options = ["-movflags", "+faststart"] if path.suffix == ".m4a" else []
    return by_ffmpeg(path, noisy(seconds, 48000), 48000, *options)


FORMATS = ["a.wav", "a.flac", "a.ogg", "a.opus", "a.mp3", "a.m4a", "a.aac", "a.aiff", "a.au"]


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
    if not stated and shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed: apt install ffmpeg")
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
