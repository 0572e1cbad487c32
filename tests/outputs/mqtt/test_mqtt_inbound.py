"""What comes in from a real mosquitto, over MQTT 5 and 3.1.1, and what is answered."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.messages import event
from support.mosquitto import Mosquitto, Publisher, Subscriber, eventually, passwords

from edgecry.clock import SystemClock
from edgecry.config.schema import Mqtt
from edgecry.outputs.messages import ResultMessage
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.outbox import Outbox

MANUAL = Path(__file__).resolve().parents[3] / "docs" / "mqtt.md"
MQTT5, MQTT311 = True, False


class Inbound:
    """A sender and what it has handed over."""

    def __init__(self, folder: Path, port: int, mqtt5: bool, **settings: Any) -> None:
        self.received: list[tuple[str, bytes, bool]] = []
        self.threads: set[str] = set()
        self.outbox = Outbox(folder / "outbox.db", SystemClock())
        self.sender = MqttSender(
            Mqtt(host="127.0.0.1", port=port, **settings),
            "cot-1",
            self.outbox,
            SystemClock(),
            jitter=lambda: 0.0,
            receive=self._receive,
        )
        if not mqtt5:
            attempts = self.sender._attempts
            attempts.mqtt5 = attempts._understood_mqtt5 = False

    def _receive(self, topic: str, payload: bytes, retained: bool) -> None:
        self.received.append((topic, payload, retained))
        self.threads.add(threading.current_thread().name)

    def start(self) -> "Inbound":
        self.sender.start()
        eventually(lambda: self.sender.connected, "the sender connects")
        return self

    def stop(self) -> None:
        self.sender.stop(1.0)
        self.outbox.close()


@pytest.fixture(params=[MQTT5, MQTT311], ids=["mqtt5", "mqtt311"])
def mqtt5(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def inbound_to(tmp_path: Path, mqtt5: bool) -> Iterator[Callable[..., Inbound]]:
    with ExitStack() as stack:

        def start(port: int, **settings: Any) -> Inbound:
            inbound = Inbound(tmp_path, port, mqtt5, **settings)
            stack.callback(inbound.stop)
            return inbound.start()

        yield start


def test_commands_and_receipts_come_in_and_nothing_else(broker, inbound_to) -> None:
    with Publisher(broker.port) as other:
        inbound = inbound_to(broker.port)
        for topic in ("cmd/standby/result", "event", "cmd", "cmd/a/b", "../cot-2/cmd/standby"):
            other.say(topic, b"not for us")
        other.say("cmd/standby", b"one")
        other.say("receipt", b"two")
        eventually(lambda: len(inbound.received) == 2, "both come in")
        assert inbound.received == [("cmd/standby", b"one", False), ("receipt", b"two", False)]
        assert inbound.threads == {"mqtt-link"}


def test_what_was_retained_before_is_known_as_such(broker, inbound_to) -> None:
    with Publisher(broker.port) as other:
        other.say("cmd/standby", b"old", retain=True)
        inbound = inbound_to(broker.port)
        eventually(lambda: inbound.received, "it comes in")
        assert inbound.received == [("cmd/standby", b"old", True)]


def test_what_is_to_be_retained_is_known_as_such_when_it_is_sent(broker, inbound_to, mqtt5) -> None:
    """MQTT 3.1.1 cannot tell: there it is seen at the next connect only."""
    with Publisher(broker.port) as other:
        inbound = inbound_to(broker.port)
        other.say("cmd/standby", b"new", retain=True)
        eventually(lambda: inbound.received, "it comes in")
        assert inbound.received == [("cmd/standby", b"new", mqtt5)]


def test_what_was_sent_while_it_was_away_is_not_done_later(broker, inbound_to) -> None:
    with Publisher(broker.port) as other:
        first = inbound_to(broker.port)
        first.stop()
        other.say("cmd/standby", b"while away")
        second = inbound_to(broker.port)
        other.say("cmd/standby", b"now")
        eventually(lambda: second.received, "it comes in")
        assert [payload for _, payload, _ in second.received] == [b"now"]


def test_after_a_reconnect_it_hears_again(broker, inbound_to) -> None:
    inbound = inbound_to(broker.port)
    broker.kill()
    eventually(lambda: not inbound.sender.connected, "the loss is seen")
    broker.start()
    eventually(lambda: inbound.sender.connects == 2, "it connects again")
    with Publisher(broker.port) as other:

        def heard() -> bool:
            other.say("cmd/standby", b"again")
            return bool(inbound.received)

        eventually(heard, "it hears again")


def test_results_are_sent_once_and_not_retained(broker, inbound_to) -> None:
    result = ResultMessage(request_id="r-1", ok=False, error="not now")
    with Subscriber(broker.port) as station:
        inbound = inbound_to(broker.port)
        inbound.sender.post_result("standby", result)
        eventually(lambda: station.heard("cmd/standby/result"), "the result arrives")
        [message] = station.heard("cmd/standby/result")
        assert (message.qos, message.retained) == (1, False)
        assert message.json == {
            "schema": "edgecry.result/1",
            "request_id": "r-1",
            "ok": False,
            "error": "not now",
            "detail": "",
        }
    with Subscriber(broker.port, name="newcomer") as newcomer:
        eventually(newcomer.availability, "what is retained arrives")
        assert newcomer.heard("cmd/standby/result") == []


def test_a_flood_of_results_crowds_out_no_event_and_stays_bounded(broker, inbound_to) -> None:
    with Subscriber(broker.port) as station:
        inbound = inbound_to(broker.port)
        for number in range(1000):
            inbound.sender.post_result(
                "test", ResultMessage(request_id=str(number), ok=True, error=None)
            )
        inbound.sender.post(event("a"))
        eventually(station.events, "the event arrives")
        eventually(
            lambda: (
                station.heard("cmd/test/result")[-1:]
                and station.heard("cmd/test/result")[-1].json["request_id"] == "999"
            ),
            "the newest result arrives",
        )
        assert not station.events()[0]["late"]


def test_results_that_the_broker_refuses_are_no_lost_broker(tmp_path: Path, caplog) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite edgecry/cot-1/availability\ntopic write edgecry/cot-1/event\n")
    acl.chmod(0o644)
    with Mosquitto(tmp_path, f"acl_file {acl}") as broker:
        inbound = Inbound(tmp_path, broker.port, MQTT5).start()
        inbound.sender.post_result("test", ResultMessage(request_id="r", ok=True, error=None))
        eventually(lambda: "the command was done" in caplog.text, "the refusal is logged")
        unheard_s = inbound.sender.heard_mono_s
        eventually(lambda: inbound.sender.heard_mono_s > unheard_s, "all else is taken")
        inbound.stop()


def test_a_broker_of_mqtt_5_is_asked_for_nothing_huge(broker, tmp_path: Path) -> None:
    inbound = Inbound(tmp_path, broker.port, MQTT5).start()
    with Publisher(broker.port) as other:
        other.say("cmd/standby", b"x" * 100_000)
        other.say("cmd/standby", b"small")
        eventually(lambda: inbound.received, "the small one comes in")
        assert [payload for _, payload, _ in inbound.received] == [b"small"]
    inbound.stop()


def test_the_acl_of_the_manual_lets_the_station_command_and_nobody_else(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    text = MANUAL.read_text().split("```acl\n")[1].split("```")[0]
    acl.write_text(f"{text}\nuser corridor\ntopic read edgecry/#\n")
    acl.chmod(0o644)
    (tmp_path / "secret").write_text("right")
    users = ("cot-1", "cot-2", "station", "corridor")
    lines = [*passwords(tmp_path, *users), f"acl_file {acl}"]
    login = {"password": "right"}
    with ExitStack() as stack:
        broker = stack.enter_context(Mosquitto(tmp_path, *lines, anonymous=False))

        def who(name: str) -> Publisher:
            return stack.enter_context(Publisher(broker.port, username=name, **login))

        secret = str(tmp_path / "secret")
        inbound = Inbound(tmp_path, broker.port, MQTT5, username="cot-1", password_file=secret)
        stack.callback(inbound.start().stop)
        neighbour = stack.enter_context(
            Subscriber(broker.port, name="cot-2", username="cot-2", **login)
        )
        station = stack.enter_context(Subscriber(broker.port, username="station", **login))

        for stranger in ("corridor", "cot-2"):
            assert who(stranger).say("cmd/standby", b"forged")
            assert who(stranger).say("receipt", b"forged")
            assert who(stranger).say("cmd/standby/result", b"forged")
        assert who("station").say("cmd/standby", b"one") == ""
        assert who("station").say("receipt", b"two") == ""
        eventually(lambda: len(inbound.received) == 2, "the station's come in")
        assert [payload for _, payload, _ in inbound.received] == [b"one", b"two"]

        inbound.sender.post_result("standby", ResultMessage(request_id="r", ok=True, error=None))
        eventually(lambda: station.heard("cmd/standby/result"), "the station hears the result")
        assert neighbour.everything() == []
        assert inbound.sender.refused == 0


def test_a_broker_that_lets_nobody_subscribe_is_told_of(tmp_path: Path, caplog) -> None:
    """mosquitto lets everybody subscribe and then sends nothing; others refuse."""
    with RefusingBroker() as broker:
        inbound = Inbound(tmp_path, broker.port, MQTT311).start()
        eventually(lambda: "lets nobody command" in caplog.text, "the refusal is logged")
        assert inbound.sender.connected
        inbound.stop()


class RefusingBroker:
    """Lets one client of MQTT 3.1.1 in and refuses its subscriptions."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        client, _ = self._server.accept()
        with client:
            client.recv(4096)
            client.sendall(b"\x20\x02\x00\x00")
            while said := client.recv(4096):
                if said[0] == 0x82:  # SUBSCRIBE: length below 128, then the packet's number
                    client.sendall(b"\x90\x04" + said[2:4] + b"\x80\x80")

    def __enter__(self) -> "RefusingBroker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._thread.join(10)
