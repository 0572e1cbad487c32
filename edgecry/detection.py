"""Audio in, decisions out: the same path for the daemon, `replay` and `classify`. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from edgecry.config.schema import Detection, Settings
from edgecry.decision.cry import Cry, CryDetector, Thresholds
from edgecry.decision.evidence import Evidence
from edgecry.decision.own_sound import OwnSound
from edgecry.features.stream import FeatureStream
from edgecry.inference.manifest import Manifest
from edgecry.reasoning import Reasoner
from edgecry.types import AudioBlock, FeatureWindow, Reason, Score


class Scorer(Protocol):
    """What detection asks of a classifier."""

    @property
    def manifest(self) -> Manifest: ...
    def score(self, window: FeatureWindow) -> Score: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """What was concluded from one window; `now_s` is audio time at its end.

    reason: of the cry, experimental; None without a cry or without a reasons model.
    captured_mono_s: monotonic time at which the window's last sample was captured.
    own_sound: the monitor's own buzzer is in the window, so that it changed nothing.
    """

    now_s: float
    score: Score
    evidence: float
    cry: Cry | None
    reason: Reason | None = None
    captured_mono_s: float = 0.0
    own_sound: bool = False


class Detector:
    """Blocks -> windows -> scores -> evidence -> cry, and its reason if there is a reasoner.

    Windows that `own_sound` hides are scored, but are no evidence: they freeze all that follows.
    """

    def __init__(
        self,
        scorer: Scorer,
        thresholds: Thresholds,
        clear_after_s: float,
        reasoner: Reasoner | None = None,
        own_sound: OwnSound | None = None,
    ) -> None:
        features = scorer.manifest.features
        self.thresholds = thresholds
        self.sample_rate_hz = features.log_mel.sample_rate_hz
        self._scorer = scorer
        self._stream = FeatureStream(features.log_mel, features.window_frames)
        self._evidence = Evidence(features.smoothing_windows, self._stream.hop_samples)
        self.hop_s = self._stream.hop_samples / self.sample_rate_hz
        self._window_s = self._stream.window_samples / self.sample_rate_hz
        self._reasoner = reasoner
        self._own_sound = own_sound or OwnSound(tuple)
        self._cry = CryDetector(thresholds, clear_after_s, self._window_s)

    def hear(self, block: AudioBlock) -> Iterator[Decision]:
        """Take a block and yield a decision for every window that it completes."""
        for window in self._stream.push(block):
            later_s = (block.end_sample - window.end_sample) / block.sample_rate_hz
            yield self._decide(window, block.captured_mono_s - later_s)

    def finish(self) -> Iterator[Decision]:
        """The recording is over: one shorter than a window is padded, and so gets its decision."""
        for window in self._stream.pad_to_window():
            yield self._decide(window, captured_mono_s=0.0)

    def _decide(self, window: FeatureWindow, captured_mono_s: float) -> Decision:
        score = self._scorer.score(window)
        now_s = score.end_sample / self.sample_rate_hz
        own = self._own_sound.hides(captured_mono_s - self._window_s, captured_mono_s)
        if own:
            evidence = self._evidence.skip(score)
            cry = self._cry.skip(self.hop_s)
        else:
            evidence = self._evidence.update(score)
            cry = self._cry.step(evidence, now_s)
        reason = None
        if self._reasoner is not None:
            heard = not own and evidence >= self.thresholds.off
            reason = self._reasoner.hear(window, cry, heard)
        return Decision(now_s, score, evidence, cry, reason, captured_mono_s, own)


def detector_for(
    settings: Settings,
    scorer: Scorer,
    reasoner: Reasoner | None = None,
    own_sound: OwnSound | None = None,
) -> Detector:
    """The detector as the settings want it."""
    thresholds = thresholds_for(settings.detection, scorer.manifest)
    clear_after_s = settings.alarm.clear_after_s
    return Detector(scorer, thresholds, clear_after_s, reasoner, own_sound)


def thresholds_for(settings: Detection, manifest: Manifest) -> Thresholds:
    """The thresholds that the settings name: a model's operating point, or custom ones."""
    if settings.operating_point == "custom":
        if settings.on is None or settings.off is None:
            raise ValueError("operating_point custom needs both on and off")
        return Thresholds(settings.on, settings.off)
    point = manifest.operating_points[settings.operating_point]
    return Thresholds(point.on, point.off)
