"""Sound stays in memory: the daemon hears a cry, and nothing that it says or keeps holds it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.daemon import Daemon
from support.mosquitto import Mosquitto, Subscriber, eventually

TOPICS = {"availability", "state", "event", "health"}
KEPT = {"outbox.db", "outbox.db-wal", "outbox.db-shm", "status.json", "log", "notify"}
LONGEST_TEXT = 200
RUN_SAMPLES, EVERY_SAMPLES = 16, 512
"""Whoever keeps 33 ms of the sound in one piece keeps one of these runs."""


def runs(path: Path) -> list[bytes]:
    """Pieces of the sound, as integers and as floats."""
    pieces = []
    for kind in ("int16", "float32"):
        samples, _ = soundfile.read(path, dtype=kind)
        for start in range(0, len(samples) - RUN_SAMPLES, EVERY_SAMPLES):
            piece = samples[start : start + RUN_SAMPLES]
            if np.ptp(piece) > 0:
                pieces.append(piece.tobytes())
    return pieces


def values(tree: object) -> Iterator[object]:
    if isinstance(tree, dict):
        for value in tree.values():
            yield from values(value)
    elif isinstance(tree, list):
        assert all(isinstance(each, dict) for each in tree), "a list of numbers could be sound"
        for each in tree:
            yield from values(each)
    else:
        yield tree


def files_of(pid: int) -> set[Path]:
    """What a process has open and may write to, but for what is no file."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        target = link.readlink()
        about = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text()
        flags = about.split("flags:")[1].split()[0]
        if target.is_file() and int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
            found.add(target)
    return found


def test_no_sound_is_sent_or_kept(tmp_path, cry_file) -> None:
    pieces = runs(cry_file)
    assert len(pieces) > 1000
    settings = f"audio.source={cry_file}", "health.interval_s=1"
    with (
        Mosquitto(tmp_path) as broker,
        Subscriber(broker.port) as station,
        Daemon(tmp_path / "cot", f"mqtt.port={broker.port}", *settings) as daemon,
    ):
        eventually(lambda: [e for e in station.events() if e["code"] == "cry"], "the cry is told")
        opened = files_of(daemon.process.pid)
        assert daemon.terminate() == 0
        said = station.everything()
    assert {message.topic for message in said} == TOPICS
    for message in said:
        if message.topic != "availability":
            texts = [
                value for value in values(json.loads(message.payload)) if isinstance(value, str)
            ]
            assert max(map(len, texts)) <= LONGEST_TEXT
    assert opened
    assert all(path.is_relative_to(tmp_path / "cot") for path in opened), opened
    kept = {path for path in (tmp_path / "cot").rglob("*") if path.is_file()}
    assert {path.name for path in kept if path.parent.name != "journal"} <= KEPT
    for path in kept:
        held = path.read_bytes()
        assert not any(piece in held for piece in pieces), path


def test_sound_that_is_kept_would_be_found(tmp_path, cry_file) -> None:
    samples, rate = soundfile.read(cry_file, dtype="int16")
    assert rate == 16_000
    (tmp_path / "clip").write_bytes(b"header!" + samples[5 * rate : 6 * rate].tobytes())
    held = (tmp_path / "clip").read_bytes()
    assert any(piece in held for piece in runs(cry_file))


@pytest.mark.parametrize("tree", [{"a": [0.1, 0.2]}, {"a": {"b": [1]}}])
def test_a_list_of_numbers_would_be_found(tree) -> None:
    with pytest.raises(AssertionError, match="could be sound"):
        list(values(tree))
