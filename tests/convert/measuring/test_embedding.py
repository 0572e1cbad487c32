"""What the network makes of a recording: what its last layer is given, and of the right windows."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from convert.measuring.embedding import Embedder, windows, without_last_layer
from convert.measuring.runtimes import PACKAGES, installed, run_on
from edgecry.capture.recording import Recording
from edgecry.errors import ModelError
from edgecry.features.stream import FeatureStream
from edgecry.inference.classifier import SHIPPED_MODELS, load_classifier
from edgecry.inference.self_check import TOLERANCE_STEPS

schema = pytest.importorskip("ai_edge_litert.schema_py_generated", reason="needs the extra convert")

RATE_HZ = 16_000
PATH = SHIPPED_MODELS / "cry-detector.tflite"
MODEL = PATH.read_bytes()
DETECTOR = load_classifier(PATH)
EMBEDDER = Embedder("cry-detector")
STEP = DETECTOR.manifest.output.scale
"""Of the logit: what int8 rounds away is half of it, and a little in the layer itself."""


def last_layer(embedding: np.ndarray) -> float:
    """The dense layer at the end of the shipped detector, in float, from its file."""
    network = schema.ModelT.InitFromPackedBuf(MODEL, 0)
    tensors = network.subgraphs[0].tensors
    at, weights, bias = network.subgraphs[0].operators[-1].inputs

    def numbers(tensor: int, kind: type) -> np.ndarray:
        steps = np.frombuffer(bytes(network.buffers[tensors[tensor].buffer].data), kind)
        return steps * tensors[tensor].quantization.scale

    assert embedding.shape == (tensors[at].shape[1],)
    return float(embedding @ numbers(weights, np.int8) + numbers(bias, np.int32)[0])


def logit(log_mel: np.ndarray) -> float:
    """The whole detector's."""
    return STEP * (DETECTOR.step(log_mel) - DETECTOR.manifest.output.zero_point)


@given(st.integers(0, 2**32 - 1), st.floats(-2, 2), st.floats(0, 3))
def test_the_last_layer_makes_the_logit_of_it(seed: int, middle: float, spread: float) -> None:
    log_mel = np.random.default_rng(seed).normal(middle, spread, (96, 64)).astype(np.float32)
    made = last_layer(EMBEDDER.embedding(log_mel))
    limits = [STEP * (step - DETECTOR.manifest.output.zero_point) for step in (-128, 127)]
    assert np.clip(made, *limits) == pytest.approx(logit(log_mel), abs=0.75 * STEP)


def test_a_recording_has_that_of_its_surest_windows(own_recordings: Path, tmp_path: Path) -> None:
    """A cry long after the beginning, among other sounds: the mean logit of its surest windows."""
    cry, other = (soundfile.read(own_recordings / of / "000.wav")[0] for of in ("cry", "other"))
    path = tmp_path / "late.wav"
    soundfile.write(path, np.concatenate([*[other] * 14, cry, other]), RATE_HZ)
    features = DETECTOR.manifest.features
    with Recording(path, RATE_HZ) as audio:
        stream = FeatureStream(features.log_mel, features.window_frames)
        logits = np.sort([logit(window.log_mel) for window in windows(audio, stream)])
    surest = logits[-features.smoothing_windows :].mean()
    assert surest - logits.mean() > 20 * STEP
    assert last_layer(EMBEDDER(path)) == pytest.approx(surest, abs=0.75 * STEP)


@pytest.mark.parametrize("length", [1, 399, 15_600, 16_000])
def test_the_shortest_recording_has_one(length: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", np.full(length, 0.1), RATE_HZ)
    assert np.isfinite(last_layer(EMBEDDER(tmp_path / "short.wav")))


def test_the_run_times_hardly_differ() -> None:
    if len(installed()) < 2:
        pytest.skip("one TFLite run time only: the extra convert brings both on Python 3.11")
    given_ = np.random.default_rng(0).normal(0, 1, (20, 96, 64, 1)).astype(np.float32)
    below = without_last_layer(MODEL, "here")
    one, other = (run_on(name, below, given_)[0].astype(int) for name in PACKAGES)
    assert len(np.unique(one)) > 3
    assert np.abs(one - other).max() <= TOLERANCE_STEPS


def test_a_network_that_ends_otherwise_has_none() -> None:
    with pytest.raises(ModelError, match=r"mine\.tflite: its last layer is not a dense one"):
        without_last_layer(without_last_layer(MODEL, "here"), "mine.tflite")
