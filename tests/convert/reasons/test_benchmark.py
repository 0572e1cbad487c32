"""From the command to the tables, on a tiny synthetic set; and from a stop to the same tables."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convert.benchmark import lacking
from convert.reasons.approach import load_approaches
from convert.reasons.sounds import read_clips

REPOSITORY = Path(__file__).parents[3]


def benchmark(place: Path, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "convert.benchmark", "--data", str(data), *arguments]
    environment = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", "HOME": str(place)}
    return subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.trains
@pytest.mark.timeout(900)
def test_two_approaches_from_the_command_to_the_tables_and_again(
    reasons_data: Path, tmp_path: Path
) -> None:
    """An SVM on ResNet-18's embeddings brings the network that it stands on."""
    data = tmp_path / "data"
    shutil.copytree(reasons_data, data)
    quick = ("--quick", "--only", "resnet18-svm")
    done = benchmark(tmp_path, data, *quick)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    run = tmp_path / "runs" / "benchmark-quick"
    table = json.loads((run / "benchmark.json").read_text())
    named = [(row["approach"], row["protocol"]) for row in table["rows"]]
    assert named == [(n, p) for n in ("resnet18", "resnet18-svm") for p in ("by_baby", "leaky")]
    network, _, svm, _ = table["rows"]
    assert network["parameters"] == svm["parameters"] > 11e6
    assert svm["size_bytes"] > network["size_bytes"]
    assert svm["network_ms"] > network["network_ms"] > 0
    assert network["features_ms"] > 0
    assert {c["name"]: c["note"][:8] for c in network["classes"]}["cold_hot"] == "one baby"
    assert (run / "benchmark.md").read_text().strip() in done.stdout
    assert len((run / "benchmark.csv").read_text().splitlines()) == 5
    drawn = {path.name for path in (run / "plots").glob("*.png")}
    assert drawn == {"benchmark.png", *(f"{name}-{protocol}.png" for name, protocol in named)}
    assert (run / "resnet18" / "leaky" / "1-1" / "curves.csv").read_text().startswith("epoch,")

    lost = run / "resnet18-svm" / "leaky" / "1-1" / "result.json"
    results = {p: p.stat().st_mtime_ns for p in run.rglob("result.json") if p != lost}
    before = (run / "benchmark.csv").read_text().splitlines()
    kept = lost.read_text()
    lost.unlink()
    again = benchmark(tmp_path, data, *quick)
    assert again.returncode == 0, again.stderr[-4000:]
    assert {p: p.stat().st_mtime_ns for p in results} == results, "done is not done again"
    assert json.loads(lost.read_text())["probabilities"] == json.loads(kept)["probabilities"]
    figures = [line.rsplit(",", 2)[0] for line in before]
    after = (run / "benchmark.csv").read_text().splitlines()
    assert [line.rsplit(",", 2)[0] for line in after] == figures

    (data / "hungry-0-0.wav").write_bytes((data / "hungry-0-1.wav").read_bytes())
    stale = benchmark(tmp_path, data, *quick)
    assert stale.returncode == 1
    assert stale.stderr.strip().splitlines()[-1].startswith("error: ")
    assert "other recordings" in stale.stderr
    assert "Traceback" not in stale.stderr


def test_an_unknown_approach_is_one_line(reasons_data: Path, tmp_path: Path) -> None:
    done = benchmark(tmp_path, reasons_data, "--only", "resnet")
    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no approach 'resnet'; there are ")
    assert done.stderr.count("\n") == 1


def test_without_yamnet_the_command_that_fetches_it_is_one_line(
    reasons_data: Path, tmp_path: Path
) -> None:
    done = benchmark(tmp_path, reasons_data, "--only", "yamnet-head")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {reasons_data}/models/yamnet/yamnet.tflite is not there")
    assert done.stderr.endswith(f"python -m convert.download yamnet --to {reasons_data}\n")
    assert done.stderr.count("\n") == 1


def test_classes_without_recordings_are_one_line_for_all_approaches(reasons_data: Path) -> None:
    approaches = {name: load_approaches()[name] for name in ("base-cnn", "resnet18", "stft-cnn")}
    clips = {
        name: [c for c in read_clips(a, reasons_data) if "laugh" not in c.key]
        for name, a in approaches.items()
    }
    assert lacking(approaches, clips, reasons_data) == [
        f"{reasons_data}/reasons.csv has no recording of laugh, which is in no figure of base-cnn, "
        "resnet18; convert/README.md says what brings it"
    ]
