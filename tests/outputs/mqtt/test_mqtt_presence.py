"""The sender against a real mosquitto: the truth about being there."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from support.messages import event, health, state
from support.mosquitto import Mosquitto, Subscriber, connected, eventually
from support.program import running

from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.mqtt.link import KEEPALIVE_S
from edgecry.outputs.outbox import Outbox

IS_THERE = """
    import sys, time
    from pathlib import Path
    from edgecry.clock import SystemClock
    from edgecry.config.schema import Mqtt
    from edgecry.outputs.mqtt import MqttSender, link
    from edgecry.outputs.outbox import Outbox
    link.KEEPALIVE_S = int(sys.argv[3])
    outbox = Outbox(Path(sys.argv[1]) / "outbox.sqlite", SystemClock())
    settings = Mqtt(host="127.0.0.1", port=int(sys.argv[2]))
    MqttSender(settings, "cot-1", outbox, SystemClock()).start()
    time.sleep(60)
"""


def test_online_at_every_connect_offline_at_a_clean_stop(
    broker: Mosquitto, sender_to: Callable[..., MqttSender]
) -> None:
    sender = connected(sender_to(broker.port))
    with Subscriber(broker.port) as station:
        eventually(lambda: station.availability() == ["online"], "online is retained")

        sender.stop()

        eventually(lambda: station.availability() == ["online", "offline"], "offline is said")
    with Subscriber(broker.port, name="newcomer") as newcomer:
        eventually(newcomer.availability, "availability is retained")
        assert newcomer.availability() == ["offline"]
    assert not sender.connected


def test_what_is_posted_just_before_the_stop_is_delivered_before_offline(
    broker: Mosquitto, outbox: Outbox, sender_to: Callable[..., MqttSender]
) -> None:
    with Subscriber(broker.port) as station:
        sender = connected(sender_to(broker.port))
        for number in range(30):
            sender.post(event(str(number)))
        sender.stop(5.0)
        eventually(lambda: "offline" in station.availability(), "offline is said")

        assert len(station.events()) == 30
        assert station.everything()[-1].payload == b"offline"
    assert outbox.depth == 0


def test_the_broker_says_offline_for_a_killed_daemon(broker: Mosquitto, tmp_path: Path) -> None:
    arguments = tmp_path, broker.port, KEEPALIVE_S
    with Subscriber(broker.port) as station, running(IS_THERE, *arguments) as daemon:
        eventually(lambda: station.availability() == ["online"], "online")
        daemon.send_signal(signal.SIGKILL)
        eventually(lambda: station.availability() == ["online", "offline"], "the will")


def test_the_broker_says_offline_for_a_monitor_that_has_lost_its_power(
    broker: Mosquitto, tmp_path: Path
) -> None:
    """It stands still: its connection stays open and nothing comes any more."""
    arguments = tmp_path, broker.port, 2
    with Subscriber(broker.port) as station, running(IS_THERE, *arguments) as daemon:
        eventually(lambda: station.availability() == ["online"], "online")
        daemon.send_signal(signal.SIGSTOP)
        eventually(lambda: station.availability() == ["online", "offline"], "the will")


def test_state_is_retained_and_repeated_after_a_reconnect(
    broker: Mosquitto, sender_to: Callable[..., MqttSender]
) -> None:
    sender = connected(sender_to(broker.port))
    sender.post_state(state("before"))
    sender.post_state(state("now"))
    broker.kill()
    eventually(lambda: not sender.connected, "the loss is seen")
    broker.start()
    connected(sender)
    with Subscriber(broker.port) as station:
        eventually(lambda: station.heard("state"), "the state arrives")
        assert station.heard("state")[-1].json["last_event_id"] == "now"
        assert station.availability()[-1] == "online"


def test_health_is_retained_and_says_how_full_the_outbox_is(
    broker: Mosquitto, sender_to: Callable[..., MqttSender]
) -> None:
    sender = connected(sender_to(broker.port))
    sender.post_health(health(uptime_s=7.0))
    with Subscriber(broker.port) as station:
        eventually(lambda: station.heard("health"), "the health arrives")
        message = station.heard("health")[0]

    assert message.qos == 0
    assert message.json["uptime_s"] == 7.0
    assert message.json["outbox_depth"] == 0
    assert message.json["outbox_oldest_age_s"] is None
    assert message.json["outbox_durable"] is True


def test_two_monitors_with_one_name_are_told_so(
    broker: Mosquitto,
    sender_to: Callable[..., MqttSender],
    caplog: pytest.LogCaptureFixture,
) -> None:
    senders = [connected(sender_to(broker.port)) for _ in range(2)]

    eventually(lambda: caplog.text.count("another monitor have the same") >= 2, "the log says")
    heard_s = [sender.heard_mono_s for sender in senders]
    connects = sum(sender.connects for sender in senders)
    eventually(lambda: sum(sender.connects for sender in senders) > connects + 1, "they go on so")
    assert [sender.heard_mono_s for sender in senders] == heard_s, "neither relies on it"
