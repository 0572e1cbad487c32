"""Which windows speak for the reason of a cry, and the reason that they give. No I/O.

Experimental, and apart from everything that an alarm depends on.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from numpy.typing import NDArray

from edgecry.decision.cry import Cry
from edgecry.decision.reason import WindowPool, reason_of
from edgecry.inference.reasons_manifest import ReasonsManifest
from edgecry.types import FeatureWindow, Reason

EARLIER_WINDOWS = 4
"""Most windows of a cry that are kept until it is detected: about a second of overlapping ones."""


class ReasonsScorer(Protocol):
    """What reasoning asks of a reasons model."""

    @property
    def manifest(self) -> ReasonsManifest: ...
    def logits(self, window: FeatureWindow) -> NDArray[Any] | None:
        """Dequantized logits, (labels,); None if the model has failed on this window."""
        ...


class Reasoner:
    """Pools the windows in which a detected cry is heard, and no others.

    A window counts if the evidence at its end is at the `off` threshold or above: from the onset of
    the cry on, though at most EARLIER_WINDOWS of those before its detection, and without the lulls
    in it. Each cry begins afresh, or with `whole_recording` all cries are pooled.
    """

    def __init__(self, scorer: ReasonsScorer, *, whole_recording: bool = False) -> None:
        self._scorer = scorer
        self._whole_recording = whole_recording
        self._earlier: deque[FeatureWindow] = deque(maxlen=EARLIER_WINDOWS)
        self._begin()

    def hear(self, window: FeatureWindow, cry: Cry | None, heard: bool) -> Reason | None:
        """Take the next window, with the current cry and whether it is heard in this window.

        Returns the reason of the current cry as far as it was heard; None without a cry, and after
        a window on which the model failed.
        """
        if not heard:
            self._earlier.clear()
        elif cry is None:
            self._earlier.append(window)
        else:
            for each in (*self._earlier, window):
                self._add(each)
            self._earlier.clear()
        if cry is None and not self._whole_recording:
            self._begin()
        return None if cry is None else self._reason

    def _begin(self) -> None:
        self._pool = WindowPool(len(self._scorer.manifest.labels))
        self._reason: Reason | None = None

    def _add(self, window: FeatureWindow) -> None:
        logits = self._scorer.logits(window)
        self._reason = None
        if logits is not None:
            self._pool.add(logits)
            self._reason = reason_of(self._pool.log_mean, self._scorer.manifest)
