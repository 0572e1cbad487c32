"""config.yaml and ``--set`` -> `Settings`, or every mistake at once, each with its place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import yaml

from edgecry.config import document
from edgecry.config.catalogue import meant_by, sections, settings, suggestion
from edgecry.config.document import Place
from edgecry.config.rules import conflicts
from edgecry.config.schema import LATER_SETTINGS, Settings
from edgecry.config.values import Unfit, read_value
from edgecry.errors import ConfigError

SYSTEM_CONFIG = Path("/etc/edgecry/config.yaml")
LOCAL_CONFIG = Path("config.yaml")
MAX_FILE_BYTES = 256 * 1024
MAX_MISTAKES = 100


def find_config(explicit: str | None, environ: Mapping[str, str]) -> Path | None:
    """The file to load: `explicit`, ``$EDGECRY_CONFIG``, the system's, ``./config.yaml``, or None.

    Raises `ConfigError` if a file that was asked for by name does not exist.
    """
    for name, asked_by in (
        (explicit, "--config"),
        (environ.get("EDGECRY_CONFIG"), "EDGECRY_CONFIG"),
    ):
        if name:
            if not _exists(Path(name)):
                raise ConfigError(f"{name}: does not exist, correct {asked_by} or create the file")
            return Path(name)
    return next((path for path in (SYSTEM_CONFIG, LOCAL_CONFIG) if _exists(path)), None)


def load_settings(path: Path | None, overrides: Sequence[str] = ()) -> Settings:
    """The settings in the file at `path` (None: the defaults), changed by `overrides`.

    An override is ``name=value``, such as ``mqtt.port=1884``. Raises `ConfigError`, whose message
    has a line for each mistake of the file and of the overrides.
    """
    reading = _Reading()
    if path is not None:
        _read_file(path, reading)
    for index, override in enumerate(overrides):
        _read_override(index, override, reading)
    loaded = msgspec.convert(_nested(reading.values), Settings)
    reading.add_conflicts(loaded)
    if reading.mistakes:
        raise ConfigError("\n".join(reading.report()))
    return loaded


def effective_yaml(settings: Settings) -> str:
    """All of `settings` as a file that loads to the same settings."""
    return yaml.safe_dump(
        msgspec.to_builtins(settings), sort_keys=False, allow_unicode=True, width=10**6
    )


def effective_sha256(settings: Settings) -> str:
    """Which configuration this is: the hash of what `edgecry check-config --effective` prints."""
    return hashlib.sha256(effective_yaml(settings).encode()).hexdigest()


def json_schema() -> dict[str, Any]:
    """The JSON schema of config.yaml, for editors."""
    return msgspec.json.schema(Settings)


@dataclass(frozen=True, slots=True, order=True)
class _Origin:
    """Where a value was given. The file sorts before the command line."""

    order: tuple[int, int, int]
    label: str

    @classmethod
    def in_file(cls, path: Path, place: Place, name: str) -> _Origin:
        return cls((0, *place), f"{path}:{place.line}:{place.column}: {name}")

    @classmethod
    def in_override(cls, index: int, override: str) -> _Origin:
        return cls((1, index, 0), f"--set {_printable(override)}")

    @property
    def is_override(self) -> bool:
        return self.order[0] == 1


@dataclass(slots=True)
class _Reading:
    """What has been gathered so far: values, where they stand, and mistakes."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, _Origin] = field(default_factory=dict)
    mistakes: list[tuple[_Origin, str]] = field(default_factory=list)
    mistaken: set[str] = field(default_factory=set)

    @property
    def full(self) -> bool:
        return len(self.mistakes) >= MAX_MISTAKES

    def add_mistake(self, origin: _Origin, words: str, name: str) -> None:
        self.mistakes.append((origin, words))
        self.mistaken.add(name)

    def add_value(self, origin: _Origin, name: str, text: str, quoted: bool) -> None:
        try:
            value = read_value(settings()[name], text, quoted=quoted)
        except Unfit as unfit:
            self.add_mistake(origin, str(unfit), name)
        else:
            self.values[name] = value
            self.origins[name] = origin

    def add_unknown(self, origin: _Origin, name: str) -> None:
        if name in LATER_SETTINGS:
            self.add_mistake(origin, "is not supported by this version yet, remove it", name)
        else:
            words = f"is not a setting, {suggestion(name)}"
            self.add_mistake(origin, words, meant_by(name) or name)

    def add_conflicts(self, loaded: Settings) -> None:
        """Blame each conflict on the command line if it takes part, else on the first given."""
        for conflict in conflicts(loaded):
            given = [self.origins[name] for name in conflict.between if name in self.origins]
            if given and self.mistaken.isdisjoint(conflict.between):
                overrides = (origin for origin in given if origin.is_override)
                self.mistakes.append((next(overrides, given[0]), conflict.words))

    def report(self) -> list[str]:
        ordered = sorted(self.mistakes)
        lines = [f"{origin.label}: {words}" for origin, words in ordered[:MAX_MISTAKES]]
        if self.full:
            lines.append("There may be more mistakes: correct these first.")
        return lines


