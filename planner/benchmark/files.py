"""A benchmark file as its fields: VRPLIB (with PyVRP's further sections) or Solomon's text.

Parsing is `vrplib`'s; nothing here says what a field means. What a file is, is told by its content, not by
its name or folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from vrplib.parse import parse_solomon, parse_vrplib  # type: ignore[import-untyped]

from planner.errors import Fault, InputError

__all__ = ["SetFile", "find_files", "parse_text", "read_file"]

_SUFFIXES = (".vrp", ".txt")
_MOST_BYTES = 200_000_000


@dataclass(frozen=True)
class SetFile:
    """One file of a benchmark set.

    Parameters
    ----------
    name
        The file's name without its ending, by which sets name their instances.
    fields
        Names in lower case, without ``_SECTION``; values as `vrplib` gives them.
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
        If it is not there, or is neither VRPLIB nor Solomon's text.
    """
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise InputError([Fault("B801", path.name, value=str(path))])
        text = path.read_text(encoding="utf-8", errors="strict")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError([Fault("B800", path.name, value=str(path))]) from error
    except UnicodeDecodeError as error:
        raise InputError([Fault("B801", path.name, value=str(path))]) from error
    return parse_text(text, path.stem)


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
            return SetFile(name, parse_solomon(text, compute_edge_weights=False), solomon=True)
        fields = parse_vrplib(text, compute_edge_weights=False)
    # vrplib has no exceptions of its own
    except (RuntimeError, ValueError, KeyError, IndexError, TypeError) as error:
        raise InputError([Fault("B801", name, value=name)]) from error
    if not isinstance(fields.get("dimension"), int) or fields["dimension"] < 2:
        raise InputError([Fault("B802", name, column="DIMENSION", value=str(fields.get("dimension", "")))])
    return SetFile(name, fields, solomon=False)


def _refuse_fractions(text: str, name: str) -> None:
    """What is not whole in Solomon's text, `vrplib` would read as something else."""
    for line in text.splitlines():
        parts = line.split()
        if parts and parts[0].isdigit() and not all(part.lstrip("+-").isdigit() for part in parts):
            raise InputError([Fault("B807", name, column="CUSTOMER", value=line.strip())])


def _kind(text: str) -> str:
    """``vrplib``, ``solomon``, or nothing."""
    if re.search(r"^\s*DIMENSION\s*:", text, re.MULTILINE) and "_SECTION" in text:
        return "vrplib"
    if re.search(r"^\s*VEHICLE\b", text, re.MULTILINE) and re.search(r"^\s*CUST", text, re.MULTILINE):
        return "solomon"
    return ""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files that are named, and all benchmark files in the folders that are named and below them.

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
            mine = [one for one in inside if one.is_file() and _kind(_beginning(one))]
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


def _beginning(path: Path) -> str:
    """Enough of a file to tell what it is; nothing of one that is no text."""
    with path.open("rb") as file:
        return file.read(4000).decode("utf-8", errors="replace")
