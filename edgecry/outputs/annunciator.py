"""Signal -> the two output lines, edge by edge, on a thread of its own."""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from edgecry.clock import Clock
from edgecry.decision.signal import SILENT, Signal, levels

log = logging.getLogger(__name__)

MAX_WAIT_S = 1.0


class Panel(Protocol):
    """What the annunciator asks of an LED and a buzzer."""

    def set(self, *, led: bool, buzzer: bool) -> None:
        """Drive both lines."""
        ...

    def close(self) -> None:
        """Both off, and the pins given back. May be called twice."""
        ...


class Annunciator:
    """Plays the pattern of the signal that was shown last. Off at start and after `stop`.

    audible: False where alarms are only to be seen at the cot.
    """

    def __init__(self, panel: Panel, clock: Clock, audible: bool = True) -> None:
        self._panel = panel
        self._audible = audible
        self._clock = clock
        self._signal = SILENT
        self._lit_since_s = self._sounding_since_s = clock.monotonic_s()
        self._changed = threading.Condition()
        self._stale = self._stopping = False
        self.failure: Exception | None = None
        self.stepped_s = clock.monotonic_s()
        """Monotonic time at which both lines were last driven; at least every MAX_WAIT_S."""
        self._thread = threading.Thread(target=self._run, name="annunciator", daemon=True)
        panel.set(led=False, buzzer=False)

    def start(self) -> None:
        """Begin to play on a thread of its own."""
        self._thread.start()

    def show(self, signal: Signal) -> None:
        """Take the next signal; the light and the sound start over only where they differ."""
        with self._changed:
            now_s = self._clock.monotonic_s()
            if signal.light != self._signal.light:
                self._lit_since_s = now_s
            if (signal.sound, signal.announcement) != (
                self._signal.sound,
                self._signal.announcement,
            ):
                self._sounding_since_s = now_s
            self._signal, self._stale = signal, True
            self._changed.notify()

    def step(self) -> float:
        """Drive the lines as they must be now; how long, in seconds, nothing will change."""
        with self._changed:
            self._stale = False
            signal, now_s = self._signal, self._clock.monotonic_s()
            lit_ms = round((now_s - self._lit_since_s) * 1000)
            sounding_ms = round((now_s - self._sounding_since_s) * 1000)
        now = levels(signal, lit_ms, sounding_ms)
        self._panel.set(led=now.led, buzzer=now.buzzer and self._audible)
        self.stepped_s = now_s
        return MAX_WAIT_S if now.change_in_ms is None else now.change_in_ms / 1000

    def stop(self, deadline_s: float) -> None:
        """Silence, darkness, and the panel closed."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)
        self._panel.close()

    def _run(self) -> None:
        try:
            while not self._stopping:
                wait_s = min(self.step(), MAX_WAIT_S)
                with self._changed:
                    self._changed.wait_for(lambda: self._stale or self._stopping, wait_s)
        except Exception as error:
            log.exception("the panel failed")
            self.failure = error