def _read_file(path: Path, reading: _Reading) -> None:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"{path}: cannot be read ({why}), check the path and its owner"
        ) from error
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"{path}: is larger than {MAX_FILE_BYTES // 1024} KiB, not a config file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = document.place_of_byte(data, error.start)
        origin = _Origin.in_file(path, place, "yaml")
        reading.add_mistake(origin, "is not UTF-8 text, save the file as UTF-8", "")
        return
    parsed = document.read_document(text)
    for flaw in parsed.flaws:
        reading.add_mistake(_Origin.in_file(path, flaw.place, "yaml"), flaw.words, "")
    _read_section(path, parsed.root, "", reading)


def _read_section(path: Path, section: document.Mapping, prefix: str, reading: _Reading) -> None:
    first_seen: dict[str, Place] = {}
    for key, node in section.entries:
        if reading.full:
            return
        name = f"{prefix}.{key.text}" if prefix else key.text
        at_key = _Origin.in_file(path, key.place, _printable(name))
        if key.text in first_seen:
            line = first_seen[key.text].line
            reading.add_mistake(at_key, f"is already set on line {line}, keep one of the two", name)
            continue
        first_seen[key.text] = key.place
        if "." in key.text:
            words = "is not a setting, write one name a line, each below its section"
            reading.add_mistake(at_key, words, name)
        elif name in sections():
            _read_subsection(path, name, node, reading)
        elif name not in settings():
            reading.add_unknown(at_key, name)
        elif isinstance(node, document.Scalar):
            origin = _Origin.in_file(path, node.place, name)
            reading.add_value(origin, name, node.text, node.quoted)
        else:
            what = "a section" if isinstance(node, document.Mapping) else node.what
            origin = _Origin.in_file(path, node.place, name)
            reading.add_mistake(origin, f"is {what}, write {settings()[name].takes}", name)


def _read_subsection(path: Path, name: str, node: document.Node, reading: _Reading) -> None:
    if isinstance(node, document.Mapping):
        _read_section(path, node, name, reading)
    elif not (isinstance(node, document.Scalar) and node.text in ("", "~", "null")):
        origin = _Origin.in_file(path, node.place, name)
        words = "is a section, write its settings below it, indented by two spaces"
        reading.add_mistake(origin, words, name)


def _read_override(index: int, override: str, reading: _Reading) -> None:
    name, equals, text = override.partition("=")
    origin = _Origin.in_override(index, override)
    if not equals:
        reading.add_mistake(origin, "has no value, write --set name=value", name)
    elif name in settings():
        reading.add_value(origin, name, text, quoted=False)
    elif name in sections():
        words = f"is a section, set one of {', '.join(sections()[name])}"
        reading.add_mistake(origin, words, name)
    else:
        reading.add_unknown(origin, name)


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """Dotted names -> the tree that the schema describes."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *parents, key = name.split(".")
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[key] = value
    return tree


def _printable(text: str) -> str:
    """`text` on one line and not too long."""
    cut = text if len(text) <= 80 else f"{text[:80]}…"
    return "".join(c if c.isprintable() else "�" for c in cut)


def _exists(path: Path) -> bool:
    """Whether something is there; a folder that may not be looked into is left for the reader."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True
