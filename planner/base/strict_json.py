"""Strict readers of JSON: a key that is missing, unknown or of the wrong type is an error in words.

All functions raise `FormError` where the document has another form.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from planner.base.clock import parse_instant
from planner.base.text import words

__all__ = [
    "FormError",
    "instant",
    "integer",
    "list_of",
    "pair_of",
    "take",
    "text_of",
    "texts",
    "truth",
    "word",
]

_MOST_SHOWN = 60


class FormError(ValueError):
    """Says in the language in force what of a document has another form than expected."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(words(f"report.plan_file.{key}", **params))


def take(data: Any, keys: str, optional: str = "") -> dict[str, Any]:  # noqa: ANN401
    """Keys of an object: all of `keys`, perhaps some of `optional`, and no other."""
    expected = set(keys.split())
    if not isinstance(data, dict):
        raise _wrong_type("object", data)
    if missing := expected - set(data):
        raise FormError("missing", keys=", ".join(sorted(missing)))
    if unknown := set(data) - expected - set(optional.split()):
        raise FormError("unknown", keys=", ".join(sorted(unknown)))
    return data


def _wrong_type(expected: str, found: object) -> FormError:
    return FormError("type", expected=words(f"report.plan_file.{expected}"), found=_shown(found))


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


def integer(value: Any) -> int:  # noqa: ANN401
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type("integer", value)
    return value


def truth(value: Any) -> bool:  # noqa: ANN401
    """Read true or false."""
    if not isinstance(value, bool):
        raise _wrong_type("truth", value)
    return value


def text_of(value: Any) -> str:  # noqa: ANN401
    """A text."""
    if not isinstance(value, str):
        raise _wrong_type("text", value)
    return value


def list_of(value: Any) -> list[Any]:  # noqa: ANN401
    """A list."""
    if not isinstance(value, list):
        raise _wrong_type("list", value)
    return value


def pair_of(value: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Both entries of a list of two."""
    if not isinstance(value, list) or len(value) != 2:
        raise _wrong_type("pair", value)
    return value[0], value[1]


def instant(value: Any) -> datetime:  # noqa: ANN401
    """An instant in ISO 8601 with its offset."""
    try:
        return parse_instant(text_of(value))
    except FormError:
        raise
    except ValueError as error:
        raise _wrong_type("instant", value) from error


_W = TypeVar("_W", bound=StrEnum)


def word(kind: type[_W], value: Any) -> _W:  # noqa: ANN401
    """A word of an enumeration."""
    try:
        return kind(text_of(value))
    except FormError:
        raise
    except ValueError as error:
        choices = ", ".join(one.value for one in kind)
        raise FormError("choice", found=_shown(value), choices=choices) from error


def texts(value: Any) -> dict[str, str]:  # noqa: ANN401
    """An object whose values are texts."""
    if not isinstance(value, dict):
        raise _wrong_type("object", value)
    return {text_of(key): text_of(item) for key, item in value.items()}
