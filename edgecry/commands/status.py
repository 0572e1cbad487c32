"""What `edgecry status` shows of the running daemon."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from edgecry.outputs.messages import ActiveCondition, MissedCries, StateMessage, rounded
from edgecry.outputs.status import Seen, Status

_LABEL_WIDTH = 10


def as_json(seen: Seen | None) -> dict[str, Any]:
    """`running` is the verdict; `age_s` says how old the `status` is, null if nobody can know."""
    if seen is None:
        return {"running": False, "age_s": None, "status": None}
    return {
        "running": seen.runs,
        "age_s": rounded(seen.age_s, 1),
        "status": msgspec.to_builtins(seen.status),
    }


def as_text(seen: Seen | None, now: datetime, path: Path) -> list[str]:
    """Lines for people. now: local time, timezone-aware. path: where the status was looked for.

    What a daemon said that does not run any more is not repeated: it would look like the present.
    """
    what_next = ("to do", "systemctl status edgecry; edgecry log --since 1h")
    if seen is None:
        return [
            "edgecry: NOT RUNNING: nobody listens at this cot",
            *_rows(("looked at", f"{path}: it is not there"), what_next),
        ]
    status = seen.status
    state = status.state
    place = ", ".join(
        [f"ward {state.ward}"] * bool(state.ward) + [f"bed {state.bed}"] * bool(state.bed)
    )
    name = f"{state.device} ({place})" if place else state.device
    if not seen.runs or seen.age_s is None:
        last = (
            "" if state.published_at is None else f", last seen {_local(state.published_at, now)}"
        )
        verdict = "HANGS: it lives and does not work" if seen.lives else "NOT RUNNING: it died"
        return [f"{name}: {verdict}{last}", *_rows(("looked at", str(path)), what_next)]
    age_s = seen.age_s
    health = status.health
    return [
        f"{name}: {state.mode.upper()}",
        *_rows(
            *(("alarm", _condition(each, now)) for each in state.active),
            *([] if state.active else [("alarm", "none")]),
            *([] if state.missed is None else [("missed", _missed(state.missed, now))]),
            ("sound", _sound(state, now)),
            ("hearing", _hearing(status, age_s)),
            ("broker", _broker(status)),
            ("model", f"{health.model.name} {health.model.version}"),
            ("version", f"{health.versions['edgecry']}, up {duration_text(health.uptime_s)}"),
        ),
    ]


def duration_text(seconds: float) -> str:
    """`4 s`, `12 min 4 s`, `3 h 12 min`, `9 d 3 h`: two units, as precise as anyone needs."""
    left = round(seconds)
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        amount, left = divmod(left, size)
        if amount or (unit == "s" and not parts):
            parts.append(f"{amount} {unit}")
        elif parts:
            break
    return " ".join(parts[:2])


def _rows(*rows: tuple[str, str]) -> list[str]:
    return [f"  {label:<{_LABEL_WIDTH}}{text}" for label, text in rows]


def _condition(condition: ActiveCondition, now: datetime) -> str:
    words = [f"{condition.code}, {condition.priority}, since {_local(condition.onset_at, now)}"]
    if condition.acknowledged_by:
        words.append(f"acknowledged by {condition.acknowledged_by}")
    if condition.detail:
        words.append(condition.detail)
    return "; ".join(words)


def _local(date: str, now: datetime) -> str:
    local = datetime.fromisoformat(date).astimezone(now.tzinfo)
    same_day = local.date() == now.date()
    return local.strftime("%H:%M:%S" if same_day else "%Y-%m-%d %H:%M:%S")


def _missed(missed: MissedCries, now: datetime) -> str:
    since = _local(missed.since, now)
    return f"{missed.count} cry alarm(s) ended since {since} before anybody acknowledged them"


def _sound(state: StateMessage, now: datetime) -> str:
    if state.mode == "standby":
        return f"none in standby{_by(state.standby_by)}"
    if state.audio_paused_until is not None:
        left = datetime.fromisoformat(state.audio_paused_until) - now
        seconds = max(0.0, left.total_seconds())
        return f"PAUSED{_by(state.audio_by)} for {duration_text(seconds)} more"
    return "on" if state.audio == "on" else f"{state.audio.upper()}{_by(state.audio_by)}"


def _by(who: str | None) -> str:
    return f" by {who}" if who else ""


def _hearing(status: Status, age_s: float) -> str:
    frame_age_s, level_dbfs = status.health.frame_age_s, status.health.level_dbfs
    if status.p_cry is None or frame_age_s is None:
        return "no sound has been scored yet"
    level = "digital silence" if level_dbfs is None else f"level {level_dbfs:.0f} dBFS"
    return (
        f"p_cry {status.p_cry:.2f}, {level}, newest sound {duration_text(frame_age_s + age_s)} old"
    )


def _broker(status: Status) -> str:
    health = status.health
    words = [f"{status.broker} {'connected' if status.connected else 'NOT CONNECTED'}"]
    waiting = f"{health.outbox_depth} event(s) wait"
    if health.outbox_oldest_age_s is not None:
        waiting += f", the oldest for {duration_text(health.outbox_oldest_age_s)}"
    words.append(waiting)
    if not health.outbox_durable:
        words.append("kept in memory only")
    return "; ".join(words)
