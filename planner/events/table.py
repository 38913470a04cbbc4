"""The events table as a file that several people add to: whole or not at all, one after another."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.base.files import write_text
from planner.base.locking import LockedError, locked
from planner.base.opening import FileSort, content_of
from planner.base.safe_text import csv_text
from planner.events.rows import TABLE
from planner.events.schema import COLUMNS
from planner.store.place import has_store

__all__ = ["Added", "add_row", "add_rows", "next_id"]

_OWN_ID = re.compile(r"E(\d{1,9})", re.ASCII)
_BOM = "\ufeff"
_NEEDED = COLUMNS[:4]  # without these a file is no table of reports


@dataclass(frozen=True, slots=True)
class Added:
    """What adding rows did.

    Parameters
    ----------
    ids
        Of the new rows.
    torn
        The end of a line that somebody's power cut had left, which was taken out; empty: there was none.
    """

    ids: tuple[str, ...]
    torn: str = ""


def next_id(known: Iterable[str]) -> str:
    """The next free id: one more than the largest number of an id `E…`.

    Examples
    --------
    >>> next_id([]), next_id(["E0009", "call 12", "E0003"])
    ('E0001', 'E0010')
    """
    numbers = [int(match[1]) for one in known if (match := _OWN_ID.fullmatch(one))]
    return f"E{max(numbers, default=0) + 1:04d}"


def add_row(
    path: Path,
    make: Callable[[str], Mapping[str, str]],
    *,
    taken: Iterable[str] = (),
    wait_s: float = 20.0,
) -> Added:
    """Add one row to an events table, as `add_rows` adds several.

    Parameters
    ----------
    path, taken, wait_s
        As for `add_rows`.
    make
        Gives the cells of the row for its id.
    """
    return add_rows(path, lambda ids: [make(next(ids))], taken=taken, wait_s=wait_s)


def add_rows(
    path: Path,
    make: Callable[[Iterator[str]], Sequence[Mapping[str, str]]],
    *,
    taken: Iterable[str] = (),
    wait_s: float = 20.0,
) -> Added:
    """Add rows to an events table, all or none; the file is made where it is not there.

    Parameters
    ----------
    path
        The table. Its separator, line ends and order of columns stay.
    make
        Gives the cells of the rows, whose ids it takes from what it is given; it is called while nobody else
        can add any, and may raise. With no rows the file stays as it is.
    taken
        Further ids that were given already.
    wait_s
        How long to wait for others who are adding.

    Raises
    ------
    InputError
        If the file is no table of text (E901) or not one of reports (E988), or another one keeps
        it too long (E931).

    Notes
    -----
    The new table takes the place of the old one at once, so that a power cut leaves one of the two. A last
    line without a line end that has fewer cells than the header was cut off by somebody else's; it is taken
    out.
    """
    path = Path(path)
    if has_store(path.parent):
        return _added_to_store(path, make, taken, wait_s)
    try:
        with locked(path, wait_s=wait_s):
            grown = _grown(path, _content(path), make, taken)
            if grown.made:
                write_text(path, grown.text)
            return grown.added
    except LockedError:
        raise InputError([Fault("E931", TABLE, value=str(path))]) from None


def _added_to_store(
    path: Path,
    make: Callable[[Iterator[str]], Sequence[Mapping[str, str]]],
    taken: Iterable[str],
    wait_s: float,
) -> Added:
    """Add rows to the table of a folder that has a store."""
    from planner.store.books import REPORTS
    from planner.store.mirror import adding

    with adding(path, REPORTS, wait_s) as shelf:
        grown = _grown(path, shelf.content or b"", make, taken)
        shelf.text = grown.text.encode("utf-8")
        shelf.rows += REPORTS.read(shelf.text).rows[-len(grown.made) :] if grown.made else []
    return grown.added


@dataclass(frozen=True)
class _Grown:
    """A table with further rows."""

    text: str
    made: Sequence[Mapping[str, str]]
    added: Added


def _grown(
    path: Path,
    content: bytes,
    make: Callable[[Iterator[str]], Sequence[Mapping[str, str]]],
    taken: Iterable[str],
) -> _Grown:
    text = _text(path, content)
    mark, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    end = "\r\n" if "\r\n" in text else "\n"
    if not text.strip():
        text = ",".join(COLUMNS) + end
    separator = _separator(text)
    try:
        text, torn = _without_torn_line(text, separator)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InputError([Fault("E901", TABLE, value=str(path), params={"reason": str(error)})]) from error
    header = _header(rows, path)
    at = {name.strip(): position for position, name in enumerate(header)}
    known = [row[at["id"]].strip() for row in rows[1:] if "id" in at and len(row) > at["id"]]
    made = make(_free_ids([*known, *taken]))
    filled = dict.fromkeys(column for cells in made for column, cell in cells.items() if cell)
    lacking = [column for column in filled if column not in at]
    if lacking:
        text = _wider(rows, header, lacking, separator, end)
        header = [*header, *lacking]
    for cells in made:
        row = [cells.get(column.strip(), "") for column in header]
        text += csv_text([row], separator=separator, line_end=end)
    return _Grown(mark + text, made, Added(tuple(cells["id"] for cells in made), torn))


def _header(rows: Sequence[Sequence[str]], path: Path) -> Sequence[str]:
    """The first row, if it is that of a table of reports: nothing is written into any other file."""
    header = next((row for row in rows if any(row)), ())
    lacking = set(_NEEDED) - {name.strip() for name in header}
    if lacking:
        params = {"columns": ", ".join(name for name in _NEEDED if name in lacking)}
        raise InputError([Fault("E988", TABLE, 1, value=str(path), params=params)])
    return header


def _free_ids(known: Sequence[str]) -> Iterator[str]:
    """Ids that are free, one after another."""
    name = next_id(known)
    while True:
        yield name
        name = next_id([name])


def _content(path: Path) -> bytes:
    try:
        return content_of(path, FileSort.REPORTS)
    except FileNotFoundError:
        return b""


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > content.rfind(b"\n") and error.end == len(content):  # cut off within a letter
            return content[: error.start].decode("utf-8") + "\ufffd"
        raise InputError([Fault("E901", TABLE, value=str(path), params={"reason": "UTF-8"})]) from None


def _separator(text: str) -> str:
    head = text.lstrip().splitlines()[0]
    return ";" if head.count(";") > head.count(",") else ","


def _without_torn_line(text: str, separator: str) -> tuple[str, str]:
    """The text up to its last whole line, ended, and what followed it."""
    if text.endswith("\n"):
        return text, ""
    whole, _, last = text.rpartition("\n")
    end = "\r\n" if whole.endswith("\r") else "\n"
    width = len(next(csv.reader(io.StringIO(text, newline=""), delimiter=separator)))
    cells = next(iter(csv.reader(io.StringIO(last, newline=""), delimiter=separator)), [])
    if len(cells) == width and last.count('"') % 2 == 0:
        return text + end, ""
    return (whole + "\n" if whole else ""), last


def _wider(
    rows: Sequence[Sequence[str]], header: Sequence[str], lacking: Sequence[str], separator: str, end: str
) -> str:
    """The table with further columns."""
    rest = ([*row, *("" for _ in lacking)] for row in rows if any(row) and row is not header)
    return csv_text(([*header, *lacking], *rest), separator=separator, line_end=end, as_is=True)
