"""One connection to the broker, from the first packet to the last, on a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Literal

from paho.mqtt import MQTTException
from paho.mqtt.client import (
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
    error_string,
)
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

KEEPALIVE_S = 15
_TCP_TIMEOUT_S = 5.0
_LOOP_S = 0.5
_RECEIVE_MAXIMUM = 65_535  # if the broker names none (MQTT 5, 3.2.2.3.3)
_LARGEST_PACKET_BYTES = 16_384  # a broker of MQTT 5 sends us nothing larger (3.1.2.11.4)


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker lets us in and takes `receive_maximum` unacknowledged messages."""

    receive_maximum: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The broker has answered to message `mid`; `refusal` says why it did not take it."""

    mid: int
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """The broker does not let us hear anything from outside."""

    refusal: str


@dataclass(frozen=True, slots=True)
class Received:
    """A message from outside, as it came.

    retained: it was not sent now, or is to be sent again to whoever comes later.
    """

    topic: str
    payload: bytes
    retained: bool


Fault = Literal["network", "refused", "misunderstood", "silent"]


@dataclass(frozen=True, slots=True)
class Reached:
    """The broker's port is open, certificates are verified, and we have said who we are."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The last report of a link.

    fault: `refused` needs a person, so that trying again soon is no use; `misunderstood` and
    `silent` brokers may know another version of MQTT.
    """

    why: str
    remedy: str
    fault: Fault


Report = Reached | Connected | Acknowledged | Unsubscribed | Lost

_CREDENTIALS = "check mqtt.username and mqtt.password_file, and the broker's users"
_NETWORK = "check the network, mqtt.host and mqtt.port, and that the broker runs"
_REFUSALS = {
    "Bad user name or password": _CREDENTIALS,
    "Not authorized": _CREDENTIALS,
    "Client identifier not valid": "check device.id",
    "Banned": "ask the broker's keeper to lift the ban",
    "Session taken over": "another monitor has the same device.id: give each its own",
}


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How to reach the broker, what it says for us when we vanish, and what we want to hear."""

    host: str
    port: int
    client_id: str
    username: str | None
    password: str | None
    tls: ssl.SSLContext | None
    will_topic: str
    will_payload: bytes
    window: int
    subscriptions: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


class Link:
    """One connection with its thread and its own paho client; ends with the report `Lost`.

    A fresh client each time: what paho remembers of a lost connection would be sent twice or late.
    A fresh session too: a command that waited in the broker would be done when nobody expects it.

    on_received: called on the connection's thread; must return at once and raise nothing.
    """

    def __init__(
        self,
        settings: LinkSettings,
        mqtt5: bool,
        on_report: Callable[[], None],
        on_received: Callable[[Received], None],
    ) -> None:
        self._settings = settings
        self._mqtt5 = mqtt5
        self._on_report = on_report
        self._on_received = on_received
        self._reports: SimpleQueue[Report] = SimpleQueue()
        self._abandoned = threading.Event()
        self._reason: str | None = None
        self._reached = False
        self._accepted = False
        self._thread = threading.Thread(target=self._run, name="mqtt-link", daemon=True)
        self._client = self._new_client()

    def start(self) -> None:
        self._thread.start()

    def next_report(self) -> Report | None:
        try:
            return self._reports.get_nowait()
        except Empty:
            return None

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> int:
        """Hand a message to the connection's thread; never blocks. Returns its number."""
        return self._client.publish(topic, payload, qos=qos, retain=retain).mid

    def disconnect(self) -> None:
        """End politely: the broker drops the will."""
        self._client.disconnect()

    def abandon(self, why: str = "stopped") -> None:
        """End at once, whatever the broker does: it publishes the will."""
        if self._abandoned.is_set():
            return
        self._reason = why
        self._abandoned.set()
        connection = self._client.socket()
        if isinstance(connection, socket.socket):
            with contextlib.suppress(OSError):
                # The TCP socket's own: ssl's would pull the session from under the thread's feet.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _new_client(self) -> Client:
        settings = self._settings
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            protocol=MQTTProtocolVersion.MQTTv5 if self._mqtt5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = _TCP_TIMEOUT_S
        client.max_inflight_messages_set(settings.window)
        client.will_set(settings.will_topic, settings.will_payload, qos=1, retain=True)
        if settings.username is not None:
            client.username_pw_set(settings.username, settings.password)
        if settings.tls:
            client.tls_set_context(settings.tls)
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        # Without it, paho's publish() would write to the socket from the caller's thread too.
        client.on_socket_register_write = lambda *_: None
        return client

    def _run(self) -> None:
        lost = Lost("internal error", "see the log", "network")
        try:
            self._client.connect(
                self._settings.host,
                self._settings.port,
                KEEPALIVE_S,
                properties=_connect_properties() if self._mqtt5 else None,
            )
            self._reached = True
            self._report(Reached())
            outcome = MQTTErrorCode.MQTT_ERR_SUCCESS
            while outcome == MQTTErrorCode.MQTT_ERR_SUCCESS and not self._abandoned.is_set():
                outcome = self._client.loop(_LOOP_S)
            lost = self._diagnosis(self._reason or error_string(outcome).rstrip("."))
        except ssl.SSLCertVerificationError as error:
            remedy = "check mqtt.tls.ca_file, and that mqtt.host is the name in the certificate"
            lost = Lost(error.verify_message, remedy, "refused")
        except (OSError, MQTTException) as error:
            lost = self._diagnosis(str(error) or type(error).__name__)
        finally:
            self._hang_up()
            self._report(lost)

    def _diagnosis(self, why: str) -> Lost:
        if remedy := _REFUSALS.get(why):
            return Lost(why, remedy, "refused")
        if self._accepted or not self._reached:
            return Lost(why, _NETWORK, "network")
        return Lost(why, _NETWORK, "silent" if self._abandoned.is_set() else "misunderstood")

    def _hang_up(self) -> None:
        connection = self._client.socket()
        if connection:
            connection.close()
        self._client.on_connect = None
        self._client.on_publish = None
        self._client.on_subscribe = None
        self._client.on_message = None
        self._client.on_disconnect = None

    def _report(self, report: Report) -> None:
        self._reports.put(report)
        self._on_report()

    def _on_connect(
        self,
        _client: Client,
        _userdata: Any,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._reason = str(reason)
        else:
            self._accepted = True
            receive_maximum = getattr(properties, "ReceiveMaximum", _RECEIVE_MAXIMUM)
            self._subscribe()
            self._report(Connected(receive_maximum))

    def _subscribe(self) -> None:
        topics = self._settings.subscriptions
        if not topics:
            return
        if self._mqtt5:
            # So that a command that is to be retained is known as one when it is sent already.
            options = SubscribeOptions(qos=1, retainAsPublished=True)
            self._client.subscribe([(topic, options) for topic in topics])
        else:
            self._client.subscribe([(topic, 1) for topic in topics])

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: Any,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        refusals = [str(reason) for reason in reasons if reason.is_failure]
        if refusals:
            self._report(Unsubscribed(refusals[0]))

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        self._on_received(Received(message.topic, bytes(message.payload), message.retain))

    def _on_publish(
        self,
        _client: Client,
        _userdata: Any,
        mid: int,
        reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        self._report(Acknowledged(mid, str(reason) if reason.is_failure else None))

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: Any,
        flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self._reason = str(reason)


def _connect_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = _LARGEST_PACKET_BYTES
    return properties
