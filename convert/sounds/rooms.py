"""Rooms and incubators as impulse responses: recorded, or by the image source method.

Image sources: J. Allen and D. Berkley, JASA 65(4), 1979, in the frequency-independent form.
"""

from __future__ import annotations

import csv
import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.sounds.audio import RATE_HZ, load_audio
from edgecry.types import Float32Array

SOUND_M_S = 343.0
LONGEST_S = 0.5


@functools.cache
def rooms_of(manifest: Path | None, synthetic: int) -> list[Float32Array]:
    """The recorded rooms of a manifest and so many synthetic ones, each at unit energy."""
    return (read_rooms(manifest) if manifest else []) + synthetic_rooms(synthetic)


def read_rooms(manifest: Path) -> list[Float32Array]:
    """Room impulse responses, each at unit energy.

    manifest: CSV with a column path, relative to its folder or to the folder above.
    """
    with manifest.open(newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    folder = manifest.parent if (manifest.parent / paths[0]).exists() else manifest.parent.parent
    return [_unit_energy(load_audio(folder / path)) for path in paths]


def synthetic_rooms(count: int) -> list[Float32Array]:
    """Impulse responses, a third of them incubators, the same ones at every call."""
    rng = np.random.default_rng(1979)
    makers = [incubator, nursery, nursery]
    return [makers[i % 3](rng) for i in range(count)]


def nursery(rng: np.random.Generator) -> Float32Array:
    """A ward or a child's room: reverberation of 0.15 to 0.6 s, source and microphone anywhere."""
    size_m = rng.uniform([2.5, 2.5, 2.3], [9.0, 6.0, 3.2])
    reflection = _reflection(size_m, rng.uniform(0.15, 0.6))
    source_m, microphone_m = rng.uniform(0.3, size_m - 0.3, (2, 3))
    return _unit_energy(shoebox(size_m, reflection, source_m, microphone_m))


def incubator(rng: np.random.Generator) -> Float32Array:
    """A baby under the hood of an incubator: a small box of hard walls, that resonates.

    The microphone is under the hood too, or half of the time outside, where the hood takes the
    high frequencies away (mass law: 6 dB an octave above a corner) and a room follows.
    """
    size_m = rng.uniform([0.65, 0.35, 0.35], [0.95, 0.6, 0.6])
    source_m = size_m * rng.uniform([0.2, 0.3, 0.1], [0.8, 0.7, 0.25])
    microphone_m = size_m * rng.uniform([0.1, 0.1, 0.4], [0.9, 0.9, 0.9])
    inside = shoebox(size_m, rng.uniform(0.82, 0.95), source_m, microphone_m, longest_s=0.12)
    if rng.random() < 0.5:
        return _unit_energy(inside)
    corner_hz = np.exp(rng.uniform(np.log(500.0), np.log(3000.0)))
    outside = nursery(rng)
    size = len(inside) + len(outside) - 1
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    hood = 1.0 / (1.0 + 1j * hz / corner_hz)
    spectrum = np.fft.rfft(inside, size) * np.fft.rfft(outside, size) * hood
    return _unit_energy(np.fft.irfft(spectrum, size).astype(np.float32))


def shoebox(
    size_m: NDArray[np.float64],
    reflection: float,
    source_m: NDArray[np.float64],
    microphone_m: NDArray[np.float64],
    longest_s: float = LONGEST_S,
) -> Float32Array:
    """The impulse response of a rectangular room with walls that all reflect `reflection`.

    size_m, source_m, microphone_m: (3,), metres from a corner. It ends 60 dB down or at
    `longest_s`. Returns (n,) float32; a source at 1 m without walls has the amplitude 1.
    """
    per_s = SOUND_M_S * np.mean(1.0 / size_m)  # reflections, on the average of directions
    length_s = min(longest_s, np.log(1e-3) / (np.log(reflection) * per_s) + 0.02)
    reach_m = length_s * SOUND_M_S
    offsets_m, bounces = zip(
        *(_images(*axis, reach_m) for axis in zip(size_m, source_m, microphone_m, strict=True)),
        strict=True,
    )
    squared = [np.square(m) for m in offsets_m]
    flat = squared[1][:, None] + squared[2]
    flat_bounces = bounces[1][:, None] + bounces[2]
    out = np.zeros(int(length_s * RATE_HZ) + 2)
    for x_squared, x_bounces in zip(squared[0], bounces[0], strict=True):
        near = flat < reach_m**2 - x_squared
        distance_m = np.sqrt(x_squared + flat[near])
        gain = reflection ** (x_bounces + flat_bounces[near]) / np.maximum(distance_m, 0.05)
        out += np.bincount((distance_m / SOUND_M_S * RATE_HZ).astype(int), gain, len(out))
    return _without_rumble(out)


def in_room(samples: Float32Array, response: Float32Array) -> Float32Array:
    """Convolve, and shift back so that the direct sound stays where it was: (n,)."""
    delay = int(np.argmax(np.abs(response)))
    size = 1 << (len(samples) + len(response) - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    return wet[delay : delay + len(samples)].astype(np.float32)


def _images(
    size_m: float, source_m: float, microphone_m: float, reach_m: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Along one axis: distances of the images from the microphone, and how often each bounced."""
    n = np.arange(-int(reach_m / (2 * size_m)) - 1, int(reach_m / (2 * size_m)) + 2)
    even, odd = 2 * n * size_m + source_m, 2 * n * size_m - source_m
    at_m = np.concatenate((even, odd)) - microphone_m
    bounces = np.concatenate((np.abs(2 * n), np.abs(2 * n - 1)))
    return at_m, bounces


def _reflection(size_m: NDArray[np.float64], reverberation_s: float) -> float:
    """The walls' pressure reflection that gives a reverberation time (C. Eyring, 1930)."""
    volume, surface = np.prod(size_m), 2 * np.sum(size_m * np.roll(size_m, 1))
    absorption = 1.0 - np.exp(-0.161 * volume / (surface * reverberation_s))
    return float(np.sqrt(1.0 - absorption))


def _without_rumble(response: NDArray[np.float64]) -> Float32Array:
    """Without what all-positive images add up to below 50 Hz, as Allen and Berkley do."""
    size = 2 * len(response)
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    high_pass = (hz / 50.0) ** 2 / (1.0 + (hz / 50.0) ** 2)
    spectrum = np.fft.rfft(response, size) * high_pass
    return np.fft.irfft(spectrum, size)[: len(response)].astype(np.float32)


def _unit_energy(response: Float32Array) -> Float32Array:
    return response / np.sqrt(np.sum(np.square(response)))
