"""What ``plan problem`` and ``plan preparation`` share: places by name, days, rows as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import PATH
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.instance.schema import Instance

__all__ = ["FOLDER", "id_of", "said", "show_rows", "tables_in", "today"]

FOLDER = click.Argument(["folder"], type=PATH)
_DAYS = ("date", "due", "closed")


def tables_in(folder: Path) -> Instance:
    """The instance of a folder, though it may have no travel times yet."""
    from planner.instance.read import read_instance

    return read_instance(folder, needs_times=False)


def today(instance: Instance) -> str:
    """The local day by this desk's clock."""
    clock = instance.clock
    return clock.day(clock.seconds(datetime.now(UTC).replace(microsecond=0))).isoformat()


def id_of(instance: Instance, word: str, kinds: Sequence[str], option: str) -> str:
    """The id of what a word names; empty where it is.

    Parameters
    ----------
    instance, word, kinds
        Which things there are, what was typed, and what it may be about.
    option
        How the command line calls it.

    Raises
    ------
    InputError
        Where it names nothing, or several things (C707).
    """
    from planner.events.names import Names, UnknownNameError

    if not word:
        return ""
    try:
        return Names(instance).find(word, kinds)[1]
    except UnknownNameError as error:
        near = ", ".join(error.candidates) or "-"
        raise InputError([Fault("C707", option, value=word, params={"nearest": near})]) from None


def said(path: Path, cells: Mapping[str, str], *, as_json: bool) -> int:
    """Say which row was written."""
    if as_json:
        say_json({"path": str(path), "row": dict(cells)})
    else:
        say(", ".join(f"{name}: {cell}" for name, cell in cells.items() if cell))
        say(words("cli.problem.written", path=path), err=True)
    return int(ExitCode.OK)


def show_rows(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    numbers: int = 0,
    spare: Sequence[str] = (),
) -> None:
    """Print rows as a table, with short days.

    Parameters
    ----------
    title, columns, rows
        What stands there.
    numbers
        So many of the last columns are numbers.
    spare
        Columns that are left out where there is too little room, the first one first.
    """
    from planner.cli.printing import desk_console, show_table
    from planner.outputs.figures import day_text, number

    def cell(name: str, value: Any) -> str:  # noqa: ANN401
        if isinstance(value, int):
            return number(value)
        return day_text(date.fromisoformat(value)) if name in _DAYS and value else str(value)

    first = len(columns) - numbers
    heads = tuple((words(f"cli.problem.column.{name}"), at >= first) for at, name in enumerate(columns))
    cells = [tuple(cell(name, row[name]) for name in columns) for row in rows]
    show_table(desk_console(), title, heads, cells, [columns.index(name) for name in spare])
