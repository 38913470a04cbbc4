"""A benchmark file as its fields: VRPLIB (with PyVRP's further sections) or Solomon's text.

Parsing is `vrplib`'s, but that the rows of sections go by their numbers; nothing here says what a field
means. What a file is, is told by its content, not by its name or folder.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from vrplib.parse import parse_solomon, parse_vrplib  # type: ignore[import-untyped]
from vrplib.parse.parse_vrplib import group_specifications_and_sections  # type: ignore[import-untyped]

from planner.base.errors import Fault, InputError
from planner.base.opening import FileSort, NotOpenedError, content_of, opened

__all__ = ["SetFile", "find_files", "parse_text", "read_file"]

_SUFFIXES = (".vrp", ".txt")
_MOST_VEHICLES = 1_000_000
# Also powers of ten that may be too large for a float.
_DOUBTFUL = re.compile(
    r"(?<![^\s:])[+-]?(?:nan|inf|infinity|\d+\.?\d*e\+?\d{3,})(?!\S)", re.IGNORECASE | re.ASCII
)
_WORDS = ("NAME", "COMMENT", "TYPE", "")  # these hold any words
_NOT_NUMBERED = ("edge_weight", "depot", "display_data")  # sections whose rows have no number of their own


@dataclass(frozen=True)
class SetFile:
    """One file of a benchmark set.

    Parameters
    ----------
    name
        The file's name without its ending, by which sets name their instances.
    fields
        Names in lower case, without ``_SECTION``; values as `vrplib` gives them, rows in the order of their
        numbers.
    solomon
        Whether it is Solomon's text; else it is VRPLIB.
    """

    name: str
    fields: Mapping[str, Any]
    solomon: bool

    @property
    def num_places(self) -> int:
        """Depots and customers."""
        return len(self.fields["demand"]) if self.solomon else int(self.fields["dimension"])

    @property
    def num_depots(self) -> int:
        """Depots; they are the first places."""
        return int(np.size(self.fields.get("depot", (0,))))

    @property
    def num_customers(self) -> int:
        """Customers."""
        return self.num_places - self.num_depots


def read_file(path: Path) -> SetFile:
    """Read a file.

    Raises
    ------
    InputError
        If it is not there, is not in UTF-8, or is neither VRPLIB nor Solomon's text.
    """
    try:
        content = content_of(path, FileSort.BENCHMARK)
    except NotOpenedError as error:
        raise InputError([Fault("B801", path.name, value=str(path))]) from error
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError([Fault("B800", path.name, value=str(path))]) from error
    return parse_text(_decoded(content, path.name), path.stem)


def _decoded(content: bytes, name: str) -> str:
    """The text, which is in UTF-8, with or without a mark at its beginning."""
    encoding = _encoding(content)
    if encoding == "UTF-8":
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            encoding = "Latin-1 / Windows-1252"
    raise InputError([Fault("B816", name, params={"encoding": encoding})])


def _encoding(content: bytes) -> str:
    """UTF-8, unless marks or zero bytes at the beginning say otherwise."""
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    beginning = content[:4000]
    zeros = beginning.count(0)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or 3 * zeros > len(beginning):
        return "UTF-16"
    return "binary" if zeros else "UTF-8"


def parse_text(text: str, name: str) -> SetFile:
    """The fields of a text.

    Raises
    ------
    InputError
        If it is neither VRPLIB nor Solomon's text.
    """
    kind = _kind(text)
    if not kind:
        raise InputError([Fault("B801", name, value=name)])
    try:
        if kind == "solomon":
            _refuse_fractions(text, name)
            fields = parse_solomon(text, compute_edge_weights=False)
        else:
            fields = parse_vrplib(text, compute_edge_weights=False)
        order = _row_numbers(text, kind, name)
    # vrplib has no exceptions of its own
    except (RuntimeError, ValueError, KeyError, IndexError, TypeError) as error:
        raise InputError([Fault("B801", name, value=name)]) from error
    _put_in_order(fields, order, name, first=0 if kind == "solomon" else 1)
    _refuse_numbers(fields, text, name)
    if kind == "solomon":
        return SetFile(name, fields, solomon=True)
    if not isinstance(fields.get("dimension"), int) or fields["dimension"] < 2:
        raise InputError([Fault("B802", name, column="DIMENSION", value=str(fields.get("dimension", "")))])
    return SetFile(name, fields, solomon=False)


def _row_numbers(text: str, kind: str, name: str) -> dict[str, list[str]]:
    """By field: the numbers that its rows begin with; `vrplib` drops them, and all but one of a field."""
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    if kind == "solomon":
        numbers = [_plain(line) for line in lines[6:]]
        return dict.fromkeys(("node_coord", "demand", "time_window", "service_time"), numbers)
    specifications, sections = group_specifications_and_sections(lines)
    names = [rows[0].strip(" :").removesuffix("_SECTION").lower() for rows in sections]
    every = [*names, *(line.split(":")[0].strip().lower() for line in specifications)]
    if faults := [
        Fault("B824", name, column=one.upper(), params={"number": number})
        for one, number in Counter(every).items()
        if number > 1 and one.upper() not in _WORDS
    ]:
        raise InputError(faults)
    return {
        name: [_plain(row) for row in rows[1:]]
        for name, rows in zip(names, sections, strict=True)
        if name not in _NOT_NUMBERED
    }


def _plain(row: str) -> str:
    """The number that a row begins with, without signs and zeros that say nothing; else the word."""
    word = row.split(maxsplit=1)[0]
    return str(int(word)) if re.fullmatch(r"[+-]?\d{1,18}", word, re.ASCII) else word


def _put_in_order(
    fields: dict[str, Any], numbers: Mapping[str, Sequence[str]], name: str, *, first: int
) -> None:
    """Rows in the order of their numbers, which are 1, 2, 3, … (0, 1, 2, … in Solomon's text)."""
    faults = []
    for field, found in numbers.items():
        wanted = [str(number) for number in range(first, first + len(found))]
        if list(found) == wanted:
            continue
        place = {number: row for row, number in enumerate(found)}
        missing = next((number for number in wanted if number not in place), None)
        if missing is not None:
            column = "CUSTOMER" if first == 0 else f"{field.upper()}_SECTION"
            faults.append(Fault("B813", name, column=column, value=missing, params={"rows": len(found)}))
            continue
        order = [place[number] for number in wanted]
        rows = fields[field]
        fields[field] = [rows[row] for row in order] if isinstance(rows, list) else rows[order]
    if faults:
        raise InputError(faults[:1] if first == 0 else faults)


def _refuse_numbers(fields: Mapping[str, Any], text: str, name: str) -> None:
    """Numbers that are none, and numbers of vehicles that cannot be."""
    faults = []
    column = ""
    number = fields.get("vehicles", 1)
    wrong = not isinstance(number, int) or not 1 <= number <= _MOST_VEHICLES
    infinite = bool(_not_finite(text))
    for row, line in enumerate(text.splitlines() if wrong or infinite else (), start=1):
        key = re.match(r"\s*(\w+?_SECTION)|\s*(\w+)\s*:|\s*(VEHICLE|CUSTOMER)\b", line)
        column = next(filter(None, key.groups())) if key else column
        if infinite and column not in _WORDS and (found := _not_finite(line)):
            faults.append(Fault("B814", name, row=row, column=column, value=found))
        elif wrong and (column == "VEHICLES" or (column == "VEHICLE" and line.split()[0:1] == [str(number)])):
            params = {"most": _MOST_VEHICLES}
            faults.append(Fault("B815", name, row=row, column=column, value=str(number), params=params))
    if faults:
        raise InputError(faults)


def _not_finite(text: str) -> str:
    """The first number that is infinite or none; else nothing."""
    return next((one for one in _DOUBTFUL.findall(text) if not math.isfinite(float(one))), "")


def _refuse_fractions(text: str, name: str) -> None:
    """What is not whole in Solomon's text, `vrplib` would read as something else."""
    faults = []
    for row, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        if parts and parts[0].isdigit() and not all(part.lstrip("+-").isdigit() for part in parts):
            faults.append(Fault("B807", name, row=row, column="CUSTOMER", value=line.strip()))
    if faults:
        raise InputError(faults)


def _kind(text: str) -> str:
    """``vrplib``, ``solomon``, or nothing."""
    if re.search(r"^\s*DIMENSION\s*:", text, re.MULTILINE) and "_SECTION" in text:
        return "vrplib"
    if re.search(r"^\s*VEHICLE\b", text, re.MULTILINE) and re.search(r"^\s*CUST", text, re.MULTILINE):
        return "solomon"
    return ""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files that are named, and all benchmark files in the folders that are named and below them.

    Notes
    -----
    In a folder whatever ends in ``.vrp`` counts as one, so that a broken one is told of when it is read; a
    ``.txt`` may be anything, and counts where it begins like one.

    Raises
    ------
    InputError
        If a path is not there, or nothing is found.
    """
    found: dict[Path, None] = {}
    faults = []
    for path in paths:
        if path.is_dir():
            inside = (one for one in sorted(path.rglob("*")) if one.suffix.lower() in _SUFFIXES)
            mine = [one for one in inside if one.is_file() and _is_meant(one)]
            if not mine:
                faults.append(Fault("B803", path.name, value=str(path)))
            found.update(dict.fromkeys(mine))
        elif path.is_file():
            found[path] = None
        else:
            faults.append(Fault("B800", path.name, value=str(path)))
    if faults:
        raise InputError(faults)
    return list(found)


def _is_meant(path: Path) -> bool:
    """Whether a file in a folder is there to be run."""
    if path.suffix.lower() == ".vrp":
        return True
    with opened(path, FileSort.BENCHMARK) as file:
        content = file.read(4000)
    codec = {"UTF-8": "utf-8-sig", "UTF-16": "utf-16", "UTF-32": "utf-32"}.get(_encoding(content), "latin-1")
    return bool(_kind(content.decode(codec, errors="replace")))
