"""Writes a modelled network: into the folder it is for, or, for a workbook, as a new one beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from planner.background.read import background_folder, read_background
from planner.background.schema import own_folder
from planner.background.write import write_background
from planner.base.files import write_text
from planner.instance.raw import SEMICOLON, RawInstance
from planner.instance.schema import Edge, Instance
from planner.instance.sheet_names import BOOK_SUFFIXES, book_path
from planner.instance.workbook.write import write_workbook
from planner.instance.write import table_text

__all__ = ["write_network"]

_TABLE = "edges"
_ADDED = "-network"  # after the name of the workbook that a new one is made of


def write_network(place: Path, raw: RawInstance, instance: Instance, edges: Iterable[Edge]) -> Path:
    """Write a network.

    Parameters
    ----------
    place
        The instance as it was named: a folder of CSV files, a workbook, or a folder that holds one.
    raw
        Its tables as they were written, which say what separates the columns.
    instance
        The same, understood.
    edges
        The network.

    Returns
    -------
    Path
        The table ``edges.csv``, or a workbook that nobody had before. The workbook that was read stays as
        it is; the new one holds its values, and no formulas and sheets of people's own.

    Raises
    ------
    InputError, OSError, ValueError
        As for `planner.instance.workbook.write.write_workbook` and `planner.background.read.read_background`.
    """
    if book := book_path(place):
        return _new_book(place, book, raw, replace(instance, edges=tuple(edges)))
    separators = {name: table.separator for name, table in raw.tables.items()}
    commas = separators.get(_TABLE, separators.get("regions")) == SEMICOLON
    named = [one for one in place.iterdir() if one.stem == _TABLE and one.suffix.lower() == ".csv"]
    path = named[0] if named else place / f"{_TABLE}.csv"
    return write_text(path, table_text(_TABLE, edges, commas=commas))


def _new_book(place: Path, book: Path, raw: RawInstance, instance: Instance) -> Path:
    """A further workbook; not in the folder that holds the one alone, which would then hold two."""
    empty = any(not table.rows for table in raw.tables.values())
    beside = book if place == book else place if place.name not in ("", "..") else place.resolve()
    path = next(one for one in _names(beside.parent, book.stem) if not one.exists())
    written = write_workbook(path, instance, all_tables=empty)
    if background_folder(written) != background_folder(book):
        write_background(own_folder(written), read_background(place))
    return written


def _names(folder: Path, stem: str) -> Iterator[Path]:
    for number in count(1):
        more = "" if number == 1 else f"-{number}"
        yield folder / f"{stem.removesuffix(_ADDED)}{_ADDED}{more}{BOOK_SUFFIXES[0]}"
