"""`edgecry classify --reasons` on clips, with a network that has not heard their babies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from convert.measuring.listening import MOST_FILES, classify
from convert.reasons.out_of_fold import Floats, OutOfFold
from convert.run import write_model
from edgecry.inference.reasons_manifest import ReasonsManifest

FLOOR = 5e-5
"""A probability that is told as 0: four digits are told."""


def told(
    detector: Path, content: bytes, manifest: ReasonsManifest, files: Sequence[Path]
) -> Floats:
    """(files, labels): the probabilities of all cries of a recording together; nan where the
    detector hears none. detector: its `.tflite`. Raises ListeningError."""
    with TemporaryDirectory() as folder:
        own = Path(folder)
        for suffix in (".tflite", ".json"):
            shutil.copy(detector.with_suffix(suffix), own)
        write_model(own, content, manifest)
        chunks = [files[first : first + MOST_FILES] for first in range(0, len(files), MOST_FILES)]
        lines = [line for c in chunks for line in classify(own / detector.name, c, "--reasons")]
    reasons = [json.loads(line)["reasons"] for line in lines]
    return np.array(
        [
            [np.nan if r is None else r["probabilities"][label] for label in manifest.labels]
            for r in reasons
        ]
    )


def with_cries(whole: OutOfFold, probabilities: Floats) -> tuple[OutOfFold, OutOfFold]:
    """Clips in which the detector hears a cry: as the device pools it, and as `whole` has it.

    probabilities: (clips, classes), from an uncalibrated manifest.
    """
    there = ~np.isnan(probabilities[:, 0])
    heard = whole.at(there)
    return replace(heard, log_mean=np.log(np.maximum(probabilities[there], FLOOR))), heard
