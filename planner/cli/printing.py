"""Tables and lines that several verbs print."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from planner.base.errors import Fault, Severity
from planner.base.safe_text import terminal_text
from planner.base.text import words
from planner.cli.terminal import is_wide, say
from planner.proof.verdict import Violation

__all__ = [
    "SafeConsole",
    "say_elsewhere",
    "say_lines",
    "show_faults",
    "show_summary",
    "show_table",
    "show_violations",
    "table",
    "desk_console",
]

_MOST_VIOLATIONS = 40
_MOST_FAULTS = 500  # printed; with --json there are all
_USUAL_WIDTH = 80  # signs of a line where nobody says how wide it is
_WIDE = 160  # with --wide, at least


def table(
    title: str,
    columns: Sequence[tuple[str, bool]],
    rows: Iterable[Sequence[str]],
    *,
    width: int | None = None,
    spare: Sequence[int] = (),
) -> Table:
    """A table; each column has a heading and whether it is a number.

    Parameters
    ----------
    title, columns, rows
        Texts, ready to print.
    width
        Signs of a line: wider columns are narrowed between words, moments and durations; the longest words
        are divided only where even that is too wide. None: rich narrows them.
    spare
        Positions of the columns that are left out where not even the longest words of all fit, the first one
        first; below the table stands which.
    """
    made = Table(title=title or None, title_justify="left", caption_justify="left", header_style="bold")
    cells = [tuple(map(terminal_text, row)) for row in rows]
    if width is not None and spare:
        kept = _kept([[name for name, _ in columns], *cells], width, spare)
        if out := [columns[at][0] for at in range(len(columns)) if at not in kept]:
            made.caption = words("cli.tables.left_out", columns=", ".join(out))
        columns, cells = [columns[at] for at in kept], [tuple(row[at] for at in kept) for row in cells]
    widths = (
        [None] * len(columns) if width is None else _widths([[name for name, _ in columns], *cells], width)
    )
    for (heading, is_number), wide in zip(columns, widths, strict=True):
        justify: Literal["left", "right"] = "right" if is_number else "left"
        made.add_column(heading, justify=justify, overflow="fold", width=wide)
    for row in cells:
        made.add_row(
            *(cell if wide is None else _wrapped(cell, wide) for cell, wide in zip(row, widths, strict=True))
        )
    return made


def _pieces(cell: str) -> list[str]:
    """What of a cell stays on one line: words, moments (`25 Nov 14:30`) and durations (`2 d 10 h`)."""
    months = words("report.months").replace(" ", "|")
    units = "|".join(words(f"report.unit.{name}") for name in ("day", "hour", "minute"))
    figure = rf"-?\d+ (?:{units})(?: \d+ (?:{units}))?"
    return re.findall(rf"\d+ (?:{months})(?: \d\d:\d\d)?(?!\w)\S*|{figure}(?!\w)\S*|\S+", cell)


def _wrapped(cell: str, width: int) -> str:
    """A cell in lines of this width, broken between its pieces."""
    lines = [""]
    for piece in _pieces(cell):
        longer = f"{lines[-1]} {piece}" if lines[-1] else piece
        if lines[-1] and cell_len(longer) > width:
            lines.append(piece)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def _least(column: Iterable[str]) -> int:
    """Signs of the longest piece in a column."""
    return max((cell_len(one) for cell in column for one in _pieces(cell)), default=1)


def _room(width: int, columns: int) -> int:
    """Signs of a line that its frame leaves to cells."""
    return width - 3 * columns - 1


def _kept(cells: Sequence[Sequence[str]], width: int, spare: Sequence[int]) -> list[int]:
    """Positions of the columns that a line has room for; those that are spare go first."""
    least = [_least(column) for column in zip(*cells, strict=True)]
    kept = list(range(len(least)))
    for one in spare:
        if sum(least[at] for at in kept) <= _room(width, len(kept)):
            break
        kept.remove(one)
    return kept


def _widths(cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """Widths of columns: the widest are narrowed first, below its longest word only where it must be."""
    columns = list(zip(*cells, strict=True))
    found = [max(map(cell_len, column)) for column in columns]
    least = [_least(column) for column in columns]
    room = _room(width, len(columns))
    while sum(found) > room:
        able = [at for at, wide in enumerate(found) if wide > least[at]] or range(len(found))
        if max(found) == 1:
            break
        found[max(able, key=lambda at: found[at])] -= 1
    return found


class SafeConsole(Console):
    """A console on which nothing from files or people steers the terminal."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Segments of what is printed; all but rich's own control codes as `terminal_text`."""
        for one in super().render(renderable, options):
            yield one if one.control else one._replace(text=terminal_text(one.text))


