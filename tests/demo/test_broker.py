"""Both brokers and the watcher, for real: what is published is seen, and nothing is left behind."""

import contextlib
import shutil
import socket
import threading
import time

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edgecry.demo import broker as broker_module
from edgecry.demo.broker import BrokerError, amqtt_broker, embedded_broker, mosquitto_broker
from edgecry.demo.message import Message
from edgecry.demo.watcher import Watcher, WatcherError

DEADLINE_S = 20.0


@contextlib.contextmanager
def mosquitto():
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("mosquitto is not installed")
    with mosquitto_broker(program) as address:
        yield address


@contextlib.contextmanager
def amqtt():
    pytest.importorskip("amqtt")
    with amqtt_broker() as address:
        yield address


@contextlib.contextmanager
def publisher(address):
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.connect(address.host, address.port)
    client.loop_start()

    def publish(topic, payload, retain=False):
        client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(DEADLINE_S)

    try:
        yield publish
    finally:
        client.disconnect()
        client.loop_stop()


def take(watcher, count):
    """The next `count` messages."""
    deadline = time.monotonic() + DEADLINE_S
    taken = []
    while len(taken) < count and time.monotonic() < deadline:
        taken += watcher.take()
        time.sleep(0.01)
    return taken


def refuses(address):
    with socket.socket() as probe:
        return probe.connect_ex((address.host, address.port)) != 0


@pytest.mark.parametrize("broker", [mosquitto, amqtt])
def test_what_is_published_is_seen_in_order(broker):
    with (
        broker() as address,
        Watcher(address.host, address.port, "edgecry") as watcher,
        publisher(address) as publish,
    ):
        publish("edgecry/cot/availability", "online")
        publish("edgecry/cot/event", '{"phase": "start"}')
        publish("elsewhere/cot/event", "{}")
        publish("edgecry/cot/event", b"\xff")
        assert take(watcher, 3) == [
            Message("edgecry/cot/availability", "online", False),
            Message("edgecry/cot/event", {"phase": "start"}, False),
            Message("edgecry/cot/event", "\N{REPLACEMENT CHARACTER}", False),
        ]
        assert watcher.take() == []


@pytest.mark.parametrize("broker", [mosquitto, amqtt])
def test_a_retained_message_is_seen_by_who_comes_late(broker):
    with broker() as address, publisher(address) as publish:
        publish("edgecry/cot/availability", "online", retain=True)
        with Watcher(address.host, address.port, "edgecry") as watcher:
            assert take(watcher, 1)[0] == Message("edgecry/cot/availability", "online", True)


@pytest.mark.parametrize("broker", [mosquitto, amqtt])
def test_nothing_is_left_behind(broker):
    before = set(threading.enumerate())
    with broker() as address:
        assert address.host == "127.0.0.1"
        assert not refuses(address)
    assert refuses(address)
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("broker", [mosquitto, amqtt])
def test_it_is_stopped_when_the_demo_fails(broker):
    with pytest.raises(RuntimeError, match="demo"), broker() as address:
        raise RuntimeError("demo")
    assert refuses(address)


def test_mosquitto_is_taken_where_it_is_installed(monkeypatch):
    if shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin") is None:
        pytest.skip("mosquitto is not installed")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with embedded_broker() as address:
        assert address.program == "mosquitto"


def test_amqtt_is_taken_where_mosquitto_is_missing(monkeypatch):
    pytest.importorskip("amqtt")
    monkeypatch.setattr(broker_module.shutil, "which", lambda _name, path: None)  # noqa: ARG005
    with embedded_broker() as address:
        assert address.program == "amqtt"


def test_without_any_broker_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(broker_module.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(BrokerError, match="install mosquitto"), amqtt_broker():
        pass


def test_a_program_that_is_no_broker_is_an_error_with_its_words(tmp_path):
    program = tmp_path / "mosquitto"
    program.write_text("#!/bin/sh\necho 'cannot do that' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(BrokerError, match="cannot do that"), mosquitto_broker(str(program)):
        pass


def test_a_watcher_without_a_broker_says_where_it_looked():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(WatcherError, match=f"127.0.0.1:{port}"):
        Watcher("127.0.0.1", port, "edgecry")
