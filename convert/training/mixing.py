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
    n = len(log_power)
    power = np.exp(log_power)
    mixed = rng.random(n) < settings.background_share
    snr_db = rng.uniform(*settings.snr_db, n)
    mixture = mix(power, np.exp(background_log_power), np.where(mixed, snr_db, np.inf))
    mixture *= responses(n, settings, params, rng)[:, None, :]
    mixture *= _db(rng.uniform(*settings.gain_db, n))[:, None, None]
    low, high = np.log(settings.self_noise_power)
    self_noise = np.exp(rng.uniform(low, high, n))[:, None, None].astype(np.float32)
    mixture += self_noise * rng.gamma(2.0, 0.5, mixture.shape).astype(np.float32)
    return mask(compress(mixture, params), settings, rng)


def mix(power: Float32Array, background: Float32Array, snr_db: NDArray[np.float64]) -> Float32Array:
    """Add the background so that the sound is `snr_db` above it; (n,) of them, inf for none.

    A silent sound or background stays as it is: silence has no SNR.
    """
    sound, behind = active_power(power), active_power(background)
    gain = np.zeros(len(power), np.float32)
    heard = (sound > 1e-9) & (behind > 1e-9) & np.isfinite(snr_db)
    gain[heard] = sound[heard] / behind[heard] / _db(snr_db[heard])
    return power + gain[:, None, None] * background


def active_power(power: Float32Array) -> Float32Array:
    """Mean mel power of the loudest ACTIVE_SHARE of the frames: (n, frames, mels) -> (n,)."""
    frames = power.mean(axis=2)
    loudest = max(1, round(ACTIVE_SHARE * frames.shape[1]))
    return np.partition(frames, -loudest, axis=1)[:, -loudest:].mean(axis=1)


def responses(
    n: int, settings: Augment, params: MelParams, rng: np.random.Generator
) -> Float32Array:
    """Power responses of n microphones and channels, (n, mels): a tilt, and band limits.

    The band limits come to cries and non-cries alike, or the network would learn that a cry is
    what came over a phone.
    """
    hz = mel_edges_hz(params)[1:-1]
    position = np.linspace(-1.0, 1.0, params.mels)
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
    return _db(tilt_db + np.where(limited, limit_db, 0.0))


def mask(windows: Float32Array, settings: Augment, rng: np.random.Generator) -> Float32Array:
    """SpecAugment (D. Park et al., 2019): hide a band of mels and a stretch of frames."""
    n, frames, mels = windows.shape
    for axis_size, widest, along in (
        (mels, settings.mask_mels, (0, 2)),
        (frames, settings.mask_frames, (0, 1)),
    ):
        chosen = rng.random(n) < settings.mask_share
        width = np.where(chosen, rng.integers(0, widest + 1, n), 0)
        first = (rng.random(n) * (axis_size - width)).astype(int)
        at = np.arange(axis_size)
        hidden = (at >= first[:, None]) & (at < (first + width)[:, None])
        hidden = hidden[:, None, :] if along == (0, 2) else hidden[:, :, None]
        windows = np.where(hidden, windows.mean(axis=(1, 2), keepdims=True), windows)
    return windows


def _db(db: NDArray[np.float64]) -> Float32Array:
    return (10.0 ** (np.asarray(db) / 10.0)).astype(np.float32)
