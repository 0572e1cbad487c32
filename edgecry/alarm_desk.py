"""Where findings and operators meet the alarm system, and everyone who must know is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from edgecry.clock import Clock
from edgecry.decision.alarm import Finding
from edgecry.decision.alarm_system import AlarmSystem, Situation
from edgecry.decision.signal import Signal, signal_of
from edgecry.detection import Decision
from edgecry.types import Code, Event, Priority

EventSink = Callable[[Event], None]
"""Must return at once: it is called on the thread that decides."""
SituationSink = Callable[[Situation], None]
"""Hears what is so once the events that led to it have been told; must return at once too."""


class AlarmDesk:
    """Holds the alarm system; shows its signal on the panel first, and then tells the sinks.

    Safe to call from any thread; the lock is held only while deciding and handing over. Whoever
    calls, what is due by then ends first.

    `by` is who acts: `button`, or the name that a command carries.
    """

    def __init__(
        self,
        system: AlarmSystem,
        show: Callable[[Signal], None],
        sinks: Sequence[EventSink],
        clock: Clock,
        situation_sinks: Sequence[SituationSink] = (),
        audible: Callable[[], bool] = lambda: True,
    ) -> None:
        """audible: whether alarms are to sound at the cot now; asked at every call."""
        self._system = system
        self._show = show
        self._sinks = tuple(sinks)
        self._situation_sinks = tuple(situation_sinks)
        self._clock = clock
        self._audible = audible
        self._was_audible = True
        self._lock = threading.Lock()

    @property
    def situation(self) -> Situation:
        """What is so now."""
        with self._lock:
            return self._system.situation

    def decided(self, decision: Decision, threshold: float) -> None:
        """The pipeline has decided on a window."""
        finding = None
        if decision.cry is not None:
            finding = Finding(
                kind="patient",
                priority="low",
                onset_s=decision.cry.onset_s,
                heard_s=decision.cry.heard_s,
                p_cry=decision.evidence,
                threshold=threshold,
                level_dbfs=decision.score.level_dbfs,
                reason=decision.reason,
            )
        self._do(lambda mono_s: self._system.assess("cry", finding, decision.now_s, mono_s))

    def fault(self, code: Code, detail: str | None, priority: Priority) -> None:
        """A fault of the monitor is present as `detail` says, or absent (None).

        What no UTF-8 has, as in the name that a driver gave to a device, becomes `?`.
        """

        def assess(mono_s: float) -> Sequence[Event]:
            finding = None
            if detail is not None:
                words = detail.encode(errors="replace").decode()
                finding = Finding("technical", priority, mono_s, mono_s, detail=words)
            return self._system.assess(code, finding, mono_s, mono_s)

        self._do(assess)

    def acknowledge(self, by: str, alarm: int | None = None) -> None:
        """Someone has seen an alarm, by its number, or all that are raised now.

        Their sound stops, their light stays. It ends with the condition, or when its time is up
        (`alarm.acknowledge_s`): what still is is announced again. Again changes nothing.

        Raises RefusedError if that alarm is not raised.
        """
        self._do(lambda mono_s: self._system.acknowledge(by, mono_s, alarm))

    def pause_audio(self, by: str, duration_s: float | None = None) -> None:
        """No alarm sounds for `duration_s`, or for `alarm.pause_s`; a pause may be renewed.

        However often it is renewed, it ends `alarm.pause_max_s` after it began. Raises RefusedError
        in standby, or if `duration_s` is not above 0 or is longer than that.
        """
        self._do(lambda mono_s: self._system.pause_audio(by, mono_s, duration_s))

    def audio_off(self, by: str) -> None:
        """No alarm sounds until `resume_audio`, and a chirp reminds of it.

        Raises RefusedError in standby, or unless `alarm.allow_audio_off` is true.
        """
        self._do(lambda mono_s: self._system.audio_off(by, mono_s))

    def resume_audio(self, by: str) -> None:
        """Alarms sound again, at once where they are raised and not acknowledged."""
        self._do(lambda mono_s: self._system.resume_audio(by, mono_s))

    def standby(self, by: str) -> None:
        """The incubator is empty: cries are no alarms, faults are shown without sound."""
        self._do(lambda mono_s: self._system.standby(by, mono_s))

    def resume(self, by: str) -> None:
        """A baby is in the incubator again: standby is over."""
        self._do(lambda mono_s: self._system.resume(by, mono_s))

    def short_press(self, by: str) -> None:
        """The button: acknowledge what is raised, or, if that has been, the missed cries."""
        self._do(lambda mono_s: self._system.short_press(by, mono_s))

    def long_press(self, by: str) -> None:
        """The button held: end standby, or bring the sound back, or else pause the sound."""
        self._do(lambda mono_s: self._system.long_press(by, mono_s))

    def tick(self) -> None:
        """Let end what ends by itself, and remind; to be called at least once a second."""
        self._do(lambda _mono_s: ())

    def _do(self, act: Callable[[float], Sequence[Event]]) -> None:
        with self._lock:
            mono_s = self._clock.monotonic_s()
            self._tell(self._system.tick(mono_s))
            self._tell(act(mono_s))

    def _tell(self, events: Sequence[Event]) -> None:
        audible = self._audible()
        if not events and audible == self._was_audible:
            return
        self._was_audible = audible
        situation = self._system.situation
        self._show(
            signal_of(
                situation.alarms,
                situation.announcements,
                missed=situation.missed is not None,
                quiet=situation.quiet,
                audible=audible,
            )
        )
        if not events:
            return
        for event in events:
            for sink in self._sinks:
                sink(event)
        for situation_sink in self._situation_sinks:
            situation_sink(situation)
