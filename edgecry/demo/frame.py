"""What a person sees in the demo, as lines of text with ANSI colours. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from edgecry.demo.scene import Scene, SceneEvent

MAX_COLUMNS = 100
LOWEST_DBFS = -60.0
_LABEL_COLUMNS = 11
_EIGHTHS = " ▏▎▍▌▋▊▉"

_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN, _GREY = "1", "2", "91", "32", "93", "36", "90"

Span = tuple[float, float]


@dataclass(slots=True)
class View:
    """All that is on the screen. Times are seconds of the scene.

    title, broker: for people. speed: seconds of the scene in one second.
    on, off: thresholds of the evidence p_cry. level_dbfs: None in digital silence.
    lit, sounded: when the LED was lit and the buzzer sounded, oldest first.
    messages: what arrived over MQTT, oldest first.
    """

    scene: Scene
    title: str
    speed: float
    on: float
    off: float
    broker: str
    connected: bool = False
    now_s: float = 0.0
    p_cry: float = 0.0
    level_dbfs: float | None = None
    led: bool = False
    buzzer: bool = False
    lit: list[Span] = field(default_factory=list)
    sounded: list[Span] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


def draw(view: View, columns: int, message_rows: int) -> list[str]:
    """The frame: always 13 + `message_rows` lines, each at most `columns` wide when printed."""
    width = min(columns, MAX_COLUMNS) - 2
    bar = width - _LABEL_COLUMNS - 26
    strip = width - _LABEL_COLUMNS
    led = _paint("●", _BOLD, _YELLOW) + " lit   " if view.led else _paint("○ dark  ", _GREY)
    buzzer = _paint("♪ sounding", _BOLD, _RED) if view.buzzer else _paint("· silent  ", _GREY)
    link = _paint("● connected", _GREEN) if view.connected else _paint("○ not connected", _RED)
    recent = view.messages[-message_rows:] if message_rows else []
    clock = f"{clock_text(view.now_s)} of {clock_text(view.scene.duration_s)}  at {view.speed:g}x"
    title = _clip(f"edgecry demo: {view.title}", width - len(clock) - 2)
    lines = [
        _paint(title, _BOLD) + " " * (width - len(title) - len(clock)) + clock,
        _rule("", width),
        _row("now", _truth(view, strip)),
        "",
        _row("LED", f"{led}      {_paint('buzzer', _GREY)}  {buzzer}"),
        _row(
            "p(cry)", f"{_p_bar(view, bar)} {view.p_cry:4.2f}  on {view.on:.2f}, off {view.off:.2f}"
        ),
        _row("level", f"{_level_bar(view.level_dbfs, bar)} {_level_text(view.level_dbfs)}"),
        "",
        _row("scene", _truth_strip(view, strip)),
        _row("LED", _strip(view, view.lit, "█", _YELLOW, strip)),
        _row("buzzer", _strip(view, view.sounded, "♪", _RED, strip)),
        "",
        _rule(f" MQTT  {view.broker} ", width, link),
    ]
    lines += [_message_line(text, width) for text in recent]
    lines += [""] * (message_rows - len(recent))
    return [" " + line for line in lines]


def sounding_text(event: SceneEvent | None) -> str:
    """What sounds now, for people."""
    if event is None:
        return "only the incubator's hum"
    return f"the baby cries: {event.label}" if event.kind == "cry" else event.label


def clock_text(seconds: float) -> str:
    """Minutes and seconds: `02:14`."""
    return f"{int(seconds // 60):02d}:{int(seconds % 60):02d}"


def _truth(view: View, width: int) -> str:
    event = view.scene.sounding_at(view.now_s)
    text = _clip(sounding_text(event), width)
    if event is None:
        return _paint(text, _GREY)
    return _paint(text, _BOLD, _RED) if event.kind == "cry" else _paint(text, _CYAN)


def _p_bar(view: View, width: int) -> str:
    colour = _RED if view.p_cry >= view.on else _YELLOW if view.p_cry >= view.off else _GREEN
    marks = {min(width - 1, int(view.off * width)): "┊", min(width - 1, int(view.on * width)): "┃"}
    return _bar(view.p_cry, width, colour, marks)


def _level_bar(level_dbfs: float | None, width: int) -> str:
    share = 0.0 if level_dbfs is None else 1.0 - level_dbfs / LOWEST_DBFS
    return _bar(share, width, _CYAN, {})


def _level_text(level_dbfs: float | None) -> str:
    return "digital silence" if level_dbfs is None else f"{level_dbfs:.0f} dBFS"


def _bar(share: float, width: int, colour: str, marks: dict[int, str]) -> str:
    filled = min(max(share, 0.0), 1.0) * width
    cells = []
    for cell in range(width):
        rest = filled - cell
        if cell in marks:
            cells.append(_paint(marks[cell], _BOLD))
        elif rest >= 1.0:
            cells.append(_paint("█", colour))
        elif rest > 0.125:
            cells.append(_paint(_EIGHTHS[int(rest * 8)], colour))
        else:
            cells.append(_paint("·", _GREY))
    return "".join(cells)


def _truth_strip(view: View, width: int) -> str:
    """The whole scene: cries and other sounds; what is still to come is dim."""
    cells = []
    for span in _spans(view.scene.duration_s, width):
        events = [e for e in view.scene.events if e.onset_s < span[1] and span[0] < e.end_s]
        time = (_DIM,) if span[0] > view.now_s else ()
        if any(event.kind == "cry" for event in events):
            cells.append(_paint("█", _RED, *time))
        elif events:
            cells.append(_paint("▄", _CYAN, *time))
        else:
            cells.append(_paint("▁", _GREY, *time))
    return "".join(cells)


def _strip(view: View, when: Sequence[Span], mark: str, colour: str, width: int) -> str:
    """When an output was on, so far."""
    cells = []
    for start_s, end_s in _spans(view.scene.duration_s, width):
        if any(begin < end_s and start_s <= end for begin, end in when):
            cells.append(_paint(mark, colour))
        else:
            cells.append(_paint("·", _GREY) if start_s <= view.now_s else " ")
    return "".join(cells)


def _spans(duration_s: float, width: int) -> list[Span]:
    return [(duration_s * cell / width, duration_s * (cell + 1) / width) for cell in range(width)]


def _message_line(text: str, width: int) -> str:
    text = _clip(text, width)
    for word, colour in ((" medium ", _RED), (" low ", _YELLOW)):
        if word in text:
            return text.replace(word, _paint(word, _BOLD, colour), 1)
    return _paint(text, _GREY)


def _row(label: str, content: str) -> str:
    return _paint(f"{label:<{_LABEL_COLUMNS}}", _GREY) + content


def _rule(label: str, width: int, after: str = "") -> str:
    return _paint(f"──{label}" if label else "─" * width, _GREY) + after


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _paint(text: str, *codes: str) -> str:
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"
