"""Data sets in the layouts that people have become clips with the right label and group."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.data.clips import Clip, DataError, read_dataset, survey
from convert.data.folders import known_class
from convert.data.layouts import detect
from convert.recipe import Data, DataSet

Hiss = Callable[..., Path]
PHONE_A = "0D1AD73E-4C5E-45F3-85C4-9A3CB71E8856"
PHONE_B = "0c8f14a9-6999-485b-97a2-913c1cbf099c"


def read(folder: Path, *entries: DataSet) -> tuple[dict[str, Clip], list[str]]:
    """Clips by key, and the remarks."""
    clips, remarks = survey(Data(sets=[*entries]), folder)
    return {clip.key: clip for clip in clips}, remarks


@pytest.fixture
def data(tmp_path: Path, hiss: Hiss) -> Path:
    """A folder with what val and test need, beside the set under test."""
    for split in ("train", "val", "test"):
        for name in ("cry", "noncry"):
            hiss(tmp_path / "rest" / split / name / f"{split}_{name}.wav")
    return tmp_path


REST = DataSet("folders", "rest", licence="CC0")


def test_donateacry_tells_reason_group_and_age_by_the_file_name(data: Path, hiss: Hiss) -> None:
    old = hiss(data / "d" / "hungry" / f"{PHONE_A}-1430742197-1.0-m-04-hu.wav")
    same = hiss(data / "d" / "tired" / f"{PHONE_A.lower()}-1430742198-1.0-m-72-ti.wav")
    other = hiss(data / "d" / "scared" / f"{PHONE_B}-1431028888092-1.7-m-26-sc.wav")
    clips, _ = read(data, DataSet("donateacry", "d", split="train"), REST)
    found = [clips[path.relative_to(data).as_posix()] for path in (old, same, other)]
    assert [c.fine for c in found] == ["hungry", "tired", "scared"]
    assert [c.neonate for c in found] == [True, False, False]
    assert found[0].group == found[1].group != found[2].group
    assert all(c.cry and "ODbL" in c.licence for c in found)


def test_raw_uploads_are_left_out_until_they_are_converted(data: Path, hiss: Hiss) -> None:
    stem = f"{PHONE_B}-1431028888092-1.7-m-26-sc"
    hiss(data / "d" / f"{stem}.wav")
    (data / "d" / f"{stem}.3gp").write_bytes(b"amr")
    (data / "d" / f"{PHONE_A}-1430742197-1.0-m-04-hu.caf.caf").write_bytes(b"ima4")
    clips, remarks = read(data, DataSet("donateacry", "d", split="train"), REST)
    assert [key for key in clips if key.startswith("d/")] == [f"d/{stem}.wav"]
    assert any("1 raw uploads" in remark for remark in remarks)


def test_esc_50_comes_by_its_table(data: Path, hiss: Hiss) -> None:
    rows = [
        ("1-187207-A-20.wav", "1", "20", "crying_baby", "True", "187207", "A"),
        ("2-187207-B-20.wav", "2", "20", "crying_baby", "True", "187207", "B"),
        ("1-100032-A-0.wav", "1", "5", "cat", "False", "100032", "A"),
    ]
    for row in rows:
        hiss(data / "ESC-50" / "audio" / row[0])
    table = data / "ESC-50" / "meta" / "esc50.csv"
    table.parent.mkdir()
    header = "filename,fold,target,category,esc10,src_file,take"
    table.write_text("\n".join([header, *map(",".join, rows)]))
    clips, remarks = read(data, DataSet("esc", "ESC-50", split="train"), REST)
    cry, again, cat = (clips[f"ESC-50/audio/{row[0]}"] for row in rows)
    assert (cry.cry, cat.cry, cat.fine) == (True, False, "cat")
    assert cry.group == again.group != cat.group
    assert (cry.licence, cat.licence) == ("CC BY 3.0", "CC BY-NC 3.0")
    assert any("not for sale" in remark for remark in remarks)


def test_esc_10_as_it_was_has_a_folder_a_class(data: Path, hiss: Hiss) -> None:
    for name in ("004 - Baby cry/1-60997-A.wav", "001 - Dog bark/1-30226-A.wav"):
        hiss(data / "esc10" / name)
    clips, _ = read(data, DataSet("esc", "esc10", split="train"), REST)
    assert clips["esc10/004 - Baby cry/1-60997-A.wav"].cry
    assert clips["esc10/001 - Dog bark/1-30226-A.wav"].fine == "dog_bark"


def test_audioset_goes_by_ontology_id_and_leaves_doubtful_crying_out(
    data: Path, hiss: Hiss
) -> None:
    (data / "a").mkdir()
    (data / "a" / "eval_segments.csv").write_text(
        "# Segments csv created Sun Mar  5 10:54:25 2017\n"
        "# num_ytids=5, num_segs=5\n"
        "# YTID, start_seconds, end_seconds, positive_labels\n"
        '-0RWZT-miFs, 420.000, 430.000, "/m/0463cq4,/t/dd00002"\n'
        'Yabcdefghi_, 30.000, 40.000, "/m/09x0r"\n'
        'adultweeps1, 0.000, 10.000, "/m/0463cq4"\n'
        'in_millisec, 5.500, 15.500, "/m/01yrx"\n'
        'not_there_1, 0.000, 10.000, "/t/dd00002"\n'
    )
    for name in (
        "-0RWZT-miFs_420",
        "Yabcdefghi__30.000_40.000",
        "Yadultweeps1",
        "in_millisec_5500_15500",
    ):
        hiss(data / "a" / "wav" / f"{name}.wav")
    clips, remarks = read(data, DataSet("audioset", "a", split="train"), REST)
    labels = {key: (c.cry, c.group) for key, c in clips.items() if key.startswith("a/")}
    assert labels == {
        "a/wav/-0RWZT-miFs_420.wav": (True, "youtube:-0RWZT-miFs"),
        "a/wav/Yabcdefghi__30.000_40.000.wav": (False, "youtube:Yabcdefghi_"),
        "a/wav/in_millisec_5500_15500.wav": (False, "youtube:in_millisec"),
    }
    assert any("4 of 5 listed clips" in remark for remark in remarks)
    assert any("1 clips of crying that may be an adult's" in remark for remark in remarks)


def test_a_folder_a_class_needs_no_setting(tmp_path: Path, hiss: Hiss) -> None:
    for i in range(20):
        hiss(tmp_path / "Crying" / f"{i}.wav")
        hiss(tmp_path / "not_crying" / "street" / f"{i}.wav")
    clips, remarks = read(tmp_path, DataSet("folders", "."))
    for cry in (True, False):
        splits = [c.split for c in clips.values() if c.cry == cry]
        assert {s: splits.count(s) for s in ("train", "val", "test")} == {
            "train": 14,
            "val": 3,
            "test": 3,
        }
    assert any("40 files count as a group each" in remark for remark in remarks)
    assert any("no licence" in remark for remark in remarks)


def test_a_pattern_on_the_path_tells_the_group(tmp_path: Path, hiss: Hiss) -> None:
    for baby in range(6):
        for take in range(3):
            hiss(tmp_path / "cry" / f"baby{baby}_{take}.wav")
        hiss(tmp_path / "noise" / f"room{baby}_0.wav")
    clips, _ = read(tmp_path, DataSet("folders", ".", group=r"([a-z]+\d+)_\d"))
    groups: dict[str, set[str]] = {}
    for clip in clips.values():
        groups.setdefault(clip.group, set()).add(clip.split)
    assert len(groups) == 12
    assert all(len(splits) == 1 for splits in groups.values())


def test_a_pattern_that_finds_nothing_names_the_file(tmp_path: Path, hiss: Hiss) -> None:
    hiss(tmp_path / "cry" / "a.wav")
    with pytest.raises(DataError, match=r"finds nothing in 'cry/a\.wav'"):
        read(tmp_path, DataSet("folders", ".", group=r"baby\d"))


def test_names_of_donateacry_and_esc_are_groups_wherever_they_are(data: Path, hiss: Hiss) -> None:
    hiss(data / "kaggle" / "hungry" / f"{PHONE_A}-1430742197-1.0-m-04-hu.wav")
    hiss(data / "kaggle" / "silence" / "1-17367-A-10.wav")
    clips, _ = read(data, DataSet("folders", "kaggle", split="train"), REST)
    groups = {c.group for key, c in clips.items() if key.startswith("kaggle")}
    assert groups == {f"donateacry:{PHONE_A.lower()}", "freesound:17367"}


def test_own_splits_are_kept_if_all_three_are_there(tmp_path: Path, hiss: Hiss) -> None:
    for split in ("train", "valid", "test"):
        for name in ("cry", "other"):
            hiss(tmp_path / split / name / f"{split}{name}.wav")
    clips, _ = read(tmp_path, DataSet("folders", "."))
    assert clips["valid/cry/validcry.wav"].split == "val"
    assert clips["test/other/testother.wav"].split == "test"


def test_a_class_that_nobody_knows_is_asked_for(data: Path, hiss: Hiss) -> None:
    hiss(data / "s" / "gurgle" / "a.wav")
    with pytest.raises(DataError, match=r'are these cries: gurgle\?.*classes: {"gurgle": cry}'):
        read(data, DataSet("folders", "s"), REST)
    left, _ = read(data, DataSet("folders", "s", {"gurgle": "noncry"}, split="train"), REST)
    assert not left["s/gurgle/a.wav"].cry


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cry", "cry"),
        ("Baby Crying Sounds", "cry"),
        ("301 - Crying baby", "cry"),
        ("babycry", "cry"),
        ("belly_pain", "cry"),
        ("not_cry", "noncry"),
        ("No Cry", "noncry"),
        ("non-crying", "noncry"),
        ("notcrying", "noncry"),
        ("901 - Silence", "noncry"),
        ("903 - Baby laugh", "noncry"),
        ("donateacry", None),
        ("ESC-50", None),
        ("street", None),
    ],
)
def test_class_names_that_say_it_themselves(name: str, kind: str | None) -> None:
    assert known_class(name) == kind


@given(st.text(max_size=40))
def test_any_folder_name_is_known_or_not(name: str) -> None:
    assert known_class(name) in ("cry", "noncry", None)


def test_too_few_groups_are_an_error_that_says_how_many(tmp_path: Path, hiss: Hiss) -> None:
    for i in range(2):
        hiss(tmp_path / "cry" / f"{i}.wav")
    for i in range(9):
        hiss(tmp_path / "noise" / f"{i}.wav")
    with pytest.raises(DataError, match="no cry in val and test: there are 2 groups"):
        read_dataset(Data(sets=[DataSet("folders", ".")]), tmp_path)


def test_a_set_lies_in_the_data_folder(tmp_path: Path, hiss: Hiss) -> None:
    hiss(tmp_path / "elsewhere" / "cry" / "a.wav")
    with pytest.raises(DataError, match="`path` of a set is relative to --data"):
        read(tmp_path / "data", DataSet("folders", str(tmp_path / "elsewhere")))


def test_a_name_that_is_not_utf_8_is_said_in_letters(tmp_path: Path, hiss: Hiss) -> None:
    hiss(tmp_path / "cry" / "a.wav").rename(tmp_path / "cry" / "s\udce4ugling.wav")
    with pytest.raises(DataError, match=r"'cry/s\\udce4ugling\.wav' is not a name in UTF-8"):
        read(tmp_path, DataSet("folders", "."))


def test_a_set_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "cry").mkdir()
    (tmp_path / "cry" / "voice memo.m4a").write_bytes(b"m4a")
    with pytest.raises(DataError, match=r"nothing in it .* \(\.m4a\) cannot be read .* ffmpeg"):
        read(tmp_path, DataSet("folders", "."))


@pytest.mark.parametrize("layout", ["folders", "donateacry", "esc", "audioset"])
def test_a_folder_that_is_not_there_is_named(tmp_path: Path, layout: str) -> None:
    with pytest.raises(DataError, match="gone: no such folder"):
        read_dataset(Data(sets=[DataSet(layout, "gone")]), tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", ["folders", "donateacry", "esc", "audioset"])
def test_a_folder_in_another_layout_is_an_error(tmp_path: Path, layout: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty: "):
        read_dataset(Data(sets=[DataSet(layout, "empty")]), tmp_path)  # type: ignore[arg-type]


def test_layouts_are_told_apart(tmp_path: Path, hiss: Hiss) -> None:
    hiss(tmp_path / "d" / f"{PHONE_A}-1430742197-1.0-m-04-hu.wav")
    hiss(tmp_path / "e" / "004 - Baby cry" / "1-60997-A.wav")
    hiss(tmp_path / "f" / "cry" / "a.wav")
    hiss(tmp_path / "a" / "x.wav")
    (tmp_path / "a" / "list.csv").write_text(
        "# YTID, start_seconds, end_seconds, positive_labels\n"
    )
    (tmp_path / "nothing").mkdir()
    assert [detect(tmp_path / name) for name in ("d", "e", "f", "a", "nothing")] == [
        "donateacry",
        "esc",
        "folders",
        "audioset",
        None,
    ]
