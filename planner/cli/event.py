"""``plan event``: reports from the field, added one by one, listed and checked."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.confirm import confirm_command, undo_command
from planner.cli.in_force import (
    disputed_document,
    now_of,
    say_ahead,
    say_disputed,
    say_of_table,
    warn_of_another,
)
from planner.cli.options import PATH, instance_option, json_option, path_option
from planner.cli.paste import inbox_command, paste_command
from planner.cli.terminal import asked, say, say_json
from planner.events.kinds import kind_of, kind_words
from planner.events.schema import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.events.adding import NewReport
    from planner.events.schema import Event
    from planner.events.tellings import Matched
    from planner.plans.locate import Found

__all__ = ["command"]

_HEAD = re.compile(r"[0-9a-f]{12,64}", re.IGNORECASE)
_HIDDEN = "\0"
_IN_FORCE = "(in force)"  # in place of a plan that is not named
_NEGATIVE = re.compile(r"-\d+([.,]\d+)?", re.ASCII)
_COLUMNS = ("from", "until", "item", "type", "place", "time", "note", "by")


def command() -> click.Group:
    """The verb and its parts."""
    group = click.Group("event", help=words("cli.event.help"))
    plan = click.Argument(["plan"], type=click.Path(path_type=Path))
    shared = [
        path_option("--events", text="cli.event.events"),
        instance_option("cli.event.instance"),
        json_option("cli.event.json"),
    ]
    added: list[click.Parameter] = [
        plan,
        click.Argument(["kind"]),
        click.Argument(["subject"]),
        click.Argument(["value"], required=False, default=""),
        *(
            click.Option([f"--{name}", f"{name}_"], default="", help=words(f"cli.event.{name}"))
            for name in _COLUMNS
        ),
        click.Option(["--again"], is_flag=True, help=words("cli.event.again")),
        *shared,
    ]
    group.add_command(
        _Signed("add", callback=_add, params=added, help=words("cli.event.add", kinds=kind_words(EventKind)))
    )
    perhaps = click.Argument(["plan"], type=click.Path(path_type=Path), required=False)
    every = click.Option(["--all", "everything"], is_flag=True, help=words("cli.event.all"))
    for name, callback, more in (("list", _list, [every]), ("check", _check, [])):
        params = [perhaps, *more, *shared]
        group.add_command(
            click.Command(name, callback=callback, params=params, help=words(f"cli.event.{name}"))
        )
    head = click.Option(["--head"], default="", help=words("cli.event.head"))
    verified = [click.Argument(["folder"], type=PATH, required=False), head, json_option("cli.store.json")]
    group.add_command(
        click.Command("verify", callback=_verify, params=verified, help=words("cli.event.verify"))
    )
    group.add_command(confirm_command(shared))
    group.add_command(undo_command(shared))
    group.add_command(paste_command(shared))
    group.add_command(inbox_command(shared))
    return group


class _Signed(click.Command):
    """A command of which a value such as `-200` is no option, and of which the plan may be left out."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hide the sign of numbers from click's search for options; a kind in front follows no plan."""
        if args and _is_no_plan(args[0], args[1:]):
            args = [_IN_FORCE, *args]
        hidden = [_HIDDEN + one if _NEGATIVE.fullmatch(one) else one for one in args]
        rest = super().parse_args(ctx, hidden)
        for name, value in ctx.params.items():
            if isinstance(value, str):
                ctx.params[name] = value.removeprefix(_HIDDEN)
        return rest


def _is_no_plan(first: str, rest: list[str]) -> bool:
    """Whether the first word is meant as a kind: it is one, or is no file and no kind follows."""
    if first.startswith("-") or Path(first).exists():
        return False
    follows = bool(rest) and kind_of(rest[0]) is not None
    return kind_of(first) is not None or not (follows or first.endswith(".json"))


def _add(
    plan: Path,
    kind: str,
    subject: str,
    value: str,
    events: Path | None,
    folder: Path | None,
    *,
    as_json: bool,
    again: bool,
    **columns: str,
) -> int:
    from planner.cli.printing import desk_console, say_lines
    from planner.events.loads import is_loss
    from planner.outputs.event_words import event_in_words
    from planner.plans.locate import find

    found = find(None if str(plan) == _IN_FORCE else plan, folder, events)
    warn_of_another(found)
    cells = {name: columns[f"{name}_"] for name in _COLUMNS} | {
        "kind": kind,
        "subject": subject,
        "value": value,
    }
    now_s = now_of(found)
    new = _added(found, cells, again=again, ask=not as_json and _can_ask(), now_s=now_s)
    if new is None:
        say(words("cli.event.not_added"), err=True)
        return int(ExitCode.OK)
    sentence = event_in_words(
        new.event, new.names, found.instance, found.plan, new.others, found=_meant(found, new)
    )
    if as_json:
        document = _document(new.event, found, sentence)
        document["disputed"] = disputed_document(found, new.disputed)
        say_json(document)
    else:
        say_lines(desk_console(), [sentence])
        say(words("cli.event.written", path=found.events), err=True)
    say_ahead((new.event,), now_s)
    say_disputed(found, new.disputed)
    if is_loss(new.event):
        _say_short(new, found, now_s)
    say_of_table(new.faults, new.torn)
    return int(ExitCode.OK)


