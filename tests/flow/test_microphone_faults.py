"""What is wrong with a microphone, from the air to the station: real PortAudio, real daemon."""

import numpy as np
import pytest
from support.conditions import comes_and_goes
from support.daemon import Daemon
from support.mosquitto import Mosquitto, Subscriber, eventually
from support.virtual_microphone import RATE_HZ, VirtualMicrophone


@pytest.mark.waits
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
        state_dir = tmp_path / "cot" / "state"
        virtual_microphone.play(dead.astype(np.int16))
        comes_and_goes("mic-silent", "medium", station, state_dir, lambda: None)
        virtual_microphone.play(overdriven.astype(np.int16))
        comes_and_goes("mic-clipping", "medium", station, state_dir, lambda: None)
        assert {event["code"] for event in station.events()} == {"mic-silent", "mic-clipping"}
        assert daemon.log.count("mic-silent start, medium") == 1
        assert daemon.terminate() == 0
