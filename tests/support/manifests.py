"""Manifests with one thing wrong."""

import json
from typing import Any


def changed(manifest: bytes, path: str, value: Any) -> bytes:
    """The manifest with one value replaced; `path` has dots."""
    whole = json.loads(manifest)
    *parents, last = path.split(".")
    place = whole
    for parent in parents:
        place = place[parent]
    place[last] = value
    return json.dumps(whole).encode()


def without(manifest: bytes, field: str) -> bytes:
    """The manifest without one of its fields."""
    whole = json.loads(manifest)
    del whole[field]
    return json.dumps(whole).encode()
