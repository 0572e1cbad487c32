"""The clips of an approach, and what is wrong with a table of reasons."""

from pathlib import Path

import msgspec
import pytest

from convert.data.types import DataError
from convert.reasons.approach import load_approaches
from convert.reasons.sounds import clips_hash, few, read_clips, sources, without_recordings
from edgecry.errors import RecordingError

NINE = load_approaches()["base-cnn"]
SIX = load_approaches()["stft-cnn"]


def changed(data: Path, folder: Path, old: str, new: str) -> Path:
    """The same recordings with another table."""
    for sound in data.glob("*.wav"):
        (folder / sound.name).symlink_to(sound)
    text = (data / "reasons.csv").read_text()
    assert old in text
    (folder / "reasons.csv").write_text(text.replace(old, new, 1))
    return folder


def test_reasons_become_the_classes_of_the_approach(reasons_data: Path) -> None:
    names = list(SIX.classes)
    clips = read_clips(SIX, reasons_data)
    assert {names[c.label] for c in clips if c.key.startswith("cold_hot") or c.group == "cold"} == {
        "other"
    }
    assert not [c for c in clips if c.key.startswith(("laugh", "silence", "noise"))]
    assert len(clips) == 5 * 4 * 2 + 2
    assert clips == sorted(clips, key=lambda c: c.key)
    assert all(c.duration_s == 2.0 for c in clips)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reason,", "why,", "no column reason"),
        ("hungry-0-0.wav,", "hungry-9.wav,", r"csv:\d+: .*hungry-9.wav does not exist"),
        ("hungry-0-0.wav,", "hungry-0-1.wav,", "listed more than once, such as hungry-0-1.wav"),
        (",any", ",all", r"csv:2: use 'all' is not any or benchmark"),
        ("CC0,hungry-0,", "CC0,,", "must not be empty"),
    ],
)
def test_a_wrong_table_is_an_error_that_says_where(
    old: str, new: str, said: str, reasons_data: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=said):
        read_clips(NINE, changed(reasons_data, tmp_path, old, new))


def test_one_class_is_nothing_to_tell_apart(reasons_data: Path) -> None:
    two = msgspec.structs.replace(NINE, classes={"hungry": ["hungry"], "scared": ["scared"]})
    with pytest.raises(DataError, match=r"fewer than two of its classes \(hungry, scared\)"):
        read_clips(two, reasons_data)


def test_what_is_not_a_recording_is_named(reasons_data: Path, tmp_path: Path) -> None:
    data = changed(reasons_data, tmp_path, "reason", "reason")
    (data / "hungry-0-0.wav").unlink()
    (data / "hungry-0-0.wav").write_bytes(b"no sound")
    with pytest.raises(RecordingError, match=r"hungry-0-0\.wav: not a recording"):
        read_clips(NINE, data)


@pytest.mark.parametrize(
    ("name", "table"), [("base-cnn", "reasons.csv"), ("binary-16khz", "pack/manifest.csv")]
)
def test_without_a_table_the_step_that_makes_it_is_named(
    name: str, table: str, tmp_path: Path
) -> None:
    said = rf"{tmp_path}/{table} is not there.*python -m convert.benchmark_data --data {tmp_path}$"
    with pytest.raises(DataError, match=said):
        read_clips(load_approaches()[name], tmp_path)


def test_classes_without_a_recording_are_told(reasons_data: Path) -> None:
    assert without_recordings(NINE, read_clips(NINE, reasons_data)) == []
    more = msgspec.structs.replace(NINE, classes={**NINE.classes, "scared": ["scared"]})
    assert without_recordings(more, read_clips(more, reasons_data)) == ["scared"]


def test_the_binary_approach_never_sees_the_test_split(tiny_data: Path) -> None:
    clips = read_clips(load_approaches()["binary-16khz"], tiny_data)
    assert len(clips) == 2 * 2 * 4
    assert not [c for c in clips if "test" in c.key]


def test_a_few_clips_are_of_as_many_babies_as_there_are(reasons_data: Path) -> None:
    kept = few(read_clips(NINE, reasons_data), 4)
    hungry = [c for c in kept if c.label == list(NINE.classes).index("hungry")]
    assert len({c.group for c in hungry}) == len(hungry) == 4


def test_recordings_that_may_not_be_shipped_are_named(reasons_data: Path, tmp_path: Path) -> None:
    data = changed(reasons_data, tmp_path, ",any", ",benchmark")
    clips = read_clips(NINE, data)
    assert sources([*clips, *clips]) == {"tiny": len(clips) - 1, "tiny, for benchmarks only": 1}


def test_the_hash_knows_names_labels_babies_and_bytes(reasons_data: Path, tmp_path: Path) -> None:
    known = clips_hash(read_clips(NINE, reasons_data))
    assert clips_hash(read_clips(NINE, reasons_data)) == known
    other = changed(reasons_data, tmp_path, "CC0,hungry-0,", "CC0,hungry-1,")
    assert clips_hash(read_clips(NINE, other)) != known
    (tmp_path / "reasons.csv").write_text((reasons_data / "reasons.csv").read_text())
    assert clips_hash(read_clips(NINE, other)) == known
    (tmp_path / "hungry-0-0.wav").unlink()
    (tmp_path / "hungry-0-0.wav").symlink_to(reasons_data / "hungry-0-1.wav")
    assert clips_hash(read_clips(NINE, other)) != known
