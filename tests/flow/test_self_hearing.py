"""The buzzer, heard by the microphone beside it: a loop from the panel back to the decision."""

import numpy as np
import pytest
from support.own_buzzer import Buzzer

from edgecry.alarm_desk import AlarmDesk
from edgecry.capture.flat_tops import flat_share
from edgecry.clock import ManualClock
from edgecry.config.schema import Alarm, Settings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.decision.own_sound import LATE_S, OwnSound
from edgecry.demo.scene import Scene
from edgecry.detection import Decision, detector_for
from edgecry.errors import EndOfAudio
from edgecry.health.liveness import Liveness
from edgecry.health.microphone import MicrophoneHealth
from edgecry.inference.classifier import load_classifier
from edgecry.outputs.annunciator import Annunciator
from edgecry.pipeline import Pipeline
from edgecry.types import AlarmEvent, AudioBlock, FeatureWindow, Score

RATE_HZ = 16_000
BLOCK_S = 0.02
LATENCY_S = 0.15
"""From the panel's line through disc, air, converter and sound system to a block."""
PULSE_S = 0.2
BUZZERS = [
    *[("active", hz) for hz in (2000, 2700, 4000)],
    *[("passive", hz) for hz in (400, 800, 2700)],
]


class Lines:
    """A panel with a buzzer that is heard."""

    sounds = True

    def set(self, *, led: bool, buzzer: bool) -> None:
        """The annunciator remembers its pulses itself."""

    def close(self) -> None:
        """Nothing to give back."""


class LoudIsCry:
    """The worst detector for this: whatever is loud is a cry."""

    def __init__(self, scorer) -> None:
        self.manifest = scorer.manifest

    def score(self, window: FeatureWindow) -> Score:
        loud = window.level_dbfs is not None and window.level_dbfs > -35
        return Score(0.99 if loud else 0.01, window.end_sample, window.level_dbfs, 0.1)


class Cot:
    """A microphone in a room in which `sound` happens and the monitor's own buzzer is heard."""

    lost = None

    def __init__(
        self,
        sound: np.ndarray,
        buzzer: Buzzer,
        scorer,
        masked: bool = True,
        clear_after_s: float = Alarm().clear_after_s,
        gain: float = 1.0,
    ) -> None:
        """gain: of the microphone, for its own buzzer."""
        self.clock = ManualClock()
        settings = Settings(alarm=Alarm(clear_after_s=clear_after_s))
        self.annunciator = Annunciator(Lines(), self.clock)
        self.events: list[AlarmEvent] = []
        self.desk = AlarmDesk(
            AlarmSystem(settings.alarm), self.annunciator.show, [self.events.append], self.clock
        )
        self._air = np.concatenate((sound, np.zeros(10 * RATE_HZ))).astype(np.float32)
        self._until = len(sound)
        self._pulse = gain * buzzer.pulse(PULSE_S)
        self._first_sample = self._mixed = 0
        own, also = (OwnSound(lambda: self.annunciator.pulses if masked else ()) for _ in range(2))
        self.decisions: list[Decision] = []
        self._microphone = MicrophoneHealth(also.hides)
        self._pipeline = Pipeline(
            self,
            detector_for(settings, scorer, own_sound=own),
            self.desk,
            Liveness(5.0, 0.0),
            self.clock,
            self.decisions.append,
            microphone=self._microphone,
        )

    def run(self) -> None:
        self._pipeline.run()

    def read(self, timeout_s: float) -> AudioBlock:  # noqa: ARG002 (the next is always there)
        if self._first_sample >= self._until:
            raise EndOfAudio("the night is over")
        self.annunciator.step()
        for pulse in self.annunciator.pulses[self._mixed :]:
            at = round((pulse.begin_mono_s + LATENCY_S) * RATE_HZ)
            self._air[at : at + len(self._pulse)] += self._pulse
            self._mixed += 1
        self.clock.advance(BLOCK_S)
        self.desk.tick()
        self.desk.fault("mic-clipping", self._microphone.trouble("mic-clipping"), "medium")
        samples = self._air[self._first_sample :][: int(BLOCK_S * RATE_HZ)].clip(-1, 1)
        clipped = flat_share((32767 * samples[:, None]).astype(np.int16))
        block = AudioBlock(
            samples, RATE_HZ, self._first_sample, self.clock.monotonic_s(), clipped=clipped
        )
        self._first_sample = block.end_sample
        return block

    def close(self) -> None:
        """Nothing to give back."""

    @property
    def cries(self) -> list[tuple[str, float]]:
        """Phases of the cry's alarm and when they came."""
        return [(e.phase, e.at_s) for e in self.events if e.code == "cry"]


def quiet(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.001, int(seconds * RATE_HZ))


