"""One scalar of the file or of ``--set`` -> the value of a setting, or words on why it cannot be.

The setting's type decides how a text is read, so YAML 1.1's guesses do not apply: ``reasons: off``
stays text, ``bed: 007`` keeps its zeros, and only decimal numbers are numbers.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from types import NoneType
from typing import Any

import msgspec

from edgecry.config.catalogue import Setting, Shape, show
from edgecry.config.schema import LATER_VALUES

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SHOWN_CHARACTERS = 40


class Unfit(Exception):
    """The value does not fit. Says what is wrong and what would be right."""


def read_value(setting: Setting, text: str, *, quoted: bool) -> Any:
    """The value of `setting` written as `text`; `quoted` values are never numbers or null.

    Raises `Unfit`.
    """
    if _UNPRINTABLE.search(text):
        raise Unfit(f"{_quote(text)} has a line break or control character, write one plain line")
    value, shape = _interpret(setting, text, quoted)
    if value == LATER_VALUES.get(setting.name, ...):
        raise Unfit(f"{text} is not supported by this version yet, write {setting.takes}")
    try:
        return msgspec.convert(value, setting.annotation)
    except msgspec.ValidationError:
        raise Unfit(_misfit(setting, shape, value)) from None


def _interpret(setting: Setting, text: str, quoted: bool) -> tuple[Any, Shape]:
    """The value that `text` stands for and the shape that takes it; not yet held to limits."""
    if not quoted:
        if text in _NULL and (shape := setting.shape(NoneType)):
            return None, shape
        if text.lower() in _BOOLEANS and (shape := setting.shape(bool)):
            return _BOOLEANS[text.lower()], shape
        if _WHOLE.fullmatch(text) and (shape := setting.shape(int)):
            return int(text), shape
        if _NUMBER.fullmatch(text) and (shape := setting.shape(float)):
            return float(text), shape
        if text in _NULL and text:
            raise Unfit(f"cannot be {text}, write {setting.takes}")
    if shape := setting.shape(str):
        return text, shape
    raise Unfit(_wrong_kind(setting, text, quoted))


def _wrong_kind(setting: Setting, text: str, quoted: bool) -> str:
    if not text:
        return f"has no value, write {setting.takes}"
    plain = text.lower() in _BOOLEANS or text in _NULL or _NUMBER.fullmatch(text)
    if quoted and plain:
        return f"{_quote(text)} is text because of its quotes, write {setting.takes}, unquoted"
    if setting.shape(bool):
        wanted = "true or false"
    elif setting.shape(float):
        wanted = "a number"
    else:
        wanted = "a whole number in decimal digits without leading zeros"
    return f"{_quote(text)} is not {wanted}, write {setting.takes}"


def _misfit(setting: Setting, shape: Shape, value: Any) -> str:
    """Why a value of the right kind is refused."""
    if shape.choices:
        words = [show(choice) for choice in shape.choices]
        close = get_close_matches(show(value).lower()[:64], words, n=1)
        hint = f" (did you mean {close[0]}?)" if close and len(words) > 1 else ""
        return f"{_quote(show(value))} is not possible, write {setting.takes}{hint}"
    if isinstance(value, str):
        return _misfit_text(setting, shape, value)
    return _misfit_number(shape, value)


def _misfit_text(setting: Setting, shape: Shape, text: str) -> str:
    if not text:
        return f"is empty, write {setting.takes}"
    if shape.max_length is not None and len(text) > shape.max_length:
        return f"{_quote(text)} is {len(text)} characters long, at most {shape.max_length}"
    return f"{_quote(text)} does not fit, write {setting.takes}"


def _misfit_number(shape: Shape, number: float) -> str:
    shown = _quote(show(number), mark="") if abs(number) < 1e15 else f"{number:g}"
    if shape.ge is not None and number < shape.ge:
        return f"{shown} is too small, at least {show(shape.ge)}"
    if shape.gt is not None and number <= shape.gt:
        return f"{shown} is too small, above {show(shape.gt)}"
    if shape.lt is not None:
        return f"{shown} is too large, below {show(shape.lt)}"
    return f"{shown} is too large, at most {show(shape.le)}"


def _quote(text: str, mark: str = "'") -> str:
    """`text` on one line and not too long."""
    cut = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
    return f"{mark}{_UNPRINTABLE.sub('�', cut)}{mark}"
