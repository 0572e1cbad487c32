"""Public sets come whole, verified and inside their folder, or not at all: with a real server."""

import io
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.web import WebServer

from convert.data.catalogue import CATALOGUE, PublicSet
from convert.data.fetching import DownloadError, fetch_set, tree_hash

FILES = {"README.md": b"# A set\n", "cry/a.wav": bytes(range(256)) * 400, "other/b.ogg": b"x" * 999}


def zipped(files: dict[str, bytes], top: str = "set-1234/") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
    return buffer.getvalue()


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer({"set.zip": zipped(FILES)}) as running:
        yield running


@pytest.fixture
def wanted(server: WebServer, tmp_path: Path) -> PublicSet:
    for name, content in FILES.items():
        (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / name).write_bytes(content)
    return PublicSet(
        name="tiny",
        address=f"{server.address}/set.zip",
        version="1234",
        licence="CC0",
        layout="folders",
        files=len(FILES),
        size_bytes=sum(map(len, FILES.values())),
        sha256=tree_hash(tmp_path / "model"),
    )


@pytest.fixture
def fetch(wanted: PublicSet, tmp_path: Path) -> Callable[..., Path]:
    return lambda **changes: fetch_set(replace(wanted, **changes), tmp_path / "to", lambda *_: None)


def left_over(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "to").iterdir())


def test_a_set_is_there_afterwards_and_nothing_else_is(
    fetch: Callable[..., Path], tmp_path: Path
) -> None:
    folder = fetch()
    assert {n: (folder / n).read_bytes() for n in FILES} == FILES
    assert left_over(tmp_path) == ["tiny"]


def test_what_is_there_is_not_fetched_again(fetch: Callable[..., Path], server: WebServer) -> None:
    fetch()
    fetch()
    assert len(server.ranges) == 1


def test_what_is_there_is_never_overwritten(fetch: Callable[..., Path]) -> None:
    changed = fetch() / "cry" / "a.wav"
    changed.write_bytes(b"mine")
    with pytest.raises(DownloadError, match="exists and differs from 1234"):
        fetch()
    assert changed.read_bytes() == b"mine"


def test_a_download_that_broke_off_goes_on_where_it_was(
    fetch: Callable[..., Path], server: WebServer
) -> None:
    server.breaks_after = 1000
    with pytest.raises(DownloadError, match="broke off after 1000 of"):
        fetch()
    server.breaks_after = None
    assert tree_hash(fetch())
    assert server.ranges == [None, "bytes=1000-"]


def test_a_server_without_ranges_is_asked_for_everything_again(
    fetch: Callable[..., Path], server: WebServer
) -> None:
    server.knows_ranges = False
    server.breaks_after = 1000
    with pytest.raises(DownloadError):
        fetch()
    server.breaks_after = None
    assert fetch().is_dir()


def test_an_archive_that_was_whole_already_is_not_loaded_again(
    fetch: Callable[..., Path], server: WebServer, tmp_path: Path
) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / ".tiny.zip").write_bytes(server.files["set.zip"])
    assert fetch().is_dir()


def test_other_files_than_promised_are_thrown_away(
    fetch: Callable[..., Path], server: WebServer, tmp_path: Path
) -> None:
    server.files["set.zip"] = zipped(FILES | {"cry/a.wav": b"another"})
    with pytest.raises(DownloadError, match="not those of 1234"):
        fetch()
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    [
        "set/../../evil.wav",
        "/etc/evil.wav",
        "set/..\\evil.wav",
        "evil.wav",
        "set/a/../../../evil.wav",
    ],
)
def test_a_path_that_leads_out_of_the_folder_is_refused(
    fetch: Callable[..., Path], server: WebServer, tmp_path: Path, name: str
) -> None:
    server.files["set.zip"] = zipped({name: b"evil"}, top="")
    with pytest.raises(DownloadError, match="no place in the folder"):
        fetch()
    assert left_over(tmp_path) == []
    assert not list(tmp_path.parent.rglob("evil.wav"))


def test_a_link_is_refused(fetch: Callable[..., Path], server: WebServer) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("set/a.wav")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    server.files["set.zip"] = buffer.getvalue()
    with pytest.raises(DownloadError, match="no place in the folder"):
        fetch()


def test_a_set_larger_than_promised_is_not_unpacked(
    fetch: Callable[..., Path], server: WebServer
) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("set/a.wav", bytes(10_000_000))
    server.files["set.zip"] = bomb.getvalue()
    with pytest.raises(DownloadError, match="unpacks to 10000000 bytes"):
        fetch()


def test_an_endless_download_is_stopped(fetch: Callable[..., Path], server: WebServer) -> None:
    server.files["set.zip"] = bytes(1_000_000)
    with pytest.raises(DownloadError, match="larger than"):
        fetch()


def test_what_is_no_archive_is_said_to_be_none(
    fetch: Callable[..., Path], server: WebServer
) -> None:
    server.files["set.zip"] = b"<html>please log in</html>"
    with pytest.raises(DownloadError, match="not a zip archive"):
        fetch()


def test_without_a_network_the_message_says_so(
    fetch: Callable[..., Path], server: WebServer
) -> None:
    server.stop()
    with pytest.raises(DownloadError, match=r"is there internet\?"):
        fetch()


def test_a_set_that_must_be_fetched_by_hand_is_said_how() -> None:
    command = [sys.executable, "-m", "convert.download", "esc50", "--to", "nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "git clone https://github.com/karolpiczak/ESC-50" in done.stderr


def test_every_address_names_a_revision_and_every_set_a_hash() -> None:
    for entry in CATALOGUE.values():
        assert re.search(r"/[0-9a-f]{40}\.zip$", entry.address)
        assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
