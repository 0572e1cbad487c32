"""Things drawn by weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike

Item = TypeVar("Item")


class Weighted(Generic[Item]):
    """Items, each drawn as often as its weight says. weights: (items,), above 0."""

    def __init__(self, items: Sequence[Item], weights: ArrayLike) -> None:
        self._items = items
        self._up_to = np.cumsum(weights)

    def draw(self, rng: np.random.Generator) -> Item:
        """One of them."""
        return self._items[int(np.searchsorted(self._up_to, self._up_to[-1] * rng.random()))]
