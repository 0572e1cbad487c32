"""The sender ends, whatever it waits for."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.authority import Authority
from support.messages import event
from support.mosquitto import Mosquitto, connected, eventually, free_port

from edgecry.clock import SystemClock
from edgecry.config.schema import Mqtt, Tls
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.outbox import Outbox


def test_a_frozen_broker_does_not_hold_it(
    broker: Mosquitto, sender_to: Callable[..., MqttSender]
) -> None:
    sender = connected(sender_to(broker.port))
    broker.freeze()
    sender.post(event("a"))

    returns_soon(sender)


def test_a_frozen_broker_behind_tls_does_not_hold_it(
    tls_broker: Mosquitto, authority: Authority, sender_to: Callable[..., MqttSender]
) -> None:
    tls = Tls(enabled=True, ca_file=str(authority.certificate))
    sender = connected(sender_to(tls_broker.port, tls=tls))
    tls_broker.freeze()

    returns_soon(sender)
    eventually(lambda: link_threads() == 0, "no thread is left behind")


def test_a_broker_that_never_answers_does_not_hold_it(
    broker: Mosquitto, sender_to: Callable[..., MqttSender]
) -> None:
    broker.freeze()
    sender = sender_to(broker.port)
    eventually(lambda: link_threads() == 1, "it tries to connect")

    returns_soon(sender)
    eventually(lambda: link_threads() == 0, "no thread is left behind")


def test_without_a_broker(sender_to: Callable[..., MqttSender]) -> None:
    returns_soon(sender_to(free_port()))


def test_many_failed_attempts_leave_no_thread_and_no_open_file(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgecry.outputs.mqtt.attempts._SLOWEST_RETRY_S", 0.0)
    settings = Mqtt(host="127.0.0.1", port=free_port())
    sender = MqttSender(settings, "cot-1", outbox, SystemClock())
    sender.step(0.0)
    before = open_files()
    for now in range(1, 2000):
        sender.step(float(now))
        assert link_threads() <= 1

    eventually(lambda: link_threads() == 0, "the last attempt ends")
    assert open_files() <= before + 4


def returns_soon(sender: MqttSender) -> None:
    stopping = threading.Thread(target=sender.stop, args=(1.0,))
    stopping.start()
    stopping.join(5.0)
    assert not stopping.is_alive(), "stop() hangs"
    assert not any(thread.name == "mqtt-sender" for thread in threading.enumerate())


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def link_threads() -> int:
    return sum(thread.name == "mqtt-link" for thread in threading.enumerate())