def _meant(found: Found, new: NewReport) -> Matched:
    """What reports mean of the plan in force."""
    from planner.events.as_told import matched_as_it_went

    _, meant = matched_as_it_went(found.plan, new.others, found.instance)
    return replace(meant, disputed=(*new.disputed, *meant.disputed))


def _say_short(new: NewReport, found: Found, now_s: int) -> None:
    """Say that more is told to be gone than was there."""
    from planner.outputs.history import news_lines, news_of_state
    from planner.proof.news import News
    from planner.replanning.state import state_of

    told_s = max(now_s, new.event.time_s)
    news = news_of_state(state_of(found.plan, found.instance, new.others, told_s))
    for line in news_lines(News(short=tuple(one for one in news.short if one.event == new.event.id))):
        say(line, err=True)


def _can_ask() -> bool:
    """Whether somebody is there who can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _added(found: Found, cells: Mapping[str, str], *, again: bool, ask: bool, now_s: int) -> NewReport | None:
    """Add a report; of one that was told before somebody is asked, and None says that he meant no other."""
    from planner.events.adding import add_report

    try:
        return add_report(found.events, cells, found.instance, found.plan, now_s, again=again)
    except InputError as error:
        if not ask or [one.code for one in error.faults] != ["E961"]:
            raise
        cause = error.faults[0].cause
    if not asked(words("cli.event.once_more", cause=cause), default=False):
        return None
    return add_report(found.events, cells, found.instance, found.plan, now_s, again=True)


def _document(event: Event, found: Found, sentence: str) -> dict[str, object]:
    from planner.events.rows import cells_of

    return {**cells_of(event, found.clock), "understood": sentence, "events_path": str(found.events)}


def _list(
    plan: Path | None, events: Path | None, folder: Path | None, *, as_json: bool, everything: bool
) -> int:
    from planner.events.as_told import matched_as_it_went
    from planner.events.read import names_for, read_rows, read_table
    from planner.outputs.event_words import event_in_words
    from planner.plans.locate import find
    from planner.store.reports import has_reports

    found = find(plan, folder, events)
    warn_of_another(found)
    if not has_reports(found.events):
        if as_json:
            say_json({"events": [], "taken_back": 0, "events_path": str(found.events)})
        else:
            say(words("cli.event.none", path=found.events))
        return int(ExitCode.OK)
    rows, _ = read_rows(found.events)
    names, _ = names_for(rows, found.instance, found.plan)
    reading = read_table(found.events, found.instance, found.plan)
    _, meant = matched_as_it_went(found.plan, reading.events, found.instance)
    meant = replace(meant, disputed=(*reading.aside, *meant.disputed))
    every = (*reading.events, *(one.event for one in reading.aside))
    held = sorted(every, key=lambda one: one.order)
    said = [
        (one, event_in_words(one, names, found.instance, found.plan, reading.events, found=meant))
        for one in held
    ]
    if as_json:
        listed = [_document(one, found, sentence) for one, sentence in said]
        taken_back = len(rows) - len(held)
        say_json({"events": listed, "taken_back": taken_back, "events_path": str(found.events)})
        return int(ExitCode.OK)
    from planner.cli.printing import desk_console, say_lines
    from planner.outputs.event_list import event_lines
    from planner.outputs.figures import moment

    sentence_of = {one.id: sentence for one, sentence in said}
    apart = frozenset(one.event.id for one in reading.aside)
    lines = event_lines(
        held,
        lambda one: sentence_of[one.id],
        found.instance,
        found.plan,
        apart=apart,
        everything=everything,
    )
    say_lines(desk_console(), (f"{moment(one.time_s, found.clock)}  {line}" for one, line in lines))
    taken_back = len(rows) - len(held)
    say(words("cli.event.count", number=len(held), taken_back=taken_back), err=True)
    return int(ExitCode.OK)


def _check(plan: Path | None, events: Path | None, folder: Path | None, *, as_json: bool) -> int:
    from planner.cli.failure import fault_document
    from planner.events.read import read_table
    from planner.plans.locate import find

    found = find(plan, folder, events)
    warn_of_another(found)
    try:
        reading = read_table(found.events, found.instance, found.plan, now_of(found))
    except InputError as error:
        if not as_json:
            raise
        document = {"valid": False, "faults": [fault_document(one) for one in error.faults]}
        say_json(document)
        return int(ExitCode.BAD_INPUT)
    held = (*reading.events, *(one.event for one in reading.aside))
    if as_json:
        document = {"valid": True, "faults": [], "events": len(held)}
        say_json(document | {"disputed": disputed_document(found, reading.aside)})
        return int(ExitCode.OK)
    say(words("cli.event.valid", path=found.events, number=len(held)))
    say_disputed(found, reading.aside)
    return int(ExitCode.OK)


def _verify(folder: Path | None, head: str, *, as_json: bool) -> int:
    from planner.cli.store import opened, say_soundness
    from planner.store.copying import soundness

    head = head.strip()
    if head and not _HEAD.fullmatch(head):
        raise InputError([Fault("K022", "--head", value=head)])
    place = folder.parent if folder is not None and folder.suffix == ".json" else folder
    return say_soundness(soundness(opened(place)[1], head), as_json=as_json)
