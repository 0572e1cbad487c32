"""What differs between two configurations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from edgecry.config.schema import Settings


def changed_keys(running: Settings, wanted: Settings) -> list[str]:
    """Dotted names of the settings that differ, sorted."""
    before = dict(_leaves(msgspec.to_builtins(running)))
    after = dict(_leaves(msgspec.to_builtins(wanted)))
    return sorted(key for key in before | after if before.get(key) != after.get(key))


def _leaves(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
