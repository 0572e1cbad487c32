"""Hostile payloads: each becomes a request or words on why not, and nothing else."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edgecry.remote.requests import (
    COMMANDS,
    MAX_PAUSE_REQUEST_S,
    MAX_PAYLOAD_BYTES,
    Acknowledge,
    PauseAudio,
    Receipt,
    Unreadable,
    read_command,
    read_receipt,
)

VERBS = sorted(COMMANDS)
GOOD = {"request_id": "r-1", "by": "station: Anna Ruiz"}
SHOWN = {"event_id": "e1", "station": "ward 4", "displayed_at": "2026-03-01T12:00:00.000Z"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
field_names = st.sampled_from(["request_id", "by", "alarm_id", "seconds", "event_id", "station"])
near_misses = st.dictionaries(field_names | st.text(max_size=4), json_values, max_size=6)
payloads = st.one_of(
    st.binary(max_size=200),
    json_values.map(lambda value: json.dumps(value).encode()),
    near_misses.map(lambda value: json.dumps({**GOOD, **value}).encode()),
    st.integers(0, 2 * MAX_PAYLOAD_BYTES).map(lambda depth: b'{"x":' + b"[" * depth),
    st.integers(0, 2 * MAX_PAYLOAD_BYTES).map(lambda size: b" " * size),
)


def encoded(**fields) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


def why_not(verb: str, payload: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_command(verb, payload, retained=False)
    return caught.value


@given(st.sampled_from([*VERBS, "", "no-such"]), payloads, st.booleans())
@example("acknowledge", b'{"request_id": "\\ud800", "by": "x"}', False)
@example("acknowledge", b'{"request_id": "r", "by": "\\ud800"}', False)
@example("pause-audio", b'{"request_id": "r", "by": "x", "seconds": 1e999}', False)
@example("pause-audio", b'{"request_id": "r", "by": "x", "seconds": NaN}', False)
@example("reload", b'\xef\xbb\xbf{"request_id": "r", "by": "x"}', False)
def test_any_payload_is_a_sound_command_or_is_refused_in_one_short_line(
    verb, payload, retained
) -> None:
    try:
        command = read_command(verb, payload, retained)
    except Unreadable as refused:
        assert str(refused).isprintable()
        assert 0 < len(str(refused)) <= 400
        assert refused.request_id is None or 1 <= len(refused.request_id) <= 64
    else:
        assert not retained
        assert type(command) is COMMANDS[verb]
        assert command.by.strip() and command.by.isprintable() and len(command.by) <= 64
        if isinstance(command, PauseAudio) and command.seconds is not None:
            assert 0 < command.seconds <= MAX_PAUSE_REQUEST_S


@given(payloads, st.booleans())
@example(b'{"x":' + b"[" * 4000, False)
def test_any_payload_is_a_sound_receipt_or_is_refused(payload, retained) -> None:
    try:
        receipt = read_receipt(payload, retained)
    except Unreadable as refused:
        assert str(refused).isprintable()
    else:
        assert not retained
        assert receipt.displayed_at.tzinfo is not None


@pytest.mark.parametrize("verb", VERBS)
def test_the_least_that_a_command_says(verb) -> None:
    command = read_command(verb, encoded(), retained=False)
    assert (command.request_id, command.by) == ("r-1", "station: Anna Ruiz")


def test_the_verbs_own_fields() -> None:
    pause = read_command("pause-audio", encoded(seconds=90), retained=False)
    one = read_command("acknowledge", encoded(alarm_id="run-3"), retained=False)
    assert isinstance(pause, PauseAudio) and pause.seconds == 90.0
    assert isinstance(one, Acknowledge) and one.alarm_id == "run-3"


@pytest.mark.parametrize("verb", VERBS)
def test_a_field_that_the_verb_does_not_take_is_refused_and_not_passed_over(verb) -> None:
    """An `alarmid` that is passed over would acknowledge every alarm."""
    assert "alarmid" in str(why_not(verb, encoded(alarmid="run-3")))


@pytest.mark.parametrize("verb", VERBS)
def test_a_retained_command_is_refused_and_still_answered_by_its_name(verb) -> None:
    with pytest.raises(Unreadable, match="without retain") as caught:
        read_command(verb, encoded(), retained=True)
    assert caught.value.request_id == "r-1"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"by": ""}, "by"),
        ({"by": "   "}, "by"),
        ({"by": "a\nb"}, "by"),
        ({"by": "x" * 65}, "by"),
        ({"by": 7}, "by"),
        ({"by": "button"}, "button at the cot"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": 1e9}, "seconds"),
        ({"seconds": "90"}, "seconds"),
        ({"seconds": True}, "seconds"),
    ],
)
def test_what_is_wrong_is_named_and_the_request_id_is_still_read(fields, words) -> None:
    refused = why_not("pause-audio", encoded(**fields))
    assert words in str(refused)
    assert refused.request_id == "r-1"


@pytest.mark.parametrize("request_id", ["", "x" * 65, "a b", "a\n", "ü", 7, None, ["r"]], ids=repr)
def test_a_request_id_that_cannot_be_answered_is_refused_and_not_repeated(request_id) -> None:
    assert why_not("test", encoded(request_id=request_id)).request_id is None


def test_too_large_is_refused_unread() -> None:
    payload = encoded(pad="x" * MAX_PAYLOAD_BYTES)
    refused = why_not("test", payload)
    assert str(MAX_PAYLOAD_BYTES) in str(refused)
    assert refused.request_id is None


def test_an_unknown_verb_is_told_which_there_are() -> None:
    assert "pause-audio" in str(why_not("pause", encoded()))


def test_a_receipt_may_say_more_than_is_read() -> None:
    payload = json.dumps({**SHOWN, "screen": {"tab": 3}}).encode()
    assert read_receipt(payload, retained=False) == Receipt(
        event_id="e1", station="ward 4", displayed_at=datetime(2026, 3, 1, 12, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    "wrong",
    [{"event_id": ""}, {"station": "\x1b[2J"}, {"displayed_at": "2026-03-01T12:00:00"}],
    ids=str,
)
def test_a_receipt_without_event_station_or_a_date_with_its_zone_is_refused(wrong) -> None:
    with pytest.raises(Unreadable):
        read_receipt(json.dumps({**SHOWN, **wrong}).encode(), retained=False)
