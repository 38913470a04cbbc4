"""``plan show``: what a plan does for a region, at a place, in an area, or with a vehicle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.changes import change_option
from planner.cli.options import instance_option, json_option
from planner.cli.terminal import say_json

if TYPE_CHECKING:
    from planner.outputs.shown import Shown

__all__ = ["command"]


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path), required=False),
        click.Argument(["ids"], nargs=-1),
        instance_option("cli.show.instance"),
        click.Option(["--box", "boxes"], multiple=True, metavar="CODE", help=words("cli.show.box")),
        click.Option(["--day"], metavar="YYYY-MM-DD", help=words("cli.show.day")),
        change_option(),
        json_option(),
    ]
    return click.Command("show", callback=_run, params=list(options), help=words("cli.show.help"))


def _run(
    plan: Path | None,
    ids: tuple[str, ...],
    folder: Path | None,
    boxes: tuple[str, ...],
    day: str | None,
    changes: tuple[str, ...],
    *,
    as_json: bool,
) -> int:
    from planner.cli.days import day_of
    from planner.cli.pair import read_pair
    from planner.cli.printing import desk_console, say_lines, show_table
    from planner.outputs.itineraries import near_names, shown

    if boxes and not ids:
        return _show_boxes(plan, folder, boxes, as_json=as_json)
    if boxes or plan is None or folder is None or not ids:
        raise click.UsageError(words("cli.show.usage"))
    found, instance = read_pair(plan, folder, changes)
    local_day = day_of(day)
    tables = [(name, shown(found, instance, name, local_day)) for name in ids]
    unknown = [
        Fault("C707", "IDS", value=name, params={"nearest": near_names(found, instance, name)})
        for name, one in tables
        if one is None
    ]
    if unknown:
        raise InputError(unknown)
    if as_json:
        say_json({"shown": [_document(name, one) for name, one in tables if one is not None]})
        return int(ExitCode.OK)
    console = desk_console()
    for _, one in tables:
        if one is not None:
            say_lines(console, [one.heading], style="bold")
            show_table(console, "", one.columns, one.rows, one.spare)
            say_lines(console, one.notes)
    return int(ExitCode.OK)


def _show_boxes(plan: Path | None, folder: Path | None, boxes: tuple[str, ...], *, as_json: bool) -> int:
    """The whole way of boxes, as scanned and as planned."""
    from planner.cli.in_force import warn_of_another
    from planner.cli.printing import desk_console, say_lines, show_table
    from planner.custody.box_way import box_way
    from planner.custody.desk import custody_of, ways_of
    from planner.custody.ledger import Custody
    from planner.instance.boxes import as_scanned
    from planner.plans.locate import find

    found = find(plan, folder)
    warn_of_another(found)
    custody = custody_of(found) or Custody(ways_of(found), ())
    faults = [
        Fault("H129", "--box", value=code) for code in boxes if as_scanned(code) not in custody.ways.box_of
    ]
    if faults:
        raise InputError(faults)
    ways = [box_way(custody, found.instance, as_scanned(code)) for code in boxes]
    if as_json:
        say_json({"boxes": [one.document for one in ways]})
        return int(ExitCode.OK)
    console = desk_console()
    for one in ways:
        say_lines(console, [one.heading], style="bold")
        say_lines(console, [one.now])
        for title, columns, rows in one.tables:
            if rows:
                show_table(console, title, columns, rows)
    return int(ExitCode.OK)


def _document(name: str, one: Shown) -> dict[str, object]:
    """A table for machines: its cells are the texts that people see."""
    columns = [heading for heading, _ in one.columns]
    return {
        "id": name,
        "heading": one.heading,
        "columns": columns,
        "rows": [list(row) for row in one.rows],
        "notes": list(one.notes),
    }
