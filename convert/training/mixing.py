"""What a cot's surroundings do to a sound, on batches of windows in the mel power domain. Pure.

Powers of independent sounds add, so mixing here is mixing in the air, at a hundredth of the cost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convert.recipe import Augment
from edgecry.features.mel import MelParams, compress, mel_edges_hz
from edgecry.types import Float32Array

ACTIVE_SHARE = 0.3
"""The level of a sound is that of the loudest share of its frames: pauses do not count."""
HEARD_POWER = 1e-9
"""A window with less active power is silence, which has no level."""


def augment(
    log_power: Float32Array,
    background_log_power: Float32Array,
    settings: Augment,
    params: MelParams,
    rng: np.random.Generator,
) -> Float32Array:
    """Windows as a microphone at a cot would give them to the network.

    log_power, background_log_power: (n, frames, mels), natural log of mel power. Returns the
    model's input, (n, frames, mels) float32, with the device's floor and scaling.
    """
    n, frames, mels = log_power.shape
    mixed = rng.random(n) < settings.background_share
    snr_db = np.where(mixed, rng.uniform(*settings.snr_db, n), np.inf)
    mixture = mix(np.exp(log_power), np.exp(background_log_power), snr_db)
    gain = _db(rng.uniform(*settings.gain_db, n))[:, None]
    mixture *= (responses(n, settings, params, rng) * gain)[:, None, :]
    mixture += self_noise((n, frames, mels), settings, rng)
    return mask(compress(mixture, params), settings, rng)


def mix(power: Float32Array, background: Float32Array, snr_db: NDArray[np.float64]) -> Float32Array:
    """Add the background so that the sound is `snr_db` above it; (n,) of them, inf for none.

    A silent sound or background stays as it is: silence has no SNR.
    """
    sound, behind = active_power(power), active_power(background)
    gain = np.zeros(len(power), np.float32)
    heard = (sound > HEARD_POWER) & (behind > HEARD_POWER) & np.isfinite(snr_db)
    gain[heard] = sound[heard] / behind[heard] / _db(snr_db[heard])
    return power + gain[:, None, None] * background


def layered(log_powers: Float32Array, levels_db: NDArray[np.float64]) -> Float32Array:
    """Several sounds at once, each brought to a level of its own; silent ones stay silent.

    log_powers: (k, frames, mels), natural log of mel power; levels_db: (k,). Returns the log power
    of their sum, (frames, mels).
    """
    powers = np.exp(log_powers)
    active = active_power(powers)
    gains = np.where(active > HEARD_POWER, _db(levels_db) / np.maximum(active, HEARD_POWER), 1.0)
    return np.log(np.einsum("k,kfm->fm", gains.astype(np.float32), powers))


def active_power(power: Float32Array) -> Float32Array:
    """Mean mel power of the loudest ACTIVE_SHARE of the frames: (n, frames, mels) -> (n,)."""
    mels = power.shape[2]
    frames = power @ np.full(mels, 1.0 / mels, np.float32)
    loudest = max(1, round(ACTIVE_SHARE * frames.shape[1]))
    return np.partition(frames, -loudest, axis=1)[:, -loudest:].mean(axis=1)


def self_noise(
    shape: tuple[int, int, int], settings: Augment, rng: np.random.Generator
) -> Float32Array:
    """The noise of n microphones and their amplifiers, (n, frames, mels) mel power.

    A band of white noise is about a sum of two exponentials: their mean is the log of a product.
    """
    low, high = np.log(settings.self_noise_power)
    level = np.exp(rng.uniform(low, high, (shape[0], 1, 1))).astype(np.float32)
    product = rng.random(shape, dtype=np.float32)
    product *= rng.random(shape, dtype=np.float32)
    product += np.float32(1e-15)  # never the logarithm of 0
    np.log(product, out=product)
    product *= np.float32(-0.5) * level
    return product


def responses(
    n: int, settings: Augment, params: MelParams, rng: np.random.Generator
) -> Float32Array:
    """Power responses of n microphones and channels, (n, mels): tilt, microphone, band limits.

    They come to cries and non-cries alike, or the network would learn that a cry is what came
    over a phone.
    """
    hz = mel_edges_hz(params)[1:-1].astype(np.float32)
    position = np.linspace(-1.0, 1.0, params.mels, dtype=np.float32)
    tilt_db = rng.uniform(-settings.tilt_db, settings.tilt_db, (n, 1)) * position
    wave = np.sin(np.pi * (position * rng.uniform(0.5, 2.0, (n, 1)) + rng.uniform(0, 2, (n, 1))))
    tilt_db = tilt_db + 0.4 * settings.tilt_db * rng.uniform(-1, 1, (n, 1)) * wave
    limited = rng.random((n, 1)) < settings.band_limit_share
    cut_hz = np.where(rng.random((n, 1)) < 0.6, rng.uniform(3200, 4000, (n, 1)), 0.0)
    cut_hz = np.where(cut_hz > 0, cut_hz, rng.uniform(4000, 7500, (n, 1)))
    steep_db = rng.uniform(60, 200, (n, 1))
    over_octaves = np.maximum(0.0, np.log2(hz / cut_hz))
    under_octaves = np.maximum(0.0, np.log2(rng.uniform(100, 350, (n, 1)) / hz))
    limit_db = -steep_db * over_octaves - 18.0 * under_octaves
    colouring_db = np.where(
        rng.random((n, 1)) < settings.microphone_share, microphones_db(hz, n, rng), 0.0
    )
    return _db(tilt_db + colouring_db + np.where(limited, limit_db, 0.0))


def microphones_db(hz: Float32Array, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Responses of n small microphones in their cases, (n, len(hz)) dB.

    A first-order high-pass (the vent of the capsule or the coupling capacitor), the resonance of
    the sound port (2.5 to 7.5 kHz), and a notch or bump where the case reflects.
    """
    corner_hz = np.exp(rng.uniform(np.log(20.0), np.log(400.0), (n, 1)))
    low_db = -10.0 * np.log10(1.0 + (corner_hz / hz) ** 2)
    port_hz, port_db = rng.uniform(2500.0, 7500.0, (n, 1)), rng.uniform(0.0, 12.0, (n, 1))
    port = np.exp(-((np.log2(hz / port_hz) / rng.uniform(0.15, 0.6, (n, 1))) ** 2))
    case_hz = np.exp(rng.uniform(np.log(400.0), np.log(5000.0), (n, 1)))
    case = np.exp(-((np.log2(hz / case_hz) / rng.uniform(0.1, 0.5, (n, 1))) ** 2))
    return low_db + port_db * port + rng.uniform(-8.0, 4.0, (n, 1)) * case


