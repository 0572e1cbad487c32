"""A broker that stays away."""

from dataclasses import dataclass

from support.supervised import Supervised

from edgecry.health.check import Check
from edgecry.health.delivery import BROKER_LOST_AFTER_S, BrokerLost


@dataclass
class Link:
    heard_mono_s: float = 0.0


def test_a_broker_that_stays_away_is_a_low_alarm_until_it_takes_what_is_said() -> None:
    monitor, link = Supervised(), Link()
    monitor.checks.append(Check("broker-lost", "low", BrokerLost(link).look))
    monitor.tick(BROKER_LOST_AFTER_S - 1)
    assert monitor.told == []
    monitor.until_raised("broker-lost", 2)
    link.heard_mono_s = monitor.clock.monotonic_s()
    monitor.until_cleared("broker-lost", 1)
    assert monitor.told == [("broker-lost", "start", "low"), ("broker-lost", "end", "low")]
