"""Of what trainings a model is made, and of what it is not."""

from pathlib import Path

import msgspec
import pytest

from convert.reasons.approach import Approach, Items, load_approaches
from convert.reasons.job import RESULT, Job, Result, ask, clips_of, write_result
from convert.reasons.sounds import clips_hash
from convert.reasons.trained import best_epochs, for_everyone, trained_folds, window_of
from convert.run import CURVES, FLOAT_MODEL, RunError
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.manifest import Manifest, decode_manifest

OURS = load_approaches()["ours"]
FOLDS = 2


@pytest.fixture
def detector() -> Manifest:
    return decode_manifest((SHIPPED_MODELS / "cry-detector.json").read_bytes(), "the detector")


def finish(run: Path, data: Path, approach: Approach = OURS, seeds: int = 1) -> list[Job]:
    """Trainings as if they were done: the best epoch of fold f is 3 + f."""
    clips = clips_of(approach, data, None)
    jobs = [
        Job(approach, "by_baby", seed, fold, FOLDS, clips_hash(clips))
        for seed in range(1, seeds + 1)
        for fold in range(FOLDS)
    ]
    for job in jobs:
        assert job.fold is not None
        folder = ask(job, run).parent
        losses = [abs(epoch - 3 - job.fold) for epoch in range(1, 8)]
        lines = ["epoch,val_loss", *(f"{n},{loss}" for n, loss in enumerate(losses, start=1))]
        (folder / CURVES).write_text("\n".join(lines) + "\n")
        (folder / FLOAT_MODEL).write_bytes(b"weights")
        write_result(folder, Result([], [], [], 0, 1, 1, None, {}))
    return jobs


def test_all_folds_of_all_seeds_and_then_everyone(
    reasons_data: Path, tmp_path: Path, detector: Manifest
) -> None:
    jobs = finish(tmp_path, reasons_data, seeds=2)
    found, clips = trained_folds(tmp_path, "ours", reasons_data, detector)
    assert found == jobs
    assert {c.licence for c in clips} == {"CC0"}
    assert [best_epochs(job.folder(tmp_path)) for job in found] == [3, 4, 3, 4]
    everyone = for_everyone(found, tmp_path)
    assert everyone.approach.train.epochs == 3
    assert everyone.approach.train.patience is None
    plan = everyone.plan(clips)
    assert {clips[p.clip].group for p in plan.fit} == {c.group for c in clips}
    ask(everyone, tmp_path)
    assert trained_folds(tmp_path, "ours", reasons_data, detector)[0] == jobs, "it is no fold"


def test_the_window_is_the_detectors(detector: Manifest) -> None:
    assert window_of(OURS).window_frames == detector.features.window_frames
    assert window_of(OURS).hop_frames == detector.features.hop_frames


def test_what_is_missing_is_said_with_the_command(
    reasons_data: Path, tmp_path: Path, detector: Manifest
) -> None:
    with pytest.raises(RunError, match=r"nothing is trained; run python -m convert.benchmark"):
        trained_folds(tmp_path, "ours", reasons_data, detector)
    jobs = finish(tmp_path, reasons_data)
    (jobs[1].folder(tmp_path) / FLOAT_MODEL).unlink()
    with pytest.raises(RunError, match="1 of 2 trainings are not done"):
        trained_folds(tmp_path, "ours", reasons_data, detector)


def test_other_recordings_other_windows_and_forbidden_ones_are_refused(
    reasons_data: Path, tmp_path: Path, detector: Manifest
) -> None:
    jobs = finish(tmp_path / "other", reasons_data)
    for job in jobs:
        ask(msgspec.structs.replace(job, data_sha256="of other clips"), tmp_path / "other")
    with pytest.raises(RunError, match="is not what they were trained on"):
        trained_folds(tmp_path / "other", "ours", reasons_data, detector)

    long = msgspec.structs.replace(OURS, items=Items(2.0, 1.0))
    finish(tmp_path / "long", reasons_data, long)
    with pytest.raises(RunError, match=r"not the windows of cry-detector; say items.seconds 0.975"):
        trained_folds(tmp_path / "long", "ours", reasons_data, detector)

    table = (reasons_data / "reasons.csv").read_text().replace(",any", ",benchmark", 1)
    licensed = tmp_path / "licensed"
    licensed.mkdir()
    for path in reasons_data.glob("*.wav"):
        (licensed / path.name).symlink_to(path)
    (licensed / "reasons.csv").write_text(table)
    finish(tmp_path / "run", licensed)
    with pytest.raises(RunError, match="1 of its clips are for benchmarks only"):
        trained_folds(tmp_path / "run", "ours", licensed, detector)


def test_a_job_of_another_time_is_one_line(
    reasons_data: Path, tmp_path: Path, detector: Manifest
) -> None:
    [job, _] = finish(tmp_path, reasons_data)
    assert (job.folder(tmp_path) / RESULT).exists()
    (job.folder(tmp_path) / "job.yaml").write_text("fold: one\n")
    with pytest.raises(RunError, match="not a training of today's benchmark"):
        trained_folds(tmp_path, "ours", reasons_data, detector)
