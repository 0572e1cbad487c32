"""What a recording sounds like to a machine: level, clipping, silence, offset, and its fingerprint.

Kept in a cache by the file's content, so that a second look is quick.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.data.fingerprint import Fingerprint, fingerprint
from edgecry.capture.recording import MAX_AMPLITUDE, Decoder, open_decoder
from edgecry.capture.resample import to_mono
from edgecry.errors import RecordingError
from edgecry.types import Float32Array

VERSION = 3
"""To be raised with any change of what is measured."""
CLIPPED_RUN = 3
SILENT_RUN_S = 0.02


@dataclass(frozen=True, slots=True)
class Measures:
    """Of one recording, channels averaged. Levels in dB re full scale; -inf is digital silence.

    clipped: share of samples in runs of three or more at the recording's peak. silent: share of
    samples in runs of 20 ms or more that do not change at all.
    """

    rate_hz: int
    duration_s: float
    level_dbfs: float
    dc_offset: float
    clipped: float
    silent: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording that was listened to; `broken` says why it could not be."""

    sha256: str
    measures: Measures | None
    fingerprint: Fingerprint
    broken: str = ""


def listen(path: Path, cache: Path) -> Heard:
    """Measures and fingerprint of a file, from the cache where its content is known there."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = cache / f"v{VERSION}-{sha256}.npz"
    if kept.exists():
        return _load(kept, sha256)
    try:
        mono, rate_hz = whole(path, open_decoder(path))
    except RecordingError as error:
        return Heard(sha256, None, _no_fingerprint(), str(error).removeprefix(f"{path}: "))
    if not np.abs(mono).max(initial=0.0) <= MAX_AMPLITUDE:  # NaN is not either
        return Heard(sha256, None, _no_fingerprint(), "it holds values that are not sound")
    heard = Heard(sha256, measure(mono, rate_hz), fingerprint(mono, rate_hz))
    _save(kept, heard)
    return heard


def whole(path: Path, decoder: Decoder) -> tuple[Float32Array, int]:
    """(n,) mono samples at the rate that is told, and the decoder closed.

    Raises RecordingError also for a recording of which a part is missing.
    """
    pieces = [np.zeros(0, np.float32)]
    try:
        while len(frames := decoder.read()):
            pieces.append(to_mono(frames))
    finally:
        decoder.close()
    if decoder.damage is not None:
        raise RecordingError(f"{path}: {decoder.damage}")
    return np.concatenate(pieces), decoder.sample_rate_hz


def measure(samples: Float32Array, rate_hz: int) -> Measures:
    """Of (n,) mono samples; n may be 0."""
    level = np.sqrt(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    peak = np.abs(samples).max(initial=0.0)
    at_peak = (np.abs(samples) >= 0.999 * peak) & (peak > 0)
    flat = np.diff(samples, prepend=samples[:1]) == 0
    return Measures(
        rate_hz=rate_hz,
        duration_s=len(samples) / rate_hz,
        level_dbfs=float(20 * np.log10(level)) if level > 0 else -np.inf,
        dc_offset=float(samples.mean()) if len(samples) else 0.0,
        clipped=_share_in_runs(at_peak, CLIPPED_RUN),
        silent=_share_in_runs(flat, int(SILENT_RUN_S * rate_hz)),
    )


def _share_in_runs(is_so: NDArray[np.bool_], shortest: int) -> float:
    """Share of (n,) samples in runs of at least so many that are so."""
    edges = np.flatnonzero(np.diff(is_so.astype(np.int8), prepend=0, append=0))
    lengths = edges[1::2] - edges[::2]
    return float(lengths[lengths >= shortest].sum() / max(1, len(is_so)))


def _no_fingerprint() -> Fingerprint:
    return fingerprint(np.zeros(0, np.float32), 16_000)


def _save(path: Path, heard: Heard) -> None:
    """Whole or not at all: a run may be stopped at any time."""
    assert heard.measures is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as file:
        np.savez(
            file,
            bits=heard.fingerprint.bits,
            uncertain=heard.fingerprint.uncertain,
            loud=heard.fingerprint.loud,
            **asdict(heard.measures),
        )
    partial.replace(path)


def _load(path: Path, sha256: str) -> Heard:
    with np.load(path) as kept:
        return Heard(
            sha256,
            Measures(**{name: kept[name].item() for name in Measures.__dataclass_fields__}),
            Fingerprint(kept["bits"], kept["uncertain"], kept["loud"]),
        )
