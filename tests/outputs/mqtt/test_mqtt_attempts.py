"""Which connections can be relied on, and when the next one is tried."""

from edgecry.outputs.mqtt.attempts import MANY_SHORT_LIVES, SHORT_LIFE_S, Attempts
from edgecry.outputs.mqtt.link import Lost

LOST = Lost("The connection was lost", "check the network", "network")


def live(attempts: Attempts, now_s: float, seconds: float) -> float:
    """A connection of `seconds`, begun once it is due; when it is lost."""
    began_s = max(now_s, attempts.retry_at_s)
    attempts.connected(began_s)
    attempts.lost(LOST, began_s + seconds)
    return began_s + seconds


def test_a_connection_is_relied_on_at_once_unless_those_before_did_not_last() -> None:
    attempts = Attempts(lambda: 1.0, 0.0)
    assert not attempts.lasts(0.0)
    now_s = 0.0
    for _ in range(MANY_SHORT_LIVES):
        now_s = live(attempts, now_s, 10.0)
    attempts.connected(now_s)
    assert not attempts.lasts(now_s + SHORT_LIFE_S - 1)
    assert attempts.lasts(now_s + SHORT_LIFE_S)
    attempts.lost(LOST, now_s + SHORT_LIFE_S)
    attempts.connected(now_s + SHORT_LIFE_S)
    assert attempts.lasts(now_s + SHORT_LIFE_S), "one that has lasted makes up for all"


def test_two_of_one_name_never_rely_on_what_they_take_from_each_other() -> None:
    """Each is let in when its retry is due, and that throws the other out."""
    attempts = [Attempts(lambda: 1.0, 0.0), Attempts(lambda: 0.0, 0.5)]
    now_s, relied_s = 0.0, 0.0
    attempts[0].connected(now_s)
    inside = 0
    while now_s < 3600.0:
        outside = 1 - inside
        now_s = max(now_s, attempts[outside].retry_at_s)
        if now_s > 60.0:
            relied_s += attempts[inside].lasts(now_s)
        attempts[outside].connected(now_s)
        attempts[inside].lost(LOST, now_s)
        inside = outside
    assert relied_s == 0


def test_retries_slow_down_to_half_a_minute_and_a_success_begins_anew() -> None:
    attempts = Attempts(lambda: 1.0, 0.0)
    delays = []
    for _ in range(8):
        attempts.lost(LOST, 0.0)
        delays.append(attempts.retry_at_s)
    assert delays == [1, 2, 4, 8, 16, 30, 30, 30]
    live(attempts, 100.0, SHORT_LIFE_S)
    assert attempts.retry_at_s == 100.0 + SHORT_LIFE_S + 1.0
