"""The detector that ships: small enough, measured, and the same on every machine."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.golden import golden_windows

from edgecry.decision.evidence import Evidence
from edgecry.features.stream import FeatureStream
from edgecry.inference.classifier import SHIPPED_MODELS, Classifier, load_classifier, quantize
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import MAX_MODEL_BYTES
from edgecry.types import AudioBlock, Float32Array

TFLITE = SHIPPED_MODELS / "cry-detector.tflite"
RATE_HZ = 16_000
STEADY_S = 6.0


@pytest.fixture(scope="module")
def detector() -> Classifier:
    return load_classifier("cry-detector")


def p_cry(detector: Classifier, samples: Float32Array) -> float:
    """The score of a file: its highest evidence."""
    features = detector.manifest.features
    stream = FeatureStream(features.log_mel, features.window_frames)
    evidence = Evidence(features.smoothing_windows, stream.hop_samples)
    windows = [*stream.push(AudioBlock(samples, RATE_HZ, 0, 0.0)), *stream.pad_to_window()]
    return max(evidence.update(detector.score(window)) for window in windows)


GOLDEN = (-87, -80, -72, -70, -80)
"""int8 outputs for `golden_windows`. Run times and machines may differ by one step."""


def test_golden_scores(detector: Classifier) -> None:
    runtime = Int8Interpreter(TFLITE.read_bytes(), str(TFLITE))
    windows = golden_windows(detector.manifest.input.shape)
    scores = [int(runtime.run(quantize(w, runtime.input))[0, 0]) for w in windows]
    assert np.abs(np.subtract(scores, GOLDEN)).max() <= 1, scores


def test_it_fits_and_its_card_is_its_own(detector: Classifier) -> None:
    assert TFLITE.stat().st_size <= MAX_MODEL_BYTES
    assert detector.manifest.sha256 in TFLITE.with_suffix(".md").read_text()
    assert "convert.build" in detector.manifest.made_with


def test_it_was_measured(detector: Classifier) -> None:
    manifest = detector.manifest
    assert manifest.metrics["test_auc"] >= 0.97
    points = manifest.operating_points
    assert points["sensitive"].on <= points["balanced"].on <= points["specific"].on
    assert all(p.recall is not None and p.measured_on for p in points.values())


def steady_sounds() -> dict[str, Float32Array]:
    t = np.arange(int(STEADY_S * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(0).standard_normal(len(t))
    sounds = {
        "digital silence": 0.0 * t,
        "offset": 0.3 + 0.0 * t,
        "white noise": 0.1 * noise,
        "faint white noise": 0.0005 * noise,
        "clipped noise": np.sign(noise),
        "mains hum": 0.1 * sum(np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 12)),
        "tone 440 Hz": 0.3 * np.sin(2 * np.pi * 440 * t),
        "tone 3 kHz": 0.3 * np.sin(2 * np.pi * 3000 * t),
        "square 450 Hz": 0.2 * np.sign(np.sin(2 * np.pi * 450 * t)),
        "clicks": 0.8 * (np.arange(len(t)) % 8000 < 20),
        "beeps 960 Hz": 0.2 * np.sin(2 * np.pi * 960 * t) * (t % 0.43 < 0.08),
    }
    return {name: np.asarray(wave, np.float32) for name, wave in sounds.items()}


@pytest.mark.parametrize("name", list(steady_sounds()))
def test_it_is_silent_on_machines(detector: Classifier, name: str) -> None:
    sensitive = detector.manifest.operating_points["sensitive"]
    assert p_cry(detector, steady_sounds()[name]) < sensitive.on


def test_it_tells_real_cries_from_other_sounds(detector: Classifier, shared_data: Path) -> None:
    pack = shared_data / "pack"
    with (pack / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
    scores = {
        label: np.array(
            [
                p_cry(detector, soundfile.read(pack / row["path"], dtype="float32")[0])
                for row in [row for row in rows if row["label"] == label][::4]
            ]
        )
        for label in ("cry", "noncry")
    }
    pairs = scores["cry"][:, None] > scores["noncry"]
    assert pairs.mean() >= 0.97
