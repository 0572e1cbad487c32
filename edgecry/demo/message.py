"""An MQTT message as the demo shows it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN = {
    "edgecry.state/1": ("mode", "highest_priority", "active", "missed"),
    "edgecry.health/1": ("frame_age_s", "level_dbfs", "overruns", "outbox_depth"),
}
"""What one line has room for, by the payload's schema; of any other payload, all."""


@dataclass(frozen=True, slots=True)
class Message:
    """payload: the decoded JSON, or the text where it is none."""

    topic: str
    payload: object
    retained: bool


def message_text(message: Message) -> str:
    """One line for one MQTT message: topic below the device, then what matters in it."""
    topic = message.topic.split("/", 2)[-1]
    return printable(f"{topic:<13} {_payload_text(message.payload)}")


def printable(text: str) -> str:
    """Without control characters, which must not reach a terminal from outside."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _payload_text(payload: object) -> str:
    if not isinstance(payload, dict):
        return str(payload)
    schema = payload.get("schema")
    if schema == "edgecry.event/1":
        return _event_text(payload)
    keys = SHOWN.get(schema, tuple(payload)) if isinstance(schema, str) else tuple(payload)
    return "  ".join(f"{key} {_value_text(payload.get(key))}" for key in keys)


def _event_text(event: dict[str, object]) -> str:
    parts = [f"{event.get('phase')!s:<11} {event.get('priority')!s:<6} {event.get('code')}"]
    for key, text in (("p_cry", "p {:.2f}"), ("duration_s", "for {:.1f} s")):
        value = event.get(key)
        if isinstance(value, int | float):
            parts.append(text.format(value))
    return "  ".join(parts)


def _value_text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, list):
        return "+".join(map(_value_text, value)) or "none"
    if isinstance(value, dict):
        return str(value.get("code", value.get("count", "{…}")))
    return "none" if value is None else str(value)
