"""The sender against a real mosquitto: nothing is lost, and all in order."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.messages import event, health, state
from support.mosquitto import Mosquitto, Subscriber, connected, eventually
from support.program import running

from edgecry.clock import ManualClock, SystemClock
from edgecry.config.schema import Mqtt
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.outbox import Outbox


def test_events_arrive_in_order_with_number_and_date(
    broker: Mosquitto, outbox: Outbox, sender_to: Callable[..., MqttSender]
) -> None:
    with Subscriber(broker.port) as station:
        sender = connected(sender_to(broker.port))
        for number in range(50):
            sender.post(event(str(number)))
        eventually(lambda: len(station.events()) == 50, "50 events arrive")

        heard = station.events()
        assert [message["event_id"] for message in heard] == [str(n) for n in range(50)]
        assert [message["seq"] for message in heard] == list(range(1, 51))
        assert all(message["published_at"] and not message["late"] for message in heard)
        assert all(
            (message.qos, message.retained) == (1, False) for message in station.heard("event")
        )
    eventually(lambda: outbox.depth == 0, "acknowledged events leave the outbox")
    assert sender.delivered == 50


def test_a_broker_that_comes_later_gets_state_first_and_then_what_it_missed(
    tmp_path: Path, outbox: Outbox, sender_to: Callable[..., MqttSender]
) -> None:
    broker = Mosquitto(tmp_path)
    with broker, Subscriber(broker.port):
        pass  # the station's session waits in the broker
    sender = sender_to(broker.port)
    started_s = sender.heard_mono_s
    sender.post(event("missed"))
    sender.post_state(state("missed"))
    eventually(lambda: outbox.depth == 1, "the event is stored")
    assert not sender.connected
    assert sender.heard_mono_s == started_s

    with broker, Subscriber(broker.port) as station:
        eventually(station.events, "the missed event arrives")

        assert [message.topic for message in station.everything()] == [
            "availability",
            "state",
            "event",
        ]
        assert station.heard("state")[0].json["seq"] == 1
        eventually(lambda: sender.heard_mono_s > started_s, "it is heard")
        sender.stop()


def test_a_broker_killed_during_a_stream_misses_nothing(
    broker: Mosquitto, outbox: Outbox, sender_to: Callable[..., MqttSender]
) -> None:
    with Subscriber(broker.port) as station:
        sender = connected(sender_to(broker.port))
        halfway = threading.Event()

        def raise_alarms() -> None:
            for number in range(300):
                sender.post(event(str(number)))
                time.sleep(0.005)
                if number == 100:
                    halfway.set()

        alarms = threading.Thread(target=raise_alarms)
        eventually(lambda: broker.remembers("edgecry/cot-1/#"), "the station's session is saved")
        alarms.start()
        halfway.wait(20)
        broker.kill()
        eventually(lambda: not sender.connected, "the loss is seen")
        alarms.join(20)
        assert outbox.depth > 0
        broker.start()

        missing = {str(number) for number in range(300)}
        eventually(
            lambda: not missing - {message["event_id"] for message in station.events()},
            "every event arrives at least once",
        )
        assert sender.dropped == 0
        assert len(station.events()) <= 300 + 20, "at most those in flight are repeated"
        first_heard = dict.fromkeys(message["seq"] for message in station.events())
        assert list(first_heard) == sorted(first_heard)


def test_a_killed_daemon_with_a_full_outbox_loses_nothing(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    with broker, Subscriber(broker.port):
        eventually(lambda: broker.remembers("edgecry/cot-1/#"), "the station's session is saved")
    program = """
        import sys, time
        from pathlib import Path
        from edgecry.clock import SystemClock
        from edgecry.config.schema import Mqtt
        from edgecry.outputs.mqtt import MqttSender
        from edgecry.outputs.outbox import Outbox
        from support.messages import event
        folder, port, first, last = Path(sys.argv[1]), *map(int, sys.argv[2:])
        outbox = Outbox(folder / "outbox.sqlite", SystemClock())
        sender = MqttSender(Mqtt(host="127.0.0.1", port=port), "cot-1", outbox, SystemClock())
        sender.start()
        for number in range(first, last):
            sender.post(event(str(number)))
        while outbox.last_seq < last:
            time.sleep(0.01)
        print("stored", flush=True)
        time.sleep(60)
    """
    with running(program, tmp_path, broker.port, 0, 100) as daemon:
        assert daemon.stdout and daemon.stdout.readline() == "stored\n"
        daemon.send_signal(signal.SIGKILL)
        daemon.wait(10)

    with (
        broker,
        Subscriber(broker.port) as station,
        running(program, tmp_path, broker.port, 100, 120),
    ):
        eventually(lambda: len(station.events()) >= 120, "all events arrive")
        heard = station.events()

    assert [message["event_id"] for message in heard] == [str(n) for n in range(120)]
    assert [message["seq"] for message in heard] == list(range(1, 121))
    assert all(message["late"] for message in heard[:100])


def test_a_frozen_broker_is_left_and_found_again(
    broker: Mosquitto,
    sender_to: Callable[..., MqttSender],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edgecry.outputs.mqtt.sender._ACK_TIMEOUT_S", 1.0)
    with Subscriber(broker.port) as station:
        sender = connected(sender_to(broker.port))
        broker.freeze()
        sender.post(event("a"))
        eventually(lambda: not sender.connected, "a missing PUBACK is noticed")
        heard_s = sender.heard_mono_s
        broker.thaw()

        eventually(lambda: sender.connects == 2, "it connects again")
        eventually(lambda: sender.delivered == 1, "the event is acknowledged")
        assert {message["event_id"] for message in station.events()} == {"a"}
        eventually(lambda: sender.heard_mono_s > heard_s, "it is heard again")


def test_a_dead_sd_card_does_not_silence_an_alarm(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    outbox = Outbox(tmp_path / "file" / "outbox.db", SystemClock())
    settings = Mqtt(host="127.0.0.1", port=broker.port)
    sender = MqttSender(settings, "cot-1", outbox, SystemClock())
    sender.start()
    with Subscriber(broker.port) as station:
        sender.post(event("a"))
        sender.post_health(health())
        eventually(lambda: station.events() and station.heard("health"), "they arrive")
        sender.stop()

    assert [message["event_id"] for message in station.events()] == ["a"]
    assert station.heard("health")[0].json["outbox_durable"] is False


def test_an_event_is_late_when_sent_more_than_5_s_after_it_was_raised(
    broker: Mosquitto, outbox: Outbox
) -> None:
    clock = ManualClock()
    settings = Mqtt(host="127.0.0.1", port=broker.port)
    outbox.put(event("earlier run"))
    sender = MqttSender(settings, "cot-1", outbox, clock)
    with Subscriber(broker.port) as station:
        for name, wait_s in (("old", 4.9), ("young", 0.2)):
            sender.post(event(name))
            clock.advance(wait_s)

        def stepped() -> bool:
            sender.step(clock.monotonic_s())
            return len(station.events()) == 3

        eventually(stepped, "the events arrive")
        late = {message["event_id"]: message["late"] for message in station.events()}

    assert late == {"earlier run": True, "old": True, "young": False}
