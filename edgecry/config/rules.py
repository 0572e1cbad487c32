"""Rules that join several settings. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edgecry.config.schema import Alarm, Detection, Mqtt, Panel, Settings


@dataclass(frozen=True, slots=True)
class Conflict:
    """Settings that do not go together, the one to blame first, and what to do."""

    between: tuple[str, ...]
    words: str


def conflicts(settings: Settings) -> Iterator[Conflict]:
    """What is wrong with `settings` although each of them is right by itself."""
    yield from _thresholds(settings.detection)
    yield from _pause(settings.alarm)
    yield from _pins(settings.panel)
    yield from _receipts(settings)
    yield from _login(settings.mqtt)
    yield from _tls(settings.mqtt)


def _thresholds(detection: Detection) -> Iterator[Conflict]:
    point = "detection.operating_point"
    thresholds = {"on": detection.on, "off": detection.off}
    missing = [key for key, value in thresholds.items() if value is None]
    if detection.operating_point == "custom" and missing:
        words = f"`custom` needs thresholds, set {' and '.join(f'`{key}`' for key in missing)}"
        yield Conflict((point, *(f"detection.{key}" for key in missing)), words)
    if detection.operating_point != "custom":
        for key in thresholds.keys() - missing:
            words = f"`{key}` counts only with `custom`, set `operating_point: custom` or remove it"
            yield Conflict((f"detection.{key}", point), words)
    if detection.on is not None and detection.off is not None and detection.off > detection.on:
        words = f"`off` ({detection.off:g}) is above `on` ({detection.on:g}), at most `on`"
        yield Conflict(("detection.off", "detection.on"), words)


def _pause(alarm: Alarm) -> Iterator[Conflict]:
    if alarm.pause_s > alarm.pause_max_s:
        words = (
            f"`pause_s` ({alarm.pause_s:g}) is above `pause_max_s` ({alarm.pause_max_s:g}), "
            "at most `pause_max_s`"
        )
        yield Conflict(("alarm.pause_s", "alarm.pause_max_s"), words)


def _pins(panel: Panel) -> Iterator[Conflict]:
    users: dict[int, str] = {}
    for name in ("led_pin", "buzzer_pin", "button_pin"):
        pin = getattr(panel, name)
        if pin is None:
            continue
        if pin in users:
            words = f"`{users[pin]}` and `{name}` are both {pin}, give each a pin of its own"
            yield Conflict((f"panel.{name}", f"panel.{users[pin]}"), words)
        users.setdefault(pin, name)


def _receipts(settings: Settings) -> Iterator[Conflict]:
    if settings.panel.buzzer == "when-unreceived" and settings.alarm.receipt_s is None:
        words = (
            "`when-unreceived` waits for a station to confirm alarms, set `alarm.receipt_s`, the "
            "time it has for that (10 is usual)"
        )
        yield Conflict(("panel.buzzer", "alarm.receipt_s"), words)


def _login(mqtt: Mqtt) -> Iterator[Conflict]:
    if mqtt.password_file is not None and mqtt.username is None:
        words = "a password needs a login name, set `username` too"
        yield Conflict(("mqtt.password_file", "mqtt.username"), words)


def _tls(mqtt: Mqtt) -> Iterator[Conflict]:
    tls = mqtt.tls
    for name in ("ca_file", "cert_file", "key_file"):
        if getattr(tls, name) is not None and not tls.enabled:
            words = f"`{name}` counts only with TLS, set `enabled: true` or remove `{name}`"
            yield Conflict((f"mqtt.tls.{name}", "mqtt.tls.enabled"), words)
    if tls.enabled and (tls.cert_file is None) != (tls.key_file is None):
        given, missing = "cert_file", "key_file"
        if tls.cert_file is None:
            given, missing = missing, given
        words = f"a certificate and its key go together, set `{missing}` too"
        yield Conflict((f"mqtt.tls.{given}", f"mqtt.tls.{missing}"), words)
