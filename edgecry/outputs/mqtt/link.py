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
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, error_string
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

KEEPALIVE_S = 15
_TCP_TIMEOUT_S = 5.0
_LOOP_S = 0.5
_RECEIVE_MAXIMUM = 65_535  # if the broker names none (MQTT 5, 3.2.2.3.3)


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker lets us in and takes `receive_maximum` unacknowledged messages."""

    receive_maximum: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The broker has answered to message `mid`; `refusal` says why it did not take it."""

    mid: int
    refusal: str | None


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


Report = Reached | Connected | Acknowledged | Lost

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
    """How to reach the broker, and what it says for us when we vanish."""

    host: str
    port: int
    client_id: str
    username: str | None
    password: str | None
    tls: ssl.SSLContext | None
    will_topic: str
    will_payload: bytes
    window: int

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


class Link:
    """One connection with its thread and its own paho client; ends with the report `Lost`.

    A fresh client each time: what paho remembers of a lost connection would be sent twice or late.
    """

    def __init__(
        self, settings: LinkSettings, mqtt5: bool, now: float, on_report: Callable[[], None]
    ) -> None:
        self.started_s = now
        self._settings = settings
        self._on_report = on_report
        self._reports: SimpleQueue[Report] = SimpleQueue()
        self._abandoned = threading.Event()
        self._reason: str | None = None
        self._reached = False
        self._accepted = False
        self._thread = threading.Thread(target=self._run, name="mqtt-link", daemon=True)
        self._client = self._new_client(mqtt5)

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

    def _new_client(self, mqtt5: bool) -> Client:
        settings = self._settings
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            protocol=MQTTProtocolVersion.MQTTv5 if mqtt5 else MQTTProtocolVersion.MQTTv311,
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
        client.on_disconnect = self._on_disconnect
        # Without it, paho's publish() would write to the socket from the caller's thread too.
        client.on_socket_register_write = lambda *_: None
        return client

    def _run(self) -> None:
        lost = Lost("internal error", "see the log", "network")
        try:
            self._client.connect(self._settings.host, self._settings.port, KEEPALIVE_S)
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
            self._report(Connected(receive_maximum))

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
