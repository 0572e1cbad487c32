"""The payloads: the contract's fields, and dates from audio time."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecry.clock import ManualClock
from edgecry.outputs.messages import (
    EventMessage,
    EventWriter,
    HealthMessage,
    Identity,
    StateMessage,
    active_condition,
    event_message,
    highest_priority,
    rfc3339,
    rounded_shares,
)
from edgecry.types import AlarmEvent, ModelName, Reason

MODEL = ModelName(name="cry-detector", version="1.0.0", sha256="ab" * 32)
IDENTITY = Identity("cot-1", "NICU", "7", "boot", "run", MODEL)
CONTRACT_FIELDS = {
    *("schema", "event_id", "alarm_id", "seq", "boot_id", "device", "ward", "bed"),
    *("kind", "code", "phase", "priority", "onset_at", "detected_at", "ended_at"),
    *("published_at", "clock_synced", "late", "duration_s", "p_cry", "threshold"),
    *("level_dbfs", "reason", "acknowledged_by", "detail", "test", "model"),
}
CRY = AlarmEvent(
    alarm=3,
    kind="patient",
    code="cry",
    phase="start",
    priority="low",
    at_s=100.0,
    onset_s=98.5,
    detected_s=99.75,
    p_cry=0.98123,
    threshold=0.8,
    level_dbfs=-23.456,
)
UTC_TIMES = st.integers(0, 3 * 10**15).map(
    lambda us: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def test_an_event_has_exactly_the_contracts_fields() -> None:
    message = json.loads(event_message(CRY, IDENTITY, ManualClock()).encode())

    assert set(message) == CONTRACT_FIELDS
    assert message["schema"] == "edgecry.event/1"
    assert message["alarm_id"] == "run-3"
    assert (message["device"], message["ward"], message["bed"]) == ("cot-1", "NICU", "7")
    assert message["model"] == {"name": "cry-detector", "version": "1.0.0", "sha256": "ab" * 32}
    assert (message["test"], message["late"], message["reason"]) == (False, False, None)


def test_what_was_decided_now_is_dated_now_and_its_onset_before() -> None:
    message = event_message(CRY, IDENTITY, ManualClock(NOON))

    assert message.onset_at == "2026-03-01T11:59:58.500Z"
    assert message.detected_at == "2026-03-01T11:59:59.750Z"
    assert message.ended_at is None
    assert message.duration_s == 1.5


def test_an_end_is_dated_too() -> None:
    end = replace(CRY, phase="end", at_s=120.0, ended_s=115.0)

    message = event_message(end, IDENTITY, ManualClock(NOON))

    assert message.ended_at == "2026-03-01T11:59:55.000Z"
    assert message.duration_s == 16.5


def test_an_alarm_is_dated_alike_from_start_to_end_however_late_a_message_is() -> None:
    clock = ManualClock(NOON)
    writer = EventWriter(IDENTITY, clock)
    start = writer.write(CRY)
    clock.advance(60)  # the microphone is lost, and then someone presses the button
    seen = writer.write(replace(CRY, phase="acknowledge", at_s=100.0, acknowledged_by="button"))
    clock.advance(1)
    end = writer.write(replace(CRY, phase="end", at_s=161.2, ended_s=101.0))

    assert start.onset_at == seen.onset_at == end.onset_at == "2026-03-01T11:59:58.500Z"
    assert start.detected_at == seen.detected_at == end.detected_at
    assert end.ended_at == "2026-03-01T12:00:00.800Z"


def test_an_alarm_is_dated_anew_once_the_clock_is_synchronised() -> None:
    clock = ManualClock(NOON)
    writer = EventWriter(IDENTITY, clock)
    clock.synchronised = lambda: False
    writer.write(CRY)
    clock.synchronised = lambda: True
    clock.advance(3600)  # a time server has set it

    assert writer.write(replace(CRY, phase="update")).onset_at == "2026-03-01T12:59:58.500Z"


def test_digital_silence_has_no_level() -> None:
    assert event_message(replace(CRY, level_dbfs=None), IDENTITY, ManualClock()).level_dbfs is None


def test_every_message_has_its_own_id() -> None:
    clock = ManualClock()
    ids = {event_message(CRY, IDENTITY, clock).event_id for _ in range(100)}

    assert len(ids) == 100
    assert all(len(event_id) == 32 for event_id in ids)


@given(
    start_s=st.floats(0, 1e6),
    later_s=st.floats(0, 3600),
    utc=UTC_TIMES,
)
def test_only_differences_of_audio_time_count(
    start_s: float, later_s: float, utc: datetime
) -> None:
    event = replace(CRY, onset_s=start_s, detected_s=start_s, at_s=start_s + later_s)

    onset = datetime.fromisoformat(event_message(event, IDENTITY, ManualClock(utc)).onset_at)

    assert abs((utc - onset).total_seconds() - later_s) < 0.002


@given(utc=UTC_TIMES, zone=st.timezones())
def test_times_are_utc_with_milliseconds(utc: datetime, zone: tzinfo) -> None:
    text = rfc3339(utc.astimezone(zone))

    assert len(text) == len("2026-01-31T03:04:05.678Z")
    assert text.endswith("Z")
    assert timedelta(0) <= utc - datetime.fromisoformat(text) < timedelta(milliseconds=1)


def test_a_stored_event_reads_back_the_same() -> None:
    message = event_message(CRY, IDENTITY, ManualClock())

    assert msgspec.json.decode(message.encode(), type=EventMessage) == message


def test_the_state_shows_the_worst_condition() -> None:
    clock = ManualClock()
    faint = active_condition(event_message(CRY, IDENTITY, clock))
    grave = active_condition(event_message(replace(CRY, priority="medium"), IDENTITY, clock))

    assert highest_priority((faint, grave)) == "medium"
    assert highest_priority((faint,)) == "low"
    assert highest_priority(()) is None


def test_the_state_and_the_health_name_their_schema() -> None:
    state = StateMessage(device="cot-1", ward="NICU", bed="7", mode="monitoring", clock_synced=True)
    health = HealthMessage(
        device="cot-1",
        boot_id="boot",
        uptime_s=1.0,
        frame_age_s=None,
        level_dbfs=None,
        overruns=0,
        versions={},
        model=MODEL,
        clock_synced=True,
    )

    assert json.loads(state.encode())["schema"] == "edgecry.state/1"
    assert json.loads(health.encode())["schema"] == "edgecry.health/1"


@pytest.mark.parametrize(
    ("chapter", "payload"),
    [("event", EventMessage), ("state", StateMessage), ("health", HealthMessage)],
)
def test_the_manual_names_every_field(chapter: str, payload: type[msgspec.Struct]) -> None:
    manual = (Path(__file__).resolve().parents[2] / "docs" / "mqtt.md").read_text()
    text = manual.split(f"\n## {chapter}\n")[1].split("\n## ")[0]

    assert [name for name in payload.__struct_fields__ if f"`{name}`" not in text] == []


def test_a_reason_is_told_as_experimental_and_its_probabilities_sum_to_one() -> None:
    model = ModelName(name="cry-reasons", version="1.2.3", sha256="cd" * 32)
    shares = (("hungry", 1 / 3), ("tired", 1 / 3), ("belly_pain", 1 / 3))
    reason = Reason("uncertain", shares, model)

    told = json.loads(event_message(replace(CRY, reason=reason), IDENTITY, ManualClock()).encode())

    assert told["reason"] == {
        "label": "uncertain",
        "probabilities": {"hungry": 0.3334, "tired": 0.3333, "belly_pain": 0.3333},
        "experimental": True,
        "model": {"name": "cry-reasons", "version": "1.2.3", "sha256": "cd" * 32},
    }
    assert told["model"]["name"] == MODEL.name, "the detector's is beside it"


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12).filter(any))
def test_rounded_shares_still_sum_to_one(weights: list[float]) -> None:
    total = sum(weights)
    shares = [weight / total for weight in weights]

    rounded = rounded_shares(shares)

    assert sum(rounded) == pytest.approx(1.0, abs=1e-12)
    assert all(abs(a - b) <= 1e-4 for a, b in zip(rounded, shares, strict=True))
    assert all(0 <= each <= 1 for each in rounded)
