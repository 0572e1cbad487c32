"""`edgecry classify`: is there a cry in this recording, and when?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from edgecry.capture.recording import open_recording
from edgecry.clock import ManualClock
from edgecry.config.schema import Settings
from edgecry.decision.cry import Cry
from edgecry.decision.evidence import recording_p_cry
from edgecry.detection import Decision, Scorer, detector_for
from edgecry.errors import EndOfAudio, ModelError
from edgecry.outputs.messages import reason_message
from edgecry.reasoning import Reasoner, ReasonsScorer
from edgecry.types import Reason

READ_TIMEOUT_S = 30.0


@dataclass(slots=True)
class Verdict:
    """What was found in one recording; times in seconds from its beginning.

    reason: experimental, over all its cries; None without a cry, or where it was not asked for.
    """

    file: str
    smoothing_windows: int
    duration_s: float = 0.0
    cries: list[Cry] = field(default_factory=list)
    scores: list[tuple[float, float]] = field(default_factory=list)
    reason: Reason | None = None

    @property
    def p_cry(self) -> float:
        """What ranks recordings, 0..1."""
        return recording_p_cry((p_cry for _, p_cry in self.scores), self.smoothing_windows)

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Onset and end of every cry; the padding of a short recording is no part of it."""
        return [(cry.onset_s, min(cry.heard_s, self.duration_s)) for cry in self.cries]

    def take(self, decision: Decision) -> None:
        """Add the decision on the next window."""
        self.scores.append((decision.now_s, decision.score.p_cry))
        if decision.cry is None:
            return
        self.reason = decision.reason
        if self.cries and self.cries[-1].detected_s == decision.cry.detected_s:
            self.cries[-1] = decision.cry
        else:
            self.cries.append(decision.cry)


def classify(
    file: str, scorer: Scorer, settings: Settings, reasons: ReasonsScorer | None = None
) -> Verdict:
    """Run one recording through the device's own path, as fast as possible.

    Raises RecordingError if it cannot be decoded, ModelError if the reasons model fails on it.
    """
    reasoner = None if reasons is None else Reasoner(reasons, whole_recording=True)
    detector = detector_for(settings, scorer, reasoner)
    verdict = Verdict(file, scorer.manifest.features.smoothing_windows)
    source = open_recording(file, detector.sample_rate_hz, ManualClock())
    try:
        while True:
            block = source.read(READ_TIMEOUT_S)
            if block is None:
                continue
            verdict.duration_s = block.end_sample / block.sample_rate_hz
            for decision in detector.hear(block):
                verdict.take(decision)
    except EndOfAudio:
        for decision in detector.finish():
            verdict.take(decision)
    finally:
        source.close()
    if reasons is not None and verdict.cries and verdict.reason is None:
        raise ModelError(f"{file}: the reasons model failed on it; try without --reasons")
    return verdict


def as_json(verdict: Verdict, scorer: Scorer, with_scores: bool) -> dict[str, Any]:
    """The object that `--json` prints, one line a file."""
    found: dict[str, Any] = {
        "file": verdict.file,
        "duration_s": round(verdict.duration_s, 3),
        "cry": bool(verdict.cries),
        "p_cry": round(verdict.p_cry, 6),
        "events": [
            {
                "onset_s": round(onset_s, 3),
                "end_s": round(end_s, 3),
                "detected_s": round(cry.detected_s, 3),
                "peak_p_cry": round(cry.peak_p_cry, 6),
            }
            for cry, (onset_s, end_s) in zip(verdict.cries, verdict.spans, strict=True)
        ],
    }
    if with_scores:
        found["scores"] = [[round(end_s, 3), round(p_cry, 6)] for end_s, p_cry in verdict.scores]
    reason = verdict.reason
    found["reasons"] = None if reason is None else msgspec.to_builtins(reason_message(reason))
    found["model"] = msgspec.to_builtins(scorer.manifest.model)
    return found


def as_text(verdict: Verdict) -> str:
    """The line that a person reads."""
    spans = ", ".join(f"{onset_s:.1f} to {end_s:.1f} s" for onset_s, end_s in verdict.spans)
    found = f"cry      {spans}" if verdict.cries else "no cry"
    guess = "" if verdict.reason is None else f", {verdict.reason}"
    numbers = f"p_cry {verdict.p_cry:.3f}, {verdict.duration_s:.1f} s"
    return f"{verdict.file}: {found}  ({numbers}){guess}"
