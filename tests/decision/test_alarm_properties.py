"""What holds of the alarm system whatever happens to it, in any order, at any time."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm import Finding
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.decision.signal import Signal, signal_of
from edgecry.errors import RefusedError
from edgecry.types import AlarmEvent, ControlEvent

TIMES = AlarmSettings(allow_audio_off=True, acknowledge_fault_s=500.0)
CODES = st.sampled_from(["cry", "mic-lost", "broker-lost"])
SECONDS = st.one_of(st.floats(0, 5), st.floats(50, 150), st.floats(0, 1000))


def signal(system: AlarmSystem) -> Signal:
    now = system.situation
    return signal_of(now.alarms, now.announcements, missed=now.missed is not None, quiet=now.quiet)


class Ward(RuleBasedStateMachine):
    """A cry runs on audio time, which starts elsewhere and may stand still; all else on monotonic.

    The machine keeps its own, simpler account of what must be so.
    """

    def __init__(self) -> None:
        super().__init__()
        self.system = AlarmSystem(TIMES)
        self.mono_s = 50_000.0
        self.audio_s = 0.0
        self.present: dict[str, float] = {}
        self.unseen: set[int] = set()
        self.waiting: set[int] = set()
        self.seen_until_s: dict[int, float] = {}
        self.missed = 0
        self.quiet_since_s: float | None = None
        self.shown = signal(self.system)
        self.events: list[AlarmEvent | ControlEvent] = []

    def take(self, events) -> None:
        """The account, from what is told; what is shown changes only with something told."""
        assert events or signal(self.system) == self.shown
        self.shown = signal(self.system)
        self.events += events
        for event in events:
            if isinstance(event, ControlEvent):
                if event.change == "missed-acknowledged":
                    self.missed = 0
            elif event.phase == "end":
                self.missed += event.code == "cry" and event.alarm in self.unseen
                self.unseen.discard(event.alarm)
            elif event.acknowledged_by is None:
                self.unseen.add(event.alarm)
                self.waiting.discard(event.alarm)
                if (event.kind, event.phase, event.priority) == ("technical", "escalate", "low"):
                    self.waiting.add(event.alarm)
            else:
                self.unseen.discard(event.alarm)
                if event.phase == "acknowledge":
                    waits = event.code != "cry" and event.priority == "low"
                    trust_s = TIMES.acknowledge_fault_s if waits else TIMES.acknowledge_s
                    self.seen_until_s[event.alarm] = self.mono_s + trust_s

    @initialize(seconds=SECONDS)
    def begin(self, seconds: float) -> None:
        self.mono_s += seconds

    @rule(seconds=SECONDS, heard=st.booleans())
    def wait(self, seconds: float, heard: bool) -> None:
        self.mono_s += seconds
        self.audio_s += seconds if heard else 0.0
        raised = {alarm.number for alarm in self.system.situation.alarms}
        self.take(self.system.tick(self.mono_s))
        assert {alarm.number for alarm in self.system.situation.alarms} == raised
        until_s = self.system.situation.audio.until_mono_s
        assert until_s is None or until_s > self.mono_s, "pauses always end"

    @rule(code=CODES, priority=st.sampled_from(["low", "medium"]))
    def found(self, code: str, priority: str) -> None:
        now_s = self.audio_s if code == "cry" else self.mono_s
        onset_s = self.present.setdefault(code, now_s)
        before, situation = self.shown, self.system.situation
        new = code not in {alarm.code for alarm in situation.alarms}
        if code == "cry":
            finding = Finding("patient", "low", onset_s, now_s)
        else:
            finding = Finding("technical", priority, now_s, now_s, detail="plug it in")
        self.take(self.system.assess(code, finding, now_s, self.mono_s))
        if new and not situation.quiet:
            assert self.shown.sound is not None, "a new condition always sounds"
            assert self.shown.announcement > before.announcement

    @rule(code=CODES)
    def gone(self, code: str) -> None:
        self.present.pop(code, None)
        now_s = self.audio_s if code == "cry" else self.mono_s
        self.take(self.system.assess(code, None, now_s, self.mono_s))

    @rule(data=st.data())
    def acknowledge_one(self, data) -> None:
        alarms = self.system.situation.alarms
        if not alarms:
            return
        chosen = data.draw(st.sampled_from(alarms))
        others = [alarm for alarm in alarms if alarm.number != chosen.number]
        self.take(self.system.acknowledge("ann", self.mono_s, chosen.number))
        left = self.system.situation.alarms
        assert [alarm for alarm in left if alarm.number != chosen.number] == others
        unseen = {alarm.number for alarm in others if not alarm.acknowledged}
        if unseen - self.waiting and not self.system.situation.quiet:
            assert self.shown.sound is not None, "acknowledging A never silences B"

    @rule(by=st.sampled_from(["button", "ann"]))
    def acknowledge(self, by: str) -> None:
        missed = self.missed
        self.take(self.system.acknowledge(by, self.mono_s))
        assert self.shown.sound is None
        assert self.missed == missed

    @rule()
    def acknowledge_missed(self) -> None:
        self.take(self.system.acknowledge_missed("ann", self.mono_s))

    @rule(long=st.booleans())
    def press(self, long: bool) -> None:
        press = self.system.long_press if long else self.system.short_press
        self.take(press("button", self.mono_s))

    @rule(seconds=st.sampled_from([None, 400.0, 600.0, 700.0, 0.0, -1.0]))
    def pause(self, seconds: float | None) -> None:
        try:
            self.take(self.system.pause_audio("ann", self.mono_s, seconds))
        except RefusedError:
            too_long = seconds is not None and not 0 < seconds <= TIMES.pause_max_s
            assert too_long or self.system.situation.watch.state == "standby"

    @rule(act=st.sampled_from(["audio_off", "resume_audio", "standby", "resume"]))
    def control(self, act: str) -> None:
        try:
            self.take(getattr(self.system, act)("ann", self.mono_s))
        except RefusedError:
            assert act == "audio_off"
            assert self.system.situation.watch.state == "standby"

    @invariant()
    def what_is_raised_is_what_is_present_and_an_alarm(self) -> None:
        raised = {alarm.code for alarm in self.system.situation.alarms}
        assert raised <= set(self.present)
        hidden = set(self.present) - raised
        assert hidden <= {"cry"}, "only a cry can be present without being raised"

    @invariant()
    def what_nobody_has_seen_is_raised_and_lit_and_sounds(self) -> None:
        situation = self.system.situation
        raised = {alarm.number for alarm in situation.alarms if not alarm.acknowledged}
        assert raised == self.unseen
        seen = {alarm.number for alarm in situation.alarms} - raised
        assert all(self.mono_s < self.seen_until_s[number] for number in seen)
        heard = self.unseen - self.waiting
        assert (self.shown.sound is not None) == (bool(heard) and not situation.quiet)
        if situation.alarms:
            grave = any(alarm.priority == "medium" for alarm in situation.alarms)
            assert self.shown.light.startswith("flashing" if grave else "steady")

    @invariant()
    def no_sound_without_an_alarm(self) -> None:
        if not self.system.situation.alarms:
            assert self.shown.sound is None

    @invariant()
    def what_was_missed_stays_visible(self) -> None:
        missed = self.system.situation.missed
        assert (missed.count if missed else 0) == self.missed
        if self.shown.light != "flashing":
            assert ("missed" in self.shown.light) == bool(self.missed)

    @invariant()
    def dark_means_that_an_alarm_would_sound(self) -> None:
        if self.shown.light != "flashing":
            assert ("quiet" in self.shown.light) == self.system.situation.quiet

    @invariant()
    def a_pause_ends_and_standby_has_none(self) -> None:
        situation = self.system.situation
        until_s = situation.audio.until_mono_s
        assert (until_s is not None) == (situation.audio.state == "paused")
        if until_s is None:
            self.quiet_since_s = None
        else:
            self.quiet_since_s = self.mono_s if self.quiet_since_s is None else self.quiet_since_s
            assert until_s <= self.quiet_since_s + TIMES.pause_max_s + 1e-6
        assert situation.watch.state == "monitoring" or situation.audio.state == "on"

    @invariant()
    def every_episode_is_started_once_and_ended_at_most_once(self) -> None:
        told: dict[int, list[str]] = {}
        for event in self.events:
            if isinstance(event, AlarmEvent):
                told.setdefault(event.alarm, []).append(event.phase)
        for phases in told.values():
            assert phases[0] == "start"
            assert phases.count("start") == 1
            assert "end" not in phases[:-1]

    def teardown(self) -> None:
        """With all causes gone and time passed it is silent, and dark once nobody keeps it lit."""
        for code in ("cry", "mic-lost", "broker-lost"):
            self.gone(code)
        self.mono_s += 1e5
        self.take(self.system.tick(self.mono_s))
        assert self.shown.sound is None
        assert self.system.situation.alarms == ()
        assert self.system.situation.audio.state != "paused"
        self.system.acknowledge_missed("ann", self.mono_s)
        for leave in (self.system.resume_audio, self.system.resume):
            leave("ann", self.mono_s)
        assert signal(self.system).light == "off"


TestWard = Ward.TestCase
TestWard.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
