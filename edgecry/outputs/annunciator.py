"""Signal -> the two output lines, edge by edge, on a thread of its own."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from edgecry.clock import Clock
from edgecry.decision.schedule import Schedule
from edgecry.decision.signal import Signal
from edgecry.types import BuzzerPulse

log = logging.getLogger(__name__)

MAX_WAIT_S = 1.0
MAX_SOUND_S = 1.0
"""The buzzer is switched off when it has sounded for longer, four times the longest pulse."""
KEPT_PULSES = 64


class Panel(Protocol):
    """What the annunciator asks of an LED and a buzzer."""

    @property
    def sounds(self) -> bool:
        """Whether a buzzer is heard in the room."""
        ...

    def set(self, *, led: bool, buzzer: bool) -> None:
        """Drive both lines."""
        ...

    def close(self) -> None:
        """Both off, and the pins given back. May be called twice."""
        ...


class Annunciator:
    """Plays the signal that was shown last. Off at start, after `stop`, and when its thread breaks.

    audible: False where alarms are only to be seen at the cot.

    Three things limit how long the buzzer sounds: the pattern (0.2 s); `limit`, on another thread,
    if this one is stuck; systemd, which ends a process that hangs and then runs `edgecry silence`.
    """

    def __init__(self, panel: Panel, clock: Clock, audible: bool = True) -> None:
        self._panel = panel
        self._audible = audible
        self._clock = clock
        self._schedule = Schedule()
        self._changed = threading.Condition()
        self._stale = self._stopping = False
        self._led = self._buzzer = False
        self.pulses: tuple[BuzzerPulse, ...] = ()
        """The last KEPT_PULSES, oldest first; none where no buzzer is heard in the room."""
        self.failure: Exception | None = None
        self.stepped_s = clock.monotonic_s()
        """Monotonic time at which both lines were last driven; at least every MAX_WAIT_S."""
        self._thread = threading.Thread(target=self._run, name="annunciator", daemon=True)
        panel.set(led=False, buzzer=False)

    def start(self) -> None:
        """Begin to play on a thread of its own."""
        self._thread.start()

    def show(self, signal: Signal) -> None:
        """Take the next signal."""
        with self._changed:
            self._schedule.show(signal, self._clock.monotonic_s())
            self._stale = True
            self._changed.notify()

    def chirp(self, pulses: int) -> None:
        """Confirm a press of the button by short pulses, unless an alarm is to be heard."""
        with self._changed:
            self._schedule.chirp(pulses, self._clock.monotonic_s())
            self._stale = True
            self._changed.notify()

    def try_out(self) -> None:
        """Show that LED and buzzer work, unless an alarm is to be heard."""
        with self._changed:
            self._schedule.try_out(self._clock.monotonic_s())
            self._stale = True
            self._changed.notify()

    def step(self) -> float:
        """Drive the lines as they must be now; how long, in seconds, nothing will change."""
        with self._changed:
            self._stale = False
            now_s = self._clock.monotonic_s()
            levels = self._schedule.levels(now_s)
        self._drive(levels.led, levels.buzzer and self._audible)
        self.stepped_s = now_s
        return MAX_WAIT_S if levels.change_in_s is None else levels.change_in_s

    def limit(self) -> None:
        """Switch off a buzzer that has sounded for MAX_SOUND_S. To be called on another thread than
        the one that plays, which may be stuck."""
        pulse = self.pulses[-1] if self.pulses else None
        if pulse is None or pulse.end_mono_s is not None:
            return
        if self._clock.monotonic_s() - pulse.begin_mono_s >= MAX_SOUND_S:
            log.error("the buzzer sounded for more than %g s and was switched off", MAX_SOUND_S)
            self._drive(self._led, buzzer=False)

    def stop(self, deadline_s: float) -> None:
        """Silence, darkness, and the panel closed."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)
        self._panel.close()

    def _drive(self, led: bool, buzzer: bool) -> None:
        """Set both lines. A pulse begins before the line is on and ends after it is off."""
        began = buzzer and not self._buzzer
        ended = self._buzzer and not buzzer
        if began and self._panel.sounds:
            pulse = BuzzerPulse(self._clock.monotonic_s())
            self.pulses = (*self.pulses[1 - KEPT_PULSES :], pulse)
        self._panel.set(led=led, buzzer=buzzer)
        self._led, self._buzzer = led, buzzer
        if ended and self._panel.sounds:
            pulse = replace(self.pulses[-1], end_mono_s=self._clock.monotonic_s())
            self.pulses = (*self.pulses[:-1], pulse)

    def _run(self) -> None:
        try:
            while not self._stopping:
                wait_s = min(self.step(), MAX_WAIT_S)
                with self._changed:
                    self._changed.wait_for(lambda: self._stale or self._stopping, wait_s)
        except Exception as error:
            log.exception("the panel failed")
            self.failure = error
            with suppress(Exception):
                self._drive(led=False, buzzer=False)
