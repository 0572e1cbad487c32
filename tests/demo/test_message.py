"""One line for one MQTT message."""

from hypothesis import given
from hypothesis import strategies as st

from edgecry.demo.message import Message, message_text

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def text(topic, payload):
    return message_text(Message(f"edgecry/cot-7/{topic}", payload, retained=False))


def test_an_event_shows_phase_priority_and_numbers():
    payload = {"schema": "edgecry.event/1", "phase": "start", "priority": "low", "code": "cry"}
    line = text("event", payload | {"p_cry": 0.934, "duration_s": 1.25, "event_id": "f00"})
    assert line.split() == ["event", "start", "low", "cry", "p", "0.93", "for", "1.2", "s"]


def test_a_technical_event_has_no_p():
    payload = {"schema": "edgecry.event/1", "phase": "end", "priority": "medium"}
    line = text("event", payload | {"code": "mic-lost", "p_cry": None, "duration_s": 3.0})
    assert line.split() == ["event", "end", "medium", "mic-lost", "for", "3.0", "s"]


def test_the_state_shows_what_is_active_and_how_many_cries_were_missed():
    payload = {"schema": "edgecry.state/1", "mode": "monitoring", "highest_priority": "low"}
    payload |= {"active": [{"code": "cry", "alarm_id": "1"}], "ward": "N"}
    line = text("state", payload | {"missed": {"count": 2, "since": "2026-01-01"}})
    assert line.split() == [
        *("state", "mode", "monitoring", "highest_priority", "low", "active", "cry"),
        *("missed", "2"),
    ]


def test_plain_text_is_shown_as_it_is():
    assert text("availability", "online").split() == ["availability", "online"]


@given(topic=st.text(), payload=json_values)
def test_nothing_that_comes_over_mqtt_can_drive_the_terminal(topic, payload):
    assert message_text(Message(topic, payload, retained=False)).isprintable()


@given(fields=st.dictionaries(st.sampled_from(["phase", "priority", "code", "p_cry"]), json_values))
def test_an_odd_event_is_still_one_line(fields):
    assert text("event", {"schema": "edgecry.event/1"} | fields).isprintable()
