"""Which clips a map shows, and that what is alike to the network lies together on it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from convert.data.types import DataError
from convert.measuring.embedding import Embedder
from convert.reporting.plots.style import PlotError
from convert.reporting.sound_map import describe, project, read_collection

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    """Of the shipped detector."""
    return Embedder("cry-detector")


def test_the_folder_of_a_clip_is_its_class(own_recordings: Path) -> None:
    clips = read_collection(own_recordings, None).clips
    assert len(clips) == 24
    assert {(path.parent.name, name) for path, name in clips} == {
        ("cry", "cry"),
        ("other", "other"),
    }


def test_a_manifest_hides_the_test_split(tiny_data: Path) -> None:
    collection = read_collection(tiny_data / "pack" / "manifest.csv", None)
    assert collection.hidden == 8
    assert len(collection.clips) == 16
    assert not any("test" in path.name for path, _ in collection.clips)
    by_source = read_collection(tiny_data / "pack" / "manifest.csv", "source")
    assert {name for _, name in by_source.clips} == {"tiny"}


def test_a_manifest_without_classes_is_refused(tiny_data: Path) -> None:
    with pytest.raises(DataError, match="bogus"):
        read_collection(tiny_data / "pack" / "manifest.csv", "bogus")


@pytest.mark.parametrize("by", ["pca", "t-sne"])
def test_what_is_alike_lies_together(by: str, embedder: Embedder, own_recordings: Path) -> None:
    described = describe(read_collection(own_recordings, None).clips, embedder)
    at = project(described.embeddings, by, seed=3).at  # type: ignore[arg-type]
    again = project(described.embeddings, by, seed=3).at  # type: ignore[arg-type]
    np.testing.assert_array_equal(at, again)
    cry = np.array([name == "cry" for name in described.classes])
    away = np.linalg.norm(at[:, None] - at[None], axis=2) + 1e9 * np.eye(len(at))
    assert (cry[away.argmin(axis=1)] == cry).all()


def test_a_broken_clip_is_named_and_left_out(embedder: Embedder, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_text("no sound")
    soundfile.write(tmp_path / "good.wav", np.zeros(RATE_HZ), RATE_HZ)
    clips = [(tmp_path / "broken.wav", "a"), (tmp_path / "good.wav", "b")]
    described = describe(clips, embedder)
    assert described.classes == ["b"]
    assert "broken.wav" in described.broken[0]


def test_too_few_clips_are_no_map() -> None:
    with pytest.raises(PlotError, match="4 clips"):
        project(np.zeros((3, 5)), "pca", 0)


@pytest.mark.parametrize("by", ["pca", "t-sne"])
def test_clips_that_are_all_the_same_are_no_map(by: str) -> None:
    with pytest.raises(PlotError, match="the same to the network"):
        project(np.ones((6, 5)), by, 0)  # type: ignore[arg-type]
