"""What is wrong with a microphone, from the air to the station: real PortAudio, real daemon."""

import numpy as np
from support.daemon import Daemon
from support.mosquitto import Mosquitto, Subscriber, eventually
from support.virtual_microphone import RATE_HZ, VirtualMicrophone


def told(station: Subscriber) -> list[tuple[str, str, str]]:
    return [(e["code"], e["phase"], e["priority"]) for e in station.events()]


def test_a_dead_and_then_an_overdriven_microphone_are_alarms_until_it_is_well(
    tmp_path, virtual_microphone: VirtualMicrophone
) -> None:
    random = np.random.default_rng(0)
    dead = random.integers(-1, 2, 7 * RATE_HZ)
    overdriven = random.normal(0, 40_000, 7 * RATE_HZ // 8).repeat(8).clip(-20_000, 20_000)
    with (
        Mosquitto(tmp_path) as broker,
        Subscriber(broker.port) as station,
        Daemon(tmp_path / "cot", "audio.device=pipemic", f"mqtt.port={broker.port}") as daemon,
    ):
        eventually(lambda: "WATCHDOG=1" in daemon.notified(), "sound is scored")
        virtual_microphone.play(dead.astype(np.int16))
        eventually(lambda: ("mic-silent", "start", "medium") in told(station), "a dead one")
        eventually(lambda: station.heard("state")[-1].json["mode"] == "fault", "and so it is shown")
        eventually(lambda: ("mic-silent", "end", "medium") in told(station), "it hears again")
        virtual_microphone.play(overdriven.astype(np.int16))
        eventually(lambda: ("mic-clipping", "start", "medium") in told(station), "too loud")
        eventually(lambda: ("mic-clipping", "end", "medium") in told(station), "no more", 40)
        assert {code for code, _, _ in told(station)} == {"mic-silent", "mic-clipping"}
        assert daemon.log.count("mic-silent start, medium") == 1
        assert daemon.terminate() == 0
