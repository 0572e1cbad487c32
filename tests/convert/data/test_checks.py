"""What is wrong with a recording is said by name; what is right is not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from convert.data.checks import Problem, find_problems
from convert.data.clips import Clip
from convert.data.listening import listen, measure
from edgecry.types import Float32Array

RATE_HZ = 16_000
RNG = np.random.default_rng(3)
Check = Callable[..., list[Problem]]


def noise(seconds: float = 2.0, level: float = 0.05) -> Float32Array:
    return (level * RNG.standard_normal(int(seconds * RATE_HZ))).astype(np.float32)


def clip(path: Path, **changes: object) -> Clip:
    made = Clip(
        key=path.name,
        name=f"tiny/{path.name}",
        path=path,
        cry=True,
        fine="cry",
        source="tiny",
        licence="CC0",
        group=path.name,
        split="train",
        duration_s=2.0,
        bandwidth_hz=None,
        original="",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Problems of one recording."""

    def run(samples: Float32Array, rate_hz: int = RATE_HZ, **changes: object) -> list[Problem]:
        path = tmp_path / "a.wav"
        soundfile.write(path, samples, rate_hz, subtype="FLOAT")
        return find_problems([clip(path, **changes)], [listen(path, tmp_path / "cache")])

    return run


def test_a_plain_recording_is_fine(check: Check) -> None:
    assert check(noise()) == []


@pytest.mark.parametrize(
    ("samples", "rate_hz", "level", "what"),
    [
        (noise(0.1), RATE_HZ, "error", "shorter than"),
        (np.zeros(0, np.float32), RATE_HZ, "error", "shorter than"),
        (np.zeros(32_000, np.float32), RATE_HZ, "error", "a cry that is digital silence"),
        (
            np.concatenate([np.zeros(40_000, np.float32), noise(1.0)]),
            RATE_HZ,
            "warning",
            "digital silence for more than 50%",
        ),
        (noise(), 4_000, "warning", "a rate under 8000 Hz"),
        (noise(level=0.0001), RATE_HZ, "warning", "quieter than -60 dBFS"),
        (np.clip(noise(level=1.0), -0.5, 0.5), RATE_HZ, "warning", "clipped for more than 1%"),
        (noise() + 0.1, RATE_HZ, "warning", "a DC offset"),
    ],
)
def test_what_is_wrong_is_said(
    check: Check, samples: Float32Array, rate_hz: int, level: str, what: str
) -> None:
    (problem,) = check(samples, rate_hz)
    assert problem.level == level
    assert what in problem.what
    assert problem.where == "a.wav"


def test_a_silent_non_cry_is_only_a_note(check: Check) -> None:
    (problem,) = check(np.zeros(32_000, np.float32), cry=False)
    assert problem.level == "note"


def test_values_that_no_device_would_take_for_sound_are_an_error(check: Check) -> None:
    (problem,) = check(1e4 * noise())
    assert (problem.level, problem.what) == ("error", "cannot be decoded")
    assert "not sound" in problem.where


def test_values_that_are_not_numbers_are_an_error(check: Check) -> None:
    samples = noise()
    samples[100] = np.nan
    (problem,) = check(samples)
    assert (problem.level, problem.what) == ("error", "cannot be decoded")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"<html>", bytes(5000)])
def test_what_is_no_recording_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    (problem,) = find_problems([clip(path)], [listen(path, tmp_path / "cache")])
    assert (problem.level, problem.what) == ("error", "cannot be decoded")


@pytest.mark.parametrize("name", ["a.flac", "a.mp3"])
def test_a_recording_of_which_a_part_is_missing_is_an_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    soundfile.write(path, noise(4.0), RATE_HZ)
    path.write_bytes(path.read_bytes()[:-2_000])
    (problem,) = find_problems([clip(path)], [listen(path, tmp_path / "cache")])
    assert (problem.level, problem.what) == ("error", "cannot be decoded")


@pytest.fixture
def copies(tmp_path: Path) -> Callable[..., list[Problem]]:
    """Problems of a recording and a quieter, shorter copy of it."""
    original = noise(4.0)
    soundfile.write(tmp_path / "a.wav", original, RATE_HZ)
    soundfile.write(tmp_path / "b.flac", 0.5 * original[7_000:], RATE_HZ)

    def run(**changes: object) -> list[Problem]:
        clips = [clip(tmp_path / "a.wav"), clip(tmp_path / "b.flac", **changes)]
        return find_problems(clips, [listen(c.path, tmp_path / "cache") for c in clips])

    return run


def test_one_recording_in_two_splits_is_an_error_that_names_both(
    copies: Callable[..., list[Problem]],
) -> None:
    (problem,) = copies(split="test")
    assert problem.level == "error"
    assert "a.wav (train) and b.flac (test)" in problem.where
    assert problem.where.endswith('exclude: ["tiny/a.wav"]')


def test_one_recording_twice_in_a_split_is_a_note(copies: Callable[..., list[Problem]]) -> None:
    (problem,) = copies()
    assert problem.level == "note"


def test_one_recording_with_two_labels_is_a_warning(
    copies: Callable[..., list[Problem]],
) -> None:
    (problem,) = copies(cry=False)
    assert (problem.level, problem.what) == ("warning", "one recording with two labels")


def test_cuts_within_a_group_are_nobody_s_business(copies: Callable[..., list[Problem]]) -> None:
    assert copies(group="a.wav") == []


def test_equal_files_are_found_however_short(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / name, np.linspace(-0.1, 0.1, 4_000), RATE_HZ)
    clips = [clip(tmp_path / "a.wav"), clip(tmp_path / "b.wav", split="val")]
    heard = [listen(c.path, tmp_path / "cache") for c in clips]
    (problem,) = find_problems(clips, heard)
    assert "the same file" in problem.where


def test_a_second_look_comes_from_the_cache_and_is_the_same(tmp_path: Path) -> None:
    path, cache = tmp_path / "a.wav", tmp_path / "cache"
    soundfile.write(path, noise(), RATE_HZ)
    first = listen(path, cache)
    moved = path.rename(tmp_path / "moved.wav")
    kept = {p: p.stat().st_mtime_ns for p in cache.iterdir()}
    again = listen(moved, cache)
    assert kept == {p: p.stat().st_mtime_ns for p in cache.iterdir()}
    assert (again.measures, again.sha256) == (first.measures, first.sha256)
    assert np.array_equal(again.fingerprint.bits, first.fingerprint.bits)


@given(hnp.arrays(np.float32, st.integers(0, 400), elements=st.floats(-1, 1, width=32)))
def test_measures_are_in_their_ranges(samples: Float32Array) -> None:
    found = measure(samples, RATE_HZ)
    assert found.level_dbfs <= 1e-6
    assert -1 <= found.dc_offset <= 1
    assert 0 <= found.clipped <= 1
    assert 0 <= found.silent <= 1
