"""The pipeline's step: what is read, decided, reported and survived."""

from collections import deque

import numpy as np
import pytest
import soundfile

from edgecry.alarm_desk import AlarmDesk
from edgecry.capture.recording import open_recording
from edgecry.clock import ManualClock
from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.decision.cry import Thresholds
from edgecry.detection import Detector
from edgecry.errors import EndOfAudio, RecordingError
from edgecry.health.liveness import Liveness
from edgecry.inference.classifier import load_classifier
from edgecry.pipeline import Pipeline
from edgecry.types import AudioBlock, Fault, FeatureWindow, Score

RATE_HZ = 16000


class LoudIsCry:
    """Scores by level, so that a test decides what is a cry; the manifest is the shipped one."""

    manifest = load_classifier("cry-detector").manifest

    def score(self, window: FeatureWindow) -> Score:
        loud = window.level_dbfs is not None and window.level_dbfs > -20
        return Score(0.95 if loud else 0.02, window.end_sample, window.level_dbfs, 0.1)


class Script:
    """A source that plays a list: an AudioBlock, None (nothing in time) or a loss (str)."""

    def __init__(self, clock: ManualClock, steps) -> None:
        self.lost = None
        self.closed = False
        self._clock = clock
        self._steps = deque(steps)

    def read(self, timeout_s: float) -> AudioBlock | None:
        if not self._steps:
            raise EndOfAudio("the recording is over")
        step = self._steps.popleft()
        self.lost = Fault("mic-lost", step) if isinstance(step, str) else None
        if isinstance(step, AudioBlock):
            self._clock.advance(len(step.samples) / RATE_HZ)
            return step
        self._clock.advance(timeout_s)
        return None

    def close(self) -> None:
        self.closed = True


def audio(seconds: float, level: float, first_sample: int = 0, overflowed=False):
    noise = np.random.default_rng(0).uniform(-level, level, int(seconds * RATE_HZ))
    for start in range(0, len(noise), 1600):
        samples = noise[start : start + 1600].astype(np.float32)
        yield AudioBlock(
            samples, RATE_HZ, first_sample + start, captured_mono_s=1e9, overflowed=overflowed
        )


def play(*steps):
    clock = ManualClock()
    events = []
    source = Script(clock, steps)
    desk = AlarmDesk(
        AlarmSystem(AlarmSettings()),
        lambda _signal: None,
        [events.append],
        clock,
    )
    pipeline = Pipeline(
        source,
        Detector(LoudIsCry(), Thresholds(0.6, 0.4), clear_after_s=5.0),
        desk,
        Liveness(5.0, 0.0),
        clock,
    )
    pipeline.run()
    assert source.closed
    return pipeline, events


def test_a_loud_spell_is_one_alarm_with_its_times_in_audio_time() -> None:
    quiet, loud = list(audio(10, 0.001)), list(audio(4, 0.5, 10 * RATE_HZ))
    rest = list(audio(10, 0.001, 14 * RATE_HZ))
    _, events = play(*quiet, *loud, *rest)
    assert [(e.code, e.phase, e.priority) for e in events] == [
        ("cry", "start", "low"),
        ("cry", "end", "low"),
    ]
    assert events[0].onset_s == pytest.approx(10.0, abs=1.0)
    assert events[0].detected_s < 13.0
    assert events[1].ended_s == pytest.approx(14.5, abs=1.0)


@pytest.mark.parametrize("fuss_s", [0.3, 1.0, 2.9])
def test_short_fusses_raise_nothing_above_low(fuss_s: float) -> None:
    blocks, first_sample = list(audio(5, 0.001)), 5 * RATE_HZ
    for _ in range(4):
        for seconds, level in ((fuss_s, 0.5), (12.0, 0.001)):
            blocks += audio(seconds, level, first_sample)
            first_sample += int(seconds * RATE_HZ)
    _, events = play(*blocks)
    assert {event.priority for event in events} <= {"low"}
    assert fuss_s < 1.0 or [event.phase for event in events] == ["start", "end"] * 4


def test_a_lost_microphone_is_known_until_it_has_been_heard_for_five_seconds() -> None:
    lost = ["unplugged: plug it in"] * 5
    heard, contact = list(audio(6, 0.001)), list(audio(3, 0.001, 100 * RATE_HZ))
    pipeline, _ = play(*heard, *lost)
    assert pipeline.microphone.trouble("mic-lost") == "unplugged: plug it in"
    assert pipeline.microphone.trouble("mic-silent") is None
    pipeline, _ = play(*heard, *lost, *contact, *lost, *contact)
    assert pipeline.microphone.is_lost, "a bad contact is one fault"
    pipeline, _ = play(*heard, *lost, *heard)
    assert pipeline.microphone.trouble("mic-lost") is None


def test_no_window_spans_a_loss_and_a_cry_interrupted_by_one_ends() -> None:
    crying, later = list(audio(3, 0.5)), list(audio(3, 0.001, 60 * RATE_HZ))
    pipeline, events = play(*crying, *later)
    assert [e.phase for e in events if e.code == "cry"] == ["start", "end"]
    assert pipeline.last.now_s > 60


def test_overflows_are_counted() -> None:
    pipeline, _ = play(*audio(1, 0.001, overflowed=True))
    assert pipeline.overflows == 10


def test_a_recording_shorter_than_one_window_still_gets_its_decision() -> None:
    pipeline, _ = play(*audio(0.1, 0.001))
    assert pipeline.last is not None


def test_a_failure_ends_the_thread_closes_the_source_and_is_kept() -> None:
    clock = ManualClock()
    source = Script(clock, [])
    source.read = None  # not callable: a programming error
    desk = AlarmDesk(AlarmSystem(AlarmSettings()), lambda _signal: None, [], clock)
    pipeline = Pipeline(
        source, Detector(LoudIsCry(), Thresholds(0.6, 0.4), 5.0), desk, Liveness(5.0, 0.0), clock
    )
    pipeline.start()
    assert pipeline.finished.wait(10)
    assert isinstance(pipeline.failure, TypeError)
    assert source.closed


def test_damage_in_the_middle_of_a_recording_is_a_failure_without_a_traceback(
    tmp_path, caplog
) -> None:
    samples = np.zeros(4 * RATE_HZ, np.float32)
    samples[-1] = np.nan
    soundfile.write(tmp_path / "damaged.wav", samples, RATE_HZ, "FLOAT")
    clock = ManualClock()
    source = open_recording(tmp_path / "damaged.wav", RATE_HZ, clock)
    desk = AlarmDesk(AlarmSystem(AlarmSettings()), lambda _signal: None, [], clock)
    pipeline = Pipeline(
        source, Detector(LoudIsCry(), Thresholds(0.6, 0.4), 5.0), desk, Liveness(5.0, 0.0), clock
    )
    pipeline.start()
    assert pipeline.finished.wait(30)
    assert isinstance(pipeline.failure, RecordingError)
    assert not any(record.exc_info for record in caplog.records)
