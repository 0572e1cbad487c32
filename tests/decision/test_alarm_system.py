"""The alarm system: acknowledging, pausing, switching off, standby, and what is never forgotten."""

import pytest

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm import Finding
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.errors import RefusedError

TIMES = AlarmSettings()
LENIENT = AlarmSettings(allow_audio_off=True)


def cry(onset_s: float, heard_s: float) -> Finding:
    return Finding("patient", "low", onset_s, heard_s, p_cry=0.9, threshold=0.6, level_dbfs=-30.0)


def fault(mono_s: float, priority="medium") -> Finding:
    return Finding("technical", priority, mono_s, mono_s, detail="unplugged: plug it in")


def changes(events) -> list[tuple[str, str | None]]:
    return [(event.change, event.by) for event in events]


def cried(system: AlarmSystem, mono_s: float) -> None:
    """A cry comes and goes; its own time has nothing to do with `mono_s`."""
    system.assess("cry", cry(5.0, 6.0), 6.0, mono_s)
    system.assess("cry", None, 12.0, mono_s + 6.0)


# -- missed cries


def test_a_cry_that_nobody_acknowledged_is_kept_counted_and_dated() -> None:
    system = AlarmSystem(TIMES)
    cried(system, 1000.0)
    cried(system, 2000.0)
    missed = system.situation.missed
    assert missed is not None
    assert (missed.count, missed.since_mono_s) == (2, 1006.0)
    assert system.tick(1e9) == []
    assert system.situation.missed == missed
    [event] = system.acknowledge_missed("ann", 3000.0)
    assert (event.change, event.by, event.detail) == ("missed-acknowledged", "ann", "2 in all")
    assert system.situation.missed is None
    assert system.acknowledge_missed("ann", 3001.0) == []


def test_a_cry_that_was_acknowledged_and_a_fault_that_mended_itself_are_not_missed() -> None:
    system = AlarmSystem(TIMES)
    system.assess("cry", cry(0, 1), 1, 100.0)
    system.acknowledge("ann", 101.0)
    system.assess("cry", None, 10, 110.0)
    system.assess("mic-lost", fault(200), 200, 200.0)
    system.assess("mic-lost", None, 210, 210.0)
    assert system.situation.missed is None


def test_a_cry_whose_acknowledgement_had_run_out_is_missed() -> None:
    system = AlarmSystem(TIMES)
    system.assess("cry", cry(0, 1), 1, 100.0)
    system.acknowledge("ann", 101.0)
    system.tick(101.0 + TIMES.acknowledge_s)
    system.assess("cry", None, 300, 400.0)
    assert system.situation.missed is not None


# -- pause


def test_a_pause_ends_by_itself() -> None:
    system = AlarmSystem(TIMES)
    [paused] = system.pause_audio("ann", 100.0)
    assert (paused.change, paused.by, paused.until_mono_s) == ("audio-paused", "ann", 220.0)
    assert (system.situation.quiet, system.situation.audio.by) == (True, "ann")
    assert system.tick(219.9) == []
    [over] = system.tick(220.0)
    assert (over.change, over.by) == ("audio-on", None)
    assert not system.situation.quiet


def test_a_pause_can_be_renewed_but_never_beyond_the_longest() -> None:
    system = AlarmSystem(TIMES)
    for mono_s in range(0, int(TIMES.pause_max_s), 100):
        system.pause_audio("ann", mono_s)
        system.tick(mono_s + 99.0)
    assert system.situation.audio.until_mono_s == TIMES.pause_max_s
    assert changes(system.tick(TIMES.pause_max_s)) == [("audio-on", None)]
    [again] = system.pause_audio("ann", TIMES.pause_max_s + 1)
    assert again.until_mono_s == TIMES.pause_max_s + 1 + TIMES.pause_s


def test_a_pause_can_be_cancelled() -> None:
    system = AlarmSystem(TIMES)
    system.pause_audio("ann", 0.0, 300.0)
    assert changes(system.resume_audio("ben", 10.0)) == [("audio-on", "ben")]
    assert system.resume_audio("ben", 11.0) == []
    assert system.tick(300.0) == []


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 600.1])
def test_a_pause_that_cannot_be_is_refused_with_the_limit(seconds: float) -> None:
    system = AlarmSystem(TIMES)
    with pytest.raises(RefusedError, match=r"at most 600 s \(alarm.pause_max_s\)"):
        system.pause_audio("ann", 0.0, seconds)
    assert not system.situation.quiet


def test_a_low_fault_that_came_during_a_pause_and_has_waited_stays_silent_when_it_ends() -> None:
    system = AlarmSystem(TIMES)
    system.pause_audio("ann", 0.0)
    system.assess("clock", fault(1, "low"), 1, 1.0)
    system.assess("clock", fault(61, "low"), 61, 61.0)
    assert changes(system.tick(TIMES.pause_s)) == [("audio-on", None)]
    [alarm] = system.situation.alarms
    assert (alarm.sounds, alarm.acknowledged) == (False, False)
    system.assess("mic-lost", fault(121), 121, 121.0)
    assert [alarm.sounds for alarm in system.situation.alarms] == [False, True]


# -- sound switched off


def test_sound_cannot_be_switched_off_unless_the_settings_allow() -> None:
    with pytest.raises(RefusedError, match=r"alarm.allow_audio_off is false"):
        AlarmSystem(TIMES).audio_off("ann", 0.0)


