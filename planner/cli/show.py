"""``plan show``: what a plan does for a region, at a hub, or with a vehicle."""

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
    from planner.outputs.itineraries import Shown

__all__ = ["command"]


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        click.Argument(["ids"], nargs=-1, required=True),
        instance_option("cli.show.instance", required=True),
        change_option(),
        json_option(),
    ]
    return click.Command("show", callback=_run, params=list(options), help=words("cli.show.help"))


def _run(plan: Path, ids: tuple[str, ...], folder: Path, changes: tuple[str, ...], *, as_json: bool) -> int:
    from planner.cli.pair import read_pair
    from planner.cli.printing import desk_console, say_lines, show_table
    from planner.outputs.itineraries import near_names, shown

    found, instance = read_pair(plan, folder, changes)
    tables = [(name, shown(found, instance, name)) for name in ids]
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
