"""Is a .tflite file whole? The run time follows its offsets without looking where they end. Pure.

Layout: FlatBuffers internals, https://flatbuffers.dev/internals; fields: schema.fbs of TensorFlow
Lite, schema version 3. Named here are fields that lead somewhere else in the file, but for those
of an operator's options, of sparsity and of what quantization has besides numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from edgecry.errors import ModelError

IDENTIFIER = b"TFL3"


class _File:
    """What is read of a file: once for each byte at most. A real model needs a third of that; one
    that leads to the same places again and again would take for ever."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._reads_left = len(content)

    def part(self, at: int, length: int) -> bytes:
        """Raises struct.error if they are not in the file, or if too much was read."""
        self._reads_left -= 1
        if self._reads_left < 0 or not 0 <= at <= at + length <= len(self._content):
            raise struct.error
        return self._content[at : at + length]

    def number(self, kind: str, at: int) -> int:
        """Of a kind of `struct`."""
        [number] = struct.unpack(kind, self.part(at, struct.calcsize(kind)))
        return int(number)


Visit = Callable[[_File, int], None]
"""Look at what begins at a byte of the file, and all that it leads to.

Raises struct.error where that is not in the file.
"""


def check_whole(model: bytes, where: str) -> None:
    """Raise ModelError unless all that the file leads to is in it, as it is not in a torn copy."""
    if model[4:8] != IDENTIFIER:
        raise ModelError(f"{where}: not a TFLite model")
    try:
        _reference(_MODEL)(_File(model), 0)
    except struct.error:
        raise ModelError(
            f"{where}: a part of it is missing; copy the .tflite and the .json again, together"
        ) from None


def _table(fields: Mapping[int, Visit]) -> Visit:
    """A table: where its own list of fields lies, then the fields."""

    def visit(file: _File, at: int) -> None:
        listed = at - file.number("<i", at)
        list_bytes, table_bytes = file.number("<H", listed), file.number("<H", listed + 2)
        file.part(listed, list_bytes)
        file.part(at, table_bytes)
        for field, lead in fields.items():
            entry = 4 + 2 * field
            place = file.number("<H", listed + entry) if entry < list_bytes else 0
            if place:
                lead(file, at + place)

    return visit


def _reference(to: Visit) -> Visit:
    return lambda file, at: to(file, at + file.number("<I", at))


def _numbers(width: int) -> Visit:
    """A vector of numbers, each of so many bytes; text too."""

    def visit(file: _File, at: int) -> None:
        file.part(at + 4, width * file.number("<I", at))

    return _reference(visit)


def _tables(fields: Mapping[int, Visit]) -> Visit:
    table = _reference(_table(fields))

    def visit(file: _File, at: int) -> None:
        for n in range(file.number("<I", at)):
            table(file, at + 4 + 4 * n)

    return _reference(visit)


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
