"""What is sent when: state first, then events in order, each until the broker has it.

An event is in the outbox before anything is sent and leaves it at the broker's PUBACK. The owner
thread decides and never waits for the network; each connection is a `Link` of its own.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Full, Queue
from typing import Protocol

import msgspec

from edgecry.clock import Clock
from edgecry.config.schema import Mqtt
from edgecry.decision.receipt import LATE_AFTER_S
from edgecry.outputs.messages import (
    EventMessage,
    HealthMessage,
    ResultMessage,
    StateMessage,
    rfc3339,
)
from edgecry.outputs.mqtt.attempts import Attempts
from edgecry.outputs.mqtt.credentials import read_password, tls_context
from edgecry.outputs.mqtt.link import (
    Acknowledged,
    Connected,
    Link,
    LinkSettings,
    Lost,
    Reached,
    Received,
    Unsubscribed,
)

log = logging.getLogger(__name__)

ONLINE = b"online"
OFFLINE = b"offline"
STOP_GRACE_S = 0.5
_TICK_S = 0.5
_WINDOW = 20  # messages of QoS 1 in flight; a broker may ask for less (MQTT 5, 3.2.2.3.3)
_POSTED_MAX = 256
_RESULTS_MAX = 64
_RESULTS_IN_FLIGHT = 4  # so that a flood of commands cannot crowd out events
_ACK_TIMEOUT_S = 10.0
_DENIED_RETRY_S = 60.0
_LOG_EVERY = 20
_TWIN = "no connection lasts: does another monitor have the same device.id?"


Receive = Callable[[str, bytes, bool], None]
"""Takes a message from outside: its topic below the device's, its payload, whether it is retained.

