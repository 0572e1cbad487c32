"""What is told of the sender itself."""

import threading
import time
from collections.abc import Callable

import pytest
from support.messages import event
from support.mosquitto import Mosquitto, eventually, free_port
from support.old_broker import OldBroker

from edgecry.clock import SystemClock
from edgecry.config.schema import Mqtt
from edgecry.outputs.messages import EventMessage
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.mqtt.sender import _TICK_S
from edgecry.outputs.outbox import Outbox


def test_a_broker_that_lets_us_in_and_takes_nothing_does_not_pass_for_one_that_listens(
    sender_to: Callable[..., MqttSender], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgecry.outputs.mqtt.sender._ACK_TIMEOUT_S", 0.2)
    with OldBroker(refusal=b"") as broker:
        sender = sender_to(broker.port)
        started_s = sender.heard_mono_s
        eventually(lambda: sender.connects == 3, "it is let in again and again")
        assert sender.heard_mono_s == started_s


def test_a_sender_that_is_stuck_in_a_write_to_disk_does_not_pass_for_one_that_is_heard(
    broker: Mosquitto,
    outbox: Outbox,
    sender_to: Callable[..., MqttSender],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stuck, goes_on = threading.Event(), threading.Event()
    put = outbox.put

    def hang(message: EventMessage) -> int:
        stuck.set()
        goes_on.wait(20)
        return put(message)

    monkeypatch.setattr(outbox, "put", hang)
    sender = sender_to(broker.port)
    started_s = sender.heard_mono_s
    eventually(lambda: sender.heard_mono_s > started_s, "it is heard")
    sender.post(event("a"))
    assert stuck.wait(20)
    heard_s = sender.heard_mono_s
    time.sleep(2 * _TICK_S)
    assert sender.heard_mono_s == heard_s
    goes_on.set()
    eventually(lambda: sender.heard_mono_s > heard_s, "it is heard again")


def test_a_sender_that_breaks_says_so(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot_put(_message: object) -> int:
        raise MemoryError

    monkeypatch.setattr(outbox, "put", cannot_put)
    sender = MqttSender(Mqtt(port=free_port()), "cot-1", outbox, SystemClock())
    sender.start()
    assert sender.failure is None
    sender.post(event("a"))
    assert isinstance(eventually(lambda: sender.failure, "the failure is told"), MemoryError)


def test_the_post_queue_is_bounded_and_says_so(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    sender = MqttSender(Mqtt(port=free_port()), "cot-1", outbox, SystemClock())

    for number in range(300):
        sender.post(event(str(number)))

    assert sender.dropped == 300 - 256
    assert "check the SD card" in caplog.text
