"""The desk: who is told what, in which order, and from which thread."""

import threading

import pytest

from edgecry.alarm_desk import AlarmDesk
from edgecry.clock import ManualClock
from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.decision.cry import Cry
from edgecry.detection import Decision
from edgecry.errors import RefusedError
from edgecry.types import Score


class Rig:
    """A desk whose clock stands 5000 s from the beginning of the sound."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.clock.advance(5000.0)
        self.told: list[tuple] = []
        self.audible = True
        self.desk = AlarmDesk(
            AlarmSystem(AlarmSettings(allow_audio_off=True)),
            lambda signal: self.told.append(("panel", signal.light, signal.sound is not None)),
            [lambda event: self.told.append(("event", str(getattr(event, "change", "")), event))],
            self.clock,
            [lambda situation: self.told.append(("situation", situation))],
            lambda: self.audible,
        )

    def taken(self) -> list[tuple]:
        told, self.told[:] = self.told[:], []
        return told

    def hear(self, audio_s: float, crying: bool) -> None:
        cry = Cry(0.0, 1.0, audio_s, 0.9, 0.9) if crying else None
        self.desk.decided(Decision(audio_s, Score(0.9, 0, -30.0, 1.0), 0.9, cry), 0.6)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_panel_is_told_first_then_what_happened_then_what_is_so(rig) -> None:
    rig.desk.fault("mic-lost", "plug it in", "medium")
    panel, event, situation = rig.taken()
    assert panel == ("panel", "flashing", True)
    assert event[2].code == "mic-lost"
    assert [alarm.code for alarm in situation[1].alarms] == ["mic-lost"]
    assert situation[1] == rig.desk.situation


def test_what_a_fault_says_can_be_sent_whatever_a_driver_named_its_device(rig) -> None:
    rig.desk.fault("mic-lost", "USB \udcff\ud800 mic: plug it in", "medium")
    event = rig.taken()[1][2]
    assert event.detail == "USB ?? mic: plug it in"
    assert event.detail.encode()


def test_the_cot_sounds_as_soon_as_it_is_to_and_nobody_else_is_told(rig) -> None:
    rig.audible = False
    rig.desk.tick()
    rig.taken()
    rig.desk.fault("mic-lost", "plug it in", "medium")
    assert rig.taken()[0] == ("panel", "flashing", False)
    rig.desk.tick()
    assert rig.taken() == []
    rig.audible = True
    rig.desk.tick()
    assert rig.taken() == [("panel", "flashing", True)]
    rig.audible = False
    rig.desk.tick()
    assert rig.taken() == [("panel", "flashing", False)]


def test_nothing_new_is_told_to_nobody(rig) -> None:
    rig.desk.fault("mic-lost", None, "medium")
    rig.desk.acknowledge("ann")
    rig.desk.short_press("ann")
    rig.desk.resume("ann")
    rig.desk.resume_audio("ann")
    rig.desk.tick()
    assert rig.taken() == []


@pytest.mark.parametrize("other", ["tick", "hear", "fault"])
def test_a_pause_ends_at_its_time_whichever_thread_comes_first(rig, other: str) -> None:
    rig.desk.pause_audio("ann", 60.0)
    rig.clock.advance(60.0)
    rig.taken()
    {
        "tick": rig.desk.tick,
        "hear": lambda: rig.hear(1.0, crying=False),
        "fault": lambda: rig.desk.fault("storage", None, "low"),
    }[other]()
    assert [entry[1] for entry in rig.taken() if entry[0] == "event"] == ["audio-on"]


def test_what_is_due_is_told_although_what_was_asked_is_refused(rig) -> None:
    rig.desk.pause_audio("ann", 60.0)
    rig.clock.advance(60.0)
    rig.taken()
    with pytest.raises(RefusedError, match="alarm 7"):
        rig.desk.acknowledge("ann", 7)
    assert [entry[1] for entry in rig.taken() if entry[0] == "event"] == ["audio-on"]


def test_an_acknowledged_cry_sounds_again_by_the_monitor_s_clock_not_by_the_sound_s(rig) -> None:
    rig.hear(2.0, crying=True)
    rig.desk.acknowledge("ann", rig.desk.situation.alarms[0].number)
    rig.taken()
    rig.clock.advance(AlarmSettings().acknowledge_s - 1.0)
    rig.desk.tick()
    assert rig.taken() == []
    rig.clock.advance(1.0)
    rig.desk.tick()  # no sound has come in the meantime
    panel, (_, _, event), _ = rig.taken()
    assert panel == ("panel", "flashing", True)
    assert (event.phase, event.at_s, event.acknowledged_by) == ("escalate", 2.0, None)


def test_alarms_and_what_ends_by_itself_never_ask_for_the_time_of_day(rig, monkeypatch) -> None:
    """A clock that is set, or wrong, can neither prolong a silence nor hide an alarm."""
    monkeypatch.setattr(rig.clock, "utc", lambda: pytest.fail("of the clock that can be set"))
    rig.hear(2.0, crying=True)
    rig.desk.acknowledge("ann")
    rig.desk.pause_audio("ann", 60.0)
    rig.desk.fault("mic-lost", "plug it in", "medium")
    rig.taken()
    rig.clock.advance(60.0)
    rig.desk.tick()
    rig.clock.advance(AlarmSettings().acknowledge_s - 60.0)
    rig.desk.tick()
    events = [told[2] for told in rig.taken() if told[0] == "event"]
    said = [getattr(event, "change", None) or (event.code, event.phase) for event in events]
    assert said == ["audio-on", ("cry", "escalate")]


def test_every_act_of_an_operator_is_told_with_who_and_until_when(rig) -> None:
    desk = rig.desk
    rig.hear(2.0, crying=True)
    rig.hear(9.0, crying=False)
    rig.hear(12.0, crying=True)
    rig.taken()
    desk.acknowledge("ann")
    rig.hear(19.0, crying=False)
    desk.short_press("button")
    desk.pause_audio("ann", 60.0)
    desk.audio_off("ann")
    desk.resume_audio("ben")
    desk.standby("ben")
    desk.resume("ann")
    desk.long_press("button")
    desk.long_press("button")
    seen, _end, *controls = [entry[2] for entry in rig.taken() if entry[0] == "event"]
    assert (seen.phase, seen.acknowledged_by, seen.acknowledged_for_s) == (
        *("acknowledge", "ann", AlarmSettings().acknowledge_s),
    )
    assert [(event.change, event.by) for event in controls] == [
        ("missed-acknowledged", "button"),
        ("audio-paused", "ann"),
        ("audio-off", "ann"),
        ("audio-on", "ben"),
        ("standby", "ben"),
        ("monitoring", "ann"),
        ("audio-paused", "button"),
        ("audio-on", "button"),
    ]
    assert str(controls[1]) == "sound paused by ann, for 60 s"


def test_short_presses_acknowledge_from_any_thread_at_once(rig) -> None:
    threads = [
        threading.Thread(target=lambda: [rig.desk.short_press("button") for _ in range(200)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for i in range(200):
        rig.desk.fault("storage", "mend it" if i % 2 else None, "low")
    for thread in threads:
        thread.join(30.0)
    rig.desk.fault("storage", None, "low")
    events = [entry[2] for entry in rig.taken() if entry[0] == "event"]
    assert {event.phase for event in events} <= {"start", "acknowledge", "end"}
    assert rig.desk.situation.alarms == ()
