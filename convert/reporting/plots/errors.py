"""The recordings that the model got most wrong, as a sheet of spectrograms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.reporting.plots.spectrogram import draw_spectrogram
from convert.reporting.plots.style import figure

COLUMNS = 3
SHOWN_S = 8.0


def spectrogram_sheet(
    path: Path, title: str, sounds: Sequence[tuple[str, NDArray[np.float32]]], rate_hz: int
) -> None:
    """sounds: a caption and samples (n,) each; their first SHOWN_S are drawn."""
    rows = -(-len(sounds) // COLUMNS)
    with figure(path, 3.6 * COLUMNS, 2.1 * rows + 0.5) as drawn:
        drawn.suptitle(title)
        for number, (caption, samples) in enumerate(sounds):
            axes = drawn.add_subplot(rows, COLUMNS, number + 1)
            draw_spectrogram(axes, samples[: int(SHOWN_S * rate_hz)], rate_hz)
            axes.set_title(caption, size=7)
            axes.tick_params(labelsize=7)
            if number % COLUMNS == 0:
                axes.set_ylabel("kHz", size=7)
            if number >= len(sounds) - COLUMNS:
                axes.set_xlabel("s", size=7)
