"""A voice by the source-filter theory: a glottal source through the resonances of a tube. Pure.

G. Fant, Acoustic Theory of Speech Production, 1960. D. Klatt, Software for a cascade/parallel
formant synthesizer, JASA 67, 1980 (resonators). D. Klatt and L. Klatt, JASA 87, 1990 (source).
"""

from __future__ import annotations

import numpy as np

from edgecry.demo.sound import SAMPLE_RATE_HZ, FloatArray

SPEED_OF_SOUND_M_S = 354.0
"""In moist air at 37 degrees Celsius."""

_FRAME = 384
_HOP = _FRAME // 4
_FFT = 1024
_HIGHEST_HARMONIC_HZ = 7600.0


def tube_resonances_hz(length_m: float, count: int) -> FloatArray:
    """Resonances of a uniform tube closed at one end: (2k - 1) c / 4L, k = 1..count (Fant 1960)."""
    return (2.0 * np.arange(1, count + 1) - 1.0) * SPEED_OF_SOUND_M_S / (4.0 * length_m)


def glottal_source(f0_hz: FloatArray, tilt_db_per_octave: float) -> FloatArray:
    """Voiced source with the radiation at the lips in it: band-limited, so that nothing aliases.

    f0_hz: (n,) fundamental of each sample; an unvoiced stretch is made by its envelope, not here.
    tilt_db_per_octave: fall of the harmonics. The glottal flow falls by 12 dB per octave and the
    lips radiate its derivative, which leaves 6 for a modal voice; less for a pressed one.
    """
    turn = np.exp(2j * np.pi * np.cumsum(f0_hz) / SAMPLE_RATE_HZ)
    harmonic = np.ones_like(turn)
    out = np.zeros(len(f0_hz))
    exponent = tilt_db_per_octave / (20.0 * np.log10(2.0))
    for order in range(1, int(_HIGHEST_HARMONIC_HZ / f0_hz.min()) + 1):
        harmonic *= turn
        room_hz = _HIGHEST_HARMONIC_HZ - order * f0_hz
        out += np.clip(room_hz / 200.0, 0.0, 1.0) * order**-exponent * harmonic.real
    return out


def through_tract(
    source: FloatArray, formants_hz: FloatArray, bandwidths_hz: FloatArray
) -> FloatArray:
    """Filter a source by a cascade of moving formant resonators, by overlap-add.

    source: (n,). formants_hz: (n, k), moving slowly against 24 ms. bandwidths_hz: (k,).
    Returns (n,).
    """
    n = len(source)
    padded = np.zeros(n + 2 * _FRAME)
    padded[_FRAME : _FRAME + n] = source
    starts = np.arange(0, n + _FRAME, _HOP)
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(_FRAME) / _FRAME)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[starts] * window
    centres = np.clip(starts - _FRAME // 2, 0, n - 1)
    response = _cascade(formants_hz[centres], bandwidths_hz)
    filtered: FloatArray = np.fft.irfft(np.fft.rfft(frames, _FFT) * response, _FFT)
    out = np.zeros(len(padded) + _FFT)
    for start, frame in zip(starts, filtered, strict=True):
        out[start : start + _FFT] += frame
    overlap = float(np.sum(window)) / _HOP
    return out[_FRAME : _FRAME + n] / overlap


def _cascade(formants_hz: FloatArray, bandwidths_hz: FloatArray) -> FloatArray:
    """Complex response (frames, _FFT // 2 + 1) of resonators with unit gain at 0 Hz."""
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(_FFT))
    radius = np.exp(-np.pi * bandwidths_hz / SAMPLE_RATE_HZ)
    response = np.ones((len(formants_hz), len(delay)), complex)
    for k, r in enumerate(radius):
        b = 2.0 * r * np.cos(2.0 * np.pi * formants_hz[:, k, None] / SAMPLE_RATE_HZ)
        response *= (1.0 - b + r * r) / (1.0 - b * delay + r * r * delay**2)
    return response
