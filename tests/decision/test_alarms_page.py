"""What docs/alarms.md shows is what the code does: light and sound, states and transitions."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from edgecry.config.schema import Alarm as AlarmSettings
from edgecry.decision.alarm import Finding
from edgecry.decision.alarm_system import AlarmSystem, Situation
from edgecry.decision.pattern import BURSTS, FLASHES, Pattern
from edgecry.decision.transitions import AUDIO, CONDITION, WATCH, State
from edgecry.errors import RefusedError
from edgecry.types import AlarmEvent

PAGE = Path(__file__).resolve().parents[2] / "docs" / "alarms.md"
ARROW = re.compile(r"^ +(\S+) --> (\S+) : (\S+) / (\S+)$", re.MULTILINE)
FIRST = re.compile(r"^ +\[\*\] --> (\S+)$", re.MULTILINE)
TIMES = AlarmSettings(
    sustained_s=10.0,
    escalate_s=60.0,
    acknowledge_s=100.0,
    acknowledge_fault_s=100.0,
    allow_audio_off=True,
)


def rows_under(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the page, without its head."""
    chapter = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in chapter.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def count(pulses: int, what: str) -> str:
    return f"{['no', 'one', 'two', 'three'][pulses]} {what}{'s' * (pulses > 1)}"


def beeps(burst: Pattern) -> str:
    """A burst in the words of the page."""
    starts, ends = burst.edges_us[::2], burst.edges_us[1::2]
    gaps_us = [start - end for end, start in zip(ends, starts[1:], strict=False)]
    echo_us = max(gaps_us, default=0)
    if echo_us > 1_000_000:
        first = gaps_us.index(echo_us) + 1
        words = f"{count(first, 'beep')}, and three more {echo_us / 1e6:g} s later"
        assert len(starts) == first + 3
    else:
        words = count(len(starts), "beep")
    return words if burst.repeat_us is None else f"{words}, every {burst.repeat_us / 1e6:g} s"


def test_the_nurse_s_table_has_every_light_and_every_sound_as_they_are() -> None:
    rows = rows_under("What you see and hear")
    words = {"off": "dark", "steady": "steady", "flashing": "flashing"}
    for light in ("missed", "quiet", "missed-quiet"):
        winks = FLASHES[light]
        assert winks.repeat_us is not None
        every_s = winks.repeat_us / 1e6
        words[light] = f"{count(len(winks.edges_us) // 2, 'wink')} every {every_s:g} s"
        gaps = FLASHES[f"steady-{light}"]
        words[f"steady-{light}"] = f"steady, {count(len(gaps.edges_us) // 2, 'gap')} as often"
        assert gaps.repeat_us == winks.repeat_us
    assert {row[0] for row in rows} == {*(words[light] for light in FLASHES), "steady, or flashing"}
    expected = {sound: beeps(burst) for sound, burst in BURSTS.items()}
    assert {row[1] for row in rows} == {*expected.values(), "silent"}
    said = {row[1]: (row[0], row[2]) for row in rows}
    for sound, burst in expected.items():
        light, meaning = said[burst]
        grave = sound.endswith("medium")
        assert light == ("flashing" if grave else "steady")
        assert meaning.endswith("(medium)" if grave else "(low)")
        assert ("monitor" in meaning) == sound.startswith("technical")


def drawn(heading: str) -> str:
    """The diagram under a heading of the page."""
    chapter = PAGE.read_text(encoding="utf-8").split(f"\n### {heading}\n")[1]
    return chapter.split("```mermaid\n")[1].split("```")[0]


def name(state: State | str | None) -> str:
    if state is None:
        return "[*]"
    return state if isinstance(state, str) else state.priority + "_seen" * state.acknowledged


@pytest.mark.parametrize(
    ("heading", "table", "first"),
    [
        ("Each alarm condition", CONDITION, []),
        ("The sound of all alarms", AUDIO, ["on"]),
        ("Monitoring and standby", WATCH, ["monitoring"]),
    ],
)
def test_the_diagrams_are_the_tables(heading: str, table, first: list[str]) -> None:
    arrows = ARROW.findall(drawn(heading))
    rows = {
        (name(before), name(after), cause, told) for (before, cause), (told, after) in table.items()
    }
    assert set(arrows) == rows
    assert len(arrows) == len(rows)
    assert FIRST.findall(drawn(heading)) == first
    lines = drawn(heading).splitlines()
    assert len(lines) == 1 + len(first) + len(arrows), "no line is drawn that is not understood"


