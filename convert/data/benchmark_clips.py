"""The benchmark's recordings: which file of which public set is which clip.

`benchmark_clips.csv` lists what docs/reasons/benchmark.md was made of, as far as anybody can fetch
it: uploads of DonateACry (ODbL-1.0), some of which hold no cry and are `silence` or `noise`; most
of ESC-10 (CC BY 3.0); laughs of ESC-50 (CC BY-NC 3.0). None of the audio is in this repository.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convert.data.catalogue import BY_HAND, CATALOGUE
from convert.data.esc import LICENCE_ESC50
from convert.data.listening import whole
from convert.data.types import DataError
from convert.sounds.audio import RATE_HZ, resample
from edgecry.capture.ffmpeg import FfmpegDecoder
from edgecry.capture.recording import open_decoder
from edgecry.types import Float32Array

LIST = Path(__file__).with_name("benchmark_clips.csv")
ESC50 = "esc50"
SILENCE = 2e-4
"""What phones record before they record anything, and sets are padded with, stays below it."""
KEPT_S = 0.005


@dataclass(frozen=True, slots=True)
class ListedClip:
    """path: where it will lie in the data folder, `pack/<label>/<fine>/...` or `laugh/...`. reason:
    its class in the benchmark, or "". group: the baby; of ESC-10 a recording of whoever uploaded it
    to freesound.org, of laughs the recording. split: the detector's, or "". file: in the folder
    `set`."""

    path: str
    reason: str
    group: str
    split: str
    set: str
    file: str

    @property
    def licence(self) -> str:
        return LICENCE_ESC50 if self.set == ESC50 else CATALOGUE[self.set].licence

    @property
    def use(self) -> str:
        """`benchmark` where the licence forbids shipping what learned from it."""
        return "benchmark" if self.set == ESC50 else "any"


def benchmark_clips() -> list[ListedClip]:
    """All that are listed, sorted by path."""
    with LIST.open(newline="") as file:
        return [ListedClip(**row) for row in csv.DictReader(file)]


def there(clips: Sequence[ListedClip], data: Path) -> tuple[list[ListedClip], list[str]]:
    """The clips whose set lies in the data folder, and a remark on each set that does not.

    Raises DataError if there is no set, or if a file of one is missing.
    """
    kept, remarks = [], []
    for name in sorted({clip.set for clip in clips}):
        own = [clip for clip in clips if clip.set == name]
        remedy = _remedy(name, data)
        if not (data / name).is_dir():
            what = ", ".join(sorted({clip.reason for clip in own} - {""})) or "other sounds"
            remarks.append(
                f"{data / name} is not there; its {len(own)} recordings ({what}) were left out: "
                f"{remedy}"
            )
            continue
        missing = [clip.file for clip in own if not (data / name / clip.file).is_file()]
        if missing:
            raise DataError(
                f"{data / name}: {len(missing)} of {len(own)} recordings are missing, such as "
                f"{missing[0]}; move the folder away, and {remedy}"
            )
        kept += own
    if not kept:
        raise DataError("; ".join(remarks))
    return sorted(kept, key=lambda clip: clip.path), remarks


def sound(clip: ListedClip, data: Path) -> Float32Array:
    """The recording, (n,) at RATE_HZ: laughs as published, others without digital silence around.

    Raises RecordingError if it cannot be decoded, or a part of it is missing.
    """
    path = data / clip.set / clip.file
    # IMA4 in CAF, as iPhones made it: libsndfile opens the container and not the codec.
    is_caf = path.suffix.lower() == ".caf"
    samples, rate_hz = whole(path, FfmpegDecoder(path, "caf") if is_caf else open_decoder(path))
    audio = resample(samples, rate_hz, RATE_HZ)
    return audio if clip.set == ESC50 else trimmed(audio)


def trimmed(samples: Float32Array) -> Float32Array:
    """Without digital silence at both ends, but for KEPT_S of it; all if there is nothing else."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    kept = round(KEPT_S * RATE_HZ)
    return samples[max(0, loud[0] - kept) : loud[-1] + kept] if len(loud) else samples


def _remedy(name: str, data: Path) -> str:
    if name in CATALOGUE:
        return f"python -m convert.download {name} --to {data}"
    return BY_HAND[name].replace("TO/", f"{data}/")
