"""``plan event confirm`` and ``undo``: confirm all that was due at once, or take back what was told last."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.safe_text import label_text
from planner.base.text import words
from planner.cli.in_force import moment_within, now_of, say_ahead, say_disputed, say_of_table, warn_of_another
from planner.cli.terminal import asked, say, say_json

if TYPE_CHECKING:
    from planner.events.names import Names
    from planner.events.schema import Event
    from planner.plans.locate import Found
    from planner.replanning.due import Due

__all__ = ["confirm_command", "undo_command"]

_THINGS = ("vehicle", "trip", "hub", "warehouse", "region", "area")


def confirm_command(shared: Sequence[click.Parameter]) -> click.Command:
    """``plan event confirm``; `shared` are options of all parts of `plan event`."""
    options: list[click.Parameter] = [
        click.Argument(["subjects"], nargs=-1, required=True, metavar="[PLAN] SUBJECT..."),
        click.Option(["--until"], default="now", show_default=True, help=words("cli.confirm.until")),
        click.Option(["--time"], default="", help=words("cli.event.time")),
        click.Option(["--by"], required=True, help=words("cli.confirm.by")),
        _yes(),
        *shared,
    ]
    return click.Command("confirm", callback=_confirm, params=options, help=words("cli.confirm.help"))


def undo_command(shared: Sequence[click.Parameter]) -> click.Command:
    """``plan event undo``."""
    options: list[click.Parameter] = [
        click.Argument(["plan"], type=click.Path(path_type=Path), required=False),
        click.Option(["--time"], default="", help=words("cli.event.time")),
        click.Option(["--by"], default="", help=words("cli.event.by")),
        _yes(),
        *shared,
    ]
    return click.Command("undo", callback=_undo, params=options, help=words("cli.confirm.undo"))


def _yes() -> click.Option:
    return click.Option(["--yes"], is_flag=True, help=words("cli.confirm.yes"))


def _plan_and_rest(given: Sequence[str]) -> tuple[Path | None, tuple[str, ...]]:
    """The plan, where the first word is a file or a folder, and the other words."""
    first = Path(given[0])
    if first.suffix == ".json" or first.is_dir():
        return first, tuple(given[1:])
    return None, tuple(given)


def _agreed(question: str, *, yes: bool) -> bool:
    """Whether the user agrees; nobody is asked where nobody sits."""
    return yes or not sys.stdin.isatty() or asked(question)


def _confirm(
    subjects: tuple[str, ...],
    until: str,
    time: str,
    by: str,
    events: Path | None,
    folder: Path | None,
    *,
    yes: bool,
    as_json: bool,
) -> int:
    from planner.events.bulk import add_confirmation
    from planner.plans.locate import find

    if not by.strip():
        raise InputError([Fault("E955", "--by", value=by)])
    plan, called = _plan_and_rest(subjects)
    if not called:
        raise InputError([Fault("E904", "SUBJECT", params={"kind": "confirm", "expected": _meant()})])
    found = find(plan, folder, events)
    warn_of_another(found)
    now_s = now_of(found)
    told_s = now_of(found, time, now_s)
    until_s = moment_within(found, until, told_s)
    if until_s > told_s:
        params = {"now": found.clock.text(told_s)}
        raise InputError([Fault("E970", "--until", value=found.clock.text(until_s), params=params)])
    due = _due(found, _ids(found, called), until_s, now_s)
    if not due:
        if as_json:
            say_json(_document(found, ()))
        else:
            say(words("cli.confirm.nothing"))
        return int(ExitCode.OK)
    if not as_json:
        _show(found, due)
    if not _agreed(words("cli.confirm.ask", number=len(due), by=by.strip()), yes=yes or as_json):
        say(words("cli.confirm.left"), err=True)
        return int(ExitCode.OK)
    at = {"time": found.clock.text(told_s)} if time else {}
    cells = [at | _cells(one, found) for one in due]
    new = add_confirmation(found.events, cells, label_text(by).strip(), found.instance, found.plan, now_s)
    if as_json:
        say_json(_document(found, new.events))
    else:
        first, last = new.events[0].id, new.events[-1].id
        say(words("cli.confirm.done", number=len(new.events), by=by.strip(), first=first, last=last))
        say(words("cli.event.written", path=found.events), err=True)
    say_ahead(new.events, now_s)
    say_of_table(new.faults, new.torn)
    return int(ExitCode.OK)


def _ids(found: Found, called: Sequence[str]) -> tuple[str, ...]:
    """Ids of what is called; an area is one by its id or its name.

    Raises
    ------
    InputError
        With each word that names nothing, or several things (E908, E909).
    """
    from planner.events.names import Names, UnknownNameError

    names, ids, faults = Names(found.instance, found.plan), [], []
    for word in called:
        try:
            ids.append(_id(names, word))
        except UnknownNameError as error:
            params = {"kinds": _meant(), "nearest": "; ".join(error.candidates) or "-"}
            faults.append(Fault("E909" if error.ambiguous else "E908", "SUBJECT", value=word, params=params))
    if faults:
        raise InputError(faults)
    return tuple(ids)


def _meant() -> str:
    """What can be confirmed, in words."""
    return ", ".join(words(f"events.thing.{kind}") for kind in _THINGS)


def _id(names: Names, word: str) -> str:
    """An id; of an area and a village in it that have one name, that of the area."""
    from planner.events.names import UnknownNameError

    try:
        return names.find(word, _THINGS)[1]
    except UnknownNameError as error:
        if not error.ambiguous:
            raise
        try:
            return names.find(word, ("area",))[1]
        except UnknownNameError:
            raise error from None


def _due(found: Found, subjects: Sequence[str], until_s: int, now_s: int) -> tuple[Due, ...]:
    from planner.events.read import read_events
    from planner.replanning.due import due_things
    from planner.replanning.state import state_of
    from planner.store.reports import has_reports

    held: tuple[Event, ...] = ()
    if has_reports(found.events):
        held = read_events(found.events, found.instance, found.plan, now_s)
    return due_things(state_of(found.plan, found.instance, held, until_s), subjects, until_s)


def _show(found: Found, due: Sequence[Due]) -> None:
    """What would be confirmed, as a table."""
    from planner.cli.printing import desk_console, show_table
    from planner.instance.call_signs import call_signs
    from planner.outputs.figures import moment

    names, signs = found.instance.place_name_of, call_signs(found.instance)
    columns = [(words(f"cli.confirm.column.{name}"), False) for name in ("at", "vehicle", "what", "place")]
    rows = [
        (
            moment(one.at_s, found.clock),
            signs.of(one.vehicle) or one.vehicle,
            words(f"cli.confirm.what.{one.kind.value}"),
            names.get(one.node, one.node),
        )
        for one in due
    ]
    show_table(desk_console(), words("cli.confirm.title", number=len(due)), columns, rows)


def _cells(one: Due, found: Found) -> dict[str, str]:
    return {
        "kind": one.kind.value,
        "subject": one.trip,
        "place": one.node,
        "from": found.clock.text(one.at_s),
    }


def _document(found: Found, events: Sequence[Event]) -> dict[str, object]:
    from planner.events.rows import cells_of

    return {
        "bulk": events[0].bulk if events else None,
        "confirmed": [cells_of(one, found.clock) for one in events],
        "events_path": str(found.events),
    }


def _undo(
    plan: Path | None,
    time: str,
    by: str,
    events: Path | None,
    folder: Path | None,
    *,
    yes: bool,
    as_json: bool,
) -> int:
    from planner.cli.printing import desk_console, say_lines
    from planner.events.adding import add_report
    from planner.events.bulk import told_last
    from planner.events.read import names_for, read_rows
    from planner.outputs.event_list import event_lines
    from planner.outputs.event_words import event_in_words
    from planner.plans.locate import find

    found = find(plan, folder, events)
    warn_of_another(found)
    last = told_last(found.events, found.instance, found.plan)
    if not last:
        raise InputError([Fault("E971", "undo", value=str(found.events))])
    names, _ = names_for(read_rows(found.events)[0], found.instance, found.plan)
    if not as_json:
        lines = event_lines(
            last,
            lambda one: event_in_words(one, names, found.instance, found.plan, last),
            found.instance,
            found.plan,
        )
        say_lines(desk_console(), (line for _, line in lines))
    if not _agreed(words("cli.confirm.ask_undo", number=len(last)), yes=yes or as_json):
        say(words("cli.confirm.left"), err=True)
        return int(ExitCode.OK)
    now_s = now_of(found)
    cells = {"kind": "void", "subject": "+".join(one.id for one in last), "by": by.strip(), "time": time}
    new = add_report(found.events, cells, found.instance, found.plan, now_s)
    if as_json:
        say_json({"id": new.event.id, "taken_back": list(new.event.subject)})
    else:
        say(words("cli.confirm.undone", id=new.event.id, number=len(last)))
        say(words("cli.event.written", path=found.events), err=True)
        say_disputed(found, new.disputed)
    say_ahead((new.event,), now_s)
    say_of_table(new.faults, new.torn)
    return int(ExitCode.OK)