class Walk:
    """The alarm system at one moment of one history. Audio time is 1000 s behind."""

    def __init__(self) -> None:
        self.system = AlarmSystem(TIMES)
        self.mono_s = 1000.0
        self.onset_s: float | None = None

    def find_cry(self, goes_on: bool) -> list:
        """A cry, or the lull in one that has not lasted long enough to end it."""
        audio_s = self.mono_s - 1000.0
        self.onset_s = audio_s if self.onset_s is None else self.onset_s
        finding = Finding("patient", "low", self.onset_s, audio_s if goes_on else self.onset_s)
        return [*self.system.assess("cry", finding, audio_s, self.mono_s)]

    def find_fault(self, priority) -> list:
        finding = Finding("technical", priority, self.mono_s, self.mono_s, detail="mend it")
        return [*self.system.assess("storage", finding, self.mono_s, self.mono_s)]

    def lose(self, code) -> list:
        self.onset_s = None if code == "cry" else self.onset_s
        now_s = self.mono_s - 1000.0 if code == "cry" else self.mono_s
        return [*self.system.assess(code, None, now_s, self.mono_s)]

    def wait(self, seconds: float) -> list:
        self.mono_s += seconds
        return [*self.system.tick(self.mono_s)]

    def act(self, what: str) -> list:
        return [*getattr(self.system, what)("ann", self.mono_s)]


STEPS: list[Callable[[Walk], list]] = [
    lambda walk: walk.find_cry(goes_on=True),
    lambda walk: walk.find_cry(goes_on=False),
    lambda walk: walk.find_fault("low"),
    lambda walk: walk.find_fault("medium"),
    lambda walk: walk.lose("cry"),
    lambda walk: walk.lose("storage"),
    lambda walk: walk.wait(15.0),
    lambda walk: walk.wait(1000.0),
    *(
        lambda walk, what=what: walk.act(what)
        for what in (
            *("acknowledge", "acknowledge_missed", "pause_audio", "audio_off", "resume_audio"),
            *("standby", "resume", "short_press", "long_press"),
        )
    ),
]


def histories(steps: int) -> Iterator[tuple[Situation, list, Situation]]:
    """Before, what was told, and after, for every step of all histories; like ones only once."""
    walks = [Walk()]
    known = set()
    for _ in range(steps):
        nexts = []
        for walk in walks:
            for step in STEPS:
                then = deepcopy(walk)
                before = then.system.situation
                try:
                    events = step(then)
                except RefusedError:
                    continue
                after = then.system.situation
                yield before, events, after
                likeness = (
                    frozenset((alarm.code, alarm.state) for alarm in after.alarms),
                    (after.audio.state, after.watch.state, after.missed is not None),
                    (then.onset_s is None, then.mono_s),
                )
                if likeness not in known:
                    known.add(likeness)
                    nexts.append(then)
        walks = nexts


@pytest.fixture(scope="module")
def seen() -> dict[str, set]:
    """Every change of state that some history shows, told by one event."""
    found: dict[str, set] = {"condition": set(), "audio": set(), "watch": set()}
    for before, events, after in histories(4):
        for kind, changed in (
            ("audio", (before.audio.state, after.audio.state)),
            ("watch", (before.watch.state, after.watch.state)),
        ):
            words = {"audio": "audio", "watch": ("standby", "monitoring")}[kind]
            told = [e.change for e in events if not isinstance(e, AlarmEvent)]
            told = [change for change in told if change.startswith(words)]
            assert told or changed[0] == changed[1], "no change goes untold"
            found[kind] |= {(changed[0], change, changed[1]) for change in told}
        old = {alarm.number: alarm for alarm in before.alarms}
        new = {alarm.number: alarm for alarm in after.alarms}
        for number in old | new:
            told = [e.phase for e in events if isinstance(e, AlarmEvent) and e.alarm == number]
            states = [alarms[number].state if number in alarms else None for alarms in (old, new)]
            assert told or states[0] == states[1], "no change goes untold"
            if len(told) == 1:
                found["condition"].add((states[0], told[0], states[1]))
    return found


@pytest.mark.parametrize(
    ("kind", "table"), [("condition", CONDITION), ("audio", AUDIO), ("watch", WATCH)]
)
def test_the_tables_are_what_the_code_does_no_less_and_no_more(seen, kind: str, table) -> None:
    rows = {(before, told, after) for (before, _), (told, after) in table.items()}
    assert seen[kind] == rows
