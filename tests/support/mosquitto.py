"""A real mosquitto on a free port of the loopback, and a subscriber that keeps what it hears."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edgecry.outputs.mqtt import MqttSender

_DEADLINE_S = 20.0


def eventually(condition: Callable[[], Any], what: str, deadline_s: float = _DEADLINE_S) -> Any:
    """The first true value of `condition`, polled; fails the test after `deadline_s`."""
    end_s = time.monotonic() + deadline_s
    while time.monotonic() < end_s:
        if value := condition():
            return value
        time.sleep(0.01)
    pytest.fail(f"not within {deadline_s:.0f} s: {what}")


def connected(sender: MqttSender) -> MqttSender:
    eventually(lambda: sender.connected, "the sender connects")
    return sender


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """A broker that can be stopped, frozen, killed and started again on the same port.

    Sessions outlive a kill. `lines` are more lines of its configuration file.
    """

    def __init__(self, folder: Path, *lines: str, anonymous: bool = True) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if program is None:
            pytest.skip("mosquitto is not installed (apt install mosquitto)")
        self._program = program
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None
        settings = [
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {str(anonymous).lower()}",
            "persistence true",
            f"persistence_location {folder}/",
            "autosave_interval 1",
            "autosave_on_changes true",
            "user root",
            *lines,
        ]
        self._config.write_text("\n".join(settings) + "\n")

    def start(self) -> Mosquitto:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-c", self._config], stdout=log, stderr=log
            )
        eventually(self._listens, f"mosquitto listens; its log: {self._log}")
        return self

    def kill(self) -> None:
        """kill -9."""
        self._signal(signal.SIGKILL)
        self._reap()

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process:
            self.thaw()
            self._signal(signal.SIGTERM)
            self._reap()

    def reload(self) -> None:
        """Read passwords and ACL again."""
        self._signal(signal.SIGHUP)

    def remembers(self, subscription: str) -> bool:
        """Whether a persistent session's subscription is on disk, and so outlives a kill."""
        saved = self._log.with_name("mosquitto.db")
        return saved.exists() and subscription.encode() in saved.read_bytes()

    def __enter__(self) -> Mosquitto:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _listens(self) -> bool:
        assert self._process
        if self._process.poll() is not None:
            pytest.fail(f"mosquitto died:\n{self._log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    def _reap(self) -> None:
        assert self._process
        self._process.wait(_DEADLINE_S)
        self._process = None


def passwords(folder: Path, *users: str) -> list[str]:
    """Lines for mosquitto: the users' password is `right`."""
    program = shutil.which("mosquitto_passwd")
    if program is None:
        pytest.skip("mosquitto_passwd is not installed (apt install mosquitto)")
    file = folder / "passwd"
    file.touch()
    for user in users:
        subprocess.run([program, "-b", file, user, "right"], check=True, capture_output=True)
    file.chmod(0o644)
    return [f"password_file {file}"]


@dataclass(frozen=True)
class Heard:
    """A message as a station sees it. `topic` is without the base and the device."""

    topic: str
    payload: bytes
    retained: bool
    qos: int

    @property
    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.payload)
        return value


class Subscriber:
    """A nurse station with a persistent session: it misses nothing while it is away."""

    def __init__(
        self,
        port: int,
        base: str = "edgecry/cot-1",
        name: str = "station",
        username: str | None = None,
        password: str | None = None,
        topics: tuple[str, ...] = ("#",),
    ) -> None:
        self._heard: list[Heard] = []
        self._subscribed = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.username_pw_set(username, password)
        self._client.reconnect_delay_set(0.1, 0.2)
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(f"{base}/{topic}", 1) for topic in topics]
        )
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = lambda _client, _userdata, message: self._heard.append(
            Heard(
                message.topic.removeprefix(f"{base}/"),
                message.payload,
                message.retain,
                message.qos,
            )
        )
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600
        self._client.connect("127.0.0.1", port, clean_start=False, properties=session)
        self._client.loop_start()
        assert self._subscribed.wait(_DEADLINE_S), "the test's subscriber cannot subscribe"

    def heard(self, topic: str) -> list[Heard]:
        return [message for message in list(self._heard) if message.topic == topic]

    def everything(self) -> list[Heard]:
        return list(self._heard)

    def events(self) -> list[dict[str, Any]]:
        return [message.json for message in self.heard("event")]

    def availability(self) -> list[str]:
        return [message.payload.decode() for message in self.heard("availability")]

    def __enter__(self) -> Subscriber:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Publisher:
    """Somebody who sends to a monitor. `say` returns once the broker has it (QoS 1)."""

    def __init__(
        self,
        port: int,
        base: str = "edgecry/cot-1",
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        self._base = base
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.username_pw_set(username, password)
        self._refusal: dict[int, str] = {}
        self._client.on_publish = lambda _client, _userdata, mid, reason, _properties: (
            self._refusal.update({mid: str(reason) if reason.is_failure else ""})
        )
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def say(self, topic: str, payload: bytes, retain: bool = False) -> str:
        """Why the broker refused it; empty if it did not."""
        mid = self._client.publish(f"{self._base}/{topic}", payload, qos=1, retain=retain).mid
        eventually(lambda: mid in self._refusal, f"the broker answers to {topic}")
        return self._refusal[mid]

    def ask(self, verb: str, request_id: str, **fields: Any) -> None:
        """Send a command as a station does."""
        payload = {"request_id": request_id, "by": "anna", **fields}
        assert self.say(f"cmd/{verb}", json.dumps(payload).encode()) == ""

    def flood(self, topic: str, payload: bytes, count: int) -> None:
        """Send as fast as the broker takes it, QoS 0."""
        for _ in range(count):
            self._client.publish(f"{self._base}/{topic}", payload, qos=0)

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()
