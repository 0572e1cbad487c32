"""From recordings to a model that the device accepts, on a tiny synthetic set."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from convert.measuring.listening import classified
from convert.measuring.runtimes import installed
from edgecry.inference.classifier import load_classifier

pytestmark = [pytest.mark.trains, pytest.mark.timeout(1800)]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(
    tiny_data: Path, tiny_recipe: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The folder of the built model, and the folder that it was built in."""
    place = tmp_path_factory.mktemp("build")
    command = [sys.executable, "-m", "convert.build", "--recipe", str(tiny_recipe)]
    command += ["--data", str(tiny_data), "--out", str(place / "models")]
    environment = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", "HOME": str(place)}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return place / "models", place


def test_the_built_model_is_accepted_and_tells_the_classes_apart(
    built: tuple[Path, Path], tiny_data: Path
) -> None:
    scores = {}
    for label in ("cry", "noncry"):
        files = sorted((tiny_data / "pack").glob(f"{label}_test_*.wav"))
        scores[label] = [heard.score for heard in classified(built[0] / "tiny.tflite", files)]
    assert min(scores["cry"]) > max(scores["noncry"])


def test_the_manifest_says_how_it_was_made(built: tuple[Path, Path]) -> None:
    manifest = load_classifier(built[0] / "tiny.tflite").manifest
    assert manifest.made_with.startswith("python -m convert.build --recipe")
    assert [(d.source, d.licence, d.clips) for d in manifest.training_data] == [
        ("stream_a", "CC0", 1),
        ("tiny", "CC0", 8),
    ]
    assert manifest.metrics["test_auc"] == 1.0
    for point in manifest.operating_points.values():
        told = re.match(r"(\d+) cries in scenes built from the test split", point.measured_on)
        assert told
        cries = int(told[1])
        assert point.recall in {round(found / cries, 4) for found in range(cries + 1)}


def test_the_card_holds_the_hash_and_the_command(built: tuple[Path, Path]) -> None:
    manifest = load_classifier(built[0] / "tiny.tflite").manifest
    card = (built[0] / "tiny.md").read_text()
    assert manifest.sha256 in card
    assert manifest.made_with in card


def test_int8_agrees_with_keras(built: tuple[Path, Path]) -> None:
    report = json.loads((built[1] / "runs" / "tiny" / "quantization.json").read_text())
    assert report["logit_difference_median"] < 0.3
    assert sum(report["logit_differences"]["counts"]["cry"]) == report["cries"] > 0
    # Of a net that was hardly trained, on a handful of windows: the card has the real figure.
    assert report["int8_average_precision"] > report["float_average_precision"] - 0.05
    assert set(report["runtimes"]) == set(installed())


def test_the_run_folder_says_what_it_was_made_from(built: tuple[Path, Path]) -> None:
    run = built[1] / "runs" / "tiny"
    origin = json.loads((run / "origin.json").read_text())
    assert len(origin["data_sha256"]) == 64
    assert len((run / "curves.csv").read_text().splitlines()) == 4
    assert (run / "recipe.yaml").exists()


def test_quantizing_again_gives_the_same_bytes(
    built: tuple[Path, Path], tiny_data: Path, tiny_recipe: Path
) -> None:
    model = built[1] / "runs" / "tiny" / "int8.tflite"
    before = np.frombuffer(model.read_bytes(), np.uint8)
    command = [sys.executable, "-m", "convert.quantize", "--recipe", str(tiny_recipe)]
    subprocess.run(
        [*command, "--data", str(tiny_data)],
        cwd=built[1],
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    assert np.array_equal(before, np.frombuffer(model.read_bytes(), np.uint8))