def test_switched_off_sound_reminds_until_somebody_switches_it_on() -> None:
    system = AlarmSystem(LENIENT)
    assert changes(system.audio_off("ann", 0.0)) == [("audio-off", "ann")]
    reminded = [mono_s for mono_s in range(0, 2000, 10) if system.tick(float(mono_s))]
    assert reminded == [600, 1200, 1800]
    assert system.situation.quiet
    assert changes(system.resume_audio("ann", 2000.0)) == [("audio-on", "ann")]
    assert system.tick(1e6) == []


def test_to_switch_the_sound_off_again_and_again_does_not_put_off_the_reminder() -> None:
    system = AlarmSystem(LENIENT)
    reminded = []
    for mono_s in range(0, 1300, 100):
        system.audio_off("ann", float(mono_s))
        reminded += [mono_s] if system.tick(float(mono_s)) else []
    assert reminded == [600, 1200]


def test_a_pause_of_sound_that_was_off_brings_it_back_in_the_end() -> None:
    system = AlarmSystem(LENIENT)
    system.audio_off("ann", 0.0)
    system.pause_audio("ann", 10.0)
    assert changes(system.tick(130.0)) == [("audio-on", None)]


# -- standby


def test_in_standby_a_cry_is_no_alarm_and_a_fault_is_shown() -> None:
    system = AlarmSystem(TIMES)
    assert changes(system.standby("ann", 100.0)) == [("standby", "ann")]
    assert system.standby("ben", 101.0) == []
    assert system.assess("cry", cry(0, 1), 1, 102.0) == []
    [raised] = system.assess("mic-lost", fault(103), 103, 103.0)
    assert raised.phase == "start"
    situation = system.situation
    assert [alarm.code for alarm in situation.alarms] == ["mic-lost"]
    assert (situation.quiet, situation.watch.by, situation.watch.since_mono_s) == (
        True,
        "ann",
        100.0,
    )


def test_a_cry_that_goes_on_after_standby_is_a_new_alarm() -> None:
    system = AlarmSystem(TIMES)
    system.standby("ann", 100.0)
    system.assess("cry", cry(0, 1), 1, 101.0)
    assert changes(system.resume("ann", 102.0)) == [("monitoring", "ann")]
    assert system.resume("ann", 102.5) == []
    [raised] = system.assess("cry", cry(0, 2), 2, 103.0)
    assert (raised.phase, system.situation.quiet) == ("start", False)


def test_standby_ends_a_cry_as_acknowledged_and_a_pause_but_keeps_what_was_missed() -> None:
    system = AlarmSystem(TIMES)
    cried(system, 0.0)
    system.pause_audio("ann", 10.0)
    system.assess("cry", cry(20, 21), 21, 20.0)
    control, sound, seen, over = system.standby("ann", 30.0)
    assert (control.change, sound.change, sound.by) == ("standby", "audio-on", "ann")
    assert (seen.phase, over.phase, over.acknowledged_by) == ("acknowledge", "end", "ann")
    missed = system.situation.missed
    assert missed is not None
    assert missed.count == 1
    system.resume("ann", 40.0)
    assert not system.situation.quiet


def test_a_forgotten_standby_reminds() -> None:
    system = AlarmSystem(TIMES)
    system.standby("ann", 0.0)
    reminded = [mono_s for mono_s in range(0, 2000, 10) if system.tick(float(mono_s))]
    assert reminded == [600, 1200, 1800]
    assert system.situation.watch.state == "standby"


@pytest.mark.parametrize("act", ["pause_audio", "audio_off"])
def test_in_standby_there_is_no_sound_to_silence(act: str) -> None:
    system = AlarmSystem(LENIENT)
    system.standby("ann", 0.0)
    with pytest.raises(RefusedError, match="in standby"):
        getattr(system, act)("ann", 1.0)


# -- the button


def test_a_fault_that_lasts_does_not_keep_missed_cries_from_being_acknowledged() -> None:
    system = AlarmSystem(TIMES)
    cried(system, 0.0)
    system.assess("clock", fault(50, "low"), 50, 50.0)
    [seen] = system.short_press("button", 60.0)
    assert (seen.phase, system.situation.missed is None) == ("acknowledge", False)
    assert changes(system.short_press("button", 61.0)) == [("missed-acknowledged", "button")]


def test_a_short_press_acknowledges_alarms_first_and_missed_cries_once_none_is_raised() -> None:
    system = AlarmSystem(TIMES)
    cried(system, 0.0)
    system.assess("mic-lost", fault(10), 10, 10.0)
    assert [event.phase for event in system.short_press("button", 11.0)] == ["acknowledge"]
    assert system.short_press("button", 12.0) == []
    assert system.situation.missed is not None
    system.assess("mic-lost", None, 13, 13.0)
    assert changes(system.short_press("button", 14.0)) == [("missed-acknowledged", "button")]


def test_a_long_press_pauses_and_otherwise_leads_back_to_monitoring_with_sound() -> None:
    system = AlarmSystem(LENIENT)
    assert changes(system.long_press("button", 0.0)) == [("audio-paused", "button")]
    assert changes(system.long_press("button", 1.0)) == [("audio-on", "button")]
    system.audio_off("ann", 2.0)
    assert changes(system.long_press("button", 3.0)) == [("audio-on", "button")]
    system.standby("ann", 4.0)
    assert changes(system.long_press("button", 5.0)) == [("monitoring", "button")]
