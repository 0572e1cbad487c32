"""What is heard over a cry besides the background: voices, music, alarms."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convert.training.bank import BankedClip
from convert.training.weighted import Weighted

KINDS = {
    "voices": re.compile(r"speech|voice|talk|laugh|crowd|cafe|babble"),
    "music": re.compile(r"music|melody|instrument|jazz|guitar|carousel|ringtone|song"),
    "alarms": re.compile(r"alarm|beep|siren|bell"),
}
"""What the `fine` label of a non-cry says."""
MOST_VOICES = 4


class Overlays:
    """Draws non-cries of these kinds, each kind as often as another, by weight within it."""

    def __init__(self, noncries: Sequence[BankedClip], weights: NDArray[np.float64]) -> None:
        self._kinds = {}
        for kind, words in KINDS.items():
            rows = [i for i, clip in enumerate(noncries) if words.search(clip.fine)]
            if rows:
                self._kinds[kind] = Weighted([noncries[i] for i in rows], weights[rows])

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def draw(self, rng: np.random.Generator) -> list[BankedClip]:
        """One clip to lay over, or one to MOST_VOICES of them if they are voices: babble."""
        kind = list(self._kinds)[rng.integers(len(self._kinds))]
        count = rng.integers(1, MOST_VOICES + 1) if kind == "voices" else 1
        return [self._kinds[kind].draw(rng) for _ in range(count)]
