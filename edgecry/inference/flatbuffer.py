"""Is a .tflite file whole? The run time follows its offsets without looking where they end. Pure.

Layout: FlatBuffers internals, https://flatbuffers.dev/internals; fields: schema.fbs of TensorFlow
Lite, schema version 3. Only fields that lead somewhere else in the file are named here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from edgecry.errors import ModelError

IDENTIFIER = b"TFL3"

Visit = Callable[[bytes, int], None]
"""Look at what begins at a byte of the file, and all that it leads to.

Raises struct.error where that is not in the file.
"""


def check_whole(model: bytes, where: str) -> None:
    """Raise ModelError unless all that the file leads to is in it, as it is not in a torn copy."""
    if model[4:8] != IDENTIFIER:
        raise ModelError(f"{where}: not a TFLite model")
    try:
        _reference(_MODEL)(model, 0)
    except struct.error:
        raise ModelError(
            f"{where}: a part of it is missing; copy the .tflite and the .json again, together"
        ) from None


def _table(fields: Mapping[int, Visit]) -> Visit:
    """A table: where its own list of fields lies, then the fields."""

    def visit(model: bytes, at: int) -> None:
        listed = at - _number(model, "<i", at)
        list_bytes, table_bytes = _number(model, "<H", listed), _number(model, "<H", listed + 2)
        _bytes(model, listed, list_bytes)
        _bytes(model, at, table_bytes)
        for field, lead in fields.items():
            entry = 4 + 2 * field
            place = _number(model, "<H", listed + entry) if entry < list_bytes else 0
            if place:
                lead(model, at + place)

    return visit


def _reference(to: Visit) -> Visit:
    return lambda model, at: to(model, at + _number(model, "<I", at))


def _numbers(width: int) -> Visit:
    """A vector of numbers, each of so many bytes; text too."""

    def visit(model: bytes, at: int) -> None:
        _bytes(model, at + 4, width * _number(model, "<I", at))

    return _reference(visit)


def _tables(fields: Mapping[int, Visit]) -> Visit:
    table = _reference(_table(fields))

    def visit(model: bytes, at: int) -> None:
        for n in range(_number(model, "<I", at)):
            table(model, at + 4 + 4 * n)

    return _reference(visit)


def _number(model: bytes, kind: str, at: int) -> int:
    [number] = struct.unpack(kind, _bytes(model, at, struct.calcsize(kind)))
    return int(number)


def _bytes(model: bytes, at: int, length: int) -> bytes:
    if not 0 <= at <= at + length <= len(model):
        raise struct.error
    return model[at : at + length]


_TEXT, _BYTES, _INTS, _FLOATS, _LONGS = (_numbers(width) for width in (1, 1, 4, 4, 8))
_QUANTIZATION = _table({0: _FLOATS, 1: _FLOATS, 2: _FLOATS, 3: _LONGS})
_TENSOR = {0: _INTS, 3: _TEXT, 4: _reference(_QUANTIZATION), 7: _INTS}
_OPERATOR = {1: _INTS, 2: _INTS, 4: _reference(_table({})), 5: _BYTES, 7: _BYTES, 8: _INTS}
_SUBGRAPH = {0: _tables(_TENSOR), 1: _INTS, 2: _INTS, 3: _tables(_OPERATOR), 4: _TEXT}
_TENSOR_NAMES = {0: _TEXT}
_SIGNATURE = {0: _tables(_TENSOR_NAMES), 1: _tables(_TENSOR_NAMES), 2: _TEXT}
_MODEL = _table(
    {
        1: _tables({1: _TEXT}),  # operator codes
        2: _tables(_SUBGRAPH),
        3: _TEXT,
        4: _tables({0: _BYTES}),  # buffers: the weights
        5: _INTS,
        6: _tables({0: _TEXT}),  # metadata
        7: _tables(_SIGNATURE),
    }
)
