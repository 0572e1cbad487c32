"""The log-mel spectrogram: the one implementation, for training and for the device.

Definition, for samples x at full scale 1.0 (parameters in `MelParams`, values of the shipped model
in brackets):

- frame k covers samples [k * hop, k * hop + window), not centred, no pre-emphasis
  [hop 160 = 10 ms, window 400 = 25 ms at 16 kHz];
- periodic Hann window, zero-padded to the FFT size [512], power spectrum |X|^2, no normalisation,
  in float64 (a float32 window would bury bands 60 dB under the loudest one) and float32 from there;
- triangular filters on the HTK mel scale, 2595 log10(1 + f / 700), with unit peak (not area
  normalised), edges equally spaced in mel [64 filters, 125 Hz to 7500 Hz];
- natural logarithm with a floor, ln(max(power, floor)) [floor 1e-6, one band of white noise
  near -85 dBFS: under it there is nothing to hear, only bit depth and codec to learn];
- scaling to what a network likes: (ln(...) - offset) / scale [offset -5, scale 5 nats].

Mel scale: S. Young et al., The HTK Book, 5.4. Frames and bands are those of YAMNet (AudioSet).
The result equals librosa's `feature.melspectrogram(center=False, htk=True, norm=None)` when frames
are aligned: librosa centres a short window inside the FFT, which here starts at its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgecry.types import Float32Array

FRAMES_PER_BATCH = 24
"""Frames are always computed this many at a time. The rounding of a matrix product depends on its
shape, so one fixed shape is what makes streaming equal batch bit for bit."""


@dataclass(frozen=True, slots=True)
class MelParams:
    """The definition of a log-mel spectrogram; lives in the model's manifest."""

    sample_rate_hz: int = 16000
    window_samples: int = 400
    hop_samples: int = 160
    fft_samples: int = 512
    mels: int = 64
    low_hz: float = 125.0
    high_hz: float = 7500.0
    floor: float = 1e-6
    offset_nats: float = -5.0
    scale_nats: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < self.hop_samples <= self.window_samples <= self.fft_samples:
            raise ValueError("need 0 < hop_samples <= window_samples <= fft_samples")
        if not 0 <= self.low_hz < self.high_hz <= self.sample_rate_hz / 2:
            raise ValueError("need 0 <= low_hz < high_hz <= sample_rate_hz / 2")
        if self.mels < 1 or self.floor <= 0 or self.scale_nats <= 0:
            raise ValueError("need mels >= 1, floor > 0 and scale_nats > 0")


def frame_count(samples: int, params: MelParams) -> int:
    """How many whole frames fit into `samples` samples."""
    return max(0, (samples - params.window_samples) // params.hop_samples + 1)


def span_samples(frames: int, params: MelParams) -> int:
    """How many samples `frames` consecutive frames cover."""
    return (frames - 1) * params.hop_samples + params.window_samples


class LogMel:
    """Computes log-mel frames; holds the window and the filters, and no state."""

    def __init__(self, params: MelParams) -> None:
        self.params = params
        n = np.arange(params.window_samples)
        self._hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / params.window_samples)
        self._filters = mel_filters(params)

    def batch(self, samples: Float32Array) -> Float32Array:
        """Log-mel of exactly FRAMES_PER_BATCH frames.

        samples: (span_samples(FRAMES_PER_BATCH),) float32.
        Returns (FRAMES_PER_BATCH, mels) float32.
        """
        p = self.params
        frames = np.lib.stride_tricks.sliding_window_view(samples, p.window_samples)
        spectrum = np.fft.rfft(frames[:: p.hop_samples] * self._hann, n=p.fft_samples, axis=-1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        mel = power.astype(np.float32) @ self._filters
        return compress(mel, p)

    def __call__(self, samples: Float32Array) -> Float32Array:
        """Log-mel of every whole frame in a recording.

        samples: (n,) float32. Returns (frame_count(n), mels) float32.
        """
        p = self.params
        frames = frame_count(len(samples), p)
        batches = -(-frames // FRAMES_PER_BATCH)
        padded = np.zeros(max(0, span_samples(batches * FRAMES_PER_BATCH, p)), np.float32)
        used = min(len(samples), len(padded))
        padded[:used] = samples[:used]
        out = np.empty((batches * FRAMES_PER_BATCH, p.mels), np.float32)
        span, step = span_samples(FRAMES_PER_BATCH, p), FRAMES_PER_BATCH * p.hop_samples
        for i in range(batches):
            rows = slice(i * FRAMES_PER_BATCH, (i + 1) * FRAMES_PER_BATCH)
            out[rows] = self.batch(padded[i * step : i * step + span])
        return out[:frames]


def compress(mel_power: Float32Array, params: MelParams) -> Float32Array:
    """Floor, natural logarithm and scaling: mel power of any shape -> log-mel of that shape."""
    log_power: Float32Array = np.log(np.maximum(mel_power, np.float32(params.floor)))
    return (log_power - np.float32(params.offset_nats)) / np.float32(params.scale_nats)


def mel_edges_hz(params: MelParams) -> NDArray[np.float64]:
    """Where the filters begin, peak and end: filter m rises from edge m over m + 1 to m + 2.

    Returns (mels + 2,) float64, in hertz.
    """
    low_mel, high_mel = 2595.0 * np.log10(1.0 + np.array([params.low_hz, params.high_hz]) / 700.0)
    edges_mel = np.linspace(low_mel, high_mel, params.mels + 2)
    return np.asarray(700.0 * (10.0 ** (edges_mel / 2595.0) - 1.0))


def mel_filters(params: MelParams) -> Float32Array:
    """Triangular filters with unit peak: (fft_samples // 2 + 1, mels) float32.

    Raises ValueError if a filter is so narrow that it covers no FFT bin.
    """
    bin_hz = np.arange(params.fft_samples // 2 + 1) * params.sample_rate_hz / params.fft_samples
    edges_hz = mel_edges_hz(params)
    low, centre, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bin_hz[:, None] - low) / (centre - low)
    falling = (high - bin_hz[:, None]) / (high - centre)
    filters = np.maximum(0.0, np.minimum(rising, falling))
    if not filters.any(axis=0).all():
        raise ValueError(
            f"{params.mels} mel filters are too many for {params.fft_samples} FFT points"
        )
    return filters.astype(np.float32)
