"""A set of single files comes whole, verified, with its manifest; from a real server."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from support.web import WebServer

from convert.data.catalogue import YAMNET, ListedFile, ListedSet, PublicFile
from convert.data.fetching import DownloadError
from convert.data.fetching_files import fetch_file, fetch_files
from convert.data.manifest import read_manifest
from convert.data.soundalikes import soundalikes
from edgecry.capture.recording import SUFFIXES

CONTENT = {"one/abc/a cat #1.wav": b"meow" * 99, "two/def/b.ogg": b"squeak" * 99}


def listed(where: str) -> ListedFile:
    content, path = CONTENT[where], PurePosixPath(where)
    return ListedFile(
        path=f"{path.parts[0]}/sound{path.suffix}",
        fine="cat",
        source="one",
        licence="CC0",
        group=f"one:{where}",
        duration_s=1.5,
        where=where,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer(CONTENT) as running:
        yield running


@pytest.fixture
def fetch(server: WebServer, tmp_path: Path) -> Callable[[], Path]:
    wanted = ListedSet("tiny", server.address, tuple(map(listed, CONTENT)))
    return lambda: fetch_files(wanted, tmp_path, lambda *_: None)


def test_all_are_there_and_are_read_as_non_cries_that_train(fetch: Callable[[], Path]) -> None:
    folder = fetch()
    clips = read_manifest(folder.parent, "tiny/manifest.csv")
    assert [clip.path.read_bytes() for clip in clips] == list(CONTENT.values())
    assert [(clip.cry, clip.split, clip.fine, clip.licence) for clip in clips] == [
        (False, "train", "cat", "CC0")
    ] * 2
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 3


def test_what_is_there_is_not_fetched_again(fetch: Callable[[], Path], server: WebServer) -> None:
    fetch()
    fetch()
    assert len(server.asked) == len(CONTENT)


def test_what_is_there_is_never_overwritten(fetch: Callable[[], Path]) -> None:
    changed = fetch() / "one" / "sound.wav"
    changed.write_bytes(b"mine")
    with pytest.raises(DownloadError, match="is another file than"):
        fetch()
    assert changed.read_bytes() == b"mine"


def test_a_set_that_broke_off_is_gone_on_with(fetch: Callable[[], Path], server: WebServer) -> None:
    server.breaks_after = 100
    with pytest.raises(DownloadError, match="broke off after 100 of"):
        fetch()
    server.breaks_after = None
    assert (fetch() / "one" / "sound.wav").read_bytes() == CONTENT["one/abc/a cat #1.wav"]


def test_another_file_than_promised_is_thrown_away(
    fetch: Callable[[], Path], server: WebServer, tmp_path: Path
) -> None:
    server.files["two/def/b.ogg"] = b"squawk" * 99
    with pytest.raises(DownloadError, match=r"SHA-256 .* instead of"):
        fetch()
    assert not list(tmp_path.rglob("*sound.ogg"))


def test_a_larger_file_than_promised_is_not_loaded(
    fetch: Callable[[], Path], server: WebServer
) -> None:
    server.files["two/def/b.ogg"] = bytes(1_000_000)
    with pytest.raises(DownloadError, match="larger than"):
        fetch()


def test_a_file_that_is_gone_costs_only_itself(
    fetch: Callable[[], Path], server: WebServer, tmp_path: Path
) -> None:
    del server.files["one/abc/a cat #1.wav"]
    with pytest.raises(DownloadError, match=r"1 of 2 files are gone .*a cat #1\.wav"):
        fetch()
    [clip] = read_manifest(tmp_path, "tiny/manifest.csv")
    assert clip.path.read_bytes() == CONTENT["two/def/b.ogg"]


def test_without_a_network_the_message_says_so(
    fetch: Callable[[], Path], server: WebServer
) -> None:
    server.stop()
    with pytest.raises(DownloadError, match=r"is there internet\?"):
        fetch()


class TestSingleFile:
    """A network, say."""

    @pytest.fixture
    def fetch(self, server: WebServer, tmp_path: Path) -> Callable[[], Path]:
        where = "two/def/b.ogg"
        wanted = PublicFile(
            name="tiny",
            path="models/tiny/tiny.tflite",
            address=f"{server.address}/{where}",
            licence="CC0",
            size_bytes=len(CONTENT[where]),
            sha256=hashlib.sha256(CONTENT[where]).hexdigest(),
        )
        return lambda: fetch_file(wanted, tmp_path, lambda *_: None)

    def test_is_where_it_belongs_and_is_not_fetched_again(
        self, fetch: Callable[[], Path], server: WebServer, tmp_path: Path
    ) -> None:
        assert fetch() == fetch() == tmp_path / "models" / "tiny" / "tiny.tflite"
        assert fetch().read_bytes() == CONTENT["two/def/b.ogg"]
        assert len(server.asked) == 1

    def test_another_than_promised_is_thrown_away(
        self, fetch: Callable[[], Path], server: WebServer, tmp_path: Path
    ) -> None:
        server.files["two/def/b.ogg"] = b"squawk" * 99
        with pytest.raises(DownloadError, match=r"SHA-256 .* instead of"):
            fetch()
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    def test_yamnet_is_the_file_that_the_published_figures_were_made_with(
        self, shared_data: Path
    ) -> None:
        content = (shared_data / YAMNET.path).read_bytes()
        assert len(content) == YAMNET.size_bytes
        assert hashlib.sha256(content).hexdigest() == YAMNET.sha256


class TestSoundalikes:
    """The list that comes with the source."""

    def test_each_file_is_there_once_and_stays_in_the_folder(self) -> None:
        files = soundalikes().files
        assert len({file.path for file in files}) == len({f.sha256 for f in files}) == len(files)
        assert not [f.path for f in files if {"..", "/"} & set(PurePosixPath(f.path).parts)]

    def test_each_is_of_a_kind_that_is_read_and_of_one_commit(self) -> None:
        for file in soundalikes().files:
            _owner, _name, commit, *_path = PurePosixPath(file.where).parts
            assert len(commit) == 40 and int(commit, 16)
            assert PurePosixPath(file.path).suffix in SUFFIXES
            assert file.size_bytes > 0 and file.duration_s > 0

    def test_none_is_for_non_commercial_use_only(self) -> None:
        licences = {file.licence for file in soundalikes().files}
        assert "" not in licences
        assert not [licence for licence in licences if "NC" in licence or "ND" in licence]
