"""The thread that does what others ask over MQTT: one request after the other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from edgecry.clock import Clock
from edgecry.errors import EdgecryError, RefusedError
from edgecry.outputs.messages import ResultMessage
from edgecry.remote.answers import Answer, Answers
from edgecry.remote.inbox import Inbox, Refusal, Waiting
from edgecry.remote.requests import (
    Acknowledge,
    AudioOff,
    Command,
    PauseAudio,
    Receipt,
    Reload,
    Resume,
    ResumeAudio,
    Standby,
    Test,
)
from edgecry.remote.self_test import SelfTest

log = logging.getLogger(__name__)

STEP_S = 0.25
STALE_AFTER_S = 5.0
"""A command that has waited longer is not done: nobody expects it any more."""
REMEMBERED = 256


class Desk(Protocol):
    """What is asked of the alarm desk. Each may raise RefusedError."""

    def acknowledge(self, by: str, alarm: int) -> None: ...
    def short_press(self, by: str) -> None: ...
    def pause_audio(self, by: str, duration_s: float | None) -> None: ...
    def audio_off(self, by: str) -> None: ...
    def resume_audio(self, by: str) -> None: ...
    def standby(self, by: str) -> None: ...
    def resume(self, by: str) -> None: ...


class Receipts(Protocol):
    """What is told of a station's receipts."""

    def confirmed(self, event_id: str, station: str) -> None: ...


class Reloader(Protocol):
    """What is asked of whatever reads the configuration again; both calls return at once."""

    def begin(self) -> None:
        """Raises RefusedError while that is being done."""
        ...

    def outcome(self) -> Answer | None:
        """What came of it, once."""
        ...


class Commander:
    """Takes from the inbox, acts and answers; `step` is the whole of its work.

    number_of: an `alarm_id` -> the number of that alarm; None if this run has not raised it.
    answer: sends a result. record: writes down verb, by, request_id, error and detail of a command
    that was done or refused. Both must return at once.
    """

    def __init__(
        self,
        inbox: Inbox,
        desk: Desk,
        self_test: SelfTest,
        receipts: Receipts,
        number_of: Callable[[str], int | None],
        reloader: Reloader,
        answer: Callable[[str, ResultMessage], None],
        record: Callable[[str, str, str, str | None, str], None],
        clock: Clock,
    ) -> None:
        self._inbox = inbox
        self._desk = desk
        self._self_test = self_test
        self._receipts = receipts
        self._number_of = number_of
        self._reloader = reloader
        self._answer = answer
        self._record = record
        self._clock = clock
        self._answers = Answers(REMEMBERED)
        self._unfinished: dict[str, Command] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="commander", daemon=True)
        self.failure: Exception | None = None

    def start(self) -> None:
        """Begin to obey, on a thread of its own."""
        self._thread.start()

    def stop(self, deadline_s: float) -> None:
        """Do nothing more; waits for at most `deadline_s`."""
        self._stop.set()
        self._inbox.interrupt()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)

    def step(self, timeout_s: float) -> None:
        """Do one request, or wait for it for `timeout_s`."""
        waiting = self._inbox.next(timeout_s)
        if waiting is not None:
            self._take(waiting)
        self._finish_later("test", self._self_test.overdue())
        self._finish_later("reload", self._reloader.outcome())

    def _take(self, waiting: Waiting) -> None:
        match waiting.content:
            case Receipt() as receipt:
                self._receipts.confirmed(receipt.event_id, receipt.station)
                answer = self._self_test.confirmed(receipt.event_id, receipt.station)
                self._finish_later("test", answer)
            case Refusal(request_id, words):
                self._send(waiting.verb, request_id, Answer(error=words))
            case Command() as command:
                self._obey(waiting.verb, command, waiting.received_mono_s)

    def _obey(self, verb: str, command: Command, received_mono_s: float) -> None:
        if self._answers.knows(verb, command.request_id):
            if (known := self._answers.of(verb, command.request_id)) is not None:
                self._send(verb, command.request_id, known)
            return
        self._answers.begin(verb, command.request_id)
        answer: Answer | None
        if self._clock.monotonic_s() - received_mono_s > STALE_AFTER_S:
            answer = Answer(error=f"it waited for more than {STALE_AFTER_S:g} s and was not done")
        else:
            answer = self._do(command)
        if answer is not None:
            self._finish(verb, command, answer)

    def _do(self, command: Command) -> Answer | None:
        """The answer; None if it comes later."""
        try:
            match command:
                case Acknowledge(by=by, alarm_id=None):
                    self._desk.short_press(by)
                case Acknowledge(by=by, alarm_id=str() as alarm_id):
                    self._desk.acknowledge(by, self._raised(alarm_id))
                case PauseAudio(by=by, seconds=seconds):
                    self._desk.pause_audio(by, seconds)
                case AudioOff(by=by):
                    self._desk.audio_off(by)
                case ResumeAudio(by=by):
                    self._desk.resume_audio(by)
                case Standby(by=by):
                    self._desk.standby(by)
                case Resume(by=by):
                    self._desk.resume(by)
                case Test(by=by):
                    self._self_test.begin(by)
                    self._unfinished["test"] = command
                    return None
                case Reload():
                    self._reloader.begin()
                    self._unfinished["reload"] = command
                    return None
        except EdgecryError as error:
            return Answer(error=str(error))
        except Exception:
            # Whoever may send commands must not be able to end the monitor with one.
            log.exception("a command failed")
            return Answer(error="a defect of the monitor: see its log")
        return Answer()

    def _raised(self, alarm_id: str) -> int:
        number = self._number_of(alarm_id)
        if number is None:
            raise RefusedError("`alarm_id` names no alarm of this run: take it from `state`")
        return number

    def _finish_later(self, verb: str, answer: Answer | None) -> None:
        """What was begun is over, if there is an answer; SIGHUP too reads again, unasked."""
        if answer is not None and (command := self._unfinished.pop(verb, None)) is not None:
            self._finish(verb, command, answer)

    def _finish(self, verb: str, command: Command, answer: Answer) -> None:
        log.info(
            "command %s by %s (%s): %s",
            verb,
            command.by,
            command.request_id,
            answer.error or answer.detail or "done",
        )
        self._record(verb, command.by, command.request_id, answer.error, answer.detail)
        self._answers.finish(verb, command.request_id, answer)
        self._send(verb, command.request_id, answer)

    def _send(self, verb: str, request_id: str | None, answer: Answer) -> None:
        self._answer(
            verb,
            ResultMessage(
                request_id=request_id, ok=answer.ok, error=answer.error, detail=answer.detail
            ),
        )

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.step(STEP_S)
        except Exception as error:
            log.exception("the commander failed")
            self.failure = error
