"""The catalogue: every text a user reads, in English and Bahasa Indonesia.

``en/*.toml`` and ``id/*.toml`` hold the same keys; a key is ``file.table.key``. A test
compares the keys and the placeholders of both languages.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

__all__ = [
    "LANGUAGES",
    "catalogue",
    "catalogue_file",
    "has_words",
    "language",
    "set_language",
    "speaking",
    "words",
]

LANGUAGES = ("en", "id")
_FOLDER = Path(__file__).parent  # not importlib.resources, which takes 10 ms to import
_current = ["en"]
_spoken: ContextVar[str] = ContextVar("spoken", default="")  # in one thread or task, before `_current`


def set_language(code: str) -> None:
    """Choose the language of all texts from now on.

    Parameters
    ----------
    code
        ``en`` or ``id``.

    Raises
    ------
    ValueError
        If the language is not in the catalogue.
    """
    if code not in LANGUAGES:
        msg = f"no such language: {code}"
        raise ValueError(msg)
    _current[0] = code


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language within this thread or task alone: several people are served at once."""
    before = _spoken.set(code if code in LANGUAGES else _current[0])
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> str:
    """Code of the language in force."""
    return _spoken.get() or _current[0]


@cache
def _file(code: str, name: str) -> dict[str, str]:
    source = _FOLDER / code / f"{name}.toml"
    flat: dict[str, str] = {}
    _flatten(tomllib.loads(source.read_text(encoding="utf-8")), name, flat)
    return flat


def _flatten(node: dict[str, object], prefix: str, flat: dict[str, str]) -> None:
    for key, value in node.items():
        path = f"{prefix}.{key}"
        if isinstance(value, dict):
            _flatten(value, path, flat)
        else:
            flat[path] = str(value)


def catalogue_file(code: str, name: str) -> Mapping[str, str]:
    """Keys and texts of one file of one language.

    Parameters
    ----------
    code
        The language.
    name
        The file, with which each of its keys begins.
    """
    return _file(code, name)


def catalogue(code: str) -> dict[str, str]:
    """All keys and texts of one language."""
    names = sorted(path.stem for path in (_FOLDER / code).glob("*.toml"))
    return {key: text for name in names for key, text in _file(code, name).items()}


def has_words(key: str) -> bool:
    """Whether the language in force has a text of this key."""
    name = key.split(".", 1)[0]
    code = language()
    return (_FOLDER / code / f"{name}.toml").exists() and key in _file(code, name)


def words(key: str, **params: object) -> str:
    """Text of a key in the language in force, with its placeholders filled.

    Raises
    ------
    KeyError
        If the catalogue has no such key, or a placeholder has no value.
    """
    text = _file(language(), key.split(".", 1)[0])[key]
    return text.format(**params)
