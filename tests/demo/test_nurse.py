"""The demo's nurse: one short press for each cry, a while after its alarm."""

from edgecry.demo.nurse import COMES_AFTER_S, Nurse
from edgecry.types import AlarmEvent

CRY = AlarmEvent(1, "patient", "cry", "start", "low", 2.0, 1.0, 2.0)
FAULT = AlarmEvent(2, "technical", "storage", "start", "low", 2.0, 2.0, 2.0)


def test_a_cry_calls_the_nurse_who_presses_the_button_once() -> None:
    done: list[tuple[float, bool]] = []
    said: list[str] = []
    now_s = 0.0
    nurse = Nurse(lambda closed: done.append((now_s, closed)), said.append)
    for tick in range(40):
        now_s = tick / 2
        if now_s == 5.0:
            nurse.heard(CRY)
            nurse.heard(FAULT)
        nurse.step(now_s)
    assert done == [(5.0 + COMES_AFTER_S, True), (5.5 + COMES_AFTER_S, False)]
    assert said == ["the nurse presses the button"]


def test_without_a_cry_nobody_comes() -> None:
    done: list[bool] = []
    nurse = Nurse(done.append, lambda _text: None)
    nurse.heard(FAULT)
    for tick in range(40):
        nurse.step(tick / 2)
    assert done == []
