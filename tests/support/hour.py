"""A time beside an incubator, lived through at full speed: what a ward would have heard of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import soundfile

from edgecry.alarm_desk import AlarmDesk
from edgecry.capture.recording import open_recording
from edgecry.clock import ManualClock
from edgecry.config.schema import Settings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.decision.schedule import Schedule
from edgecry.decision.signal import Signal
from edgecry.demo.scene import Cue, RealSounds, Scene, SceneEvent, build_scene
from edgecry.demo.verdict import TOLERANCE_S
from edgecry.detection import Decision, Scorer, detector_for
from edgecry.health.liveness import Liveness
from edgecry.pipeline import Pipeline
from edgecry.types import AlarmEvent, Event, Priority

SCRIPT = (
    Cue("cry", "a short fuss", 1.2, -24.0),
    Cue("talk", "a nurse talks", 40.0, -26.0),
    Cue("cry", "a short fuss", 2.0, -24.0),
    Cue("alarm", "a neighbour's alarm", 15.0, -30.0),
    Cue("cry", "a cry", 12.0, -22.0),
    Cue("monitor", "monitor beeps", 60.0, -34.0),
    Cue("cry", "a short fuss", 2.8, -22.0),
    Cue("pump", "an infusion pump clicks", 60.0, -46.0),
    Cue("cry", "a long cry", 90.0, -20.0),
    Cue("door", "a door", 1.5, -36.0),
    Cue("talk", "a man talks", 40.0, -28.0),
    Cue("cry", "a short fuss", 1.6, -20.0),
    Cue("talk", "a nurse talks", 40.0, -26.0),
    Cue("cry", "a short fuss", 2.4, -18.0),
)


@dataclass(frozen=True, slots=True)
class Toll:
    """events: of all alarms, in order. sounding_s: how long the buzzer was on."""

    scene: Scene
    events: tuple[AlarmEvent, ...]
    sounding_s: float

    def count(self, phase: str) -> int:
        return sum(event.phase == phase for event in self.events)

    def priority(self, sound: SceneEvent) -> Priority | None:
        """The highest of the alarms that began with a sound of the scene; None for no alarm."""
        end_s = sound.end_s + TOLERANCE_S
        raised = {
            event.alarm
            for event in self.events
            if event.phase == "start" and sound.onset_s <= event.detected_s <= end_s
        }
        reached = {event.priority for event in self.events if event.alarm in raised}
        return "medium" if "medium" in reached else "low" if reached else None


def beside_the_cot(seconds: float, seed: int, recordings: RealSounds | None = None) -> Scene:
    """SCRIPT as often as it fits: fusses under 3 s, cries, and what else is to be heard."""
    return build_scene(seconds, seed, recordings, SCRIPT)


def live_through(
    scene: Scene, scorer: Scorer, settings: Settings, folder: Path, answer_s: float = math.inf
) -> Toll:
    """The scene through the daemon's own pipeline, alarms and buzzer; somebody presses the button
    `answer_s` after an alarm has started."""
    file = folder / "scene.wav"
    soundfile.write(file, scene.samples, scene.sample_rate_hz, subtype="PCM_16")
    clock = ManualClock()
    detector = detector_for(settings, scorer)
    events: list[AlarmEvent] = []
    buzzer = _Buzzer()
    press_at_s = math.inf

    def sink(event: Event) -> None:
        nonlocal press_at_s
        if isinstance(event, AlarmEvent):
            events.append(event)
            if event.phase == "start":
                press_at_s = event.at_s + answer_s

    def press(decision: Decision) -> None:
        nonlocal press_at_s
        if decision.now_s >= press_at_s:
            press_at_s = math.inf
            desk.short_press("button")

    desk = AlarmDesk(
        AlarmSystem(settings.alarm),
        lambda signal: buzzer.show(signal, clock.monotonic_s()),
        [sink],
        clock,
    )
    Pipeline(
        source=open_recording(str(file), detector.sample_rate_hz, clock),
        detector=detector,
        desk=desk,
        liveness=Liveness(settings.health.blind_after_s, clock.monotonic_s()),
        clock=clock,
        observe=press,
    ).run()
    buzzer.play_until(clock.monotonic_s())
    return Toll(scene, tuple(events), buzzer.sounded_s)


class _Buzzer:
    """Plays the schedule from signal to signal, and counts."""

    def __init__(self) -> None:
        self._schedule = Schedule()
        self._now_s = 0.0
        self.sounded_s = 0.0

    def show(self, signal: Signal, now_s: float) -> None:
        self.play_until(now_s)
        self._schedule.show(signal, now_s)

    def play_until(self, end_s: float) -> None:
        while self._now_s < end_s:
            levels = self._schedule.levels(self._now_s)
            left_s = end_s - self._now_s
            step_s = left_s if levels.change_in_s is None else min(left_s, levels.change_in_s)
            self.sounded_s += step_s * levels.buzzer
            self._now_s += step_s
