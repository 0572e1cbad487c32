"""What the panel says of the conditions that are raised."""

import pytest

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm import AlarmBoard, Finding
from edgecry.decision.signal import SILENT, Signal, signal_of


def raised(*conditions):
    """Alarms of (code, priority), acknowledged where a third item says so."""
    board = AlarmBoard(AlarmSettings())
    for code, priority, *acknowledged in conditions:
        kind = "patient" if code == "cry" else "technical"
        board.assess(code, Finding(kind, priority, onset_s=0.0, heard_s=0.0), 0.0)
        if acknowledged:
            board.acknowledge("button", 0.0)
    return board.alarms


@pytest.mark.parametrize(
    ("conditions", "light", "sound"),
    [
        ([("cry", "low")], "steady", "low"),
        ([("broker-lost", "low")], "steady", "technical-low"),
        ([("mic-lost", "medium")], "flashing", "technical-medium"),
        ([("broker-lost", "low"), ("cry", "low")], "steady", "low"),
        ([("cry", "low"), ("mic-lost", "medium")], "flashing", "technical-medium"),
        ([("mic-lost", "medium"), ("cry", "medium")], "flashing", "medium"),
        ([("mic-lost", "medium", "seen")], "flashing", None),
        ([("mic-lost", "medium", "seen"), ("cry", "low")], "flashing", "low"),
    ],
)
def test_the_highest_priority_is_shown_and_the_highest_unacknowledged_heard(
    conditions, light, sound
) -> None:
    assert signal_of(raised(*conditions), 7) == Signal(light, sound, 7)


def test_without_an_alarm_the_light_says_whether_one_would_sound_and_whether_one_was_missed() -> (
    None
):
    assert signal_of((), 0) == SILENT
    assert signal_of((), 3, missed=True).light == "missed"
    assert signal_of((), 3, quiet=True).light == "quiet"
    assert signal_of((), 3, missed=True, quiet=True).light == "missed-quiet"


def test_beside_a_low_alarm_which_may_last_the_light_says_that_too() -> None:
    alarms = raised(("clock", "low", "seen"))
    assert signal_of(alarms, 3).light == "steady"
    assert signal_of(alarms, 3, missed=True).light == "steady-missed"
    assert signal_of(alarms, 3, quiet=True).light == "steady-quiet"
    assert signal_of(alarms, 3, missed=True, quiet=True).light == "steady-missed-quiet"


def test_while_nothing_is_to_sound_an_alarm_is_still_seen() -> None:
    alarms = raised(("mic-lost", "medium"))
    assert signal_of(alarms, 1, missed=True, quiet=True) == Signal("flashing", None, 1)


def test_where_the_cot_is_not_to_sound_an_alarm_is_seen_and_the_light_calls_nothing_off() -> None:
    alarms = raised(("cry", "low"), ("mic-lost", "medium"))
    assert signal_of(alarms, 3, audible=False) == Signal("flashing", None, 3)
    assert signal_of((), 3, audible=False) == Signal("off", None, 3)
