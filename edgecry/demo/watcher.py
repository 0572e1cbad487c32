"""A subscriber that sees what the monitor says over MQTT: the nurse station's place in the demo."""

from __future__ import annotations

import json
import logging
import queue

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edgecry.demo.message import Message
from edgecry.errors import EdgecryError

log = logging.getLogger(__name__)

CONNECT_S = 10.0
MAX_WAITING = 1000


class WatcherError(EdgecryError, OSError):
    """The demo's subscriber cannot reach its broker."""


class Watcher:
    """Subscribes to everything under a topic; messages wait in a bounded queue until taken.

    Use as a context manager. Raises WatcherError if the broker does not accept the subscription in
    CONNECT_S.
    """

    def __init__(self, host: str, port: int, base_topic: str) -> None:
        self._topic = f"{base_topic}/#"
        self._messages: queue.Queue[Message] = queue.Queue(MAX_WAITING)
        self._subscribed: queue.Queue[bool] = queue.Queue(1)
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        try:
            self._client.connect(host, port)
            self._client.loop_start()
            self._subscribed.get(timeout=CONNECT_S)
        except (OSError, queue.Empty) as error:
            self.close()
            reason = str(error) or f"no subscription in {CONNECT_S:g} s"
            raise WatcherError(f"broker at {host}:{port}: {reason}") from None

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self) -> list[Message]:
        """The messages that came since the last call, oldest first."""
        taken: list[Message] = []
        while not self._messages.empty():
            taken.append(self._messages.get_nowait())
        return taken

    def close(self) -> None:
        """Leave the broker. May be called twice."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: paho.Client, *_: object) -> None:
        client.subscribe(self._topic, qos=1)

    def _on_subscribe(self, *_: object) -> None:
        if self._subscribed.empty():
            self._subscribed.put_nowait(True)

    def _on_message(
        self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage
    ) -> None:
        text = message.payload.decode(errors="replace")
        try:
            payload: object = json.loads(text)
        except ValueError:
            payload = text
        try:
            self._messages.put_nowait(Message(message.topic, payload, message.retain))
        except queue.Full:
            log.warning("more than %d messages wait; one on %s is lost", MAX_WAITING, message.topic)
