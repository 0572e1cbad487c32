"""The step: from a folder to a recipe, a table, problems and an exit code."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from msgspec.structs import replace

from convert.data.clips import DataError, excluded_clips, read_dataset
from convert.data.starting import write_recipe
from convert.recipe import Data, load_recipe

RATE_HZ = 16_000
REPOSITORY = Path(__file__).parents[3]
Hiss = Callable[..., Path]
TINY = Data(clips=["pack/manifest.csv"], streams=["extra/manifest.csv"], held_out=["stream_b/*"])


def step(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "convert.dataset", *arguments]
    environment = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def look(place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return step(place, "--recipe", "own.yaml", "--data", "my-recordings", *more)


@pytest.fixture
def own(tmp_path: Path, hiss: Hiss) -> Path:
    """The folder with the recordings of somebody who read nothing: a folder a class."""
    for i in range(4):
        hiss(tmp_path / "my-recordings" / "cry" / f"{i}.wav", 1.5)
        hiss(tmp_path / "my-recordings" / "other" / f"{i}.wav", 1.5)
    return tmp_path


def test_a_folder_a_class_becomes_a_recipe_and_a_table(own: Path) -> None:
    done = look(own, "--new")
    assert done.returncode == 0, done.stderr
    assert load_recipe(own / "own.yaml").name == "own"
    rows = [line.split()[:5] for line in done.stdout.splitlines() if line.startswith("t")]
    assert ["train", "cry", "2", "0.1", "2"] in rows
    assert ["test", "noncry", "1", "0.0", "1"] in rows
    assert "8 files count as a group each" in done.stdout


def test_the_recipe_is_not_written_twice(own: Path) -> None:
    look(own, "--new")
    again = look(own, "--new")
    assert again.returncode == 1
    assert "own.yaml exists" in again.stderr
    assert look(own).returncode == 0


def test_one_recording_in_two_splits_is_named_with_a_remedy_and_fails(own: Path) -> None:
    look(own, "--new")
    splits = {c.path.name: c.split for c in _clips(own) if not c.cry}
    train, test = (next(n for n, s in splits.items() if s == want) for want in ("train", "test"))
    samples, _ = soundfile.read(own / "my-recordings" / "other" / train)
    soundfile.write(own / "my-recordings" / "other" / test, 0.5 * samples, RATE_HZ)
    done = look(own)
    assert done.returncode == 1
    assert "error: one recording in two splits (1): put both into one group" in done.stdout
    assert f"other/{train} (train)" in done.stdout
    assert f"other/{test} (test)" in done.stdout


def test_a_damaged_recording_is_named_and_fails(own: Path) -> None:
    (own / "my-recordings" / "cry" / "0.wav").write_bytes(b"RIFF????")
    done = look(own, "--new")
    assert done.returncode == 1
    assert "error: cannot be decoded (1)" in done.stdout
    assert "cry/0.wav" in done.stdout


def test_what_was_left_out_is_said_even_if_nothing_is_left(own: Path) -> None:
    (own / "my-recordings" / "other").rename(own / "my-recordings" / "42")
    done = look(own, "--new")
    assert done.returncode == 1
    assert "were left out, because their names do not say" in done.stdout
    assert "say it under `classes`: 42" in done.stdout
    assert "error: no noncry in train and val and test" in done.stderr


@pytest.mark.parametrize(("stem", "name"), [("My Detector 2", "my-detector-2"), ("äö", "detector")])
def test_any_name_of_a_recipe_gives_a_model_a_name(own: Path, stem: str, name: str) -> None:
    path = own / f"{stem}.yaml"
    write_recipe(path, own / "my-recordings")
    assert load_recipe(path).name == name


def test_a_manifest_without_a_test_split_is_an_error_before_it_trains(own: Path) -> None:
    look(own, "--new")
    rows = [f"{c.key},{'cry' if c.cry else 'noncry'},x,s,CC0,{c.group},1.5" for c in _clips(own)]
    splits = ["train" if i % 2 else "val" for i in range(len(rows))]
    table = [f"{row},{split}" for row, split in zip(rows, splits, strict=True)]
    (own / "my-recordings" / "manifest.csv").write_text(
        "\n".join(["path,label,fine,source,licence,group,duration_s,split", *table])
    )
    (own / "own.yaml").unlink()
    done = look(own, "--new")
    assert done.returncode == 1
    assert "error: no cry in test" in done.stderr


def test_human_labels_are_held_against_the_training_too(own: Path, hiss: Hiss) -> None:
    look(own, "--new")
    data = own / "my-recordings"
    train = next(c for c in _clips(own) if c.cry and c.split == "train")
    hiss(data / ".human" / "x.wav").write_bytes(train.path.read_bytes())
    (data / ".human" / "manifest.csv").write_text(
        "path,label,fine,source,licence,group,duration_s,split\nx.wav,cry,c,h,CC0,g,1.5,test\n"
    )
    recipe = own / "own.yaml"
    recipe.write_text(
        recipe.read_text().replace("data:", "data:\n  human_labels: .human/manifest.csv")
    )
    done = look(own)
    assert done.returncode == 1
    assert ".human/x.wav (test): the same file" in done.stdout


def test_folders_of_sets_and_manifests_become_one_recipe(tmp_path: Path, hiss: Hiss) -> None:
    data = tmp_path / "data"
    hiss(data / "esc10" / "004 - Baby cry" / "1-60997-A.wav")
    hiss(data / "baby_cry" / "a.wav")
    hiss(data / "mine" / "cry" / "a.wav")
    hiss(data / "mine" / "gurgle" / "a.wav")
    hiss(data / "ours" / "a.wav")
    (data / "ours" / "manifest.csv").write_text("path,label\n")
    (data / "notes").mkdir()
    remarks = write_recipe(tmp_path / "own.yaml", data)
    found = load_recipe(tmp_path / "own.yaml").data
    assert found.clips == ["ours/manifest.csv"]
    assert [(s.layout, s.path, s.classes) for s in found.sets] == [
        ("folders", "baby_cry", {}),
        ("esc", "esc10", {}),
        ("folders", "mine", {"gurgle": "leave out"}),
    ]
    assert "gurgle" in remarks[0]


@pytest.mark.parametrize("folder", ["meta", "hungry"])
def test_a_set_by_itself_is_one_set(tmp_path: Path, hiss: Hiss, folder: str) -> None:
    phone = "0D1AD73E-4C5E-45F3-85C4-9A3CB71E8856"
    hiss(tmp_path / "data" / "hungry" / f"{phone}-1430742197-1.0-m-04-hu.wav")
    hiss(tmp_path / "data" / "noise" / "a.wav")
    if folder == "meta":
        (tmp_path / "data" / "meta").mkdir()
        (tmp_path / "data" / "meta" / "esc50.csv").write_text("filename\n")
    write_recipe(tmp_path / "own.yaml", tmp_path / "data")
    (entry,) = load_recipe(tmp_path / "own.yaml").data.sets
    assert (entry.path, entry.layout) == (".", "esc" if folder == "meta" else "folders")


def test_a_folder_without_recordings_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no recordings in it"):
        write_recipe(tmp_path / "own.yaml", tmp_path)
    assert not (tmp_path / "own.yaml").exists()


def test_what_is_excluded_neither_trains_nor_chooses_but_is_tested(tiny_data: Path) -> None:
    data = Data(**{**_fields(TINY), "exclude": ["tiny/cry_*_0.wav", "stream_a/*"]})
    left = {c.name for c in read_dataset(data, tiny_data)}
    gone = {c.name for c in read_dataset(TINY, tiny_data)} - left
    assert gone == {"tiny/cry_train_0.wav", "tiny/cry_val_0.wav", "stream_a/a.wav"}
    assert {c.name for c in excluded_clips(data, tiny_data)} == gone | {"tiny/cry_test_0.wav"}


def test_a_pattern_that_excludes_nothing_is_an_error(tiny_data: Path) -> None:
    data = Data(**{**_fields(TINY), "exclude": ["tinny/*"]})
    with pytest.raises(DataError, match="'tinny/\\*' matches no clip"):
        read_dataset(data, tiny_data)


def test_a_set_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"soundalikes/manifest.csv is not there; .*") as error:
        read_dataset(Data(clips=["soundalikes/manifest.csv"]), tmp_path)
    assert f"python -m convert.download soundalikes --to {tmp_path}" in str(error.value)


def test_a_recipe_without_recordings_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no recordings"):
        read_dataset(Data(), tmp_path)


@pytest.mark.skipif(
    not (REPOSITORY.parent / "shared" / "data").is_dir(), reason="needs ../shared/data"
)
def test_no_group_of_the_shipped_detector_s_data_leaks() -> None:
    """Without the sets that only `convert.download` fetches."""
    folder = REPOSITORY.parent / "shared" / "data"
    recipe = load_recipe(REPOSITORY / "convert" / "recipes" / "cry-detector.yaml")
    there = [name for name in recipe.data.clips if (folder / name).is_file()]
    clips = read_dataset(replace(recipe.data, clips=there), folder)
    assert len({c.group for c in clips if c.split == "test" and c.cry}) == 24


def _clips(own: Path) -> list:
    return read_dataset(load_recipe(own / "own.yaml").data, own / "my-recordings")


def _fields(data: Data) -> dict[str, object]:
    return {name: getattr(data, name) for name in data.__struct_fields__}
