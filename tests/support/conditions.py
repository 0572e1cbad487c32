"""What people see of a fault of the monitor, from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from support.mosquitto import Subscriber, eventually

from edgecry.outputs.journal import JournalReader, journal_folder


def comes_and_goes(
    code: str,
    priority: str,
    station: Subscriber,
    state_dir: Path,
    mend: Callable[[], object],
    deadline_s: float = 60.0,
) -> str:
    """Wait until `code` is raised, `mend` its cause, and wait until it is over.

    All of it has to be told to the station, to stand in the state, and in the journal.
    Returns what people are told to do.
    """
    eventually(lambda: code in active(station), f"{code} is in the state", deadline_s)
    condition = active(station)[code]
    state = station.heard("state")[-1].json
    assert (condition["kind"], condition["priority"]) == ("technical", priority)
    assert condition["detail"]
    if priority == "medium":
        assert (state["mode"], state["highest_priority"]) == ("fault", "medium")
    mend()
    eventually(lambda: code not in active(station), f"{code} is over", deadline_s)

    def told() -> list[str]:
        of_it = (e for e in station.events() if e["alarm_id"] == condition["alarm_id"])
        return [event["phase"] for event in of_it]

    eventually(lambda: told()[-1:] == ["end"], f"the end of {code} is told", deadline_s)
    assert told()[0] == "start"
    eventually(
        lambda: written_down(state_dir, condition["alarm_id"]) == told(),
        f"{code} is written down",
    )
    detail: str = condition["detail"]
    return detail


def active(station: Subscriber) -> dict[str, dict[str, Any]]:
    """What is raised, by its code, as the newest state has it."""
    states = station.heard("state")
    return {each["code"]: each for each in states[-1].json["active"]} if states else {}


def written_down(state_dir: Path, alarm_id: str) -> list[str]:
    """The phases of an alarm in the journal."""
    folder = journal_folder(str(state_dir))
    lines = JournalReader(folder).read() if folder.exists() else ()
    entries = [msgspec.json.decode(line.facts) for line in lines if line.what == "alarm"]
    return [entry["phase"] for entry in entries if entry["alarm_id"] == alarm_id]
