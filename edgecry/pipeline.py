"""The thread that listens: source -> detector -> alarm desk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from edgecry.alarm_desk import AlarmDesk
from edgecry.clock import Clock
from edgecry.detection import Decision, Detector
from edgecry.errors import EdgecryError, EndOfAudio, ModelError
from edgecry.health.liveness import Liveness
from edgecry.health.microphone import MicrophoneHealth
from edgecry.health.model import ModelHealth
from edgecry.types import AudioBlock, Fault

log = logging.getLogger(__name__)

READ_TIMEOUT_S = 0.25
OVERFLOW_LOG_EVERY = 100


class AudioSource(Protocol):
    """What the pipeline asks of a microphone or a recording."""

    @property
    def lost(self) -> Fault | None:
        """Why there is no sound at present; None while there is."""
        ...

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block, or None if none came in time.

        Raises EndOfAudio when a recording is over.
        """
        ...

    def close(self) -> None:
        """Give the device or file back. May be called twice."""
        ...


class Pipeline:
    """Reads, decides and reports, one block a step.

    `microphone` hears of every block and loss. `model`, if given, outlives a model that fails and
    knows of it; without it that is an error.
    `observe`, if given, sees every decision after the desk has (the demo draws them).
    """

    def __init__(
        self,
        source: AudioSource,
        detector: Detector,
        desk: AlarmDesk,
        liveness: Liveness,
        clock: Clock,
        observe: Callable[[Decision], None] | None = None,
        model: ModelHealth | None = None,
        microphone: MicrophoneHealth | None = None,
    ) -> None:
        self._source = source
        self._detector = detector
        self._desk = desk
        self._liveness = liveness
        self._clock = clock
        self._observe = observe
        self._model = model
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._guarded_run, name="pipeline", daemon=True)
        self.finished = threading.Event()
        self.failure: Exception | None = None
        self.microphone = microphone or MicrophoneHealth()
        self.overflows = 0
        self.last: Decision | None = None

    def start(self) -> None:
        """Begin to listen on a thread of its own."""
        self._thread.start()

    def stop(self, deadline_s: float) -> bool:
        """Stop listening and close the source; False if the thread did not end in time."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)
        return not self._thread.is_alive()

    def run(self) -> None:
        """Step until the recording is over or `stop` is called, then close the source."""
        try:
            while not self._stop.is_set() and self.step():
                pass
        finally:
            self._source.close()

    def step(self) -> bool:
        """Read one block and decide on it. False when the recording is over."""
        if self._model is not None:
            self._model.step(self._clock.monotonic_s())
        try:
            block = self._source.read(READ_TIMEOUT_S)
        except EndOfAudio:
            for decision in self._detector.finish():
                self._report(decision)
            return False
        lost = self._source.lost
        if lost is not None:
            self.microphone.lost(lost)
            self._liveness.declared_blind(self._clock.monotonic_s())
        if block is None:
            return True
        self.microphone.hear(block)
        if block.overflowed:
            self._count_overflow()
        try:
            self._decide(block)
        except ModelError as error:
            if self._model is None:
                raise
            self._model.failed(error, self._clock.monotonic_s())
        return True

    def _decide(self, block: AudioBlock) -> None:
        for decision in self._detector.hear(block):
            self._report(decision)
            now_s = self._clock.monotonic_s()
            self._liveness.decided(decision.captured_mono_s, now_s, self._detector.hop_s)

    def _report(self, decision: Decision) -> None:
        self.last = decision
        self._desk.decided(decision, self._detector.thresholds.on)
        if self._observe is not None:
            self._observe(decision)

    def _count_overflow(self) -> None:
        self.overflows += 1
        if self.overflows % OVERFLOW_LOG_EVERY == 1:
            log.warning(
                "audio was lost before it could be scored (%d times so far): "
                "the machine is too busy; close other programs or raise audio.buffer_s",
                self.overflows,
            )

    def _guarded_run(self) -> None:
        try:
            self.run()
        except EdgecryError as error:
            self.failure = error
        except Exception as error:
            log.exception("the pipeline failed")
            self.failure = error
        finally:
            self.finished.set()
