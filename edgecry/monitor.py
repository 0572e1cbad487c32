"""The running monitor: the order in which its parts start, what ends it, the order of the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from signal import SIGINT, SIGTERM, Signals
from typing import Protocol

from edgecry.button_desk import ButtonDesk
from edgecry.chronicle import Chronicle
from edgecry.clock import Clock
from edgecry.errors import EdgecryError
from edgecry.health.supervisor import Supervisor
from edgecry.local_status import LocalStatus
from edgecry.pipeline import Pipeline
from edgecry.reloading import Reloader
from edgecry.remote.commander import Commander

log = logging.getLogger(__name__)

STOP_SIGNALS = (SIGTERM, SIGINT)
TICK_S = 0.5
DRAIN_S = 10.0
STOP_COMMANDER_S = 0.1
STOP_PIPELINE_S = 0.5
STOP_PANEL_S = 0.2
STOP_MQTT_S = 0.6
STOP_JOURNAL_S = 0.1


class Inbox(Protocol):
    """Where the operating system's signals arrive."""

    def wait(self, timeout_s: float) -> Signals | None: ...


class Worker(Protocol):
    """What is asked of the annunciator and of the MQTT sender: each has a thread of its own."""

    @property
    def failure(self) -> BaseException | None: ...
    def start(self) -> None: ...
    def stop(self, deadline_s: float) -> None: ...


class Store(Protocol):
    """What is asked of the outbox."""

    @property
    def depth(self) -> int: ...
    def close(self) -> None: ...


class Recorder(Protocol):
    """What is asked of the journal."""

    def start(self) -> None: ...
    def close(self) -> None: ...
    def join(self, deadline_s: float) -> None: ...


class Manager(Protocol):
    """What is asked of the service manager."""

    def ready(self) -> None: ...
    def stopping(self) -> None: ...
    def close(self) -> None: ...


class Monitor:
    """Built by `edgecry.app.build`, then `run` on the main thread."""

    def __init__(
        self,
        pipeline: Pipeline,
        annunciator: Worker,
        button: ButtonDesk,
        sender: Worker,
        commander: Commander,
        reloader: Reloader,
        outbox: Store,
        journal: Recorder,
        chronicle: Chronicle,
        status: LocalStatus,
        supervisor: Supervisor,
        manager: Manager,
        clock: Clock,
    ) -> None:
        self._pipeline = pipeline
        self._annunciator = annunciator
        self._button = button
        self._sender = sender
        self._commander = commander
        self.reloader = reloader
        self._outbox = outbox
        self._journal = journal
        self._chronicle = chronicle
        self._status = status
        self._supervisor = supervisor
        self._manager = manager
        self._clock = clock

    def run(self, signals: Inbox, on_tick: Callable[[Signals | None], None]) -> bool:
        """Work until SIGTERM or SIGINT (False), or until a recording is over and drained (True).

        `on_tick` is called once a tick, with the signal that came if it was another one. Raises
        what broke the pipeline, the panel or the sender; whoever started the daemon starts it
        again.
        """
        why = "a defect; the log has it"
        try:
            self._journal.start()
            self._annunciator.start()
            self._commander.start()
            self._sender.start()
            self._pipeline.start()
            self._manager.ready()
            while (caught := signals.wait(TICK_S)) not in STOP_SIGNALS:
                self._supervisor.step()
                self._button.step()
                on_tick(caught)
                self._chronicle.step()
                self._status.step()
                finished = self._pipeline.finished.is_set()
                self._raise_failures()  # asked afterwards: a pipeline that broke is finished too
                if finished:
                    why = "the recording is over"
                    return self._drain(signals)
            assert caught is not None
            why = caught.name
            return False
        except EdgecryError as error:
            why = str(error)
            raise
        finally:
            self._shut_down(why)

    def _raise_failures(self) -> None:
        parts = (
            *(self._pipeline, self._annunciator, self._button),
            *(self._sender, self._commander),
        )
        failure = next((part.failure for part in parts if part.failure is not None), None)
        if failure is None:
            return
        if isinstance(failure, EdgecryError):
            raise failure
        raise EdgecryError(f"a part of the monitor broke: {failure!r}; see the log above")

    def _drain(self, signals: Inbox) -> bool:
        """A recording is over: give what is in the outbox a chance to leave, unless stopped."""
        log.info("the recording is over")
        deadline_s = self._clock.monotonic_s() + DRAIN_S
        while self._outbox.depth and self._clock.monotonic_s() < deadline_s:
            if signals.wait(0.05) in STOP_SIGNALS:
                return False
        return True

    def _shut_down(self, why: str) -> None:
        """Producers first. Silence before farewell: the panel never waits for the network."""
        self._manager.stopping()
        self._commander.stop(STOP_COMMANDER_S)
        if not self._pipeline.stop(STOP_PIPELINE_S):
            log.error("the pipeline did not stop; it is left behind")
        self._annunciator.stop(STOP_PANEL_S)
        self._chronicle.stopped(why)
        self._journal.close()
        self._sender.stop(STOP_MQTT_S)
        self._outbox.close()
        self._journal.join(STOP_JOURNAL_S)
        self._status.close()
        self._manager.close()
        log.info("stopped")
