"""Reads what was scanned or typed: a code on each line, labels as scanners read them, or tables of others."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.nearest import folded
from planner.base.opening import FileSort, text_of_file
from planner.base.safe_text import from_spreadsheet, label_text
from planner.custody.lists import Act, act_of

__all__ = ["SCAN_FILE", "Mapped", "Read", "Row", "read_mapped", "read_rows"]

SCAN_FILE = "scan.toml"
_COLUMNS = {
    "code": "code kode box kotak barcode qr kode_kotak kode_box box_code",
    "seal": "seal segel nomor_segel no_segel seal_number",
    "condition": "condition kondisi keadaan",
    "act": "act kegiatan status",
    "place": "place tempat lokasi",
    "vehicle": "vehicle kendaraan",
    "time": "time waktu jam",
    "by": "by oleh petugas",
    "note": "note catatan keterangan",
}
_BROKEN = "broken rusak robek putus lepas torn open terbuka"
_LABEL_LINES = 2  # of a label's QR code, after its code
_LONGEST = 200  # signs of a code; longer ones are cut, and unknown


@dataclass(frozen=True)
class Mapped:
    """What another system's words mean (`scan.toml`), beside the program's own.

    Parameters
    ----------
    columns
        What each heading is, as compared.
    acts
        What each word for an act means, as compared.
    broken
        Words for a broken seal, as compared.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    acts: Mapping[str, Act] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()

    def column(self, heading: str) -> str:
        """What a heading is; empty: nothing that is read."""
        word = folded(heading)
        own = {other: name for name, words in _COLUMNS.items() for other in words.split()}
        return self.columns.get(word) or own.get(re.sub(r"[ .-]+", "_", word), "")

    def act(self, word: str) -> Act | None:
        """What a word for an act means; None: nothing."""
        return self.acts.get(folded(word)) or act_of(word)

    def is_broken(self, word: str) -> bool:
        """Whether a condition says that the seal is broken."""
        return folded(word) in self.broken or any(one in _BROKEN.split() for one in folded(word).split())


@dataclass(frozen=True, slots=True)
class Row:
    """One code that was scanned, with what stands beside it."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Read:
    """What was read.

    Parameters
    ----------
    rows
        Codes in their order.
    left_out
        Headings of columns that are nothing.
    """

    rows: tuple[Row, ...]
    left_out: tuple[str, ...] = ()


def read_mapped(folder: Path) -> Mapped:
    """What `scan.toml` beside an instance's tables says; without one, nothing.

    Raises
    ------
    InputError
        If it cannot be read (H127), or says what is not meant (H128).
    """
    path = (folder if folder.is_dir() else folder.parent) / SCAN_FILE
    if not path.exists():
        return Mapped()
    try:
        document = tomllib.loads(text_of_file(path, FileSort.SETTINGS))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError([Fault("H127", SCAN_FILE, value=str(error))]) from None
    known = {"columns": [*_COLUMNS], "acts": [act.value for act in Act], "conditions": ["broken"]}
    found: dict[str, dict[str, str]] = {name: {} for name in known}
    faults = []
    for table, keys in document.items():
        for key, value in keys.items() if isinstance(keys, dict) else (("", keys),):
            words = [value] if isinstance(value, str) else value
            if key in known.get(table, ()) and _are_texts(words):
                found[table] |= {folded(word): key for word in words}
            else:
                expected = ", ".join(f"{name}.{one}" for name, ones in known.items() for one in ones)
                where = f"{table}.{key}".strip(".")
                faults.append(Fault("H128", SCAN_FILE, None, where, str(value)[:80], {"known": expected}))
    if faults:
        raise InputError(faults)
    acts = {word: Act(name) for word, name in found["acts"].items()}
    return Mapped(found["columns"], acts, frozenset(found["conditions"]))


def _are_texts(words: Any) -> bool:  # noqa: ANN401
    return isinstance(words, list) and all(isinstance(one, str) for one in words)


def read_rows(
    text: str,
    table: str,
    mapped: Mapped,
    is_code: Callable[[str], bool],
    is_label: Callable[[str, str], bool],
) -> Read:
    """What was scanned, pasted or exported.

    Parameters
    ----------
    text
        All of it.
    table
        What it is called in faults.
    mapped
        What headings and words mean.
    is_code
        Whether a text is the code of a box.
    is_label
        Whether a line stands on the label of a box, given its code and the line.

    Raises
    ------
    InputError
        If it is a table without a column that is known to hold codes (H123).
    """
    lines = text.removeprefix("\ufeff").splitlines()
    if lines and lines[0].casefold().startswith("sep="):
        lines[0] = ""
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return Read(())
    separator = _separator(lines[first])
    heading = _cells(lines[first], separator) if separator else [lines[first].strip()]
    names = [mapped.column(cell) for cell in heading]
    if "code" in names:
        return _table(lines, first, separator or ",", heading, names)
    if separator and not any(map(is_code, heading)):
        rest = (line for line in lines[first + 1 :] if line.strip())
        below = _cells(next(rest, ""), separator)
        if any(map(is_code, below)):
            raise InputError([Fault("H123", table, first + 1, value=lines[first][:200])])
    return Read(tuple(_pasted(lines, is_code, is_label)))


def _separator(line: str) -> str:
    """What divides the cells of a line; empty: nothing does."""
    return max("\t;,", key=line.count) if any(one in line for one in "\t;,") else ""


def _cells(line: str, separator: str) -> list[str]:
    try:
        found = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        found = line.split(separator)
    return [label_text(from_spreadsheet(cell)).strip() for cell in found]


def _table(
    lines: Sequence[str], first: int, separator: str, heading: Sequence[str], names: Sequence[str]
) -> Read:
    reader = csv.reader(io.StringIO("\n".join(lines[first + 1 :]), newline=""), delimiter=separator)
    rows = []
    while True:
        line = first + 2 + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            continue
        told = {
            name: label_text(from_spreadsheet(cell)).strip()[:_LONGEST]
            for name, cell in zip(names, cells, strict=False)
            if name
        }
        if told.get("code"):
            rows.append(Row(line, told))
    return Read(
        tuple(rows), tuple(cell for cell, name in zip(heading, names, strict=True) if cell and not name)
    )


def _pasted(
    lines: Sequence[str], is_code: Callable[[str], bool], is_label: Callable[[str, str], bool]
) -> list[Row]:
    """Codes of lines: one on each (perhaps with its seal and condition behind), or several."""
    rows: list[Row] = []
    code, more = "", 0
    for number, raw in enumerate(lines, 1):
        line = label_text(raw).strip()
        if not line:
            continue
        if is_code(line):
            rows.append(Row(number, {"code": line}))
            code, more = line, _LABEL_LINES
            continue
        if more and is_label(code, line):
            more -= 1
            continue
        more = 0
        separator = _separator(raw)
        cells = _cells(raw, separator) if separator else []
        words = re.split(r"[\s,;]+", line)
        if len(words) > 1 and all(is_code(word) for word in words):
            rows += [Row(number, {"code": word}) for word in words]
        elif len(cells) > 1 and cells[0]:
            told = zip(("code", "seal", "condition", "note"), cells, strict=False)
            rows.append(Row(number, {name: cell[:_LONGEST] for name, cell in told if cell}))
        else:
            rows.append(Row(number, {"code": line[:_LONGEST]}))
    return rows
