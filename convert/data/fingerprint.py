"""Is it the same recording? Found again at another level, rate, codec and cut.

J. Haitsma and T. Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002: 32 bits a
frame, each the sign of how the difference between two neighbouring bands from 300 to 2000 Hz
changes from frame to frame. Two recordings are the same where few bits differ; to find where to
look, every frame is looked up exactly, and with its least certain bits flipped. What differs here:
a hop of 20 ms, and a limit on the differing bits that depends on how long the two overlap.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.sounds.audio import resample
from edgecry.types import Float32Array

RATE_HZ = 5_000
FRAME = 2048
HOP = 100
BITS = 32
UNCERTAIN_BITS = 5
QUIET_DB = -60.0
"""Frames so far under the loudest one say nothing about a recording."""
FEWEST_FRAMES = 25
"""0.9 s of sound; of a shorter overlap nothing can be said."""
MOST_HITS = 50
"""A frame found more often than that is silence or a steady tone."""
OFFSETS_TRIED = 3
_AT_ONCE = 512

_EDGES_HZ = np.geomspace(300.0, 2000.0, BITS + 2)
_BAND = np.searchsorted(_EDGES_HZ, np.fft.rfftfreq(FRAME, 1 / RATE_HZ), side="right") - 1
_BANDS = (_BAND[:, None] == np.arange(BITS + 1)).astype(np.float32)
_WINDOW = np.hanning(FRAME).astype(np.float32)
_FLIPS = (np.arange(2**UNCERTAIN_BITS)[:, None] >> np.arange(UNCERTAIN_BITS) & 1).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """(n,) each, one frame every 20 ms: its 32 bits, the masks of its least certain bits
    (n, UNCERTAIN_BITS), and whether it is loud enough to count."""

    bits: NDArray[np.uint32]
    uncertain: NDArray[np.uint32]
    loud: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Match:
    """Recordings `first` and `second`, by their place, are the same for `seconds`."""

    first: int
    second: int
    seconds: float
    bit_errors: float


def fingerprint(samples: Float32Array, rate_hz: float) -> Fingerprint:
    """Of (n,) samples. Empty for less than 0.45 s or digital silence."""
    energies = _band_energies(resample(samples, rate_hz, RATE_HZ))
    change = np.diff(energies[:, :-1] - energies[:, 1:], axis=0)
    total = energies[1:].sum(axis=1)
    loudest = total.max(initial=0.0)
    weakest = np.argpartition(np.abs(change), UNCERTAIN_BITS, axis=1)[:, :UNCERTAIN_BITS]
    return Fingerprint(
        bits=np.packbits(change > 0, axis=1, bitorder="little").view("<u4")[:, 0],
        uncertain=np.uint32(1) << weakest.astype(np.uint32),
        loud=(total > loudest * 10 ** (QUIET_DB / 10)) & (total > 0),
    )


def same_recordings(
    prints: Sequence[Fingerprint],
    progress: Callable[[Sequence[Fingerprint]], Iterable[Fingerprint]] = iter,
) -> list[Match]:
    """All pairs that overlap for 0.9 s or more; the more certain, the longer they do."""
    matches = []
    for (first, second), offsets in _candidates(prints, progress).items():
        likely = sorted(offsets, key=lambda offset: -offsets[offset])[:OFFSETS_TRIED]
        compared = [_compare(prints[first], prints[second], offset) for offset in likely]
        errors, frames = min(compared)
        if frames >= FEWEST_FRAMES and errors <= most_bit_errors(frames):
            seconds = ((frames - 1) * HOP + FRAME) / RATE_HZ
            matches.append(Match(first, second, seconds, errors))
    return sorted(matches, key=lambda m: (m.first, m.second))


def most_bit_errors(frames: int) -> float:
    """The share of differing bits up to which two recordings are the same one.

    Haitsma and Kalker take 0.35 for 3 s. Overlapping frames hold less than their number of bits, so
    what chance brings about spreads by 1/sqrt(frames).
    """
    return float(0.35 - 0.9 / np.sqrt(frames))


def _band_energies(samples: Float32Array) -> Float32Array:
    """(frames, BITS + 1)."""
    if len(samples) < FRAME + HOP:
        return np.zeros((1, BITS + 1), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    spectra = (
        np.abs(np.fft.rfft(frames[i : i + _AT_ONCE] * _WINDOW)) ** 2
        for i in range(0, len(frames), _AT_ONCE)
    )
    return np.concatenate([s.astype(np.float32) @ _BANDS for s in spectra])


def _candidates(
    prints: Sequence[Fingerprint],
    progress: Callable[[Sequence[Fingerprint]], Iterable[Fingerprint]],
) -> dict[tuple[int, int], dict[int, int]]:
    """(first, second) -> how often each offset was hit, in frames of first minus second."""
    lengths = [len(p.bits) for p in prints]
    owner = np.repeat(np.arange(len(prints)), lengths)
    place = np.concatenate([np.arange(n) for n in lengths] or [np.zeros(0, int)])
    bits = np.concatenate([p.bits for p in prints] or [np.zeros(0, np.uint32)])
    loud = np.flatnonzero(np.concatenate([p.loud for p in prints] or [np.zeros(0, bool)]))
    order = loud[np.argsort(bits[loud], kind="stable")]
    index = bits[order]
    found: dict[tuple[int, int], dict[int, int]] = defaultdict(Counter)
    for number, own in enumerate(progress(prints)):
        at, hits = _look_up(own, index)
        hits = order[hits]
        other = owner[hits] != number
        for frame, hit in zip(at[other], hits[other], strict=True):
            second, offset = int(owner[hit]), int(frame - place[hit])
            if number < second:
                found[number, second][offset] += 1
            else:
                found[second, number][-offset] += 1
    return found


def _look_up(
    own: Fingerprint, index: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(frames, places in the index), one pair a hit."""
    frames = np.flatnonzero(own.loud)
    flips = (own.uncertain[frames][:, None, :] * _FLIPS[None]).sum(axis=2, dtype=np.uint32)
    wanted = (own.bits[frames][:, None] ^ flips).ravel()
    low, high = np.searchsorted(index, wanted, "left"), np.searchsorted(index, wanted, "right")
    count = np.where(high - low <= MOST_HITS, high - low, 0)
    at = np.repeat(np.repeat(frames, len(_FLIPS)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return at, np.repeat(low, count) + within


def _compare(first: Fingerprint, second: Fingerprint, offset: int) -> tuple[float, int]:
    """(share of differing bits, frames compared) where frame i + offset meets frame i."""
    start, other = max(offset, 0), max(-offset, 0)
    n = min(len(first.bits) - start, len(second.bits) - other)
    loud = first.loud[start : start + n] & second.loud[other : other + n]
    frames = int(loud.sum())
    if frames < FEWEST_FRAMES:
        return 1.0, frames
    differing = (first.bits[start : start + n] ^ second.bits[other : other + n])[loud]
    return float(np.unpackbits(differing.view(np.uint8)).mean()), frames
