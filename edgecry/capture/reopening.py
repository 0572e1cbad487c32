"""A microphone that comes back: whatever happens to it, it is tried again for ever."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Protocol

from edgecry.clock import Clock
from edgecry.errors import CaptureError, SilentError
from edgecry.types import AudioBlock, Fault

log = logging.getLogger(__name__)

FIRST_RETRY_S = 0.5
LAST_RETRY_S = 10.0


class Source(Protocol):
    """What is asked of a microphone."""

    def read(self, timeout_s: float) -> AudioBlock | None: ...
    def close(self) -> None: ...


class ReopeningSource:
    """A source that survives the loss of its microphone.

    open_microphone: opens it and returns it, or raises CaptureError.
    lost: why there is no sound at present (`mic-lost`, `mic-silent`); None while there is.

    After a loss it is opened again, at first after FIRST_RETRY_S, then after twice as long each
    time up to LAST_RETRY_S, less up to half by chance. It is back when it gives a sample that is
    not zero. Samples are counted on through the loss by the clock (audio time never stops), and the
    first block afterwards is marked `overflowed`. Sample 0 is when this object was made.
    """

    def __init__(
        self,
        open_microphone: Callable[[], Source],
        clock: Clock,
        random: Random | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._open = open_microphone
        self._clock = clock
        self._random = random or Random()
        self._sleep = sleep
        self._microphone: Source | None = None
        self.lost: Fault | None = None
        self._failures = 0
        self._retry_mono_s = self._start_mono_s = clock.monotonic_s()
        self._end_sample = 0
        self._offset: int | None = None

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block, or None: nothing within `timeout_s`, or the microphone is lost."""
        try:
            if self._microphone is None:
                wait_s = self._retry_mono_s - self._clock.monotonic_s()
                if wait_s > 0:
                    self._sleep(min(wait_s, timeout_s))
                    return None
                self._microphone = self._open()
            block = self._microphone.read(timeout_s)
        except CaptureError as error:
            silent = isinstance(error, SilentError)
            self._failed(Fault("mic-silent" if silent else "mic-lost", str(error)))
            return None
        if block is None or (self.lost is not None and not block.samples.any()):
            return None
        return self._continued(block)

    def close(self) -> None:
        """Give the device back. May be called twice."""
        if self._microphone is not None:
            self._microphone.close()
            self._microphone = None

    def _failed(self, problem: Fault) -> None:
        self._offset = None
        if problem != self.lost:
            log.warning("%s", problem.detail)
            self.lost = problem
        self.close()
        delay_s = min(LAST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._failures, 16))
        self._failures += 1
        self._retry_mono_s = self._clock.monotonic_s() + delay_s * self._random.uniform(0.5, 1.0)

    def _continued(self, block: AudioBlock) -> AudioBlock:
        """The same block, counted from when this object was made."""
        if self._offset is None:
            now = round((block.captured_mono_s - self._start_mono_s) * block.sample_rate_hz)
            self._offset = max(self._end_sample, now - len(block.samples)) - block.first_sample
        block = replace(
            block,
            first_sample=block.first_sample + self._offset,
            overflowed=block.overflowed or self.lost is not None,
        )
        if self.lost is not None:
            log.info("the microphone is back")
            self.lost = None
        self._failures = 0
        self._end_sample = block.end_sample
        return block
