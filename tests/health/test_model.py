"""A detector that fails on what it hears, or answers known sounds wrongly."""

import numpy as np
import pytest
from support.supervised import Supervised

from edgecry.alarm_desk import AlarmDesk
from edgecry.config.schema import Alarm, Settings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.detection import detector_for
from edgecry.errors import ModelError
from edgecry.health.check import Check
from edgecry.health.model import CHECK_EVERY_S, CLEAR_AFTER_S, ModelHealth
from edgecry.health.overload import Overload
from edgecry.inference.classifier import load_classifier
from edgecry.inference.self_check import SelfCheck
from edgecry.pipeline import Pipeline
from edgecry.types import AudioBlock

RATE_HZ, TICK = 16_000, 8_000


class Room:
    """A source that gives half a second of quiet noise at each read."""

    lost = None

    def __init__(self, monitor: Supervised) -> None:
        self._monitor, self._next = monitor, 0

    def read(self, timeout_s: float) -> AudioBlock:  # noqa: ARG002
        samples = np.random.default_rng(self._next).normal(0, 0.001, TICK).astype(np.float32)
        now_s = self._monitor.clock.monotonic_s()
        block = AudioBlock(samples, RATE_HZ, self._next, now_s)
        self._next = block.end_sample
        return block

    def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def detector():
    return load_classifier("cry-detector")


@pytest.fixture
def monitor(detector) -> Supervised:
    """The real pipeline with the real run time, stepped before every tick of the supervisor."""
    monitor = Supervised()
    model = ModelHealth(SelfCheck(detector).run)
    pipeline = Pipeline(
        Room(monitor),
        detector_for(Settings(), detector),
        AlarmDesk(AlarmSystem(Alarm()), lambda _signal: None, [], monitor.clock),
        monitor.liveness,
        monitor.clock,
        model=model,
    )
    monitor.before_tick = lambda _now_s: pipeline.step()
    overload = Overload(monitor.liveness, excused=lambda: model.trouble is not None)
    monitor.checks += [
        Check("model-fault", "medium", lambda _: model.trouble),
        Check("overload", "medium", overload.look),
    ]
    return monitor


def test_a_run_time_that_fails_is_an_alarm_at_once_until_it_works_again(monitor, detector) -> None:
    monitor.tick(30)
    assert monitor.told == []
    tensor = detector._runtime._input
    index, tensor["index"] = tensor["index"], 9999
    assert monitor.until_raised("model-fault", 10) <= 1.0
    assert "fails" in monitor.active["model-fault"]
    fed = monitor.systemd.fed
    monitor.tick(30)
    assert monitor.systemd.fed == fed, "a restart may mend it"
    tensor["index"] = index
    monitor.until_cleared("model-fault", CHECK_EVERY_S + CLEAR_AFTER_S + 1)
    monitor.tick(30)
    assert {code for code, _, _ in monitor.told} == {"model-fault"}, "one fault, one alarm"


def test_wrong_answers_to_the_known_sounds_are_an_alarm_within_ten_seconds(
    monitor, detector
) -> None:
    monitor.tick(3)
    detector.step = lambda _log_mel: -60
    assert monitor.until_raised("model-fault", 10) <= CHECK_EVERY_S + 0.5
    assert "-60, -60, -60 instead of" in monitor.active["model-fault"]
    assert monitor.station.states[-1].mode == "fault"
    del detector.step
    monitor.until_cleared("model-fault", 2 * CHECK_EVERY_S + CLEAR_AFTER_S)


def test_without_anyone_to_know_of_it_a_failure_is_an_error(detector) -> None:
    monitor = Supervised()
    detector._runtime._input["index"] = 9999
    pipeline = Pipeline(
        Room(monitor),
        detector_for(Settings(), detector),
        AlarmDesk(AlarmSystem(Alarm()), lambda _signal: None, [], monitor.clock),
        monitor.liveness,
        monitor.clock,
    )
    with pytest.raises(ModelError, match="fails"):
        for _ in range(4):
            pipeline.step()
