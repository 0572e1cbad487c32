"""Training windows before and after augmentation, as a sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.reporting.plots.style import figure
from edgecry.types import Float32Array

COLUMNS = 6


def window_sheet(
    path: Path, before: Float32Array, after: Float32Array, cry: NDArray[np.bool_]
) -> None:
    """before, after: (n, frames, mels), as the network gets them; cry: (n,), their labels."""
    rows = -(-len(cry) // COLUMNS)
    lowest, highest = float(after.min()), float(np.quantile(after, 0.999))
    with figure(path, 2.0 * COLUMNS, 2.6 * rows + 0.5) as drawn:
        drawn.suptitle("Training windows, above before and below after augmentation")
        for number, label in enumerate(cry):
            row, column = divmod(number, COLUMNS)
            for below, windows in enumerate((before, after)):
                place = (2 * row + below) * COLUMNS + column + 1
                axes = drawn.add_subplot(2 * rows, COLUMNS, place)
                axes.imshow(
                    windows[number].T,
                    origin="lower",
                    aspect="auto",
                    cmap="cividis",
                    vmin=lowest,
                    vmax=highest,
                )
                axes.set_xticks([])
                axes.set_yticks([])
                if not below:
                    axes.set_title("cry" if label else "non-cry", size=8)
