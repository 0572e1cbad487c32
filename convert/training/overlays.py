"""What is heard over a cry besides the background: voices, music, alarms."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from convert.training.bank import BankedClip

KINDS = {
    "voices": re.compile(r"speech|voice|talk|laugh|crowd|cafe|babble|singing"),
    "music": re.compile(r"music|melody|instrument|jazz|guitar|carousel|ringtone|song"),
    "alarms": re.compile(r"alarm|beep|siren|bell"),
}
"""What the `fine` label of a non-cry says."""
MOST_VOICES = 4


class Overlays:
    """Draws non-cries of these kinds, each kind as often as another."""

    def __init__(self, noncries: Sequence[BankedClip]) -> None:
        found = {
            kind: [c for c in noncries if words.search(c.fine)] for kind, words in KINDS.items()
        }
        self._kinds = {kind: clips for kind, clips in found.items() if clips}

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def draw(self, rng: np.random.Generator) -> list[BankedClip]:
        """One clip to lay over, or one to MOST_VOICES of them if they are voices: babble."""
        kind = list(self._kinds)[rng.integers(len(self._kinds))]
        clips = self._kinds[kind]
        count = rng.integers(1, MOST_VOICES + 1) if kind == "voices" else 1
        return [clips[i] for i in rng.integers(len(clips), size=count)]
