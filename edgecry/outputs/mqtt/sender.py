"""The owner of the connection: events into the outbox, one link after the other, and the farewell.

The owner thread decides and never waits for the network; each connection is a `Link` of its own.
What is said on it, and in which order, is `Outgoing`'s.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Full, Queue

from edgecry.clock import Clock
from edgecry.config.schema import Mqtt
from edgecry.outputs.messages import (
    EventMessage,
    HealthMessage,
    ResultMessage,
    StateMessage,
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
from edgecry.outputs.mqtt.outgoing import AVAILABILITY, OFFLINE, WINDOW, EventStore, Outgoing

log = logging.getLogger(__name__)

STOP_GRACE_S = 0.5
_TICK_S = 0.5
_POSTED_MAX = 256
_ACK_TIMEOUT_S = 10.0
_LOG_EVERY = 20
_TWIN = "no connection lasts: does another monitor have the same device.id?"


Receive = Callable[[str, bytes, bool], None]
"""Takes a message from outside: its topic below the device's, its payload, whether it is retained.

Called on the connection's thread; must return at once and raise nothing.
"""


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
        self._user = settings.username or "anonymous"
        self._link_settings = LinkSettings(
            host=settings.host,
            port=settings.port,
            client_id=f"edgecry-{device_id}",
            username=settings.username,
            password=read_password(settings.password_file) if settings.password_file else None,
            tls=tls_context(settings.tls) if settings.tls.enabled else None,
            will_topic=f"{root}/{AVAILABILITY}",
            will_payload=OFFLINE,
            window=WINDOW,
            subscriptions=(f"{root}/cmd/+", f"{root}/receipt") if receive else (),
        )

        self.dropped = 0
        self.delivered = 0
        self.connects = 0
        self.oldest_age_s: float | None = None
        """How long the oldest event has waited in the outbox; None if none does."""
        self.failure: Exception | None = None

        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="mqtt-sender", daemon=True)
        self._stop_at_s = float("inf")
        self._posted: Queue[_Posted] = Queue(_POSTED_MAX)
        self._outgoing = Outgoing(root, self._user, outbox, clock)

        self._link: Link | None = None
        self._connected = False
        self._heard_mono_s = self._connected_since_mono_s = clock.monotonic_s()
        self._attempts = Attempts(jitter, clock.monotonic_s())
        self._last_failure = ""
        self._answer_by_s = float("inf")

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and still answers."""
        return self._connected

    @property
    def refused(self) -> int:
        """How many messages the broker has not let pass."""
        return self._outgoing.refused

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
        self._outgoing.post_state(state)
        self._wake.set()

    def post_health(self, health: HealthMessage) -> None:
        """Say how the monitor is. Only the latest counts."""
        self._outgoing.post_health(health)
        self._wake.set()

    def post_result(self, verb: str, result: ResultMessage) -> None:
        """Answer a command. Of more than RESULTS_MAX that wait the oldest are given up."""
        self._outgoing.post_result(verb, result)
        self._wake.set()

    def step(self, now: float) -> None:
        """Store what was posted, hear the broker, keep the connection, send what is due."""
        self._store_posted()
        self._hear_link(now)
        self._tend_link(now)
        if self._connected:
            self._outgoing.send_due(now)
        self.oldest_age_s = self._outbox.oldest_age_s()
        if self._outgoing.heard and self._attempts.lasts(now):
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
            self._connected = False

    def _say_goodbye(self) -> None:
        now = self._clock.monotonic_s()
        self.step(now)
        self._until(lambda: self._outbox.depth == 0, now + (self._stop_at_s - now) / 2, self.step)
        if self._link and self._connected:
            farewell = self._outgoing.say_offline(now)

            def taken() -> bool:
                return not self._outgoing.waits_for(farewell)

            self._until(taken, self._stop_at_s, self._hear_link)
            if self._connected and taken():
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

    def _store_posted(self) -> None:
        for _ in range(self._posted.qsize()):
            posted = self._posted.get_nowait()
            seq = self._outbox.put(posted.event)
            self._outgoing.stored(seq, posted.raised_mono_s)

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
        elif self._outgoing.unanswered_s(now) > _ACK_TIMEOUT_S:
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
                    seq = self._outgoing.answered(mid, refusal, now)
                    if seq is not None:
                        acknowledged.append(seq)
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
        assert self._link
        self._outgoing.begin(self._link.publish, connected.receive_maximum)
        self._connected = True
        self._connected_since_mono_s = now
        self._attempts.connected(now)
        self._last_failure = ""
        self.connects += 1
        log.info(
            "mqtt: connected to %s, %d event(s) wait",
            self._link_settings.address,
            self._outbox.depth,
        )

    def _lost(self, lost: Lost, now: float) -> None:
        was_connected = self._connected
        self._link = None
        self._outgoing.end()
        self._connected = False
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


@dataclass(frozen=True, slots=True)
class _Posted:
    event: EventMessage
    raised_mono_s: float
