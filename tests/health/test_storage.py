"""A store that has given up its file, and a disk that is full, read-only or gone."""

import os
import subprocess
from dataclasses import dataclass

import pytest
from support.supervised import Supervised

from edgecry.health.check import Check
from edgecry.health.metrics import space
from edgecry.health.storage import NEARLY_FULL_BYTES, Space, Storage


@dataclass
class Store:
    durable: bool = True


class Disk:
    now: Space | None = Space(10 * NEARLY_FULL_BYTES, read_only=False)

    def __call__(self) -> Space | None:
        return self.now


@pytest.fixture
def disk() -> Disk:
    return Disk()


def supervised(stores, disk) -> Supervised:
    monitor = Supervised()
    monitor.checks.append(Check("storage", "low", Storage(stores, disk).look))
    monitor.tick(60)
    assert monitor.told == []
    return monitor


def test_any_store_that_gives_up_its_file_is_a_low_alarm_at_once(disk) -> None:
    outbox, journal = Store(), Store()
    monitor = supervised([outbox, journal], disk)
    journal.durable = False
    assert monitor.until_raised("storage", 1) <= 0.5
    assert monitor.told == [("storage", "start", "low")]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Space(40_000_000, read_only=False), "only 40 MB are free"),
        (Space(10 * NEARLY_FULL_BYTES, read_only=True), "read-only"),
    ],
)
def test_a_disk_in_trouble_is_known_within_ten_seconds_and_well_again_within_fifteen(
    disk, wrong, words
) -> None:
    monitor = supervised([Store()], disk)
    disk.now = wrong
    assert monitor.until_raised("storage", 11) <= 10.5
    assert words in monitor.active["storage"]
    disk.now = Disk.now
    assert monitor.until_cleared("storage", 16) <= 15.5


def test_a_disk_that_cannot_be_asked_is_left_to_the_stores(disk) -> None:
    disk.now = None
    monitor = supervised([Store()], disk)
    assert monitor.told == []


def test_a_folder_is_on_a_disk_with_some_space(tmp_path) -> None:
    found = space(tmp_path)
    assert found is not None
    assert found.free_bytes > 0
    assert not found.read_only
    assert space(tmp_path / "absent") is None


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 4 MB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", tmp_path]
    if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("mounting a file system needs root")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_real_disk_fills_up_and_becomes_read_only(small_disk) -> None:
    monitor = Supervised()
    monitor.checks.append(Check("storage", "low", Storage([], lambda: space(small_disk)).look))
    monitor.until_raised("storage", 11)
    assert "only 4 MB" in monitor.active["storage"]
    subprocess.run(["mount", "-o", "remount,size=200m", small_disk], check=True)
    monitor.until_cleared("storage", 40)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    monitor.until_raised("storage", 11)
    assert "read-only" in monitor.active["storage"]
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    monitor.until_cleared("storage", 40)
