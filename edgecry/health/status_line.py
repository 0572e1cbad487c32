"""What the monitor hears and does, in one line for `systemctl status`."""

from __future__ import annotations

from edgecry.decision.alarm_system import Situation
from edgecry.detection import Decision


def status_line(last: Decision | None, situation: Situation, broker_connected: bool) -> str:
    """As in `p_cry 0.03, -42 dBFS; cry high; broker connected`. `last` is None before any sound."""
    heard = "no sound yet"
    if last is not None:
        level = last.score.level_dbfs
        heard = f"p_cry {last.evidence:.2f}, " + (
            "digital silence" if level is None else f"{level:.0f} dBFS"
        )
    alarms = [f"{alarm.code} {alarm.priority}" for alarm in situation.alarms]
    if situation.missed is not None:
        alarms.append(f"{situation.missed.count} missed")
    if situation.audio.state != "on":
        alarms.append(f"sound {situation.audio.state}")
    if situation.watch.state == "standby":
        alarms.append("standby")
    broker = "connected" if broker_connected else "not connected"
    return f"{heard}; {', '.join(alarms) or 'no alarm'}; broker {broker}"
