"""Manifests in, clips out; what is wrong with them is an error with a line number."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from convert.data.clips import Clip, DataError, check_groups, data_hash, read_dataset
from convert.recipe import Data, RecipeError, load_recipe

TINY = Data(clips=["pack/manifest.csv"], streams=["extra/manifest.csv"], held_out=["stream_b/*"])


@pytest.fixture
def clips(tiny_data: Path) -> list[Clip]:
    return read_dataset(TINY, tiny_data)


def test_streams_train_unless_they_are_held_out(clips: list[Clip]) -> None:
    splits = {c.source: c.split for c in clips if c.source.startswith("stream")}
    assert splits == {"stream_a": "train", "stream_b": "held-out"}


def test_a_group_in_two_splits_is_an_error(clips: list[Clip]) -> None:
    leak = replace(clips[0], key="copy", split="test")
    with pytest.raises(DataError, match=r"1 groups .* cry:train:0 in test, train"):
        check_groups([*clips, leak])


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("label", "maybe", "label 'maybe' is not cry or noncry"),
        ("split", "dev", "split 'dev' is not train, val or test"),
        ("path", "gone.wav", "does not exist"),
        ("duration_s", "long", "could not convert"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(
    tiny_data: Path, tmp_path: Path, column: str, value: str, message: str
) -> None:
    with (tiny_data / "pack" / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["path"] = str(tiny_data / "pack" / row["path"])
    rows[1][column] = value
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(DataError, match=message) as error:
        read_dataset(Data(clips=["manifest.csv"]), tmp_path)
    assert "manifest.csv:3" in str(error.value)


def test_a_stream_holds_no_cry(tiny_data: Path, tmp_path: Path) -> None:
    pack = f"{tiny_data}/pack/cry_train_0.wav"
    head = "path,label,fine,source,licence,duration_s"
    (tmp_path / "streams.csv").write_text(f"{head}\n{pack},cry,night,ward,own,2.5\n")
    with pytest.raises(DataError, match=r"streams\.csv:2: a stream holds no cry"):
        read_dataset(Data(clips=TINY.clips, streams=[f"{tmp_path}/streams.csv"]), tiny_data)


def test_the_hash_sees_labels_and_bytes(clips: list[Clip], tmp_path: Path) -> None:
    before = data_hash(clips)
    assert data_hash(list(reversed(clips))) == before
    assert data_hash([replace(clips[0], cry=not clips[0].cry), *clips[1:]]) != before
    other = tmp_path / "other.wav"
    other.write_bytes(clips[0].path.read_bytes() + b"\0")
    assert data_hash([replace(clips[0], path=other), *clips[1:]]) != before


def test_neonates_are_told_by_the_age_in_the_file_name(clips: list[Clip]) -> None:
    def aged(code: str) -> Clip:
        return replace(
            clips[0], source="donateacry_raw", original=f"bucket/0a1b-04-9c-1.7-f-{code}-hu.3gp"
        )

    assert aged("04").neonate
    assert not aged("26").neonate


def test_a_recipe_with_an_unknown_key_is_refused(tiny_recipe: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(tiny_recipe.read_text().replace("steps:", "stepz:"))
    with pytest.raises(RecipeError, match="stepz"):
        load_recipe(wrong)
