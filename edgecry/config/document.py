"""YAML text -> a tree of names and scalars that knows where each stands.

Works on the parser's events, so that nothing is built from tags, aliases cannot multiply, and a
deep or endless text is refused as it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 8
_NOT_YAML = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|(?<!^)\ufeff"
)
_PLAIN_WORDS = (
    (r"'\\t'|\\t", "a tab, indent with spaces"),
    ("mapping values are not allowed", "a `:` that does not fit, check the indentation around it"),
    ("quoted scalar", "a quote that is not closed, close it"),
    ("could not find expected ':'", "a line without `:`, write `name: value`"),
    (
        "expected key|expected <block end>|block mapping",
        "does not line up, give it the indentation of its neighbours",
    ),
    ("cannot start any token", "a character that cannot begin a value, put the value in quotes"),
)


class Place(NamedTuple):
    """Where something stands in the file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it was written, without its quotes."""

    place: Place
    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something that a setting never is: a list, an alias, a tag."""

    place: Place
    what: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """Names and what stands under them, in order, duplicates included."""

    place: Place
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)


Node = Scalar | Mapping | Unusable


class Flaw(Exception):
    """The text is not YAML that can be read to its end."""

    def __init__(self, place: Place, words: str) -> None:
        super().__init__(words)
        self.place = place
        self.words = words


@dataclass(slots=True)
class Document:
    """What could be read, and the flaws met on the way."""

    root: Mapping = field(default_factory=lambda: Mapping(Place(1, 1)))
    flaws: list[Flaw] = field(default_factory=list)


def read_document(text: str) -> Document:
    """The tree in `text`. After a syntax error the tree holds what stood before it."""
    document = Document()
    if bad := _NOT_YAML.search(text):
        flaw = Flaw(_place_of(text, bad.start()), f"holds {bad.group()!r}, remove that character")
        document.flaws.append(flaw)
        return document
    try:
        _read_stream(yaml.parse(text, Loader=_LOADER), document)
    except yaml.YAMLError as error:
        document.flaws.append(_syntax_flaw(error, text))
    except Flaw as flaw:
        document.flaws.append(flaw)
    return document


def place_of_byte(data: bytes, offset: int) -> Place:
    """Line and column of the byte at `offset`, whose predecessors are UTF-8."""
    return _place_of(data[:offset].decode(), offset)


def _read_stream(events: Iterator[Any], document: Document) -> None:
    seen = False
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if seen:
                raise Flaw(_place(event), "a second document begins here, keep only one")
            seen = True
            _read_root(next(events), events, document)


def _read_root(event: Any, events: Iterator[Any], document: Document) -> None:
    if isinstance(event, yaml.MappingStartEvent):
        _fill(document.root, events, 1)
        return
    node = _node(event, events)
    if not (isinstance(node, Scalar) and node.text == ""):
        raise Flaw(node.place, "holds no settings, write lines of `name: value`")


def _fill(mapping: Mapping, events: Iterator[Any], depth: int) -> None:
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            return
        key = _node(event, events)
        if not isinstance(key, Scalar):
            raise Flaw(key.place, "a name must be a plain word, write `name: value`")
        value_event = next(events)
        if isinstance(value_event, yaml.MappingStartEvent):
            value = Mapping(_place(value_event))
            mapping.entries.append((key, value))
            _refuse_depth(depth, value_event)
            _fill(value, events, depth + 1)
        else:
            mapping.entries.append((key, _node(value_event, events)))


def _node(event: Any, events: Iterator[Any]) -> Scalar | Unusable:
    place = _place(event)
    if isinstance(event, yaml.AliasEvent):
        return Unusable(place, "an alias (`*`)")
    if isinstance(event, yaml.ScalarEvent):
        if event.tag not in (None, "!"):
            return Unusable(place, "a tag (`!`)")
        return Scalar(place, event.value, quoted=bool(event.style))
    _skip(events)
    return Unusable(place, "a list")


def _skip(events: Iterator[Any]) -> None:
    """Pass over the rest of a list or mapping whose start has been taken."""
    depth = 1
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            _refuse_depth(depth, event)
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth == 0:
            return


def _refuse_depth(depth: int, event: Any) -> None:
    if depth >= _MAX_DEPTH:
        raise Flaw(_place(event), f"is nested more than {_MAX_DEPTH} deep, settings never are")


def _syntax_flaw(error: yaml.YAMLError, text: str) -> Flaw:
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context", None) or ""
    if "quoted scalar" in context or "simple key" in context:
        mark = getattr(error, "context_mark", None) or mark
    if mark is None:
        return Flaw(Place(1, 1), f"is not YAML ({problem}), check indentation and quotes")
    place = Place(mark.line + 1, mark.column + 1)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if line[mark.column : mark.column + 1] == "\t":
        problem = "\\t"
    for pattern, words in _PLAIN_WORDS:
        if re.search(pattern, f"{context} {problem}"):
            return Flaw(place, f"is not YAML: {words}")
    return Flaw(place, f"is not YAML ({problem}), check indentation and quotes")


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _place_of(text: str, offset: int) -> Place:
    before = text[:offset]
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
