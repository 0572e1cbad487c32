"""From trainings by baby to a model that the device takes, through real TensorFlow."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from convert.benchmark import compute_features, jobs_of, train_all
from convert.reasons.approach import load_approaches, quick
from convert.reasons.job import clips_of
from edgecry.demo.infant import bout, plan_bout, some_infant
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import check_model_bytes, decode_manifest
from edgecry.inference.reasons import ReasonsClassifier
from edgecry.inference.reasons_manifest import check_same_window, decode_reasons_manifest

REPOSITORY = Path(__file__).parents[3]
REASONS = ("belly_pain", "burping", "discomfort", "hungry", "tired")
RECIPE = REPOSITORY / "convert" / "recipes" / "cry-reasons.yaml"
CLIPS = 4
"""Of each reason, each of another baby."""
SECONDS = 3.0

pytestmark = [pytest.mark.trains, pytest.mark.timeout(900)]


@pytest.fixture
def cries(tmp_path: Path) -> Path:
    """Cries that the shipped detector hears, whose reason nobody can; and one file of silence."""
    folder, rng = tmp_path / "cries", np.random.default_rng(0)
    folder.mkdir()
    lines = ["path,reason,source,licence,group,duration_s,use"]
    for number in range(CLIPS * len(REASONS)):
        cry = bout(rng, some_infant(rng), plan_bout(rng, SECONDS), SECONDS)
        sound = 0.5 * cry / np.abs(cry).max() if number else np.zeros_like(cry)
        soundfile.write(folder / f"{number}.wav", sound, 16_000)
        reason = REASONS[number % len(REASONS)]
        lines.append(f"{number}.wav,{reason},tiny,CC0,baby {number},{SECONDS},any")
    (folder / "reasons.csv").write_text("\n".join(lines) + "\n")
    return folder


def model(out: Path, data: Path, run: Path) -> subprocess.CompletedProcess[str]:
    given = ["--recipe", str(RECIPE), "--data", str(data), "--run", str(run), "--out", str(out)]
    command = [sys.executable, "-m", "convert.reasons_model", *given]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_model_that_the_device_takes_and_a_card_that_says_what_it_is_worth(
    cries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    run, out = tmp_path / "run", tmp_path / "out"
    approach = quick(load_approaches()["ours"])
    clips = clips_of(approach, cries, CLIPS)
    jobs = jobs_of(approach, clips, [1], CLIPS, embedded=False)
    by_baby = [j for j in jobs if j.protocol == "by_baby"]
    compute_features(by_baby, {"ours": clips}, cries)
    train_all(by_baby, run, cries)

    done = model(out, cries, run)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    content = (out / "cry-reasons.tflite").read_bytes()
    manifest = decode_reasons_manifest((out / "cry-reasons.json").read_bytes(), "made")
    detector = decode_manifest((SHIPPED_MODELS / "cry-detector.json").read_bytes(), "detector")
    check_model_bytes(content, manifest, "made")
    check_same_window(manifest, detector, "made")
    ReasonsClassifier(manifest, Int8Interpreter(content, "made"))
    assert manifest.labels == tuple(approach.classes)
    assert set(manifest.answer_from.values()) == {None}, "nobody is right about ten babies here"
    assert [(d.source, d.licence, d.clips) for d in manifest.training_data] == [("tiny", "CC0", 20)]

    card = (out / "cry-reasons.md").read_text()
    assert card.strip() in done.stdout
    for said in ("experimental", "--quick", "**It answers only `uncertain`.**", "AURC", "CC0"):
        assert said in card
    found = json.loads((run / "cry-reasons.json").read_text())
    assert len(found["worth"]["coverage"]["points"]) == 10
    silent = found["worth"]["silent"]
    assert 1 <= silent < 5
    assert np.sum(found["worth"]["confusion"]) == 20 - silent
    assert found["made"]["int8_out_of_fold"]["difference"]["0.95"] < 0.05
    assert found["made"]["int8_out_of_fold"]["windows"] > 20
    assert (run / "cry-reasons.png").read_bytes().startswith(b"\x89PNG")

    (by_baby[0].folder(run) / "float.keras").unlink()
    broken = model(tmp_path / "none", cries, run)
    assert broken.returncode == 1
    assert "1 of 2 trainings are not done; run python -m convert.benchmark" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert not (tmp_path / "none").exists()
