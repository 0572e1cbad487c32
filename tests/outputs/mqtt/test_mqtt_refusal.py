"""Brokers that let nobody in, or not everything."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.messages import event, health, state
from support.mosquitto import Mosquitto, Subscriber, connected, eventually, passwords
from support.old_broker import OldBroker

from edgecry.clock import SystemClock
from edgecry.config.schema import Mqtt
from edgecry.errors import ConfigError
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.mqtt.sender import _TICK_S
from edgecry.outputs.outbox import Outbox

REFUSALS = ["says-so", "hangs-up", "says-nothing"]
MANUAL = Path(__file__).resolve().parents[3] / "docs" / "mqtt.md"


def test_an_acl_denial_keeps_the_event_and_does_not_spin(
    tmp_path: Path,
    outbox: Outbox,
    sender_to: Callable[..., MqttSender],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("edgecry.outputs.mqtt.outgoing._DENIED_RETRY_S", 2.0)
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite edgecry/cot-1/availability\ntopic read edgecry/#\n")
    acl.chmod(0o644)
    with Mosquitto(tmp_path, f"acl_file {acl}") as broker, Subscriber(broker.port) as station:
        sender = connected(sender_to(broker.port))
        sender.post(event("a"))
        sender.post(event("b"))
        eventually(lambda: "broker's ACL" in caplog.text, "the denial is logged")
        assert outbox.depth == 2
        assert sender.connected
        unheard_s = sender.heard_mono_s
        assert station.events() == []
        time.sleep(2 * _TICK_S)
        assert sender.heard_mono_s == unheard_s, "online is taken, but events are not"

        acl.write_text("topic readwrite edgecry/#\n")
        broker.reload()

        eventually(lambda: outbox.depth == 0, "delivered once it is allowed")
        assert [message["event_id"] for message in station.events()] == ["a", "b"]
        eventually(lambda: sender.heard_mono_s > unheard_s, "all is taken again")
    assert len([r for r in caplog.records if "refuses" in r.message]) <= 3


def test_the_acl_of_the_manual_lets_a_monitor_write_to_its_own_topics_only(
    tmp_path: Path, sender_to: Callable[..., MqttSender]
) -> None:
    acl = tmp_path / "acl"
    acl.write_text(MANUAL.read_text().split("```acl\n")[1].split("```")[0])
    acl.chmod(0o644)
    (tmp_path / "secret").write_text("right")
    lines = [*passwords(tmp_path, "cot-1", "cot-2", "station"), f"acl_file {acl}"]
    login = {"password_file": str(tmp_path / "secret")}
    with (
        Mosquitto(tmp_path, *lines, anonymous=False) as broker,
        Subscriber(broker.port, username="station", password="right") as station,
    ):
        stranger = connected(sender_to(broker.port, username="cot-2", **login))
        stranger.post(event("forged"))
        eventually(lambda: stranger.refused > 0, "the stranger is refused")
        stranger.stop()
        assert station.everything() == []

        monitor = connected(sender_to(broker.port, username="cot-1", **login))
        monitor.post_state(state())
        monitor.post_health(health())
        eventually(
            lambda: (
                {message.topic for message in station.everything()}
                == {"availability", "state", "event", "health"}
            ),
            "all topics arrive",
        )
        assert monitor.refused == 0


def test_a_wrong_password_is_named_and_retried_slowly(
    tmp_path: Path,
    sender_to: Callable[..., MqttSender],
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "secret").write_text("wrong\n")
    with Mosquitto(tmp_path, *passwords(tmp_path, "cot"), anonymous=False) as broker:
        sender = sender_to(broker.port, username="cot", password_file=str(tmp_path / "secret"))
        eventually(lambda: "check mqtt.username" in caplog.text, "the refusal is logged")
        time.sleep(1.0)

    assert not sender.connected
    refusals = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(refusals) == 1


def test_the_right_password_from_a_systemd_credential(
    tmp_path: Path,
    sender_to: Callable[..., MqttSender],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "mqtt-password").write_text("right\nnot this line\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with Mosquitto(tmp_path, *passwords(tmp_path, "cot"), anonymous=False) as broker:
        connected(sender_to(broker.port, username="cot", password_file="mqtt-password"))


@pytest.mark.parametrize("content", [None, "", "\nright\n"], ids=["absent", "empty", "blank"])
def test_a_password_file_without_a_password(
    tmp_path: Path, outbox: Outbox, content: str | None
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    settings = Mqtt(username="cot", password_file=str(file))

    with pytest.raises(ConfigError, match=r"mqtt\.password_file: .*password"):
        MqttSender(settings, "cot-1", outbox, SystemClock())


@pytest.mark.parametrize("refusal", [b"\x20\x02\x00\x01", b"", None], ids=REFUSALS)
def test_a_broker_of_mqtt_3_1_1_is_understood(
    sender_to: Callable[..., MqttSender], refusal: bytes | None
) -> None:
    with OldBroker(refusal) as old:
        sender = connected(sender_to(old.port))

        sender.stop()

    assert old.versions_asked == [5, 4]
    assert sender.connects == 1
