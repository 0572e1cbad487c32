"""File systems that misbehave for real."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    folder = tmp_path / "card"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


class Card:
    """An ext4 file system in a file, mounted at `folder`, whose plug can be pulled."""

    def __init__(self, image: Path, folder: Path) -> None:
        self._image = image
        self.folder = folder

    @contextmanager
    def after_power_cut(self) -> Iterator[Path]:
        """The card as the machine finds it if its power is cut now: what had reached it, mounted.

        What only waits in the kernel's memory is not in the image, and so not in its copy.
        """
        with tempfile.TemporaryDirectory(prefix="card-") as name:
            copy, folder = Path(name) / "image", Path(name) / "card"
            shutil.copyfile(self._image, copy)
            folder.mkdir()
            subprocess.run(["mount", "-o", "loop", copy, folder], check=True)
            try:
                yield folder
            finally:
                subprocess.run(["umount", folder], check=True)


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Card]:
    """An empty one, of 16 MB."""
    image, folder = tmp_path / "image", tmp_path / "card"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(16_000_000)
    make, mount = ["mkfs.ext4", "-q", image], ["mount", "-o", "loop", image, folder]
    if os.geteuid() or shutil.which("mkfs.ext4") is None:
        pytest.skip("only root may mount, and mkfs.ext4 is needed")
    subprocess.run(make, check=True, capture_output=True)
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no loop devices here")
    yield Card(image, folder)
    subprocess.run(["umount", "-l", folder], check=True)
