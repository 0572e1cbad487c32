"""What a ward would hear in a recording: alarms, escalations, and for how long the buzzer sounds.

Run it as `python tests/measure_alarms.py [RECORDING]`, by default over a synthetic hour. Each
row is somebody who presses the button so many seconds after an alarm has started, or nobody.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from edgecry.alarm_desk import AlarmDesk
from edgecry.capture.recording import open_recording
from edgecry.clock import ManualClock
from edgecry.config.schema import Settings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.decision.schedule import Schedule
from edgecry.demo.scene import build_scene
from edgecry.detection import Decision, Detector, detector_for
from edgecry.errors import EndOfAudio
from edgecry.inference.classifier import load_classifier
from edgecry.types import AlarmEvent, AudioBlock, Event

HOUR_S = 3600.0
SEED = 1
ANSWERS_S = (None, 20.0)


@dataclass(slots=True)
class Heard:
    """alarms: started. medium: of them, those that became medium. again: announced again.

    sounding_s: how long the buzzer was on. pulses: how often it was switched on.
    """

    alarms: int = 0
    medium: int = 0
    again: int = 0
    sounding_s: float = 0.0
    pulses: int = 0


class Cot:
    """The alarm system and the buzzer's schedule, on the time of the recording."""

    def __init__(self, settings: Settings, threshold: float, answers_s: float | None) -> None:
        self.heard = Heard()
        self._threshold = threshold
        self._answers_s = answers_s
        self._comes_at_s: float | None = None
        self._clock = ManualClock()
        self._schedule = Schedule()
        self._buzzer = False
        self._desk = AlarmDesk(
            AlarmSystem(settings.alarm),
            lambda signal: self._schedule.show(signal, self._clock.monotonic_s()),
            [self._count],
            self._clock,
        )

    def hear(self, decision: Decision) -> None:
        """The next decision, in order."""
        self._pass_to(decision.now_s)
        self._desk.decided(decision, self._threshold)
        if self._comes_at_s is not None and decision.now_s >= self._comes_at_s:
            self._comes_at_s = None
            self._desk.short_press("button")

    def _pass_to(self, until_s: float) -> None:
        while (left_s := until_s - self._clock.monotonic_s()) > 1e-9:
            levels = self._schedule.levels(self._clock.monotonic_s())
            step_s = min(left_s, levels.change_in_s or left_s)
            self.heard.pulses += levels.buzzer and not self._buzzer
            self.heard.sounding_s += step_s if levels.buzzer else 0.0
            self._buzzer = levels.buzzer
            self._clock.advance(step_s)

    def _count(self, event: Event) -> None:
        if not isinstance(event, AlarmEvent):
            return
        if event.phase == "start" and self._answers_s is not None:
            self._comes_at_s = event.at_s + self._answers_s
        self.heard.alarms += event.phase == "start"
        self.heard.medium += event.phase == "end" and event.priority == "medium"
        self.heard.again += event.phase == "escalate"


def decisions_of(file: str | None, detector: Detector) -> Iterator[Decision]:
    """What the shipped detector makes of a recording, or of the hour."""
    if file is None:
        scene = build_scene(HOUR_S, SEED)
        yield from detector.hear(AudioBlock(scene.samples, scene.sample_rate_hz, 0, 0.0))
        return
    source = open_recording(file, detector.sample_rate_hz, ManualClock())
    try:
        while True:
            if (block := source.read(1.0)) is not None:
                yield from detector.hear(block)
    except EndOfAudio:
        yield from detector.finish()
    finally:
        source.close()


def main(file: str | None) -> None:
    """Print the table."""
    settings = Settings()
    detector = detector_for(settings, load_classifier(settings.detection.model))
    cots = [Cot(settings, detector.thresholds.on, answers_s) for answers_s in ANSWERS_S]
    heard_s = 0.0
    for decision in decisions_of(file, detector):
        heard_s = decision.now_s
        for cot in cots:
            cot.hear(decision)
    rows = [
        f"{heard_s / 3600:.2f} h",
        "",
        "| the button is pressed | alarms | medium | announced again | pulses | sounding s |",
        "|---|---|---|---|---|---|",
    ]
    for answers_s, cot in zip(ANSWERS_S, cots, strict=True):
        who = "never" if answers_s is None else f"{answers_s:g} s after a start"
        it = cot.heard
        counts = f"{it.alarms} | {it.medium} | {it.again} | {it.pulses} | {it.sounding_s:.1f}"
        rows.append(f"| {who} | {counts} |")
    sys.stdout.write("\n".join([*rows, ""]))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
