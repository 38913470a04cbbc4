"""``plan people``: who may come to a desk, and what each may do there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click

from planner.base.errors import ExitCode
from planner.base.text import words
from planner.cli.options import PATH, json_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.desk.people import Person

__all__ = ["command"]

_ROLES = ("viewer", "reporter", "planner", "approver")
_DAYS = 7.0
_LONGEST_DAYS = 366.0


def command() -> click.Group:
    """The verb and its parts."""
    group = click.Group("people", help=words("cli.people.help"))
    folder, name = click.Argument(["folder"], type=PATH), click.Argument(["name"])
    json = json_option("cli.store.json")
    added: list[click.Parameter] = [
        *(folder, name),
        click.Option(
            ["--role"], type=click.Choice(_ROLES), default=_ROLES[0], show_default=True,
            help=words("cli.people.role"),
        ),
        click.Option(["--area"], default="", help=words("cli.people.area")),
        click.Option(
            ["--days"], type=click.FloatRange(0.001, _LONGEST_DAYS), default=_DAYS, show_default=True,
            help=words("cli.people.days"),
        ),
        click.Option(
            ["--address"], default="http://127.0.0.1:8080", show_default=True, metavar="URL",
            help=words("cli.people.address"),
        ),
        json,
    ]  # fmt: skip
    for part, callback, params in (
        ("add", _add, added),
        ("revoke", _revoke, [folder, name, json]),
        ("list", _list, [folder, json]),
    ):
        group.add_command(
            click.Command(part, callback=callback, params=params, help=words(f"cli.people.{part}"))
        )
    return group


def _add(folder: Path, name: str, role: str, area: str, days: float, address: str, *, as_json: bool) -> int:
    from planner.desk.people import Role, add_person
    from planner.instance.area_names import area_ids
    from planner.plans.locate import find

    found = find(folder)
    areas = [one for one in area_ids(found.instance, area).split(",") if one]
    person, secret = add_person(folder, name, Role(role), areas, days)
    link = f"{address.rstrip('/')}/enter?{urlencode({'link': secret})}"
    if as_json:
        say_json({**_document(person), "link": link})
    else:
        say(words("cli.people.added", name=person.name, until=person.expires, link=link))
        say(words("cli.people.once"), err=True)
    return int(ExitCode.OK)


def _revoke(folder: Path, name: str, *, as_json: bool) -> int:
    from planner.desk.people import revoke

    person = revoke(folder, name)
    if as_json:
        say_json(_document(person) | {"state": "revoked"})
    else:
        say(words("cli.people.revoked", name=person.name))
    return int(ExitCode.OK)


def _list(folder: Path, *, as_json: bool) -> int:
    from planner.cli.printing import desk_console, show_table
    from planner.desk.people import People
    from planner.plans.locate import find

    find(folder)  # a folder without a plan in force is another one than was meant
    people = People(folder).all
    if as_json:
        say_json({"people": [_document(one) for one in people]})
    elif not people:
        say(words("cli.people.nobody"))
    else:
        columns = [(words(f"cli.people.column.{name}"), False) for name in ("name", "role", "area", "until")]
        rows = [
            (
                one.name,
                words(f"desk.role.{one.role.value}"),
                ", ".join(one.areas),
                words(f"cli.people.state.{_state(one)}", until=one.expires),
            )
            for one in people
        ]
        show_table(desk_console(), words("cli.people.title"), columns, rows)
    return int(ExitCode.OK)


def _state(one: Person) -> str:
    return "revoked" if one.revoked else "holds" if one.holds else "over"


def _document(one: Person) -> dict[str, object]:
    """Somebody for machines; nothing by which one could come in."""
    return {
        "name": one.name,
        "role": one.role.value,
        "areas": list(one.areas),
        "expires": one.expires,
        "state": _state(one),
    }
