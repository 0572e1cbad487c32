"""What the detector makes of sound that was cut off: the figures of edgecry/health/clipping.py.

    python tests/measure_clipping.py DATA

The recordings of DATA/pack/manifest.csv that choose thresholds (its val split) are driven over the
rails until a share of their samples is cut off, and classified by the shipped detector at its
balanced point. Then: how many recordings, as they are, would raise `mic-clipping`. None of the test
split is listened to.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from convert.measuring.listening import classify
from convert.sounds.audio import RATE_HZ, load_audio
from edgecry.capture.flat_tops import flat_share
from edgecry.config.schema import Settings
from edgecry.health.clipping import Clipping
from edgecry.inference.classifier import model_path
from edgecry.types import AudioBlock

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
MOST_GAIN_DB = 80.0
FULL_SCALE = 32768.0


def driven(samples: NDArray[np.float32], gain_db: float) -> NDArray[np.int16]:
    """(n, 1), as a converter gives what is too loud for it."""
    loud = samples * 10 ** (gain_db / 20) * FULL_SCALE
    frames: NDArray[np.int16] = np.clip(np.rint(loud), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return frames[:, None]


def cut_off(samples: NDArray[np.float32], share: float) -> NDArray[np.int16]:
    """Driven just so hard that a share of it lies on flat tops; as it is for 0."""
    if not share:
        return driven(samples, 0.0)
    low, high = -MOST_GAIN_DB, MOST_GAIN_DB
    while high - low > 0.1:
        middle = (low + high) / 2
        if flat_share(driven(samples, middle)) < share:
            low = middle
        else:
            high = middle
    return driven(samples, high)


def raises(frames: NDArray[np.int16], block: int = RATE_HZ // 10) -> bool:
    """Does the monitor call this `mic-clipping`?"""
    clipping = Clipping()
    for first in range(0, len(frames), block):
        piece = frames[first : first + block]
        sound = (piece[:, 0] / FULL_SCALE).astype(np.float32)
        clipping.hear(AudioBlock(sound, RATE_HZ, first, 0.0, clipped=flat_share(piece)))
        if clipping.trouble:
            return True
    return False


def rows_of(data: Path, *splits: str) -> list[dict[str, str]]:
    """The manifest's rows of some splits."""
    with (data / "pack" / "manifest.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["split"] in splits]


def taken_for_cries(model: Path, files: Iterable[Path]) -> int:
    """Recordings that the detector takes for a cry."""
    verdicts: list[dict[str, Any]] = [json.loads(line) for line in classify(model, list(files))]
    return sum(verdict["cry"] for verdict in verdicts)


def main() -> None:
    """Print the tables."""
    data = Path(sys.argv[1])
    model = model_path(Settings().detection.model)
    sounds = {
        label: [
            load_audio(data / "pack" / row["path"])
            for row in rows_of(data, "val")
            if row["label"] == label
        ]
        for label in ("cry", "noncry")
    }
    for share in SHARES:
        with tempfile.TemporaryDirectory(prefix="clipping-") as name:
            found = {}
            for label, members in sounds.items():
                files = [Path(name) / f"{label}_{n}.wav" for n in range(len(members))]
                for file, samples in zip(files, members, strict=True):
                    soundfile.write(file, cut_off(samples, share), RATE_HZ, "PCM_16")
                found[label] = f"{taken_for_cries(model, files)} of {len(files)}"
        sys.stdout.write(
            f"{share:.0%} cut off: cries found {found['cry']}, "
            f"others taken for cries {found['noncry']}\n"
        )
    rows = rows_of(data, "train", "val")
    bad = [r["path"] for r in rows if raises(driven(load_audio(data / "pack" / r["path"]), 0.0))]
    sys.stdout.write(f"as they are, {len(bad)} of {len(rows)} raise it: {', '.join(bad)}\n")


if __name__ == "__main__":
    main()
