"""The whole daemon hears its own buzzer: real PortAudio, mock pins, and the way in between."""

import os
import signal
import threading
import time

import numpy as np
import soxr
from gpiozero.pins.mock import MockFactory
from support.mosquitto import eventually, free_port
from support.own_buzzer import RATE_HZ as BUZZER_RATE_HZ
from support.own_buzzer import Buzzer
from support.virtual_microphone import NAME, RATE_HZ, VirtualMicrophone

from edgecry.app import build
from edgecry.config.schema import Audio, Mqtt, Panel, Settings
from edgecry.detection import Decision
from edgecry.monitor import STOP_SIGNALS
from edgecry.outputs.panel import GpioPanel
from edgecry.signals import SignalInbox

LOUD_DBFS = -40.0
"""Between the virtual room and the buzzer."""
WINDOW_HOPS = 4
"""So many windows in a row hold the same sound."""


def test_every_window_that_holds_the_buzzer_is_known_as_its_own(
    tmp_path, virtual_microphone: VirtualMicrophone
) -> None:
    pins = MockFactory()
    buzzer, button = pins.pin(Panel().buzzer_pin), pins.pin(Panel().button_pin)
    decisions: list[Decision] = []
    over = threading.Event()
    pulse = Buzzer("active", 2700).pulse(0.05)
    heard = (32_000 * soxr.resample(pulse, BUZZER_RATE_HZ, RATE_HZ)).astype(np.int16)

    def loud() -> list[Decision]:
        return [d for d in list(decisions) if (d.score.level_dbfs or -99.0) > LOUD_DBFS]

    def room() -> None:
        """What the buzzer's pin does is heard by the microphone."""
        before = False
        while not over.wait(0.002):
            if buzzer.state and not before:
                virtual_microphone.play(heard)
            before = bool(buzzer.state)

    def nurse() -> None:
        """Presses the button three times; each press is confirmed by a chirp."""
        try:
            eventually(lambda: decisions, "sound is scored")
            for chirps in (1, 2, 3):
                so_far = len(loud())
                button.drive_low()
                time.sleep(0.15)
                button.drive_high()
                eventually(lambda n=so_far: len(loud()) > n, f"chirp {chirps} is heard")
                free = len(decisions) + 12
                eventually(lambda n=free: len(decisions) > n, "its tail is over")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    monitor = build(
        Settings(
            state_dir=str(tmp_path),
            mqtt=Mqtt(host="127.0.0.1", port=free_port()),
            audio=Audio(device=NAME),
        ),
        panel=GpioPanel(Panel(), pin_factory=pins),
        observe=decisions.append,
    )
    people = [threading.Thread(target=each) for each in (room, nurse)]
    with SignalInbox(*STOP_SIGNALS) as signals:
        for each in people:
            each.start()
        monitor.run(signals, lambda _caught: None)
    over.set()
    for each in people:
        each.join()
    holding = [
        later
        for index, decision in enumerate(decisions)
        if decision in loud()
        for later in decisions[index : index + WINDOW_HOPS]
    ]
    assert len(holding) >= 3 * WINDOW_HOPS
    assert all(decision.own_sound for decision in holding)
    assert not all(decision.own_sound for decision in decisions)
