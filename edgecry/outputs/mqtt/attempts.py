"""When the broker is tried again, in which version of MQTT, and whether a connection can be relied
on. Pure: `now` is handed in (monotonic seconds)."""

from __future__ import annotations

from collections.abc import Callable

from edgecry.outputs.mqtt.link import Lost

SHORT_LIFE_S = 60.0
MANY_SHORT_LIVES = 3
_FIRST_RETRY_S = 1.0
_SLOWEST_RETRY_S = 30.0
_ANSWER_TIMEOUT_S = 10.0
_FIRST_ANSWER_TIMEOUT_S = 3.0  # some old brokers do not even refuse MQTT 5


class Attempts:
    """Learns from one connection after the other.

    jitter: 0..1, spreads the retries of many monitors.
    mqtt5: whether to speak MQTT 5 at the next attempt, else 3.1.1. retry_at_s: when that is due.
    failures: how many attempts have come to nothing in a row.
    """

    def __init__(self, jitter: Callable[[], float], now_s: float) -> None:
        self._jitter = jitter
        self.mqtt5 = True
        self.retry_at_s = now_s
        self.failures = 0
        self._understood_mqtt5: bool | None = None
        self._short_lives = 0
        self._connected_s: float | None = None

    @property
    def patience_s(self) -> float:
        """How long the broker may take to answer to the first packet."""
        return _FIRST_ANSWER_TIMEOUT_S if self._understood_mqtt5 is None else _ANSWER_TIMEOUT_S

    @property
    def flaps(self) -> bool:
        """No connection has lasted lately, as with two monitors of one name."""
        return self._short_lives >= MANY_SHORT_LIVES

    def lasts(self, now_s: float) -> bool:
        """Whether there is a connection, and, after some that did not last, whether this one has.

        Between two short ones nothing goes out, and what did may be another monitor's.
        """
        return self._connected_s is not None and (
            not self.flaps or now_s - self._connected_s >= SHORT_LIFE_S
        )

    def connected(self, now_s: float) -> None:
        """The broker lets us in."""
        self._understood_mqtt5 = self.mqtt5
        self._connected_s = now_s
        self.failures = 0

    def lost(self, lost: Lost, now_s: float) -> bool:
        """An attempt, or a connection, is over. Whether that is a failure: not to be understood
        at first is none, and 3.1.1 is tried at once."""
        connected_s, self._connected_s = self._connected_s, None
        self._choose_version(lost)
        if not self.mqtt5 and self._understood_mqtt5 is not False:
            self.retry_at_s = now_s
            return False
        if connected_s is not None:
            lasted = now_s - connected_s >= SHORT_LIFE_S
            self._short_lives = 0 if lasted else self._short_lives + 1
            self.failures = max(0, self._short_lives - 1)
        self.retry_at_s = now_s + self._retry_delay_s(lost)
        self.failures += 1
        return True

    def _choose_version(self, lost: Lost) -> None:
        """MQTT 5, unless this broker has shown that it only understands 3.1.1."""
        silent_so_far = lost.fault == "silent" and self._understood_mqtt5 is None
        if lost.fault == "misunderstood" or silent_so_far:
            self.mqtt5 = not self.mqtt5
        else:
            self.mqtt5 = self._understood_mqtt5 is not False

    def _retry_delay_s(self, lost: Lost) -> float:
        """Doubles from failure to failure; half of it is left to chance."""
        doubled_s = _FIRST_RETRY_S * 2.0 ** min(self.failures, 10)
        delay_s = _SLOWEST_RETRY_S if lost.fault == "refused" else min(_SLOWEST_RETRY_S, doubled_s)
        return delay_s * (0.5 + 0.5 * self._jitter())
