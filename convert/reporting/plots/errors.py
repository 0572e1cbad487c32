"""The recordings that the model got most wrong, as a sheet of spectrograms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.reporting.plots.style import figure

COLUMNS = 3
SHOWN_S = 8.0
FFT_SAMPLES, HOP_SAMPLES = 512, 160
RANGE_DB = 70.0


def spectrogram_sheet(
    path: Path, title: str, sounds: Sequence[tuple[str, NDArray[np.float32]]], rate_hz: int
) -> None:
    """sounds: a caption and samples (n,) each; their first SHOWN_S are drawn."""
    rows = -(-len(sounds) // COLUMNS)
    with figure(path, 3.6 * COLUMNS, 2.1 * rows + 0.5) as drawn:
        drawn.suptitle(title)
        for number, (caption, samples) in enumerate(sounds):
            axes = drawn.add_subplot(rows, COLUMNS, number + 1)
            level_db = spectrogram_db(samples[: int(SHOWN_S * rate_hz)])
            axes.imshow(
                level_db.T,
                origin="lower",
                aspect="auto",
                cmap="cividis",
                vmin=level_db.max() - RANGE_DB,
                vmax=level_db.max(),
                extent=(0, len(level_db) * HOP_SAMPLES / rate_hz, 0, rate_hz / 2000),
            )
            axes.set_title(caption, size=7)
            axes.tick_params(labelsize=7)
            if number % COLUMNS == 0:
                axes.set_ylabel("kHz", size=7)
            if number >= len(sounds) - COLUMNS:
                axes.set_xlabel("s", size=7)


def spectrogram_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """(frames, bins) of a Hann window."""
    padded = np.pad(samples, (0, max(0, FFT_SAMPLES - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT_SAMPLES)[::HOP_SAMPLES]
    power = np.abs(np.fft.rfft(frames * np.hanning(FFT_SAMPLES), axis=1)) ** 2
    return np.asarray(10 * np.log10(power + 1e-10))
