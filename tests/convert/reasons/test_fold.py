"""What a training is given: who trains, who tells when to stop, and who judges."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from convert.reasons import fold
from convert.reasons.approach import load_approaches
from convert.reasons.job import Job
from convert.reasons.plan import Plan
from convert.reasons.sounds import LabelledClip

APPROACH = load_approaches()["stft-cnn"]
CLASSES = len(APPROACH.classes)
CLIPS = [
    LabelledClip(f"{n}.wav", Path(f"{n}.wav"), n % 2, f"baby {n // 2}", "tiny", "CC0", "any", 8.0)
    for n in range(40)
]


class Recording:
    """In place of a network: says nothing, and keeps what it is given."""

    weights = ()

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    def compile(self, *_: object, **__: object) -> None: ...

    def fit(self, x: NDArray[Any], y: NDArray[Any], **settings: Any) -> SimpleNamespace:
        self.seen |= {"x": x, "y": y, **settings}
        return SimpleNamespace(history={"loss": [1.0]})

    def predict(self, x: NDArray[Any], **_: object) -> NDArray[Any]:
        self.seen["judged"] = x
        return np.full((len(x), CLASSES), 1 / CLASSES, np.float32)

    def count_params(self) -> int:
        return 0


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Recording:
    """Pieces are seen as the number of their clip; there is no TensorFlow."""
    recording = Recording()

    def build(_: object, fit: NDArray[Any], __: int) -> Recording:
        recording.seen["normalised by"] = fit
        return recording

    def seen_of(_: object, __: object, pieces: Any, ___: object) -> dict[Any, NDArray[Any]]:
        return {(p.clip, p.version): np.full((1, 1), p.clip) for p in pieces}

    for name in ("keras", "tensorflow"):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    monkeypatch.setattr(fold, "build", build)
    monkeypatch.setattr(fold, "seen_of", seen_of)
    monkeypatch.setattr(fold, "hardware", lambda _: {})
    return recording


def train(job: Job, folder: Path) -> Plan:
    plan = job.plan(CLIPS)
    fold.train_network(job, CLIPS, plan, Path("nowhere"), folder)
    return plan


def clips_in(x: NDArray[Any]) -> list[int]:
    return list(x.ravel())


@pytest.mark.parametrize("number", range(3))
def test_who_judges_neither_trains_nor_tells_when_to_stop(
    number: int, network: Recording, tmp_path: Path
) -> None:
    job = Job(APPROACH, "by_baby", seed=1, fold=number, folds=3, data_sha256="")
    plan = train(job, tmp_path)
    watched, watched_labels = network.seen["validation_data"]
    for given, pieces in (
        (network.seen["normalised by"], plan.fit),
        (network.seen["x"], plan.fit),
        (watched, plan.watch),
        (network.seen["judged"], plan.judge),
    ):
        assert pieces
        assert clips_in(given) == [p.clip for p in pieces]
    assert list(network.seen["y"]) == [CLIPS[p.clip].label for p in plan.fit]
    assert list(watched_labels) == [CLIPS[p.clip].label for p in plan.watch]
    assert len(network.seen["callbacks"]) == 1


def test_where_nobody_watches_nothing_stops_it(network: Recording, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(APPROACH.train, patience=None)
    approach = msgspec.structs.replace(APPROACH, train=settings)
    train(Job(approach, "by_baby", seed=1, fold=0, folds=3, data_sha256=""), tmp_path)
    assert network.seen["validation_data"] is None
    assert network.seen["callbacks"] == []
