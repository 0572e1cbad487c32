"""The benchmark's recordings, from public sets as anybody can fetch them."""

import csv
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from convert import benchmark_data
from convert.data.benchmark_clips import SILENCE, ListedClip, benchmark_clips, there, trimmed
from convert.data.manifest import read_manifest
from convert.data.types import DataError
from convert.reasons.approach import load_approaches
from convert.reasons.plan import Clips, plans
from convert.reasons.sounds import CLIPS, read_clips
from convert.sounds.audio import RATE_HZ, load_audio

LISTED = benchmark_clips()
TONE_S = 1.0


def rows(table: Path) -> dict[str, dict[str, str]]:
    with table.open(newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def are_alike(pairs: set[tuple[str, str]]) -> bool:
    """Do groups hold the same clips here and there, whatever they are called?"""
    return len({here for here, _ in pairs}) == len(pairs) == len({there for _, there in pairs})


class TestList:
    def test_each_file_is_there_once_and_each_path_stays_in_the_folder(self) -> None:
        assert len({(c.set, c.file) for c in LISTED}) == len({c.path for c in LISTED})
        assert [c.path for c in LISTED] == sorted(c.path for c in LISTED)
        for clip in LISTED:
            for path in (clip.path, clip.file):
                assert not {"..", "/"} & set(PurePosixPath(path).parts)

    def test_no_group_is_in_two_splits(self) -> None:
        splits = defaultdict(set)
        for clip in LISTED:
            splits[clip.group].add(clip.split)
        assert not [group for group, found in splits.items() if len(found) > 1]

    def test_what_is_not_for_models_says_so(self) -> None:
        assert {(c.set, c.use, c.reason) for c in LISTED if "NC" in c.licence} == {
            ("esc50", "benchmark", "laugh")
        }

    def test_labels_and_groups_are_those_of_the_published_tables(self, shared_data: Path) -> None:
        published = rows(shared_data / "reasons.csv")
        listed = {c.path: c for c in LISTED if c.reason}
        assert listed.keys() == published.keys()
        for path, row in published.items():
            clip = listed[path]
            assert (clip.reason, clip.use) == (row["reason"], row["use"]), path
        assert are_alike({(listed[p].group, row["group"]) for p, row in published.items()})

    def test_whoever_has_no_other_recordings_gets_the_same_folds(self, shared_data: Path) -> None:
        published = rows(shared_data / "reasons.csv")
        clips = [c for c in LISTED if c.reason]
        labels = np.unique([c.reason for c in clips], return_inverse=True)[1].tolist()
        here, theirs = (
            [
                plan.judge
                for plan in plans(Clips(labels, groups, [1] * len(labels)), "by_baby", 1, 5)
            ]
            for groups in ([c.group for c in clips], [published[c.path]["group"] for c in clips])
        )
        assert here == theirs

    def test_cries_and_others_are_those_that_train_the_detector(self, shared_data: Path) -> None:
        pack = rows(shared_data / CLIPS)
        groups = set()
        for clip in LISTED:
            if clip.split:
                path = PurePosixPath(clip.path).relative_to("pack")
                row = pack[str(path)]
                assert path.parts[:2] == (row["label"], row["fine"]), path
                assert clip.split == row["split"], path
                groups.add((clip.group, row["group"]))
        assert are_alike(groups)


@pytest.fixture
def some() -> list[ListedClip]:
    """Two clips of each kind of file and class that there is."""
    alike = defaultdict(list)
    for clip in LISTED:
        if clip.set == "donateacry" or clip.split in ("", "train"):
            alike[clip.set, PurePosixPath(clip.file).suffix, clip.reason].append(clip)
    return sorted((c for own in alike.values() for c in own[:2]), key=lambda c: c.path)


@pytest.fixture
def sets(some: list[ListedClip], tmp_path: Path) -> Path:
    """A folder with those files, as their publishers encode them: a tone after half a second of
    nothing, and IMA4, AAC for AMR (which ffmpeg cannot make), Vorbis or WAV."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed: apt install ffmpeg")
    t = np.arange(round(TONE_S * 22050)) / 22050
    tone = np.concatenate([np.zeros(11025), 0.3 * np.sin(2 * np.pi * 440 * t)])
    soundfile.write(tmp_path / "tone.wav", tone, 22050)
    codecs = {".caf": "adpcm_ima_qt", ".3gp": "aac", ".ogg": "libvorbis", ".wav": "pcm_s16le"}
    made = {
        suffix: tmp_path / f"tone-{codec}{suffix}"
        for suffix, codec in codecs.items()
        if any(clip.file.endswith(suffix) for clip in some)
    }
    for suffix, path in made.items():
        command = ["ffmpeg", "-v", "error", "-i", tmp_path / "tone.wav", "-c:a", codecs[suffix]]
        subprocess.run([*command, path], check=True, timeout=60)
    for clip in some:
        path = tmp_path / "data" / clip.set / clip.file
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made[path.suffix], path)
    return tmp_path / "data"


@pytest.fixture
def step(some: list[ListedClip], sets: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """The step on that folder, which comes back."""

    def run() -> Path:
        benchmark_data.main()
        return sets

    monkeypatch.setattr(benchmark_data, "benchmark_clips", lambda: some)
    monkeypatch.setattr(sys, "argv", ["convert.benchmark_data", "--data", str(sets)])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    return run


def test_every_approach_finds_recordings_of_all_its_classes(
    step: Callable[[], Path], some: list[ListedClip]
) -> None:
    data = step()
    for approach in load_approaches().values():
        clips = read_clips(approach, data)
        assert {c.label for c in clips} == set(range(len(approach.classes))), approach.name
    nine = read_clips(load_approaches()["base-cnn"], data)
    by_path = {clip.path: clip for clip in some}
    assert [(c.group, c.licence) for c in nine] == [
        (by_path[c.key].group, by_path[c.key].licence) for c in nine
    ]
    assert {c.cry for c in read_manifest(data, CLIPS)} == {True, False}


def test_recordings_lose_silence_at_their_ends_and_laughs_do_not(
    step: Callable[[], Path], some: list[ListedClip]
) -> None:
    data = step()
    for clip in some:
        samples = load_audio(data / clip.path)
        expected_s = TONE_S + 0.5 * (clip.set == "esc50")
        assert len(samples) / RATE_HZ == pytest.approx(expected_s, abs=0.15), clip
        assert np.sqrt(np.mean(samples[-8000:] ** 2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)


def test_without_a_set_its_recordings_are_left_out_and_named(
    step: Callable[[], Path], sets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(sets / "esc50")
    step()
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("warning")]
    [line] = said
    assert "2 recordings (laugh) were left out: git clone https://github.com/" in line
    assert f"{sets}/esc50" in line.split("git clone")[1]
    assert "laugh" not in (sets / "reasons.csv").read_text()


def test_with_laughs_alone_the_tables_are_made(step: Callable[[], Path], sets: Path) -> None:
    for name in ("donateacry", "esc10"):
        shutil.rmtree(sets / name)
    data = step()
    assert {row["reason"] for row in rows(data / "reasons.csv").values()} == {"laugh"}
    assert not rows(data / "pack/manifest.csv")


def test_a_table_that_is_there_is_never_overwritten(step: Callable[[], Path], sets: Path) -> None:
    (sets / "reasons.csv").write_text("mine")
    with pytest.raises(DataError, match=r"reasons\.csv exists; move it away"):
        step()
    assert (sets / "reasons.csv").read_text() == "mine"
    assert not (sets / "pack").exists()


def test_a_folder_that_is_not_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "argv", ["step", "--data", str(tmp_path / "nowhere")])
    with pytest.raises(DataError, match=f"^{tmp_path}/nowhere is no folder"):
        benchmark_data.main()


def test_without_any_set_the_commands_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"convert\.download donateacry --to {tmp_path}"):
        there(LISTED, tmp_path)


def test_a_set_of_which_files_are_missing_is_an_error(sets: Path) -> None:
    with pytest.raises(DataError, match=r"donateacry: \d+ of 582 recordings are missing, such as"):
        there(LISTED, sets)


@given(st.integers(0, 500), st.lists(st.floats(-1, 1, width=32), max_size=50), st.integers(0, 500))
def test_trimming_keeps_all_that_is_sound(before: int, sound: list[float], after: int) -> None:
    samples = np.concatenate([np.zeros(before), sound, np.zeros(after)]).astype(np.float32)
    kept = trimmed(samples)
    loud = samples[np.abs(samples) > SILENCE]
    assert np.array_equal(kept[np.abs(kept) > SILENCE], loud)
    assert len(kept) <= (len(sound) + 160 if len(loud) else len(samples))
