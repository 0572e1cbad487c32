"""The sender against a real mosquitto: nothing lost, the truth about being there, no hanging."""

import logging
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.messages import event, health, state
from support.mosquitto import Mosquitto, Subscriber, eventually, free_port, passwords

from edgecry.clock import ManualClock, SystemClock
from edgecry.config.schema import Mqtt, Tls
from edgecry.errors import ConfigError
from edgecry.outputs.messages import EventMessage
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.mqtt.link import KEEPALIVE_S
from edgecry.outputs.mqtt.sender import _TICK_S
from edgecry.outputs.outbox import Outbox

REFUSALS = ["says-so", "hangs-up", "says-nothing"]
TESTS = Path(__file__).resolve().parents[1]
MANUAL = TESTS.parent / "docs" / "mqtt.md"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
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


def connected(sender: MqttSender) -> MqttSender:
    eventually(lambda: sender.connected, "the sender connects")
    return sender


class TestDelivery:
    def test_events_arrive_in_order_with_number_and_date(
        self, broker: Mosquitto, outbox: Outbox, sender_to: Callable[..., MqttSender]
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
        self, tmp_path: Path, outbox: Outbox, sender_to: Callable[..., MqttSender]
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
        self, broker: Mosquitto, outbox: Outbox, sender_to: Callable[..., MqttSender]
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
            eventually(
                lambda: broker.remembers("edgecry/cot-1/#"), "the station's session is saved"
            )
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

    def test_a_killed_daemon_with_a_full_outbox_loses_nothing(self, tmp_path: Path) -> None:
        broker = Mosquitto(tmp_path)
        with broker, Subscriber(broker.port):
            eventually(
                lambda: broker.remembers("edgecry/cot-1/#"), "the station's session is saved"
            )
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
        self,
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

    def test_a_dead_sd_card_does_not_silence_an_alarm(
        self, broker: Mosquitto, tmp_path: Path
    ) -> None:
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
        self, broker: Mosquitto, outbox: Outbox
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


class TestPresence:
    def test_online_at_every_connect_offline_at_a_clean_stop(
        self, broker: Mosquitto, sender_to: Callable[..., MqttSender]
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
        self, broker: Mosquitto, outbox: Outbox, sender_to: Callable[..., MqttSender]
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

    def test_the_broker_says_offline_for_a_killed_daemon(
        self, broker: Mosquitto, tmp_path: Path
    ) -> None:
        arguments = tmp_path, broker.port, KEEPALIVE_S
        with Subscriber(broker.port) as station, running(IS_THERE, *arguments) as daemon:
            eventually(lambda: station.availability() == ["online"], "online")
            daemon.send_signal(signal.SIGKILL)
            eventually(lambda: station.availability() == ["online", "offline"], "the will")

    def test_the_broker_says_offline_for_a_monitor_that_has_lost_its_power(
        self, broker: Mosquitto, tmp_path: Path
    ) -> None:
        """It stands still: its connection stays open and nothing comes any more."""
        arguments = tmp_path, broker.port, 2
        with Subscriber(broker.port) as station, running(IS_THERE, *arguments) as daemon:
            eventually(lambda: station.availability() == ["online"], "online")
            daemon.send_signal(signal.SIGSTOP)
            eventually(lambda: station.availability() == ["online", "offline"], "the will")

    def test_state_is_retained_and_repeated_after_a_reconnect(
        self, broker: Mosquitto, sender_to: Callable[..., MqttSender]
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
        self, broker: Mosquitto, sender_to: Callable[..., MqttSender]
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
        self,
        broker: Mosquitto,
        sender_to: Callable[..., MqttSender],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        senders = [connected(sender_to(broker.port)) for _ in range(2)]

        eventually(lambda: caplog.text.count("another monitor have the same") >= 2, "the log says")
        heard_s = [sender.heard_mono_s for sender in senders]
        connects = sum(sender.connects for sender in senders)
        eventually(
            lambda: sum(sender.connects for sender in senders) > connects + 1, "they go on so"
        )
        assert [sender.heard_mono_s for sender in senders] == heard_s, "neither relies on it"


class TestRefusal:
    def test_an_acl_denial_keeps_the_event_and_does_not_spin(
        self,
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
        self, tmp_path: Path, sender_to: Callable[..., MqttSender]
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
        self,
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
        self,
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
        self, tmp_path: Path, outbox: Outbox, content: str | None
    ) -> None:
        file = tmp_path / "password"
        if content is not None:
            file.write_text(content)
        settings = Mqtt(username="cot", password_file=str(file))

        with pytest.raises(ConfigError, match=r"mqtt\.password_file: .*password"):
            MqttSender(settings, "cot-1", outbox, SystemClock())

    @pytest.mark.parametrize("refusal", [b"\x20\x02\x00\x01", b"", None], ids=REFUSALS)
    def test_a_broker_of_mqtt_3_1_1_is_understood(
        self, sender_to: Callable[..., MqttSender], refusal: bytes | None
    ) -> None:
        with OldBroker(refusal) as old:
            sender = connected(sender_to(old.port))

            sender.stop()

        assert old.versions_asked == [5, 4]
        assert sender.connects == 1


class TestTls:
    def test_with_the_hospitals_own_authority(
        self, tmp_path: Path, sender_to: Callable[..., MqttSender]
    ) -> None:
        authority = Authority(tmp_path / "ca")
        with Mosquitto(tmp_path, *authority.listener()) as broker:
            tls = Tls(enabled=True, ca_file=str(authority.certificate))
            sender = connected(sender_to(broker.port, tls=tls))
            sender.post(event("a"))
            eventually(lambda: sender.delivered == 1, "an event is acknowledged")

    def test_another_authority_is_refused(
        self,
        tmp_path: Path,
        sender_to: Callable[..., MqttSender],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        authority, stranger = Authority(tmp_path / "ca"), Authority(tmp_path / "stranger")
        with Mosquitto(tmp_path, *authority.listener()) as broker:
            tls = Tls(enabled=True, ca_file=str(stranger.certificate))
            sender = sender_to(broker.port, tls=tls)
            eventually(lambda: "check mqtt.tls.ca_file" in caplog.text, "the refusal is logged")

        assert sender.connects == 0

    @pytest.mark.parametrize("key", ["ca_file", "cert_file"])
    def test_a_file_that_is_no_certificate(self, tmp_path: Path, outbox: Outbox, key: str) -> None:
        (tmp_path / "x.pem").write_text("not a certificate")
        tls = Tls(enabled=True, **{key: str(tmp_path / "x.pem")})

        with pytest.raises(ConfigError, match=rf"mqtt\.tls\.{key}.*PEM"):
            MqttSender(Mqtt(tls=tls), "cot-1", outbox, SystemClock())


class TestStop:
    def test_a_frozen_broker_does_not_hold_it(
        self, broker: Mosquitto, sender_to: Callable[..., MqttSender]
    ) -> None:
        sender = connected(sender_to(broker.port))
        broker.freeze()
        sender.post(event("a"))

        returns_soon(sender)

    def test_a_frozen_broker_behind_tls_does_not_hold_it(
        self, tmp_path: Path, sender_to: Callable[..., MqttSender]
    ) -> None:
        authority = Authority(tmp_path / "ca")
        with Mosquitto(tmp_path, *authority.listener()) as broker:
            tls = Tls(enabled=True, ca_file=str(authority.certificate))
            sender = connected(sender_to(broker.port, tls=tls))
            broker.freeze()

            returns_soon(sender)
            eventually(lambda: link_threads() == 0, "no thread is left behind")

    def test_a_broker_that_never_answers_does_not_hold_it(
        self, broker: Mosquitto, sender_to: Callable[..., MqttSender]
    ) -> None:
        broker.freeze()
        sender = sender_to(broker.port)
        eventually(lambda: link_threads() == 1, "it tries to connect")

        returns_soon(sender)
        eventually(lambda: link_threads() == 0, "no thread is left behind")

    def test_without_a_broker(self, sender_to: Callable[..., MqttSender]) -> None:
        returns_soon(sender_to(free_port()))

    def test_many_failed_attempts_leave_no_thread_and_no_open_file(
        self, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
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


class running:
    """A Python program that is killed at the end of the block, if it still runs."""

    def __init__(self, program: str, *arguments: Path | int) -> None:
        self._command = [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]

    def __enter__(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, text=True, cwd=TESTS
        )
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(10)
        assert self._process.stdout
        self._process.stdout.close()


class Authority:
    """A certificate authority with one certificate, for 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed (apt install openssl)")
        folder.mkdir()
        self.certificate = folder / "ca.crt"
        self._folder = folder
        new_key = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        # RFC 5280, 4.2.1: Python 3.13 refuses certificates without these.
        (folder / "names").write_text(
            "subjectAltName = IP:127.0.0.1\nauthorityKeyIdentifier = keyid\n"
        )
        for command in (
            f"{new_key} -x509 -days 2 -subj /CN=test-authority "
            "-addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt",
            f"{new_key} -subj /CN=broker -keyout broker.key -out broker.csr",
            "x509 -req -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial "
            "-days 2 -extfile names -out broker.crt",
        ):
            subprocess.run(
                ["openssl", *command.split()], check=True, capture_output=True, cwd=folder
            )

    def listener(self) -> list[str]:
        return [
            f"cafile {self.certificate}",
            f"certfile {self._folder / 'broker.crt'}",
            f"keyfile {self._folder / 'broker.key'}",
        ]


class OldBroker:
    """Speaks just enough of MQTT 3.1.1 to let a client in.

    refusal: what it answers to another version before it hangs up; None: it says nothing for ever.
    """

    def __init__(self, refusal: bytes | None) -> None:
        self._refusal = refusal
        self.versions_asked: list[int] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "OldBroker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            with client:
                self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        connect = client.recv(4096)
        version = connect[connect.index(b"MQTT") + 4]
        self.versions_asked.append(version)
        if version == 4:
            client.sendall(b"\x20\x02\x00\x00")
        elif self._refusal is not None:
            client.sendall(self._refusal)
            return
        while client.recv(4096):
            pass
