"""A real mosquitto, and senders to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.authority import Authority
from support.mosquitto import Mosquitto

from edgecry.clock import SystemClock
from edgecry.config.schema import Mqtt
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.outbox import Outbox


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca")


@pytest.fixture
def tls_broker(tmp_path: Path, authority: Authority) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path, *authority.listener()) as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    store = Outbox(tmp_path / "outbox.sqlite", SystemClock())
    yield store
    store.close()


@pytest.fixture
def sender_to(outbox: Outbox) -> Iterator[Callable[..., MqttSender]]:
    """Start a sender to a port; it is stopped after the test. `jitter` 0 retries soonest."""
    with ExitStack() as stack:

        def start(port: int, **settings: Any) -> MqttSender:
            mqtt = Mqtt(host="127.0.0.1", port=port, **settings)
            sender = MqttSender(mqtt, "cot-1", outbox, SystemClock(), jitter=lambda: 0.0)
            sender.start()
            stack.callback(sender.stop, 1.0)
            return sender

        yield start
