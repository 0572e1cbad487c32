"""What is said on a connection, and when: `online`, the state, then events in order, each until the
broker has it.

An event is in the outbox before it is sent and leaves it at the broker's PUBACK.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from edgecry.clock import Clock
from edgecry.decision.receipt import LATE_AFTER_S
from edgecry.outputs.messages import (
    EventMessage,
    HealthMessage,
    ResultMessage,
    StateMessage,
    rfc3339,
)

log = logging.getLogger(__name__)

AVAILABILITY = "availability"
ONLINE = b"online"
OFFLINE = b"offline"
WINDOW = 20  # messages of QoS 1 in flight; a broker may ask for less (MQTT 5, 3.2.2.3.3)
RESULTS_MAX = 64
_RESULTS_IN_FLIGHT = 4  # so that a flood of commands cannot crowd out events
_DENIED_RETRY_S = 60.0
_LOG_EVERY = 20


class EventStore(Protocol):
    """What is asked of the outbox; see `edgecry.outputs.outbox`."""

    @property
    def last_seq(self) -> int: ...
    @property
    def depth(self) -> int: ...
    @property
    def durable(self) -> bool: ...
    def put(self, message: EventMessage) -> int: ...
    def pending(self, after_seq: int, limit: int) -> list[EventMessage]: ...
    def delete(self, seqs: Iterable[int]) -> None: ...
    def oldest_age_s(self) -> float | None: ...


class Publish(Protocol):
    """Hands a message to the connection; never blocks. Returns its number."""

    def __call__(self, topic: str, payload: bytes, qos: int, retain: bool) -> int: ...


class Outgoing:
    """`post_*` are for any thread, the rest for the sender's.

    user: our login at the broker, for people.
    refused: how many messages the broker has not let pass.
    heard: the broker takes all that is said on this connection.
    """

    def __init__(self, root: str, user: str, outbox: EventStore, clock: Clock) -> None:
        self._root = root
        self._availability_topic = f"{root}/{AVAILABILITY}"
        self._state_topic = f"{root}/state"
        self._event_topic = f"{root}/event"
        self._health_topic = f"{root}/health"
        self._user = user
        self._outbox = outbox
        self._clock = clock
        self.refused = 0
        self.heard = False
        self._publish: Publish | None = None
        self._window = WINDOW
        self._in_flight: dict[int, _Sent] = {}
        self._denied_until_s: dict[str, float] = {}
        self._results_denied = 0
        self._online_due = False
        self._state: StateMessage | None = None
        self._state_due = False
        self._health: deque[HealthMessage] = deque(maxlen=1)
        self._results: deque[tuple[str, ResultMessage]] = deque(maxlen=RESULTS_MAX)
        self._sent_seq = 0
        self._fresh: deque[_Fresh] = deque()

    def post_state(self, state: StateMessage) -> None:
        """Only the latest counts; it is repeated on every connection."""
        self._state = state
        self._state_due = True

    def post_health(self, health: HealthMessage) -> None:
        """Only the latest counts."""
        self._health.append(health)

    def post_result(self, verb: str, result: ResultMessage) -> None:
        """Of more than RESULTS_MAX that wait the oldest are given up."""
        self._results.append((verb, result))

    def stored(self, seq: int, raised_mono_s: float) -> None:
        """An event of this run is in the outbox: for LATE_AFTER_S it is news."""
        self._fresh.append(_Fresh(seq, raised_mono_s))
        self._forget_what_is_late(self._clock.monotonic_s())

    def begin(self, publish: Publish, receive_maximum: int) -> None:
        """A new connection, on which the broker takes so many messages at once."""
        self._publish = publish
        self._window = min(WINDOW, receive_maximum)
        self._denied_until_s.clear()
        self._online_due = True
        self._state_due = self._state is not None
        self._sent_seq = 0

    def end(self) -> None:
        """The connection is lost: what the broker has not acknowledged is said again."""
        self._publish = None
        self._in_flight.clear()
        self.heard = False

    def send_due(self, now: float) -> None:
        """Say what is due and what the broker takes now."""
        if self._online_due and self._may_send(self._availability_topic, now):
            self._online_due = False
            self._send(self._availability_topic, ONLINE, now)
        if self._state_due and self._state and self._may_send(self._state_topic, now):
            self._state_due = False
            state = msgspec.structs.replace(
                self._state, seq=self._outbox.last_seq, published_at=rfc3339(self._clock.utc())
            )
            self._send(self._state_topic, state.encode(), now)
        if self._health:
            self._send_health(self._health.popleft())
        self._send_results(now)
        if self._may_send(self._event_topic, now) and self._sent_seq < self._outbox.last_seq:
            self._send_events(now)

    def say_offline(self, now: float) -> int:
        """The last word; its number."""
        return self._send(self._availability_topic, OFFLINE, now)

    def waits_for(self, mid: int) -> bool:
        """Whether the broker has not answered to message `mid`."""
        return mid in self._in_flight

    def unanswered_s(self, now: float) -> float:
        """How long the oldest message has waited for the broker's answer; 0 if none does."""
        return max((now - sent.at_s for sent in self._in_flight.values()), default=0.0)

    def answered(self, mid: int, refusal: str | None, now: float) -> int | None:
        """The broker has taken message `mid`, or not, and why. The number of the event that may
        leave the outbox, if it was one."""
        sent = self._in_flight.pop(mid, None)
        if sent is None:
            return None
        if refusal is not None:
            self._denied(sent, refusal, now)
            return None
        self._denied_until_s.pop(sent.topic, None)
        self.heard = not self._denied_until_s
        return sent.seq

    def _may_send(self, topic: str, now: float) -> bool:
        return len(self._in_flight) < self._window and now >= self._denied_until_s.get(topic, now)

    def _send_results(self, now: float) -> None:
        in_flight = sum(sent.is_result for sent in self._in_flight.values())
        room = min(_RESULTS_IN_FLIGHT - in_flight, self._window - len(self._in_flight))
        for _ in range(min(room, len(self._results))):
            verb, result = self._results.popleft()
            topic = f"{self._root}/cmd/{verb}/result"
            self._send(topic, result.encode(), now, retain=False, is_result=True)

    def _send_events(self, now: float) -> None:
        self._forget_what_is_late(now)
        fresh = {event.seq for event in self._fresh}
        room = self._window - len(self._in_flight)
        waiting = self._outbox.pending(after_seq=self._sent_seq, limit=room)
        if not waiting:
            self._sent_seq = self._outbox.last_seq
        for stored in waiting:
            event = msgspec.structs.replace(
                stored, published_at=rfc3339(self._clock.utc()), late=stored.seq not in fresh
            )
            self._send(self._event_topic, event.encode(), now, retain=False, seq=event.seq)
            self._sent_seq = event.seq

    def _forget_what_is_late(self, now: float) -> None:
        while self._fresh and now - self._fresh[0].raised_mono_s > LATE_AFTER_S:
            self._fresh.popleft()

    def _send_health(self, health: HealthMessage) -> None:
        assert self._publish
        report = msgspec.structs.replace(
            health,
            outbox_depth=self._outbox.depth,
            outbox_oldest_age_s=self._outbox.oldest_age_s(),
            outbox_durable=self._outbox.durable,
            published_at=rfc3339(self._clock.utc()),
        )
        self._publish(self._health_topic, report.encode(), qos=0, retain=True)

    def _send(
        self,
        topic: str,
        payload: bytes,
        now: float,
        retain: bool = True,
        seq: int | None = None,
        is_result: bool = False,
    ) -> int:
        """Send with QoS 1. Returns the message's number."""
        assert self._publish
        mid = self._publish(topic, payload, qos=1, retain=retain)
        self._in_flight[mid] = _Sent(topic, now, seq, is_result)
        return mid

    def _denied(self, sent: _Sent, refusal: str, now: float) -> None:
        """Nothing is lost: the event stays in the outbox, and is tried again much later.

        Except answers to commands, which their senders ask for again.
        """
        self.refused += 1
        if sent.is_result:
            if self._results_denied % _LOG_EVERY == 0:
                log.error(
                    "mqtt: the broker refuses %s: %s. Let user %s publish there (the broker's "
                    "ACL); the command was done, but nobody is told",
                    sent.topic,
                    refusal,
                    self._user,
                )
            self._results_denied += 1
            return
        self.heard = False
        if now >= self._denied_until_s.get(sent.topic, now):
            log.error(
                "mqtt: the broker refuses %s: %s. Let user %s publish there (the broker's ACL); "
                "next try in %.0f s, %d event(s) wait",
                sent.topic,
                refusal,
                self._user,
                _DENIED_RETRY_S,
                self._outbox.depth,
            )
        self._denied_until_s[sent.topic] = now + _DENIED_RETRY_S
        if sent.topic == self._event_topic:
            self._sent_seq = 0
        elif sent.topic == self._state_topic:
            self._state_due = True
        else:
            self._online_due = True


@dataclass(frozen=True, slots=True)
class _Fresh:
    """An event of this run that may still be news. All others in the outbox are late."""

    seq: int
    raised_mono_s: float


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message of QoS 1 that the broker has not acknowledged."""

    topic: str
    at_s: float
    seq: int | None
    is_result: bool
