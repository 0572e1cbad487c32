"""What networks say of babies that they were not trained with. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edgecry.inference.reasons_manifest import log_softmax
from edgecry.types import Float32Array

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Clips, each judged by a network that no clip of its baby trained; with several seeds a clip
    comes once for each.

    clip: (clips,), its number. labels: (clips,), of `classes` classes. groups: the babies.
    majority: the most frequent class of the training. log_mean: (clips, classes), logarithm of the
    mean over a clip's windows of the network's probabilities, which is what a device calibrates.
    """

    clip: Numbers
    labels: Numbers
    groups: NDArray[np.str_]
    majority: Numbers
    log_mean: Floats

    @property
    def classes(self) -> int:
        """How many there are."""
        return self.log_mean.shape[1]

    @property
    def seeds(self) -> float:
        """How often a clip comes."""
        return len(self.clip) / len(np.unique(self.clip))

    def at(self, which: NDArray[np.bool_]) -> OutOfFold:
        """Some of the clips."""
        return replace(
            self,
            clip=self.clip[which],
            labels=self.labels[which],
            groups=self.groups[which],
            majority=self.majority[which],
            log_mean=self.log_mean[which],
        )


def joined(parts: Sequence[OutOfFold]) -> OutOfFold:
    """All folds of all seeds."""
    return OutOfFold(
        clip=np.concatenate([p.clip for p in parts]),
        labels=np.concatenate([p.labels for p in parts]),
        groups=np.concatenate([p.groups for p in parts]),
        majority=np.concatenate([p.majority for p in parts]),
        log_mean=np.concatenate([p.log_mean for p in parts]),
    )


def log_means(logits: Float32Array, clip_of: Numbers) -> Floats:
    """(windows, classes) -> (clips, classes), the clips in the order of their numbers.

    clip_of: (windows,), the number of the clip that a window is of.
    """
    log_p = log_softmax(logits)
    own = [log_p[clip_of == clip] for clip in np.unique(clip_of)]
    return np.stack([np.logaddexp.reduce(windows) - np.log(len(windows)) for windows in own])
