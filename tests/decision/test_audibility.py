"""The one place that decides whether the buzzer at the cot may sound."""

import pytest

from edgecry.decision.audibility import is_audible


@pytest.mark.parametrize("unconfirmed", [False, True])
@pytest.mark.parametrize("broker_lost", [False, True])
def test_when_alarms_sound_at_the_cot(unconfirmed, broker_lost) -> None:
    known = {"unconfirmed": unconfirmed, "broker_lost": broker_lost}
    assert is_audible("always", **known)
    assert not is_audible("never", **known)
    assert is_audible("when-unreceived", **known) == (unconfirmed or broker_lost)
