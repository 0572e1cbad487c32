"""What is done is not done again, and not taken for something else."""

from pathlib import Path

import msgspec
import pytest

from convert.reasons.approach import load_approaches
from convert.reasons.job import (
    EMBEDDINGS,
    JOB,
    RESULT,
    Job,
    Result,
    ask,
    asked,
    is_done,
    result,
    unfinished,
    write_result,
)
from convert.run import FLOAT_MODEL, RunError

APPROACH = load_approaches()["stft-cnn"]
ASKED = Job(APPROACH, "by_baby", seed=1, fold=0, folds=5, data_sha256="abc")
FOUND = Result(
    groups=["baby"],
    labels=[0],
    probabilities=[[0.75, 0.25, 0.0, 0.0, 0.0, 0.0]],
    majority=1,
    parameters=10,
    size_bytes=40,
    network_ms=None,
    hardware={"processor": "one"},
)


def finish(job: Job, run: Path) -> Path:
    folder = ask(job, run).parent
    write_result(folder, FOUND)
    return folder


def test_a_job_and_its_result_are_read_as_they_were_written(tmp_path: Path) -> None:
    folder = finish(ASKED, tmp_path)
    assert asked(folder / JOB) == ASKED
    assert result(ASKED, tmp_path) == FOUND


def test_only_what_is_not_there_is_done(tmp_path: Path) -> None:
    other = msgspec.structs.replace(ASKED, fold=1)
    assert unfinished([ASKED, other], tmp_path) == [ASKED, other]
    finish(ASKED, tmp_path)
    ask(other, tmp_path)  # and stopped
    assert unfinished([ASKED, other], tmp_path) == [other]


CHANGED = {
    "data": msgspec.structs.replace(ASKED, data_sha256="def"),
    "clips": msgspec.structs.replace(ASKED, quick=4),
    "folds": msgspec.structs.replace(ASKED, folds=2),
    "recipe": msgspec.structs.replace(
        ASKED,
        approach=msgspec.structs.replace(
            APPROACH, train=msgspec.structs.replace(APPROACH.train, epochs=99)
        ),
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_results_of_something_else_are_refused_before_anything_is_written(
    what: str, tmp_path: Path
) -> None:
    finish(ASKED, tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(RunError, match=r"stft-cnn.*another recipe or other recordings.*--run"):
        unfinished([CHANGED[what]], tmp_path)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_other_words_change_nothing(tmp_path: Path) -> None:
    finish(ASKED, tmp_path)
    renamed = msgspec.structs.replace(APPROACH, title="Another")
    assert is_done(msgspec.structs.replace(ASKED, approach=renamed), tmp_path)


def test_a_result_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = finish(ASKED, tmp_path)
    (folder / RESULT).write_text('{"groups": []}')
    with pytest.raises(RunError, match=r"result.json: not a result: .* delete it"):
        result(ASKED, tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": [6]},
        {"labels": [-1]},
        {"majority": 6},
        {"labels": [0, 0]},
        {"groups": []},
        {"probabilities": [[0.75, 0.25]]},
    ],
    ids=str,
)
def test_a_result_of_other_classes_or_items_is_named(wrong: dict, tmp_path: Path) -> None:
    folder = finish(ASKED, tmp_path)
    write_result(folder, msgspec.structs.replace(FOUND, **wrong))
    with pytest.raises(RunError, match=r"result.json: not a result: .*6 classes; delete it"):
        result(ASKED, tmp_path)


def test_a_job_that_cannot_be_read_is_stale(tmp_path: Path) -> None:
    folder = finish(ASKED, tmp_path)
    (folder / JOB).write_text("no: job\n")
    with pytest.raises(RunError, match="another recipe"):
        unfinished([ASKED], tmp_path)


def test_a_network_on_the_devices_features_is_kept_by_baby(tmp_path: Path) -> None:
    ours = load_approaches()["ours"]
    for protocol, kept in (("by_baby", True), ("leaky", False)):
        job = Job(ours, protocol, seed=1, fold=None, folds=5, data_sha256="abc")
        folder = finish(job, tmp_path)
        assert folder.name == "1-all"
        assert is_done(job, tmp_path) != kept
        (folder / FLOAT_MODEL).write_bytes(b"there")
        assert is_done(job, tmp_path)


def test_embeddings_that_others_need_are_part_of_the_result(tmp_path: Path) -> None:
    embedded = msgspec.structs.replace(ASKED, embedded=True)
    folder = finish(embedded, tmp_path)
    assert not is_done(embedded, tmp_path)
    (folder / EMBEDDINGS).write_bytes(b"there")
    assert is_done(embedded, tmp_path)
