"""What feeds the watchdog, and when the monitor calls itself blind."""

from edgecry.health.liveness import Liveness


def test_fresh_decisions_keep_it_alive() -> None:
    liveness = Liveness(blind_after_s=5.0, now_s=100.0)
    liveness.decided(captured_s=103.9, now_s=104.0, hop_s=0.24)
    assert liveness.alive_s == 104.0
    assert not liveness.is_blind(108.0)
    assert liveness.is_blind(109.0)


def test_silence_of_the_pipeline_is_not_alive() -> None:
    liveness = Liveness(blind_after_s=5.0, now_s=100.0)
    assert liveness.alive_s == 100.0
    assert liveness.is_blind(105.0)


def test_deciding_on_stale_sound_does_not_feed_the_watchdog() -> None:
    liveness = Liveness(blind_after_s=5.0, now_s=100.0)
    liveness.decided(captured_s=101.0, now_s=110.0, hop_s=0.24)
    assert liveness.alive_s == 100.0
    assert liveness.is_blind(110.0)


def test_a_declared_loss_is_alive_and_what_follows_it_has_its_own_time() -> None:
    liveness = Liveness(blind_after_s=5.0, now_s=100.0)
    liveness.declared_blind(now_s=120.0)
    assert liveness.alive_s == 120.0
    assert liveness.scored_age_s(120.0) == 20.0
    assert not liveness.is_blind(124.9)
    assert liveness.is_blind(125.0)
