"""`edgecry demo`: the real daemon between a synthetic ward and a broker of its own."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edgecry.app import build
from edgecry.capture.playback import Playback, Samples
from edgecry.clock import SystemClock
from edgecry.config.schema import Device, Health, Mqtt, Settings
from edgecry.demo.broker import BrokerAddress, embedded_broker
from edgecry.demo.folder import load_real_sounds
from edgecry.demo.frame import View
from edgecry.demo.nurse import Nurse
from edgecry.demo.scene import MIN_SECONDS, Scene, build_scene
from edgecry.demo.screen import Screen, ScreenLog, open_screen
from edgecry.demo.verdict import judge, report
from edgecry.demo.watcher import Watcher
from edgecry.detection import Decision, thresholds_for
from edgecry.errors import UsageError
from edgecry.inference.classifier import load_classifier
from edgecry.monitor import STOP_SIGNALS
from edgecry.signals import SignalInbox
from edgecry.types import AlarmEvent, Event

SPEED = 6.0
"""Seconds of the scene in one second of the demo."""
MAX_SECONDS = 3600.0
"""Of the scene, which is held in memory."""


def run_demo(seconds: float, seed: int, recordings: str | None) -> int:
    """Play a scene for `seconds`. 0 if every cry and nothing else was alarmed, 1 if not.

    Raises UsageError if that is too short or too long, RecordingError if the folder holds no cry,
    BrokenPipeError if nobody reads the screen any more, EdgecryError if a part of the daemon or the
    broker cannot be started.
    """
    scene_s = seconds * SPEED
    if not MIN_SECONDS <= scene_s <= MAX_SECONDS:
        raise UsageError(
            f"--seconds {seconds:g}: a demo takes from {MIN_SECONDS / SPEED:g} to "
            f"{MAX_SECONDS / SPEED:g} s"
        )
    sounds = load_real_sounds(Path(recordings), scene_s, seed) if recordings else None
    scene = build_scene(scene_s, seed, sounds)
    events: list[Event] = []
    with ExitStack() as stack:
        signals = stack.enter_context(SignalInbox(*STOP_SIGNALS))
        state_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="edgecry-demo-"))
        broker = stack.enter_context(embedded_broker())
        settings = Settings(
            state_dir=state_dir,
            runtime_dir=state_dir,
            device=Device(id="demo", ward="Neonatal", bed="4"),
            mqtt=Mqtt(host=broker.host, port=broker.port),
            health=Health(interval_s=5.0),
        )
        watcher = stack.enter_context(Watcher(broker.host, broker.port, settings.mqtt.base_topic))
        screen = stack.enter_context(open_screen(sys.stdout, _view(scene, settings, broker)))
        stack.enter_context(_log_on(screen))

        def heard(decision: Decision) -> None:
            screen.heard(decision.now_s, decision.evidence, decision.score.level_dbfs)

        clock = SystemClock()
        panel = _ScreenPanel(screen)
        nurse = Nurse(panel.press, screen.note)
        source = Playback(Samples(scene.samples), scene.sample_rate_hz, clock, SPEED)
        monitor = build(
            settings,
            clock=clock,
            source=source,
            panel=panel,
            observe=heard,
            sinks=[events.append, nurse.heard],
        )

        def look(_caught: signal.Signals | None) -> None:
            nurse.step(clock.monotonic_s())
            _show_messages(screen, watcher)

        played = monitor.run(signals, look)
        _show_messages(screen, watcher)
    if not played:
        return 128 + signal.SIGINT
    alarms = [event for event in events if isinstance(event, AlarmEvent)]
    verdict = judge(scene.cries, alarms)
    sys.stdout.write("\n" + "\n".join(report(verdict)) + "\n")
    return 0 if verdict.passed else 1


class _ScreenPanel:
    """The screen as the daemon's panel. It outlives the daemon, to show the last messages."""

    sounds = button_closed = False

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._edge: Callable[[bool], None] | None = None

    def set(self, *, led: bool, buzzer: bool) -> None:
        self._screen.set(led=led, buzzer=buzzer)

    def on_button(self, edge: Callable[[bool], None]) -> None:
        self._edge = edge

    def press(self, closed: bool) -> None:
        """Somebody holds the button down (True), or lets it go."""
        if self._edge is not None:
            self._edge(closed)

    def close(self) -> None:
        self.set(led=False, buzzer=False)


def _view(scene: Scene, settings: Settings, broker: BrokerAddress) -> View:
    manifest = load_classifier(settings.detection.model).manifest
    thresholds = thresholds_for(settings.detection, manifest)
    return View(
        scene,
        title="a night beside the incubator",
        speed=SPEED,
        on=thresholds.on,
        off=thresholds.off,
        broker=f"{broker.program} on {broker.host}:{broker.port}",
    )


def _show_messages(screen: Screen, watcher: Watcher) -> None:
    for message in watcher.take():
        if message.topic.endswith("/availability"):
            screen.link(message.payload == "online")
        screen.message(message)
    if screen.failure is not None:
        raise screen.failure


@contextmanager
def _log_on(screen: Screen) -> Iterator[None]:
    """Warnings of the daemon are shown on the screen, and nothing else of its log."""
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers[:] = [ScreenLog(screen)]
    try:
        yield
    finally:
        root.handlers[:] = before
