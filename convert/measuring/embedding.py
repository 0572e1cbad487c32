"""What a detector's network makes of a recording, before its last layer weighs it to one number."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgecry.capture.recording import Recording
from edgecry.errors import ModelError
from edgecry.features.stream import FeatureStream
from edgecry.inference.classifier import load_classifier, model_path, quantize
from edgecry.inference.flatbuffer import IDENTIFIER
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import Manifest
from edgecry.types import AudioBlock, FeatureWindow, Float32Array


class Embedder:
    """A detector, of a shipped model's name or the path of a .tflite, and its network without the
    last layer, on the device's own run time.

    Raises ModelError if there is no such model, or if its last layer is not a dense one.
    """

    def __init__(self, model: str | Path) -> None:
        path = model_path(model)
        self._detector = load_classifier(path)
        self._network = Int8Interpreter(without_last_layer(path.read_bytes(), str(path)), str(path))

    @property
    def manifest(self) -> Manifest:
        """Of the detector."""
        return self._detector.manifest

    def __call__(self, recording: Path) -> NDArray[np.float64]:
        """(d,), the mean over the windows that make the p_cry of the recording: the most cry-like
        `smoothing_windows`, as `edgecry.decision.evidence.recording_p_cry` chooses them.

        Raises RecordingError if it cannot be decoded.
        """
        features = self.manifest.features
        with Recording(recording, features.log_mel.sample_rate_hz) as audio:
            stream = FeatureStream(features.log_mel, features.window_frames)
            scored = ((self._detector.score(w).p_cry, w) for w in windows(audio, stream))
            surest = heapq.nlargest(features.smoothing_windows, scored, key=itemgetter(0))
        return np.mean([self.embedding(window.log_mel) for _, window in surest], axis=0)

    def embedding(self, log_mel: Float32Array) -> NDArray[np.float64]:
        """What the last layer is given for a window of (frames, mels): (d,)."""
        steps = self._network.run(quantize(log_mel, self._network.input)).ravel()
        output = self._network.output
        return output.scale * (steps.astype(np.float64) - output.zero_point)


def windows(audio: Iterable[Float32Array], stream: FeatureStream) -> Iterator[FeatureWindow]:
    """Every window of a recording, (n,) each at the stream's rate; a short one is padded to one."""
    at = 0
    for part in audio:
        yield from stream.push(AudioBlock(part, stream.params.sample_rate_hz, at, 0.0))
        at += len(part)
    yield from stream.pad_to_window()


def without_last_layer(model: bytes, where: str) -> bytes:
    """The same .tflite, but for its last layer: its output is what that layer was given.

    Raises ModelError if the last layer is not a dense one.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema  # the format; loads no run time

    network = schema.ModelT.InitFromPackedBuf(model, 0)
    [graph] = network.subgraphs
    last = graph.operators.pop()
    kind = network.operatorCodes[last.opcodeIndex].builtinCode
    if kind != schema.BuiltinOperator.FULLY_CONNECTED:
        raise ModelError(f"{where}: its last layer is not a dense one, so it has no embedding")
    graph.outputs = last.inputs[:1]
    network.signatureDefs = None  # they name the output
    builder = flatbuffers.Builder(len(model))
    builder.Finish(network.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())