def desk_console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal, of 80 columns where the output is none, of 160 with ``--wide``.

    Notes
    -----
    The variable COLUMNS says of both how wide they are.
    """
    console = SafeConsole(stderr=stderr)
    if not console.is_terminal and not os.environ.get("COLUMNS", "").isdigit():
        console.width = _USUAL_WIDTH
    if is_wide():
        console.width = max(console.width, _WIDE)
    return console


def show_table(
    console: Console,
    title: str,
    columns: Sequence[tuple[str, bool]],
    rows: Iterable[Sequence[str]],
    spare: Sequence[int] = (),
) -> None:
    """Print a table that is as wide as the console at most.

    Parameters
    ----------
    console
        Where.
    title, columns, rows, spare
        See `table`; with ``--wide`` no column is left out.
    """
    left_out = () if is_wide() else spare
    console.print(table(title, columns, rows, width=console.width, spare=left_out))


def show_summary(console: Console, rows: Iterable[Sequence[str]]) -> None:
    """Print the rows of `planner.outputs.summary.summary_rows`."""
    names = ("area", "regions", "on_time", "vehicles", "trips", "km", "cost", "margin", "status")
    columns = [(words(f"report.column.{name}"), name not in ("area", "status")) for name in names]
    spare = [names.index(one) for one in ("km", "trips", "vehicles", "regions")]
    show_table(console, "", columns, rows, spare)


def say_lines(console: Console, lines: Iterable[str], *, style: str | None = None, indent: str = "") -> None:
    """Print lines: in a terminal broken between words, which it does not do itself, else each as a whole.

    Parameters
    ----------
    console, lines
        Where, and what.
    style
        As rich calls it, such as `bold`; None: as any text.
    indent
        What stands before each line.
    """
    width = console.width - len(indent)
    for line in lines:
        broken = [line]
        if console.is_terminal:
            safe = terminal_text(line).splitlines() or [""]
            broken = [part for one in safe for part in _wrapped(one, width).split("\n")]
        for one in broken:
            console.print(indent + one, style=style, soft_wrap=True)


def say_elsewhere(wanted: Path, written: Path) -> None:
    """Say that a file has another name than was wanted, where that one is open in a program."""
    if written != wanted:
        say(words("book.open_elsewhere", wanted=wanted, written=written), err=True)


def show_faults(faults: Sequence[Fault]) -> None:
    """Faults on stderr, each on three lines (with ``--wide`` as a table), and their numbers.

    Of very many the first ones are shown, errors before warnings.
    """
    console = desk_console(stderr=True)
    shown = faults
    if len(faults) > _MOST_FAULTS:
        shown = sorted(faults, key=lambda fault: fault.severity is not Severity.ERROR)[:_MOST_FAULTS]
    rows = [(fault.code, _place(fault), _short(fault.value), fault.cause, fault.action) for fault in shown]
    if is_wide():
        names = ("code", "place", "value", "cause", "action")
        show_table(console, "", [(words(f"cli.faults.{name}"), False) for name in names], rows)
    else:
        for code, place, value, cause, action in rows:
            indent = " " * (len(code) + 2)
            say_lines(console, [f"{code}  {place}" + (f": {value}" if value else "")], style="bold")
            say_lines(console, [cause, action], indent=indent)
    if len(faults) > len(shown):
        console.print(words("cli.faults.more", number=len(faults) - len(shown)))
    errors = sum(fault.severity is Severity.ERROR for fault in faults)
    console.print(words("cli.faults.count", errors=errors, warnings=len(faults) - errors))


def _place(fault: Fault) -> str:
    parts = [fault.table]
    if fault.row is not None:
        parts.append(words("cli.faults.row", row=fault.row))
    if fault.column is not None:
        parts.append(fault.column)
    return ", ".join(parts)


def _short(value: str | None) -> str:
    limit = 60
    text = value or ""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def show_violations(violations: Sequence[Violation]) -> None:
    """Broken rules on stderr, the first ones in words."""
    console = desk_console(stderr=True)
    say_lines(console, [f"{one.rule}: {one.text}" for one in violations[:_MOST_VIOLATIONS]])
    if len(violations) > _MOST_VIOLATIONS:
        console.print(words("cli.check.more", number=len(violations) - _MOST_VIOLATIONS))
