"""`edgecry replay`: the daemon's own pipeline and alarms over recordings, at full speed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from edgecry.alarm_desk import AlarmDesk
from edgecry.capture.recording import open_recording
from edgecry.clock import ManualClock, SystemClock
from edgecry.config.schema import Settings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.decision.signal import Signal
from edgecry.detection import Decision, Scorer, detector_for
from edgecry.health.liveness import Liveness
from edgecry.outputs.messages import EventWriter
from edgecry.pipeline import Pipeline
from edgecry.reasoning import Reasoner, ReasonsScorer
from edgecry.report import identity_of
from edgecry.types import AlarmEvent, Event


def replay(
    file: str,
    scorer: Scorer,
    settings: Settings,
    seq: Iterator[int],
    tell: Callable[[dict[str, Any]], None],
    observe: Callable[[Decision], None],
    reasons: ReasonsScorer | None = None,
) -> None:
    """Call `tell` with every event as MQTT would carry it, plus `file` and `audio_s`.

    The clock moves with the audio, so stamps and alarms are those of a live run that begins now.
    `seq` numbers the events. Every decision goes to `observe`. Raises RecordingError if the file
    cannot be decoded.
    """
    clock = ManualClock(SystemClock().utc())
    detector = detector_for(settings, scorer, None if reasons is None else Reasoner(reasons))
    writer = EventWriter(identity_of(settings, scorer.manifest), clock)

    def sink(event: Event) -> None:
        assert isinstance(event, AlarmEvent), "a replay has no operator"
        fields = msgspec.to_builtins(writer.write(event)) | {"seq": next(seq)}
        tell(fields | {"file": file, "audio_s": round(event.at_s, 3)})

    Pipeline(
        source=open_recording(file, detector.sample_rate_hz, clock),
        detector=detector,
        desk=AlarmDesk(AlarmSystem(settings.alarm), _no_panel, [sink], clock),
        liveness=Liveness(settings.health.blind_after_s, clock.monotonic_s()),
        clock=clock,
        observe=observe,
    ).run()


def _no_panel(_signal: Signal) -> None:
    """A replay has no LED and no buzzer."""
