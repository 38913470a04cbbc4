"""``plan preparation``: how many of an item are needed, have come, are sorted and packed, day by day."""

from __future__ import annotations

from pathlib import Path

import click

from planner.base.errors import ExitCode
from planner.base.text import words
from planner.cli.notes import FOLDER, id_of, said, show_rows, tables_in, today
from planner.cli.options import json_option
from planner.cli.terminal import say, say_json

__all__ = ["command"]

_FIGURES = ("needed", "received", "sorted", "packed")


def command() -> click.Group:
    """The verb and its parts."""
    group = click.Group("preparation", help=words("cli.preparation.help"))
    figures = [
        click.Option(
            [f"--{name}", f"{name}_"],
            type=click.IntRange(min=0),
            required=name == "needed",
            default=None if name == "needed" else 0,
            show_default=name != "needed",
            help=words(f"cli.preparation.{name}"),
        )
        for name in _FIGURES
    ]
    date = click.Option(["--date"], default="", help=words("cli.preparation.date"))
    named = [click.Argument(["warehouse"]), click.Argument(["item"])]
    added = [FOLDER, *named, *figures, date, json_option()]
    group.add_command(click.Command("add", callback=_add, params=added, help=words("cli.preparation.add")))
    every = click.Option(["--all", "everything"], is_flag=True, help=words("cli.preparation.all"))
    group.add_command(
        click.Command(
            "list",
            callback=_list,
            params=[FOLDER, every, json_option()],
            help=words("cli.preparation.list"),
        )
    )
    return group


def _add(folder: Path, warehouse: str, item: str, *, date: str, as_json: bool, **figures: int) -> int:
    from planner.instance.noting import note

    instance = tables_in(folder)
    cells = {
        "warehouse": id_of(instance, warehouse, ("warehouse",), "WAREHOUSE"),
        "item": id_of(instance, item, ("item",), "ITEM"),
        "date": date or today(instance),
    } | {name: str(figures[f"{name}_"]) for name in _FIGURES}
    return said(*note(folder, "preparation", lambda _: cells), as_json=as_json)


def _list(folder: Path, *, as_json: bool, everything: bool) -> int:
    from planner.outputs.preparation import latest

    instance = tables_in(folder)
    found = instance.preparation if everything else latest(instance.preparation)
    columns = ("date", "warehouse", "item", *_FIGURES)
    rows = [{name: getattr(one, name) for name in columns} for one in found]
    if as_json:
        say_json({"preparation": rows})
    elif rows:
        show_rows(words("cli.preparation.title"), columns, rows, len(_FIGURES), ("date",))
    else:
        say(words("cli.preparation.none"))
    return int(ExitCode.OK)
