"""Checks under the real supervisor, alarm desk and reporter, on a clock that moves when told."""

from __future__ import annotations

from dataclasses import dataclass, field

from edgecry.alarm_desk import AlarmDesk
from edgecry.clock import ManualClock
from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.health.check import Check
from edgecry.health.liveness import Liveness
from edgecry.health.metrics import Machine
from edgecry.health.supervisor import Supervisor
from edgecry.outputs.messages import EventMessage, HealthMessage, Identity, StateMessage
from edgecry.report import Reporter
from edgecry.types import ModelName

TICK_S = 0.5


@dataclass
class Manager:
    """The messages that systemd would have got."""

    fed: int = 0
    texts: list[str] = field(default_factory=list)

    def watchdog(self) -> None:
        self.fed += 1

    def status(self, text: str) -> None:
        self.texts.append(text)


@dataclass
class Station:
    """The messages that a nurse station would have got."""

    events: list[EventMessage] = field(default_factory=list)
    states: list[StateMessage] = field(default_factory=list)

    def post(self, event: EventMessage) -> None:
        self.events.append(event)

    def post_state(self, state: StateMessage) -> None:
        self.states.append(state)

    def post_health(self, health: HealthMessage) -> None:
        """Nobody looks at it here."""


@dataclass
class Stepping:
    """The annunciator."""

    stepped_s: float = 0.0
    limits: int = 0

    def limit(self) -> None:
        self.limits += 1


class Supervised:
    """`checks` may be appended to before the first tick."""

    def __init__(self, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.checks: list[Check] = []
        self.liveness = Liveness(blind_after_s=5.0, now_s=0.0)
        self.systemd, self.station, self.panel = Manager(), Station(), Stepping()
        self.health_at_s: list[float] = []
        self._supervisor: Supervisor | None = None

    def tick(self, seconds: float, panel_works: bool = True) -> None:
        """Let the time pass; `before_tick` is what the other threads do meanwhile."""
        if self._supervisor is None:
            self._supervisor = self._start()
        for _ in range(round(seconds / TICK_S)):
            self.clock.advance(TICK_S)
            self.before_tick(self.clock.monotonic_s())
            if panel_works:
                self.panel.stepped_s = self.clock.monotonic_s()
            self._supervisor.step()

    def before_tick(self, now_s: float) -> None:
        """Replaced by tests."""

    def until_raised(self, code: str, at_most_s: float) -> float:
        """How long it takes from now until `code` is an alarm that stations see."""
        return self._until(lambda: code in self.active, code, at_most_s)

    def until_cleared(self, code: str, at_most_s: float) -> float:
        """How long it takes from now until `code` has ended."""
        return self._until(lambda: code not in self.active, code, at_most_s)

    @property
    def active(self) -> dict[str, str]:
        """Code and detail of the conditions in the state that stations have."""
        state = self.station.states[-1] if self.station.states else None
        return {each.code: each.detail for each in state.active} if state else {}

    @property
    def told(self) -> list[tuple[str, str, str]]:
        return [(event.code, event.phase, event.priority) for event in self.station.events]

    def _until(self, reached, code: str, at_most_s: float) -> float:
        start_s = self.clock.monotonic_s()
        while not reached():
            assert self.clock.monotonic_s() - start_s < at_most_s, (code, self.active)
            self.tick(TICK_S)
        return self.clock.monotonic_s() - start_s

    def _start(self) -> Supervisor:
        model = ModelName(name="m", version="1", sha256="0")
        identity = Identity("cot-1", "", "", "boot", "run", model)
        reporter = Reporter(
            self.station, lambda _event, _message: None, identity, self.clock, "tflite", Machine()
        )
        self.desk = AlarmDesk(
            AlarmSystem(AlarmSettings()),
            lambda _signal: None,
            [reporter.event],
            self.clock,
            [reporter.state],
        )
        return Supervisor(
            liveness=self.liveness,
            checks=self.checks,
            faults=self.desk,
            signaller=self.panel,
            manager=self.systemd,
            clock=self.clock,
            status=lambda: "listening",
            report_health=lambda: self.health_at_s.append(self.clock.monotonic_s()),
            health_interval_s=10.0,
        )
