"""`edgecry replay`: the daemon's own pipeline and alarms over a recording, at full speed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from edgecry.alarm_desk import AlarmDesk
from edgecry.app import alarm_times
from edgecry.capture.recording import open_recording
from edgecry.clock import ManualClock
from edgecry.config.schema import Settings
from edgecry.decision.alarm import Alarm, AlarmBoard
from edgecry.decision.signal import Signal
from edgecry.detection import Decision, Detector, Scorer, thresholds_for
from edgecry.health.liveness import Liveness
from edgecry.pipeline import Pipeline
from edgecry.types import AlarmEvent


def replay(
    file: str,
    scorer: Scorer,
    settings: Settings,
    clock: ManualClock,
    tell: Callable[[AlarmEvent], None],
    scores: TextIO | None = None,
) -> None:
    """Call `tell` with every event, in order; write `t_s,p_cry` rows to `scores` if given.

    `clock` is moved along with the audio, so that UTC stamps are those of a live run that began
    when the clock stood where it stands now. Raises RecordingError if the file cannot be decoded.
    """
    thresholds = thresholds_for(settings.detection, scorer.manifest)
    detector = Detector(scorer, thresholds, settings.alarm.clear_after_s)

    def sink(event: AlarmEvent, _raised: tuple[Alarm, ...]) -> None:
        tell(event)

    def observe(decision: Decision) -> None:
        if scores is not None:
            scores.write(f"{decision.now_s:.3f},{decision.score.p_cry:.6f}\n")

    pipeline = Pipeline(
        source=open_recording(file, detector.sample_rate_hz, clock),
        detector=detector,
        desk=AlarmDesk(AlarmBoard(alarm_times(settings)), _no_panel, [sink], clock),
        liveness=Liveness(settings.health.blind_after_s, clock.monotonic_s()),
        clock=clock,
        observe=observe,
    )
    pipeline.run()


def _no_panel(_signal: Signal) -> None:
    """A replay has no LED and no buzzer."""
