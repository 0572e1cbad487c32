"""The sender over TLS."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.authority import Authority
from support.messages import event
from support.mosquitto import Mosquitto, connected, eventually

from edgecry.clock import SystemClock
from edgecry.config.schema import Mqtt, Tls
from edgecry.errors import ConfigError
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.outbox import Outbox


def test_with_the_hospitals_own_authority(
    tls_broker: Mosquitto, authority: Authority, sender_to: Callable[..., MqttSender]
) -> None:
    tls = Tls(enabled=True, ca_file=str(authority.certificate))
    sender = connected(sender_to(tls_broker.port, tls=tls))
    sender.post(event("a"))
    eventually(lambda: sender.delivered == 1, "an event is acknowledged")


def test_another_authority_is_refused(
    tls_broker: Mosquitto,
    tmp_path: Path,
    sender_to: Callable[..., MqttSender],
    caplog: pytest.LogCaptureFixture,
) -> None:
    tls = Tls(enabled=True, ca_file=str(Authority(tmp_path / "stranger").certificate))
    sender = sender_to(tls_broker.port, tls=tls)
    eventually(lambda: "check mqtt.tls.ca_file" in caplog.text, "the refusal is logged")

    assert sender.connects == 0


@pytest.mark.parametrize("key", ["ca_file", "cert_file"])
def test_a_file_that_is_no_certificate(tmp_path: Path, outbox: Outbox, key: str) -> None:
    (tmp_path / "x.pem").write_text("not a certificate")
    tls = Tls(enabled=True, **{key: str(tmp_path / "x.pem")})

    with pytest.raises(ConfigError, match=rf"mqtt\.tls\.{key}.*PEM"):
        MqttSender(Mqtt(tls=tls), "cot-1", outbox, SystemClock())
