"""YAMNet, the network that most hobby monitors listen with: our teacher, and what we compare with.

M. Plakal and D. Ellis, tensorflow/models/research/audioset/yamnet: 521 AudioSet classes of 0.975 s
at 16 kHz. The file's spectrogram has quantized weights. ai-edge-litert's and TensorFlow's kernels
come near the true spectrogram; tflite-runtime's are coarser (three times the error), and slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from convert.measuring.scoring import Heard, smoothed
from convert.process import pool
from convert.sounds.audio import RATE_HZ, load_audio
from edgecry.types import Float32Array

WINDOW_SAMPLES = 15_600
OWN_HOP_S = 0.48
SOBBING, BABY_CRY = 19, 20
"""The classes "Crying, sobbing" and "Baby cry, infant cry"."""


class Yamnet:
    """YAMNet as TFLite, on one thread."""

    def __init__(self, model: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter: Any = Interpreter(str(model), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        self._scores = self._interpreter.get_output_details()[0]["index"]

    def scores(self, samples: Float32Array) -> Float32Array:
        """What one window holds, (521,) of 0..1. samples: (WINDOW_SAMPLES,) at 16 kHz."""
        self._interpreter.set_tensor(self._input["index"], samples.reshape(self._input["shape"]))
        self._interpreter.invoke()
        scores: Float32Array = self._interpreter.get_tensor(self._scores).reshape(-1)
        return scores

    def listen(
        self, samples: Float32Array, hop_s: float = OWN_HOP_S, smoothing_windows: int = 1
    ) -> Heard:
        """How much a recording sounds like a baby's cry; one shorter than a window is padded."""
        padded = np.pad(samples, (0, max(0, WINDOW_SAMPLES - len(samples))))
        starts = np.arange(0, len(padded) - WINDOW_SAMPLES + 1, round(hop_s * RATE_HZ))
        values = [self.scores(padded[s : s + WINDOW_SAMPLES])[BABY_CRY] for s in starts]
        evidence = smoothed(np.array(values, np.float64), smoothing_windows)
        ends_s = (starts + WINDOW_SAMPLES) / RATE_HZ
        return Heard(ends_s, evidence, len(samples) / RATE_HZ, float(evidence.max()))


def heard_by_yamnet(
    model: Path,
    files: Sequence[Path],
    workers: int = 2,
    hop_s: float = OWN_HOP_S,
    smoothing_windows: int = 1,
) -> Iterator[Heard]:
    """What YAMNet makes of recordings, in the order given."""
    listen = partial(_listen, model, hop_s, smoothing_windows)
    with pool(workers) as processes:
        yield from processes.map(listen, files, chunksize=4)


_loaded: dict[Path, Yamnet] = {}
"""Loaded once in each worker process."""


def _listen(model: Path, hop_s: float, smoothing_windows: int, file: Path) -> Heard:
    if model not in _loaded:
        _loaded[model] = Yamnet(model)
    return _loaded[model].listen(load_audio(file), hop_s, smoothing_windows)
