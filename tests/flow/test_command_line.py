"""The command line under hostile circumstances: real processes, names and descriptors."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edgecry.inference.classifier import SHIPPED_MODELS


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    path = tmp_path / "quiet.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000))
    return path


def edgecry(*arguments: str | bytes | Path, redirect: str = "", **environment: str):
    """`edgecry ARGUMENTS REDIRECT` as a shell does it."""
    return subprocess.run(
        ["bash", "-c", f'"$0" -m edgecry "$@" {redirect}', sys.executable, *arguments],
        capture_output=True,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", ["classify", "replay"])
def test_an_error_about_a_name_of_any_bytes_is_one_line(tmp_path: Path, command: str) -> None:
    path = bytes(tmp_path) + b"/two\nlines \x1b[31m\xff.wav"
    Path(os.fsdecode(path)).write_text("not audio")
    done = edgecry(command, path)
    assert done.returncode == 65
    (line,) = done.stderr.splitlines()
    assert rb"two\nlines \x1b[31m\udcff.wav: not a recording" in line


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_a_result_about_a_name_of_any_bytes_is_one_line(
    tmp_path: Path, quiet: Path, encoding: str
) -> None:
    path = bytes(tmp_path) + b"/\xc3\xbc\n\xff.wav"
    Path(os.fsdecode(path)).write_bytes(quiet.read_bytes())
    done = edgecry("classify", path, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    (line,) = done.stdout.splitlines()
    assert rb"\n\udcff.wav: no cry" in line


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_of_one_that_was_cut_short_there_is_no_verdict_and_the_others_are_done(
    tmp_path: Path, quiet: Path, suffix: str
) -> None:
    whole, cut = tmp_path / f"whole{suffix}", tmp_path / f"cut{suffix}"
    samples, rate_hz = soundfile.read(quiet)
    soundfile.write(whole, np.tile(samples, 10), rate_hz)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    done = edgecry("classify", "--json", cut, whole)
    assert done.returncode == 65
    (line,) = done.stderr.splitlines()
    assert f"cut{suffix}: ".encode() in line
    assert [json.loads(said)["file"] for said in done.stdout.splitlines()] == [str(whole)]


def test_a_folder_stands_for_its_recordings_and_a_bad_one_stops_no_other(
    tmp_path: Path, quiet: Path
) -> None:
    night = tmp_path / "night"
    night.mkdir()
    for name in ("1.wav", "3.wav"):
        (night / name).write_bytes(quiet.read_bytes())
    (night / "2.wav").write_text("not audio")
    done = edgecry("classify", "--json", night)
    assert done.returncode == 65
    files = [Path(json.loads(line)["file"]).name for line in done.stdout.splitlines()]
    assert files == ["1.wav", "3.wav"]
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_under_the_result_is_one_line(quiet: Path) -> None:
    done = edgecry("classify", quiet, redirect="> /dev/full")
    assert done.returncode == 1
    assert done.stderr == b"edgecry: standard output: cannot be written: No space left on device\n"
    done = edgecry("replay", "--scores", "/dev/full", quiet)
    assert done.returncode == 1
    assert done.stderr == b"edgecry: /dev/full: cannot be written: No space left on device\n"
    done = edgecry("demo", redirect="> /dev/full")
    assert done.returncode == 1
    assert done.stderr == b"edgecry: the screen: cannot be written: No space left on device\n"


@pytest.mark.parametrize("redirect", ["2>&-", "2> /dev/full"])
def test_the_exit_code_is_the_same_when_nobody_can_be_told(tmp_path: Path, redirect: str) -> None:
    assert edgecry("classify", tmp_path / "absent.wav", redirect=redirect).returncode == 65


def test_closed_standard_output_is_no_failure(quiet: Path) -> None:
    done = edgecry("classify", quiet, redirect=">&-")
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_that_has_gone_ends_it_quietly(quiet: Path) -> None:
    done = edgecry("classify", *[quiet] * 20, redirect="| head -n 1")
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""
    done = edgecry("demo", redirect="| head -n 1")
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


@pytest.mark.parametrize("seconds", ["x", "-1"])
def test_a_length_that_is_none_is_named(seconds: str) -> None:
    done = edgecry("demo", "--seconds", seconds)
    assert done.returncode == 2
    assert f"{seconds} is not a positive number" in done.stderr.decode()


@pytest.mark.parametrize("seconds", ["2", "1e5"])
def test_a_demo_of_an_impossible_length_is_wrong_usage(seconds: str) -> None:
    done = edgecry("demo", "--seconds", seconds)
    assert done.returncode == 2
    assert b"from 2.5 to 600 s" in done.stderr


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with the shipped models."""
    return Path(shutil.copytree(SHIPPED_MODELS, tmp_path / "models"))


@pytest.mark.parametrize("name", ["cry-detector.json", "cry-detector.tflite", "cry-reasons.json"])
def test_a_pipe_in_place_of_a_model_is_not_waited_for(models: Path, quiet: Path, name: str) -> None:
    (models / name).unlink()
    os.mkfifo(models / name)
    model = f"detection.model={models / 'cry-detector.tflite'}"
    done = edgecry("classify", "--reasons", "--set", model, quiet)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == f"edgecry: {models / name}: not a regular file\n".encode()


@pytest.mark.parametrize("name", ["cry-detector", "cry-reasons"])
def test_a_torn_model_with_a_manifest_of_its_own_is_one_line(
    models: Path, quiet: Path, name: str
) -> None:
    model, manifest = models / f"{name}.tflite", models / f"{name}.json"
    whole = model.read_bytes()
    torn = whole[: len(whole) // 2]
    sha256 = [hashlib.sha256(content).hexdigest() for content in (whole, torn)]
    model.write_bytes(torn)
    manifest.write_text(manifest.read_text().replace(*sha256))
    detector = f"detection.model={models / 'cry-detector.tflite'}"
    done = edgecry("classify", "--reasons", "--set", detector, quiet)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"{model}: a part of it is missing".encode() in line
