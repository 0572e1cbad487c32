"""Events and payloads for tests that do not care what they say."""

from edgecry.outputs.messages import EventMessage, HealthMessage, StateMessage
from edgecry.types import AlarmEvent, ModelName

MODEL = ModelName(name="m", version="1", sha256="0")
CRY = AlarmEvent(
    alarm=1,
    kind="patient",
    code="cry",
    phase="start",
    priority="low",
    at_s=0.0,
    onset_s=0.0,
    detected_s=0.0,
)


def event(event_id: str) -> EventMessage:
    return EventMessage(
        event_id=event_id,
        alarm_id="run-1",
        boot_id="boot",
        device="cot-1",
        ward="",
        bed="",
        kind="patient",
        code="cry",
        phase="start",
        priority="low",
        onset_at="2026-01-01T00:00:00.000Z",
        detected_at="2026-01-01T00:00:01.000Z",
        ended_at=None,
        clock_synced=True,
        duration_s=1.0,
        p_cry=0.9,
        threshold=0.8,
        level_dbfs=-20.0,
        acknowledged_by=None,
        model=MODEL,
    )


def state(last_event_id: str | None = None) -> StateMessage:
    return StateMessage(
        device="cot-1",
        ward="",
        bed="",
        mode="monitoring",
        last_event_id=last_event_id,
        clock_synced=True,
    )


def health(uptime_s: float = 1.0) -> HealthMessage:
    return HealthMessage(
        device="cot-1",
        boot_id="boot",
        uptime_s=uptime_s,
        frame_age_s=0.1,
        level_dbfs=-40.0,
        overruns=0,
        versions={"edgecry": "0"},
        model=MODEL,
        clock_synced=True,
    )
