"""The shipped detector, at the thresholds that a daemon has by default, on the synthetic ward."""

import pytest

from edgecry.alarm_desk import AlarmDesk
from edgecry.clock import ManualClock
from edgecry.config.schema import Settings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.demo.scene import MIN_SECONDS, build_scene
from edgecry.demo.verdict import judge, report
from edgecry.detection import Detector, thresholds_for
from edgecry.inference.classifier import load_classifier
from edgecry.types import AudioBlock

WHOLE_SCRIPT_S = 240.0


@pytest.mark.parametrize(
    ("seconds", "seed"), [(MIN_SECONDS, 0), (WHOLE_SCRIPT_S, 1), (WHOLE_SCRIPT_S, 2)]
)
def test_every_cry_is_alarmed_within_three_seconds_and_nothing_else(seconds, seed):
    scene = build_scene(seconds, seed)
    settings = Settings()
    classifier = load_classifier(settings.detection.model)
    thresholds = thresholds_for(settings.detection, classifier.manifest)
    detector = Detector(classifier, thresholds, settings.alarm.clear_after_s)
    events = []
    desk = AlarmDesk(
        AlarmSystem(settings.alarm),
        lambda _signal: None,
        [events.append],
        ManualClock(),
    )
    for decision in detector.hear(AudioBlock(scene.samples, scene.sample_rate_hz, 0, 0.0)):
        desk.decided(decision, thresholds.on)
    verdict = judge(scene.cries, events)
    assert verdict.passed, report(verdict)
    for cry in verdict.cries:
        long = cry.cry.end_s - cry.cry.onset_s > 2 * settings.alarm.sustained_s
        assert cry.priority == ("medium" if long else "low")
        assert cry.delay_s is not None
        assert cry.delay_s <= 3.0
