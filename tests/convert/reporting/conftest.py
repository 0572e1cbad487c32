"""A made-up evaluation: two detectors on made-up recordings and scenes."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from convert.data.clips import Clip
from convert.measuring import metrics
from convert.measuring.events import Event, Timeline
from convert.measuring.scoring import Heard
from convert.reporting.clips import Listened
from convert.reporting.evaluation import write_evaluation
from convert.reporting.gallery import draw
from convert.reporting.run_folder import Measured, read_run, write_study
from convert.reporting.scenes import Scenes
from convert.reporting.summary import summarize
from convert.reporting.table import Table
from convert.reporting.words import TEST
from edgecry.inference.manifest import Manifest, OperatingPoint, decode_manifest

SHIPPED = Path(__file__).parents[3] / "edgecry" / "models" / "cry-detector.json"
ON = {"sensitive": 0.3, "balanced": 0.6, "specific": 0.9}
OURS, REFERENCE = "made-up", "YAMNet"
SCENE_S = 600.0


def make_clip(number: int, cry: bool, fine: str, folder: Path = Path()) -> Clip:
    """A recording of a baby or thing of its own, every third over a phone."""
    return Clip(
        key=f"{fine}_{number}.wav",
        path=folder / f"{fine}_{number}.wav",
        cry=cry,
        fine=fine,
        source=f"source_{number % 2}",
        licence="CC0",
        group=f"{fine}:{number // 2}",
        split="test",
        duration_s=2.0,
        bandwidth_hz=4000.0 if number % 3 == 0 else 8000.0,
        original="",
        name=f"{fine}_{number}.wav",
    )


def heard(*evidence: float) -> Heard:
    """A recording of as many windows."""
    ends = 0.975 + 0.24 * np.arange(len(evidence))
    return Heard(ends, np.array(evidence), float(ends[-1]), max(evidence))


@pytest.fixture(autouse=True, scope="session")
def few_draws() -> Iterator[None]:
    """An interval of few draws is soon there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "RESAMPLES", 20)
        yield


@pytest.fixture(scope="session")
def chosen() -> Manifest:
    """The shipped manifest with made-up thresholds."""
    manifest = decode_manifest(SHIPPED.read_bytes(), "shipped")
    points = {
        name: OperatingPoint(on, on / 2, 0.9, 1.5, "val split, made up") for name, on in ON.items()
    }
    return msgspec.structs.replace(
        manifest,
        name=OURS,
        operating_points=points,
        made_with="python -m convert.build --recipe r.yaml --data d --out models",
    )


@pytest.fixture(scope="session")
def sets(tmp_path_factory: pytest.TempPathFactory) -> list[Listened]:
    """30 cries and 40 others; ours is right but for one meow that it takes for a cry."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("recordings")
    kinds = [("hungry", True)] * 30 + [("speech_adult", False)] * 20 + [("cat", False)] * 20
    clips = [make_clip(i, cry, fine, folder) for i, (fine, cry) in enumerate(kinds)]
    for clip in clips:
        soundfile.write(clip.path, 0.1 * rng.standard_normal(8000), 16_000)
    ours = [heard(rng.uniform(0.7, 1.0) if c.cry else rng.uniform(0, 0.25)) for c in clips]
    ours[-1] = heard(0.8)
    theirs = [heard(np.clip(0.5 * c.cry + rng.normal(0.3, 0.2), 0, 1)) for c in clips]
    return [Listened(TEST, clips, {OURS: ours, REFERENCE: theirs})]


@pytest.fixture(scope="session")
def scenes() -> Scenes:
    """Six scenes with ten cries each at 20 and 0 dB; ours hears all but those at 0 dB in four
    scenes, the reference none of them."""
    timelines, ours, theirs = [], {}, {}
    ends = np.arange(0.975, SCENE_S, 0.24)
    rng = np.random.default_rng(1)
    for number in range(6):
        events = tuple(
            Event(30.0 + 50 * i, 36.0 + 50 * i, (20.0, 0.0)[i % 2], "s", f"baby{i}", "room")
            for i in range(10)
        )
        timeline = Timeline(f"scene_{number}", SCENE_S, events)
        quiet = 0.2 * rng.random(len(ends))
        found, loud = quiet.copy(), quiet.copy()
        for e in events:
            at = (ends >= e.onset_s + 1) & (ends <= e.offset_s)
            loud[at & (e.snr_db == 20.0)] = 0.7
            found[at & ((e.snr_db == 20.0) | (number < 2))] = 0.95
        timelines.append(timeline)
        ours[timeline.name] = Heard(ends, found, SCENE_S, found.max())
        theirs[timeline.name] = Heard(ends, loud, SCENE_S, loud.max())
    return Scenes(timelines, {OURS: ours, REFERENCE: theirs})


@pytest.fixture(scope="session")
def run(
    tmp_path_factory: pytest.TempPathFactory,
    sets: list[Listened],
    scenes: Scenes,
    chosen: Manifest,
) -> Path:
    """A run folder with all that the steps leave."""
    folder = tmp_path_factory.mktemp("run")
    (folder / f"{OURS}.tflite").write_bytes(bytes(100))
    (folder / f"{OURS}.json").write_bytes(msgspec.json.encode(chosen))
    evaluation = summarize(sets, scenes, chosen)
    write_evaluation(folder, evaluation)
    quantization = {
        "windows": 400, "float_f1": 0.91, "int8_f1": 0.905, "f1_loss": 0.005,
        "float_average_precision": 0.97, "int8_average_precision": 0.969,
        "logit_difference_median": 0.03, "logit_difference_p99": 0.7, "logit_difference_max": 2.0,
        "runtimes_differ": {"one, other": 3},
        "score_differences": {"edges": [-0.1, 0.0, 0.1], 
            "counts": {"cry": [3, 4], "noncry": [9, 1]}},
    }  # fmt: skip
    for name, content in {
        "quantization": quantization,
        "training": {"parameters": 38_721, "multiply_adds": 2_610_000},
        "origin": {"revision": "abc123", "data_sha256": "0" * 64},
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    table = Table("", ("without", "AUC"), [("rooms", "0.91")], "3 seeds.")
    write_study(folder, "ablation", table, "python -m convert.ablation --study s.yaml")
    with (folder / "curves.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("step", "loss", "val"), (100, 0.5, ""), (200, 0.4, 0.9)])
    draw(folder, sets[0].clips[0].path.parent, sets, scenes, evaluation, chosen)
    return folder


@pytest.fixture(scope="session")
def measured(run: Path) -> Measured:
    """What card and report read."""
    return read_run(run, OURS)
