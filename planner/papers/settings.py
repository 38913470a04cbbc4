"""Reads documents.toml: letterhead, numbers, signers, titles and columns of papers."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.opening import FileSort, text_of_file
from planner.base.safe_text import label_text
from planner.base.text import LANGUAGES
from planner.instance.schema import Instance
from planner.papers.model import Kind

__all__ = ["COLUMNS", "DOCUMENTS_FILE", "Letters", "letters_of", "read_letters"]

DOCUMENTS_FILE = "documents.toml"
COLUMNS = ("unit", "item", "seal", "condition", "tick", "note")  # beside number and code of a box
_MOST = 12
_IN_NUMBER = ("kind", "trip", "stop", "area", "vehicle", "day", "month", "roman", "year")


@dataclass(frozen=True, slots=True)
class Letters:
    """How an office writes its papers; empty: a ruled blank, or the program's own words.

    Parameters
    ----------
    letterhead, address
        Lines on top, and the line below them.
    place
        Where papers are signed.
    language
        Of papers for people whose own language is unknown; empty: as the instance writes numbers.
    number
        Pattern of the numbers of papers.
    coded
        Items whose boxes have codes; empty: all that are handled as pieces.
    witnesses
        Who signs a record of hand-over beside the two parties.
    titles, abbreviations, signers, columns
        By kind of paper.
    label_columns, label_rows
        Labels side by side and below each other on a sheet.
    """

    letterhead: tuple[str, ...] = ()
    address: str = ""
    place: str = ""
    language: str = ""
    number: str = ""
    coded: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    titles: Mapping[Kind, str] = field(default_factory=dict)
    abbreviations: Mapping[Kind, str] = field(default_factory=dict)
    signers: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    columns: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    label_columns: int = 3
    label_rows: int = 7


_TEXTS = ("address", "place", "language", "number")
_LISTS = ("letterhead", "coded", "witnesses")
_SIZES = ("label_columns", "label_rows")
_TABLES = ("titles", "abbreviations", "signers", "columns")


def read_letters(folder: Path, instance: Instance) -> Letters:
    """What the file beside an instance's tables says; without one all is as by default.

    Raises
    ------
    InputError
        With every fault of the file.
    OSError
        If it cannot be read.
    """
    path = (folder if folder.is_dir() else folder.parent) / DOCUMENTS_FILE
    if not path.exists():
        return Letters()
    try:
        return letters_of(tomllib.loads(text_of_file(path, FileSort.SETTINGS)), instance)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError([Fault("C740", DOCUMENTS_FILE, value=str(error))]) from None


def letters_of(document: Mapping[str, Any], instance: Instance) -> Letters:
    """What a mapping of this form says.

    Raises
    ------
    InputError
        With every fault.
    """
    faults: list[Fault] = []
    found: dict[str, Any] = {}
    for key, value in document.items():
        if key in _TEXTS:
            found[key] = _text(key, value, faults)
        elif key in _LISTS:
            found[key] = _texts(key, value, faults)
        elif key in _SIZES:
            found[key] = _size(key, value, faults)
        elif key in _TABLES:
            found[key] = _by_kind(key, value, faults)
        else:
            faults.append(Fault("C741", DOCUMENTS_FILE, None, key))
    faults += _meant(found, instance)
    if faults:
        raise InputError(faults)
    return Letters(**found)


def _text(key: str, value: object, faults: list[Fault]) -> str:
    if isinstance(value, str):
        return label_text(value)
    faults.append(Fault("C742", DOCUMENTS_FILE, None, key, str(value)))
    return ""


def _texts(key: str, value: object, faults: list[Fault]) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(label_text(each) for each in value)
    faults.append(Fault("C742", DOCUMENTS_FILE, None, key, str(value)))
    return ()


def _size(key: str, value: object, faults: list[Fault]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST:
        return value
    faults.append(Fault("C742", DOCUMENTS_FILE, None, key, str(value)))
    return 1


def _by_kind(key: str, value: object, faults: list[Fault]) -> Mapping[Kind, Any]:
    if not isinstance(value, dict):
        faults.append(Fault("C742", DOCUMENTS_FILE, None, key, str(value)))
        return {}
    found: dict[Kind, Any] = {}
    for name, texts in value.items():
        place = f"{key}.{name}"
        if name not in list(Kind):
            faults.append(Fault("C741", DOCUMENTS_FILE, None, place))
        elif key in ("signers", "columns"):
            found[Kind(name)] = _texts(place, texts, faults)
        else:
            found[Kind(name)] = _text(place, texts, faults)
    return found


def _meant(found: Mapping[str, Any], instance: Instance) -> Sequence[Fault]:
    """What is well written, but names what there is not."""
    faults = []

    def wrong(key: str, value: str, known: Sequence[str]) -> None:
        faults.append(Fault("C743", DOCUMENTS_FILE, None, key, value, {"known": ", ".join(known)}))

    if found.get("language") and found["language"] not in LANGUAGES:
        wrong("language", found["language"], LANGUAGES)
    items = [item.id for item in instance.items]
    for name in found.get("coded", ()):
        if name not in items:
            wrong("coded", name, items)
    for kind, names in found.get("columns", {}).items():
        for name in names:
            if name not in COLUMNS:
                wrong(f"columns.{kind}", name, COLUMNS)
    if found.get("number") and not _is_pattern(found["number"]):
        wrong("number", found["number"], [f"{{{name}}}" for name in _IN_NUMBER])
    return faults


def _is_pattern(text: str) -> bool:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return False
    return all(name is None or (name in _IN_NUMBER and not how and not to) for _, name, how, to in parts)