Called on the connection's thread; must return at once and raise nothing.
"""


class EventStore(Protocol):
    """What the sender asks of the outbox; see `edgecry.outputs.outbox`."""

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


class MqttSender:
    """Owner of the connection to the broker. Starts without one and tries for ever.

    `post*`, the properties and the counters may be used from any thread; none of them blocks.
    `step` is the whole of the owner thread's work, for tests that want no thread.
    """

    def __init__(
        self,
        settings: Mqtt,
        device_id: str,
        outbox: EventStore,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
        receive: Receive | None = None,
    ) -> None:
        """Raises ConfigError if the password or a certificate cannot be read.

        clock: runs at the real speed, as it also times the network.
        jitter: 0..1, spreads the retries of many monitors.
        receive: takes what comes in; without it nothing is subscribed to.
        """
        self._outbox = outbox
        self._clock = clock
        self._receive = receive
        self._root = root = f"{settings.base_topic}/{device_id}"
        self._availability_topic = f"{root}/availability"
        self._state_topic = f"{root}/state"
        self._event_topic = f"{root}/event"
        self._health_topic = f"{root}/health"
        self._user = settings.username or "anonymous"
        self._link_settings = LinkSettings(
            host=settings.host,
            port=settings.port,
            client_id=f"edgecry-{device_id}",
            username=settings.username,
            password=read_password(settings.password_file) if settings.password_file else None,
            tls=tls_context(settings.tls) if settings.tls.enabled else None,
            will_topic=self._availability_topic,
            will_payload=OFFLINE,
            window=_WINDOW,
            subscriptions=(f"{root}/cmd/+", f"{root}/receipt") if receive else (),
        )

        self.dropped = 0
        self.delivered = 0
        self.refused = 0
        self.connects = 0
        self.oldest_age_s: float | None = None
        """How long the oldest event has waited in the outbox; None if none does."""
        self.failure: Exception | None = None

        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="mqtt-sender", daemon=True)
        self._stop_at_s = float("inf")
        self._posted: Queue[_Posted] = Queue(_POSTED_MAX)
        self._state: StateMessage | None = None
        self._state_due = False
        self._health: deque[HealthMessage] = deque(maxlen=1)
        self._results: deque[tuple[str, ResultMessage]] = deque(maxlen=_RESULTS_MAX)

        self._link: Link | None = None
        self._connected = False
        self._heard = False
        self._heard_mono_s = self._connected_since_mono_s = clock.monotonic_s()
        self._attempts = Attempts(jitter, clock.monotonic_s())
        self._last_failure = ""
        self._answer_by_s = float("inf")

        self._window = _WINDOW
        self._in_flight: dict[int, _Sent] = {}
        self._online_due = False
        self._denied_until_s: dict[str, float] = {}
        self._results_denied = 0
        self._sent_seq = 0
        self._fresh: deque[_Fresh] = deque()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and still answers."""
        return self._connected

    @property
    def connected_since_mono_s(self) -> float:
        """Monotonic time at which the broker last let us in; of the start, before it has."""
        return self._connected_since_mono_s

    @property
    def heard_mono_s(self) -> float:
        """Monotonic time until which the broker is known to take all that we say.

        To be let in is not enough: only acknowledgements count, only on connections that last, and
        only while the owner thread lives to see them. Before the first it is the time of the start.
        """
        return self._heard_mono_s

    def start(self) -> None:
        """Start the owner thread."""
        self._thread.start()

    def stop(self, deadline_s: float = 1.0) -> None:
        """Deliver what can be delivered, say `offline`, disconnect: within `deadline_s`.

        Returns after STOP_GRACE_S more at the latest, with the thread left behind if it is stuck.
        """
        self._stop_at_s = self._clock.monotonic_s() + deadline_s
        self._stopping.set()
        self._wake.set()
        self._thread.join(deadline_s + STOP_GRACE_S)
        if self._thread.is_alive():
            log.warning("mqtt: the sender is stuck, probably in a write to disk; left behind")

    def post(self, event: EventMessage) -> None:
        """Take an event for delivery."""
        try:
            self._posted.put_nowait(_Posted(event, self._clock.monotonic_s()))
        except Full:
            if self.dropped % _LOG_EVERY == 0:
                log.error(
                    "mqtt: %d event(s) lost before the outbox: the disk is too slow; "
                    "check the SD card",
                    self.dropped + 1,
                )
            self.dropped += 1
        self._wake.set()

    def post_state(self, state: StateMessage) -> None:
        """Say what is so now. Only the latest counts; it is repeated at every connect."""
        self._state = state
        self._state_due = True
        self._wake.set()

    def post_health(self, health: HealthMessage) -> None:
        """Say how the monitor is. Only the latest counts."""
        self._health.append(health)
        self._wake.set()

    def post_result(self, verb: str, result: ResultMessage) -> None:
        """Answer a command. Of more than _RESULTS_MAX that wait the oldest are given up."""
        self._results.append((verb, result))
        self._wake.set()

    def step(self, now: float) -> None:
        """Store what was posted, hear the broker, keep the connection, send what is due."""
        self._store_posted(now)
        self._hear_link(now)
        self._tend_link(now)
        if self._connected:
            self._send_due(now)
        self.oldest_age_s = self._outbox.oldest_age_s()
        if self._heard and self._attempts.lasts(now):
            self._heard_mono_s = now

    def _serve(self) -> None:
        try:
            while not self._stopping.is_set():
                self.step(self._clock.monotonic_s())
                self._wake.wait(_TICK_S)
                self._wake.clear()
            self._say_goodbye()
        except Exception as error:
            log.exception("the MQTT sender failed")
            self.failure = error
        finally:
            if self._link:
                self._link.abandon()
            self._connected = self._heard = False

    def _say_goodbye(self) -> None:
        now = self._clock.monotonic_s()
        self.step(now)
        self._until(lambda: self._outbox.depth == 0, now + (self._stop_at_s - now) / 2, self.step)
        if self._link and self._connected:
            offline = self._publish(self._availability_topic, OFFLINE, now)
            self._until(lambda: offline not in self._in_flight, self._stop_at_s, self._hear_link)
            if self._connected and offline not in self._in_flight:
                self._link.disconnect()
                self._link.join(max(_TICK_S / 2, self._stop_at_s - self._clock.monotonic_s()))
                log.info(
                    "mqtt: said offline and disconnected, %d event(s) wait", self._outbox.depth
                )
                return
            log.warning("mqtt: the broker does not answer; it will say offline for us")

    def _until(
        self, done: Callable[[], bool], deadline_s: float, work: Callable[[float], None]
    ) -> None:
        while self._connected and not done():
            left_s = deadline_s - self._clock.monotonic_s()
            if left_s <= 0:
                return
            self._wake.wait(min(left_s, _TICK_S))
            self._wake.clear()
            work(self._clock.monotonic_s())

    def _store_posted(self, now: float) -> None:
        for _ in range(self._posted.qsize()):
            posted = self._posted.get_nowait()
            seq = self._outbox.put(posted.event)
            self._fresh.append(_Fresh(seq, posted.raised_mono_s))
        while self._fresh and now - self._fresh[0].raised_mono_s > LATE_AFTER_S:
            self._fresh.popleft()

    # -- the connection

    def _tend_link(self, now: float) -> None:
        if self._link is None:
            if now >= self._attempts.retry_at_s and not self._stopping.is_set():
                self._link = Link(
                    self._link_settings, self._attempts.mqtt5, self._wake.set, self._received
                )
                self._link.start()
                self._answer_by_s = float("inf")
        elif not self._connected:
            if now > self._answer_by_s:
                self._link.abandon("no answer")
        elif self._in_flight:
            oldest = next(iter(self._in_flight.values()))
            if now - oldest.at_s > _ACK_TIMEOUT_S:
                self._link.abandon(f"no acknowledgement in {_ACK_TIMEOUT_S:.0f} s")

    def _hear_link(self, now: float) -> None:
        acknowledged: list[int] = []
        while self._link and (report := self._link.next_report()):
            match report:
                case Reached():
                    self._answer_by_s = now + self._attempts.patience_s
                case Connected():
                    self._greet(report, now)
                case Acknowledged(mid, refusal):
                    sent = self._in_flight.pop(mid, None)
                    if sent and refusal:
                        self._denied(sent, refusal, now)
                    elif sent:
                        self._taken(sent)
                        if sent.seq is not None:
                            acknowledged.append(sent.seq)
                case Unsubscribed(refusal):
                    log.error(
                        "mqtt: the broker lets nobody command this monitor: %s. Let user %s read "
                        "%s/cmd/+ and %s/receipt (the broker's ACL)",
                        refusal,
                        self._user,
                        self._root,
                        self._root,
                    )
                case Lost():
                    self._lost(report, now)
        self._outbox.delete(acknowledged)
        self.delivered += len(acknowledged)

    def _received(self, message: Received) -> None:
        """On the connection's thread."""
        if self._receive:
            topic = message.topic.removeprefix(f"{self._root}/")
            self._receive(topic, message.payload, message.retained)

    def _greet(self, connected: Connected, now: float) -> None:
        self._window = min(_WINDOW, connected.receive_maximum)
        self._connected = True
        self._connected_since_mono_s = now
        self._attempts.connected(now)
        self._last_failure = ""
        self.connects += 1
        self._online_due = True
        self._state_due = self._state is not None
        self._sent_seq = 0
        self._denied_until_s.clear()
        log.info(
            "mqtt: connected to %s, %d event(s) wait",
            self._link_settings.address,
            self._outbox.depth,
        )

    def _lost(self, lost: Lost, now: float) -> None:
        was_connected = self._connected
        self._link = None
        self._in_flight.clear()
        self._connected = self._heard = False
        if not self._attempts.lost(lost, now):
            return
        is_news = was_connected or lost.why != self._last_failure
        if is_news or self._attempts.failures % _LOG_EVERY == 0:
            log.warning(
                "mqtt: %s %s: %s; %s. Trying for ever, %d event(s) wait",
                "lost" if was_connected else "cannot connect to",
                self._link_settings.address,
                lost.why,
                _TWIN if was_connected and self._attempts.flaps else lost.remedy,
                self._outbox.depth,
            )
        self._last_failure = lost.why

    # -- sending

    def _send_due(self, now: float) -> None:
        if self._online_due and self._may_send(self._availability_topic, now):
            self._online_due = False
            self._publish(self._availability_topic, ONLINE, now)
        if self._state_due and self._state and self._may_send(self._state_topic, now):
            self._state_due = False
            state = msgspec.structs.replace(
                self._state, seq=self._outbox.last_seq, published_at=rfc3339(self._clock.utc())
            )
            self._publish(self._state_topic, state.encode(), now)
        if self._health:
            self._send_health(self._health.popleft())
        self._send_results(now)
        if self._may_send(self._event_topic, now) and self._sent_seq < self._outbox.last_seq:
            self._send_events(now)

    def _may_send(self, topic: str, now: float) -> bool:
        return len(self._in_flight) < self._window and now >= self._denied_until_s.get(topic, now)

    def _send_results(self, now: float) -> None:
        in_flight = sum(sent.is_result for sent in self._in_flight.values())
        room = min(_RESULTS_IN_FLIGHT - in_flight, self._window - len(self._in_flight))
        for _ in range(min(room, len(self._results))):
            verb, result = self._results.popleft()
            topic = f"{self._root}/cmd/{verb}/result"
            self._publish(topic, result.encode(), now, retain=False, is_result=True)

    def _send_events(self, now: float) -> None:
        fresh = {event.seq for event in self._fresh}
        room = self._window - len(self._in_flight)
        waiting = self._outbox.pending(after_seq=self._sent_seq, limit=room)
        if not waiting:
            self._sent_seq = self._outbox.last_seq
        for stored in waiting:
            event = msgspec.structs.replace(
                stored, published_at=rfc3339(self._clock.utc()), late=stored.seq not in fresh
            )
            self._publish(self._event_topic, event.encode(), now, retain=False, seq=event.seq)
            self._sent_seq = event.seq

    def _send_health(self, health: HealthMessage) -> None:
        assert self._link
        report = msgspec.structs.replace(
            health,
            outbox_depth=self._outbox.depth,
            outbox_oldest_age_s=self._outbox.oldest_age_s(),
            outbox_durable=self._outbox.durable,
            published_at=rfc3339(self._clock.utc()),
        )
        self._link.publish(self._health_topic, report.encode(), qos=0, retain=True)

    def _publish(
        self,
        topic: str,
        payload: bytes,
        now: float,
        retain: bool = True,
        seq: int | None = None,
        is_result: bool = False,
    ) -> int:
        """Send with QoS 1. Returns the message's number."""
        assert self._link
        mid = self._link.publish(topic, payload, qos=1, retain=retain)
        self._in_flight[mid] = _Sent(topic, now, seq, is_result)
        return mid

    def _taken(self, sent: _Sent) -> None:
        self._denied_until_s.pop(sent.topic, None)
        self._heard = not self._denied_until_s

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
        self._heard = False
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
class _Posted:
    event: EventMessage
    raised_mono_s: float


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
