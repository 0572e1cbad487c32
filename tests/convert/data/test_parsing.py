"""Whatever stands in a table or a file name: it is read, or said to be wrong in one sentence."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convert.data.audioset import is_audioset, read_audioset
from convert.data.clips import DataError
from convert.data.donateacry import donateacry_group
from convert.data.esc import META, esc_group, read_esc
from convert.data.manifest import read_manifest
from convert.recipe import DataSet

CONTENT = st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode))
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(CONTENT)
@same_folder
def test_any_manifest(tmp_path: Path, content: bytes) -> None:
    header = b"path,label,fine,source,licence,group,duration_s,split\n"
    (tmp_path / "manifest.csv").write_bytes(header + content)
    try:
        assert read_manifest(tmp_path, "manifest.csv") == []
    except DataError as error:
        assert "manifest.csv" in str(error)


@given(CONTENT)
@same_folder
def test_any_table_of_esc(tmp_path: Path, content: bytes) -> None:
    (tmp_path / META).parent.mkdir(exist_ok=True)
    (tmp_path / META).write_bytes(b"filename,category,esc10,src_file\n" + content)
    with pytest.raises(DataError, match="esc50"):
        read_esc(tmp_path, DataSet("esc", "."))


@given(CONTENT)
@same_folder
def test_any_list_of_audioset(tmp_path: Path, content: bytes) -> None:
    header = b"# YTID, start_seconds, end_seconds, positive_labels\n"
    (tmp_path / "list.csv").write_bytes(header + content)
    assert is_audioset(tmp_path)
    with pytest.raises(DataError):
        read_audioset(tmp_path, DataSet("audioset", "."))


@given(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=60))
def test_any_file_name(name: str) -> None:
    assert donateacry_group(Path(name)) is None
    assert esc_group(Path(name)) is None or name[1] == "-"


@given(st.uuids(), st.integers(0, 10**13), st.sampled_from("mf"), st.integers(0, 99))
def test_every_name_of_donateacry(instance: object, when: int, gender: str, age: int) -> None:
    for suffix in (".wav", ".caf.caf", ".3GP"):
        name = f"{instance}-{when}-1.7-{gender}-{age:02d}-hu{suffix}"
        assert donateacry_group(Path("somewhere") / name) == f"donateacry:{instance}"


@pytest.mark.parametrize("seconds", ["nan", "-1", "inf"])
def test_a_duration_that_is_no_time_is_an_error(tmp_path: Path, seconds: str) -> None:
    (tmp_path / "a.wav").touch()
    (tmp_path / "manifest.csv").write_text(
        "path,label,fine,source,licence,group,duration_s,split\n"
        f"a.wav,cry,cry,s,CC0,g,{seconds},train\n"
    )
    with pytest.raises(DataError, match=r"manifest\.csv:2: duration_s .* is not a time"):
        read_manifest(tmp_path, "manifest.csv")