def loud(seconds: float) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.1, int(seconds * RATE_HZ))


@pytest.fixture(scope="module")
def detector():
    return load_classifier("cry-detector")


@pytest.fixture
def cry(scene: Scene) -> np.ndarray:
    """A cry of the demo's synthesiser with a second of the ward on both sides."""
    first = scene.cries[0]
    rate = scene.sample_rate_hz
    return scene.samples[int((first.onset_s - 1) * rate) : int((first.end_s + 1) * rate)]


@pytest.mark.parametrize(("kind", "hz"), BUZZERS)
@pytest.mark.parametrize("worst", [False, True], ids=["the detector", "loud is a cry"])
def test_the_buzzer_alone_is_no_cry(detector, kind, hz, worst) -> None:
    """A fault of the monitor sounds it, twice as often as a cry."""
    cot = Cot(quiet(50), Buzzer(kind, hz), LoudIsCry(detector) if worst else detector)
    cot.desk.fault("overload", "it sounds all the time", "medium")
    cot.run()
    assert len(cot.annunciator.pulses) >= 18
    assert cot.cries == []
    own = [decision.own_sound for decision in cot.decisions]
    assert 0.2 < np.mean(own) < 0.5, "most of the time it listens"


HIDDEN_A_BURST_S = 1.0 + LATE_S + 1.0
"""Three pulses, the room's tail, and a window."""
SLOW_S = 20.0
"""With a clear time longer than the 15 s from burst to burst a loop could close."""


@pytest.mark.parametrize("clear_after_s", [Alarm().clear_after_s, SLOW_S])
@pytest.mark.parametrize("worst", [False, True], ids=["the detector", "loud is a cry"])
def test_the_buzzer_neither_sustains_a_cry_that_is_over_nor_starts_it_again(
    detector, cry, worst, clear_after_s
) -> None:
    sound = np.concatenate((quiet(3), loud(14) if worst else cry, quiet(60)))
    over_s = (len(sound) / RATE_HZ) - 60
    scorer = LoudIsCry(detector) if worst else detector
    cot = Cot(sound, Buzzer("active", 2700), scorer, clear_after_s=clear_after_s)
    cot.run()
    phases = [phase for phase, _ in cot.cries]
    assert (phases[0], phases[-1]) == ("start", "end")
    assert phases.count("start") == 1
    bursts = clear_after_s // 15 + 1
    assert cot.cries[-1][1] - over_s <= clear_after_s + bursts * HIDDEN_A_BURST_S + 1.0
    [end] = [event for event in cot.events if event.phase == "end"]
    assert end.ended_s == pytest.approx(over_s, abs=1.5)


def test_a_detector_that_takes_it_for_a_cry_would_go_on_for_ever_without_the_mask(detector) -> None:
    sound = np.concatenate((quiet(3), loud(14), quiet(60)))
    buzzer = Buzzer("active", 2700)
    cot = Cot(sound, buzzer, LoudIsCry(detector), masked=False, clear_after_s=SLOW_S)
    cot.run()
    assert cot.cries[-1][0] != "end"
    alone = Cot(quiet(50), buzzer, LoudIsCry(detector), masked=False)
    alone.desk.fault("overload", "it sounds all the time", "medium")
    alone.run()
    assert alone.cries[0][0] == "start"


def test_a_cry_under_a_sounding_buzzer_is_found_and_so_is_its_end(detector, cry) -> None:
    onset_s, over_s = 20.0, 20.0 + len(cry) / RATE_HZ
    sound = np.concatenate((quiet(onset_s), cry, quiet(40)))
    alone, under = (Cot(sound, Buzzer("passive", 800), detector) for _ in range(2))
    under.desk.fault("overload", "it sounds all the time", "medium")
    alone.run()
    under.run()
    assert [phase for phase, _ in under.cries].count("start") == 1
    assert under.cries[-1][0] == "end"
    assert under.cries[0][1] - alone.cries[0][1] <= HIDDEN_A_BURST_S
    assert under.cries[-1][1] - over_s <= Alarm().clear_after_s + 2 * HIDDEN_A_BURST_S


OVERDRIVEN = 8.0
"""A buzzer a hand's breadth from a microphone whose gain is set for a baby."""


@pytest.mark.parametrize("masked", [True, False])
def test_a_buzzer_that_overdrives_the_microphone_is_no_fault_of_the_microphone(
    detector, masked
) -> None:
    """Such a fault would sound the buzzer, which would be heard, for ever."""
    cot = Cot(quiet(40), Buzzer("active", 2000), detector, masked=masked, gain=OVERDRIVEN)
    cot.desk.fault("overload", "it sounds all the time", "medium")
    cot.run()
    assert ("mic-clipping" in {event.code for event in cot.events}) is not masked
