"""Part of a recording and what the detector makes of it, decision by decision."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgecry.decision.cry import Cry
from edgecry.detection import Decision, Detector
from edgecry.types import AudioBlock, Float32Array


@dataclass(frozen=True, slots=True)
class Passage:
    """All times in seconds from the beginning of the recording.

    samples: (n,) from first_s on. end_s, p_cry, evidence: (windows,), of those that end in it.
    cries: those that were heard in it. goes_on: the recording does, after the last sample.
    """

    first_s: float
    samples: Float32Array
    rate_hz: int
    end_s: NDArray[np.float64]
    p_cry: NDArray[np.float64]
    evidence: NDArray[np.float64]
    cries: tuple[Cry, ...]
    goes_on: bool

    @property
    def last_s(self) -> float:
        return self.first_s + len(self.samples) / self.rate_hz

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Onset and end of each cry; the padding of a short recording is no part of it.

        The end is infinite where a cry is heard in the last window and the recording goes on.
        """
        return [(cry.onset_s, self._end_s(cry)) for cry in self.cries]

    def _end_s(self, cry: Cry) -> float:
        if self.goes_on and cry.heard_s == self.end_s[-1]:
            return math.inf
        return min(cry.heard_s, self.last_s)


def listen(
    audio: Iterable[Float32Array], detector: Detector, first_s: float, last_s: float
) -> Passage:
    """Hear a recording from its beginning, as the device would, and keep what is between.

    audio: (n,) each at the detector's rate. What comes after last_s is not heard; samples is empty
    where the recording ends before first_s.
    """
    rate_hz = detector.sample_rate_hz
    first, last = round(first_s * rate_hz), round(last_s * rate_hz)
    kept = [np.zeros(0, np.float32)]
    decisions: list[Decision] = []
    at = 0
    goes_on = False
    for part in audio:
        heard = part[: last - at]
        # A copy, because an empty view would keep all of its part in memory.
        kept.append(heard[max(0, first - at) :].copy())
        decisions += detector.hear(AudioBlock(heard, rate_hz, at, captured_mono_s=0.0))
        at += len(part)
        goes_on = at > last
        if goes_on:
            break
    if not goes_on:
        decisions += detector.finish()
    cries = {d.cry.detected_s: d.cry for d in decisions if d.cry}
    inside = [d for d in decisions if d.now_s >= first_s]
    return Passage(
        first_s=first / rate_hz,
        samples=np.concatenate(kept),
        rate_hz=rate_hz,
        end_s=np.array([d.now_s for d in inside]),
        p_cry=np.array([d.score.p_cry for d in inside]),
        evidence=np.array([d.evidence for d in inside]),
        cries=tuple(cry for cry in cries.values() if cry.heard_s > first_s),
        goes_on=goes_on,
    )