def mask(windows: Float32Array, settings: Augment, rng: np.random.Generator) -> Float32Array:
    """SpecAugment (D. Park et al., 2019): hide a band of mels and a stretch of frames, in place."""
    n, frames, mels = windows.shape
    chosen = np.flatnonzero(rng.random(n) < settings.mask_share)
    for row in chosen:
        window = windows[row]
        hidden = window.mean()
        first, last = _stretch(mels, settings.mask_mels, rng)
        window[:, first:last] = hidden
        first, last = _stretch(frames, settings.mask_frames, rng)
        window[first:last] = hidden
    return windows


def mixup(
    windows: Float32Array, targets: Float32Array, settings: Augment, rng: np.random.Generator
) -> tuple[Float32Array, Float32Array]:
    """Blend some windows and their targets with others of the batch (H. Zhang et al., 2018).

    windows: (n, ...); targets: (n, 1). Blends what the network sees, as published; a sound over
    another sound is `mix`.
    """
    chosen = np.flatnonzero(rng.random(len(windows)) < settings.mixup_share)
    others = rng.integers(len(windows), size=len(chosen))
    share = rng.beta(settings.mixup_alpha, settings.mixup_alpha, len(chosen)).astype(np.float32)

    def blended(values: Float32Array) -> Float32Array:
        kept = share.reshape(-1, *[1] * (values.ndim - 1))
        out = values.copy()
        out[chosen] = kept * values[chosen] + (1.0 - kept) * values[others]
        return out

    return blended(windows), blended(targets)


def _stretch(size: int, widest: int, rng: np.random.Generator) -> tuple[int, int]:
    """First and one past last of a random stretch of at most `widest`."""
    width = min(int(rng.integers(0, widest + 1)), size)
    first = int(rng.integers(0, size - width + 1))
    return first, first + width


def _db(db: NDArray[np.float64]) -> Float32Array:
    return np.power(np.float32(10.0), np.asarray(db, np.float32) / np.float32(10.0))
