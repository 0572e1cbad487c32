"""gpiozero's mock pins that remember when they were switched, in a test's own time."""

from dataclasses import dataclass

from gpiozero.pins.mock import MockFactory, MockPin

from edgecry.clock import Clock


@dataclass(frozen=True, slots=True)
class Pulse:
    """A pin was driven at `level` (1, or a PWM's duty) from `begin_s` to `end_s`."""

    begin_s: float
    end_s: float
    level: float


def recording_pins(clock: Clock, kind: type[MockPin] = MockPin) -> MockFactory:
    """A factory whose pins have `pulses`: every finished one, oldest first."""

    class RecordingPin(kind):
        def __init__(self, factory, info) -> None:
            self.pulses: list[Pulse] = []
            self._since_s = 0.0
            super().__init__(factory, info)

        def _change_state(self, value) -> bool:
            before = float(self._state)
            changed = super()._change_state(value)
            if changed and self.function == "output":
                now_s = clock.monotonic_s()
                if before:
                    self.pulses.append(Pulse(self._since_s, now_s, before))
                self._since_s = now_s
            return changed

    return MockFactory(pin_class=RecordingPin)
