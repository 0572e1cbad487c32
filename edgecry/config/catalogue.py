"""Every setting by its dotted name, read off the schema, with its rules in plain words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Meta, structs

from edgecry.config.schema import Section, Settings

_UNITS = {"_s": " of seconds", "_hz": " of hertz"}
_LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length")


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of value that a setting takes, and its limits."""

    kind: type
    choices: tuple[Any, ...] = ()
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of config.yaml."""

    name: str
    annotation: Any
    description: str
    default: Any
    shapes: tuple[Shape, ...]

    def shape(self, *kinds: type) -> Shape | None:
        """The shape that takes a value of one of `kinds`, if any."""
        return next((shape for shape in self.shapes if shape.kind in kinds), None)

    @property
    def takes(self) -> str:
        """What may be written, such as ``a number of seconds from 1 to 300``."""
        return ", or ".join(self._words(shape) for shape in self.shapes)

    def _words(self, shape: Shape) -> str:
        if shape.kind is NoneType:
            return "null"
        if shape.choices:
            words = ", ".join(show(choice) for choice in shape.choices)
            return f"one of {words}" if len(shape.choices) > 1 else words
        if shape.kind is bool:
            return "true or false"
        if shape.kind is str:
            size = f" of at most {shape.max_length} characters" if shape.max_length else ""
            return shape.form or f"text{size}"
        whole = "a whole number" if shape.kind is int else "a number"
        unit = next((u for end, u in _UNITS.items() if self.name.endswith(end)), "")
        return f"{whole}{unit}{_range(shape)}"


def show(value: Any) -> str:
    """A value as one would write it in the file."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if value != "" else '""'


def suggestion(name: str) -> str:
    """What the writer of the unknown `name` may have meant; the second half of a message."""
    section, _, key = name.rpartition(".")
    meant = meant_by(name)
    if meant is not None:
        return f"did you mean `{meant if section not in sections() else _key(meant)}`?"
    homes = [s for s, keys in sections().items() if key in keys and s != section]
    if homes:
        places = " or ".join(f"`{home}`" if home else "the top level" for home in homes)
        return f"`{key}` belongs to {places}"
    if section not in sections():
        section = ""
    keys = ", ".join(sections()[section])
    where = f"`{section}`" if section else "the top level"
    return f"{where} takes {keys}" if keys else f"{where} takes no settings yet"


def meant_by(name: str) -> str | None:
    """The setting or section that the unknown `name` is a slip of, or None.

    A name that exists elsewhere is misplaced, not misspelt.
    """
    section, _, key = name.rpartition(".")
    if section not in sections():
        return _closest(name, list(settings()))
    if any(key in keys for keys in sections().values()):
        return None
    close = _closest(key, sections()[section])
    return _join(section, close) if close else None


def _closest(name: str, known: Sequence[str]) -> str | None:
    normal = name[:64].strip().lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(normal, known, n=1)), None)


@cache
def settings() -> dict[str, Setting]:
    """Every leaf of the schema, in its order."""
    return {setting.name: setting for setting in _leaves(Settings, "")}


@cache
def sections() -> dict[str, tuple[str, ...]]:
    """Every section and the keys in it; the top level is the section ``""``."""
    return dict(_sections(Settings, ""))


def _leaves(section: type[Section], prefix: str) -> Iterator[Setting]:
    for field in structs.fields(section):
        name = _join(prefix, field.name)
        if _is_section(field.type):
            yield from _leaves(field.type, name)
        else:
            metas = [meta for meta in get_args(field.type) if isinstance(meta, Meta)]
            description = "".join(meta.description or "" for meta in metas)
            shapes = tuple(_shapes(field.type, {}))
            yield Setting(name, field.type, description, field.default, shapes)


def _sections(section: type[Section], prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    fields = structs.fields(section)
    yield prefix, tuple(field.name for field in fields)
    for field in fields:
        if _is_section(field.type):
            yield from _sections(field.type, _join(prefix, field.name))


def _shapes(annotation: Any, limits: dict[str, Any]) -> Iterator[Shape]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metas = get_args(annotation)
        merged = dict(limits)
        for meta in metas:
            merged |= {n: v for n in _LIMITS if (v := getattr(meta, n)) is not None}
            merged |= {"form": meta.extra["form"]} if meta.extra else {}
        yield from _shapes(inner, merged)
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from _shapes(member, limits)
    elif origin is Literal:
        choices = get_args(annotation)
        yield Shape(type(choices[0]), choices, **limits)
    else:
        yield Shape(annotation, **limits)


def _range(shape: Shape) -> str:
    if shape.ge is not None and shape.le is not None:
        return f" from {show(shape.ge)} to {show(shape.le)}"
    limits = {
        "of at least": shape.ge,
        "above": shape.gt,
        "of at most": shape.le,
        "below": shape.lt,
    }
    parts = [f"{words} {show(limit)}" for words, limit in limits.items() if limit is not None]
    return f" {' and '.join(parts)}" if parts else ""


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def _key(name: str) -> str:
    return name.rpartition(".")[2]


def _join(section: str, key: str) -> str:
    return f"{section}.{key}" if section else key
