"""What a technician reads in `systemctl status edgecry`."""

import pytest

from edgecry.decision.alarm import Alarm
from edgecry.decision.alarm_system import Situation
from edgecry.decision.audio import Audio
from edgecry.decision.missed import Missed
from edgecry.decision.watch import Watch
from edgecry.detection import Decision
from edgecry.health.status_line import status_line
from edgecry.types import AlarmEvent, Score

CRY = AlarmEvent(1, "patient", "cry", "start", "high", 5.0, 3.0, 5.0)
LOST = AlarmEvent(2, "technical", "mic-lost", "start", "medium", 9.0, 9.0, 9.0)


def heard(level_dbfs: float | None) -> Decision:
    score = Score(p_cry=0.9, end_sample=80_000, level_dbfs=level_dbfs, inference_ms=2.0)
    return Decision(now_s=5.0, score=score, evidence=0.876, cry=None)


@pytest.mark.parametrize(
    ("last", "situation", "broker_connected", "line"),
    [
        (None, Situation(), False, "no sound yet; no alarm; broker not connected"),
        (heard(-41.6), Situation(), True, "p_cry 0.88, -42 dBFS; no alarm; broker connected"),
        (heard(None), Situation(), True, "p_cry 0.88, digital silence; no alarm; broker connected"),
        (
            heard(-20.0),
            Situation((Alarm(CRY, 5.0, 5.0), Alarm(LOST, 9.0, 9.0)), Missed(2, 1.0)),
            True,
            "p_cry 0.88, -20 dBFS; cry high, mic-lost medium, 2 missed; broker connected",
        ),
        (
            heard(-20.0),
            Situation(audio=Audio("paused"), watch=Watch("standby")),
            True,
            "p_cry 0.88, -20 dBFS; sound paused, standby; broker connected",
        ),
    ],
)
def test_what_is_heard_what_is_wrong_and_who_hears_of_it(
    last: Decision | None, situation: Situation, broker_connected: bool, line: str
) -> None:
    assert status_line(last, situation, broker_connected) == line
