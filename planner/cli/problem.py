"""``plan problem``: what is in the way, who sees to it and until when; in the table `problems`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.notes import FOLDER, id_of, said, show_rows, tables_in, today
from planner.cli.options import json_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.instance.noting import Cells

__all__ = ["command"]

_ID = re.compile(r"P(\d{1,9})", re.ASCII)
_COLUMNS = ("id", "date", "area", "kind", "text", "responsible", "action", "due", "closed")


def command() -> click.Group:
    """The verb and its parts."""
    group = click.Group("problem", help=words("cli.problem.help"))
    fields = [
        click.Option([f"--{name}"], default="", help=words(f"cli.problem.{name}"))
        for name in ("area", "kind", "responsible", "action", "due", "date")
    ]
    name, closed = click.Argument(["name"], metavar="ID"), click.Option(["--date"], default="")
    closed.help = words("cli.problem.closed")
    every = click.Option(["--all", "everything"], is_flag=True, help=words("cli.problem.all"))
    json = json_option()
    added = [FOLDER, click.Argument(["text"]), *fields, json]
    group.add_command(click.Command("add", callback=_add, params=added, help=words("cli.problem.add")))
    settled, listed = [FOLDER, name, closed, json], [FOLDER, every, json]
    group.add_command(
        click.Command("close", callback=_close, params=settled, help=words("cli.problem.close"))
    )
    group.add_command(click.Command("list", callback=_list, params=listed, help=words("cli.problem.list")))
    return group


def _add(folder: Path, text: str, *, as_json: bool, area: str, date: str, **cells: str) -> int:
    from planner.instance.noting import note

    instance = tables_in(folder)
    place = id_of(instance, area, ("area", "region", "hub", "warehouse"), "--area")

    def make(rows: Sequence[Cells]) -> Cells:
        numbers = [int(match[1]) for row in rows if (match := _ID.fullmatch(row.get("id", "")))]
        name = f"P{max(numbers, default=0) + 1:03d}"
        first = {"id": name, "date": date or today(instance), "area": place}
        return first | {"text": text} | cells

    return said(*note(folder, "problems", make), as_json=as_json)


def _close(folder: Path, name: str, date: str, *, as_json: bool) -> int:
    from planner.instance.noting import note

    instance = tables_in(folder)

    def make(rows: Sequence[Cells]) -> Cells:
        found = next((row for row in rows if row.get("id") == name), None)
        if found is None or found.get("closed"):
            known = ", ".join(row.get("id", "") for row in rows if not row.get("closed")) or "-"
            raise InputError([Fault("C746", "problems", value=name, params={"known": known})])
        return {**found, "closed": date or today(instance)}

    return said(*note(folder, "problems", make), as_json=as_json)


def _list(folder: Path, *, as_json: bool, everything: bool) -> int:
    rows = [
        {name: getattr(one, name) for name in _COLUMNS}
        for one in tables_in(folder).problems
        if everything or not one.closed
    ]
    if as_json:
        say_json({"problems": rows})
    elif rows:
        columns = tuple(name for name in _COLUMNS if name != "kind" and (everything or name != "closed"))
        shown = [
            row | {"text": f"{row['kind']}: {row['text']}" if row["kind"] else row["text"]} for row in rows
        ]
        show_rows(words("cli.problem.title"), columns, shown, spare=("date", "action"))
    else:
        say(words("cli.problem.none"))
    return int(ExitCode.OK)
