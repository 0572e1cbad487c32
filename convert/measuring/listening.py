"""Recordings through `edgecry classify`: what a card says of a model, anybody can see again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from convert.measuring.scoring import Heard, smoothed
from edgecry.errors import EdgecryError, ModelError
from edgecry.features.mel import span_samples
from edgecry.inference.manifest import Manifest, decode_manifest

MOST_FILES = 64
"""Of one command."""
CHUNKS_PER_WORKER = 4


class ListeningError(EdgecryError, RuntimeError):
    """`edgecry classify` failed."""


def manifest_of(model: Path) -> Manifest:
    """The manifest beside a `.tflite`. Raises ModelError if there is none, or it is none."""
    path = model.with_suffix(".json")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; a model has its manifest beside it") from None
    return decode_manifest(content, str(path))


def window_s(manifest: Manifest) -> float:
    """Seconds of sound in one window of a model."""
    features = manifest.features
    samples = span_samples(features.window_frames, features.log_mel)
    return samples / features.log_mel.sample_rate_hz


def hop_s(manifest: Manifest) -> float:
    """Seconds from one window to the next."""
    features = manifest.features
    return features.hop_frames * features.log_mel.hop_samples / features.log_mel.sample_rate_hz


def classified(model: Path, files: Sequence[Path], workers: int = 2) -> Iterator[Heard]:
    """What `edgecry classify --json --scores` makes of recordings, in the order given.

    The scores of the windows are smoothed as the device smooths them, over the manifest's
    `smoothing_windows`. A recording shorter than a window is padded with silence to one, so every
    recording has at least one score. Raises ListeningError with what the command said, ModelError
    where there is no manifest.
    """
    smoothing_windows = manifest_of(model).features.smoothing_windows
    chunk = max(1, min(MOST_FILES, len(files) // (workers * CHUNKS_PER_WORKER)))
    chunks = [files[first : first + chunk] for first in range(0, len(files), chunk)]
    listen = partial(_classify, model, smoothing_windows)
    with ThreadPoolExecutor(workers) as pool:
        for found in pool.map(listen, chunks):
            yield from found


def _classify(model: Path, smoothing_windows: int, files: Sequence[Path]) -> list[Heard]:
    return [heard(line, smoothing_windows) for line in classify(model, files, "--scores")]


def classify(model: Path, files: Sequence[Path], *options: str) -> list[str]:
    """The lines of `edgecry classify --json`, one for each file. Raises ListeningError."""
    command = [sys.executable, "-m", "edgecry", "classify", "--json", *options]
    command += ["--set", f"detection.model={model.absolute()}", "--", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ListeningError(
            f"edgecry classify ended with {done.returncode}: {done.stderr.strip()}"
        )
    return done.stdout.splitlines()


def heard(line: str, smoothing_windows: int) -> Heard:
    """One line of `edgecry classify --json --scores`, smoothed."""
    verdict = json.loads(line)
    end_s, p_cry = np.array(verdict["scores"], np.float64).T
    evidence = smoothed(p_cry, smoothing_windows)
    return Heard(end_s, evidence, verdict["duration_s"], verdict["p_cry"])
