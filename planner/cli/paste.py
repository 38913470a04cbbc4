"""``plan event paste`` and ``inbox``: messages become reports when somebody confirms them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.safe_text import label_text
from planner.base.text import words
from planner.cli.in_force import now_of, say_ahead, say_disputed, say_of_table, warn_of_another
from planner.cli.terminal import command_text, say, say_json

if TYPE_CHECKING:
    from planner.events.adding import NewReport
    from planner.events.names import Names
    from planner.messages.inbox import Desk, Part, Read
    from planner.messages.proposals import Doubt
    from planner.plans.locate import Found

__all__ = ["inbox_command", "paste_command"]

_LARGEST = 10 * 2**20  # bytes of one pasted text
_SET = ("subject", "place", "item", "type", "value", "from", "until", "kind")
_SHOWN = 400  # characters of a message that are shown
_THINGS = ("vehicle", "type", "region", "hub", "warehouse", "node", "area", "edge", "item")


def paste_command(shared: Sequence[click.Parameter]) -> click.Command:
    """``plan event paste``; `shared` are options of all parts of `plan event`."""
    options: list[click.Parameter] = [
        click.Argument(["given"], nargs=-1, metavar="[PLAN] [TEXT|FILE|-]"),
        click.Option(["--sender"], default="", help=words("cli.paste.sender")),
        click.Option(["--sent"], default="", help=words("cli.paste.sent")),
        *_confirm(),
        click.Option(["--time"], default="", help=words("cli.event.time")),
        *shared,
    ]
    return click.Command("paste", callback=_paste, params=options, help=words("cli.paste.help"))


def inbox_command(shared: Sequence[click.Parameter]) -> click.Command:
    """``plan event inbox``."""
    options: list[click.Parameter] = [
        click.Argument(["plan"], type=click.Path(path_type=Path), required=False),
        click.Option(["--all", "everything"], is_flag=True, help=words("cli.paste.all")),
        *_confirm(),
        click.Option(["--put-aside"], multiple=True, metavar="M…", help=words("cli.paste.put_aside")),
        click.Option(["--time"], default="", help=words("cli.event.time")),
        *shared,
    ]
    return click.Command("inbox", callback=_inbox, params=options, help=words("cli.paste.inbox"))


def _confirm() -> list[click.Parameter]:
    return [
        click.Option(["--confirm"], multiple=True, metavar="M…|all", help=words("cli.paste.confirm")),
        click.Option(["--set", "cells"], multiple=True, metavar="COLUMN=VALUE", help=words("cli.paste.set")),
        click.Option(["--by"], default="", help=words("cli.paste.by")),
    ]


def _paste(
    given: tuple[str, ...],
    confirm: tuple[str, ...],
    cells: tuple[str, ...],
    events: Path | None,
    folder: Path | None,
    *,
    as_json: bool,
    **told: str,
) -> int:
    from planner.messages.chats import split
    from planner.plans.locate import find

    plan, rest = _plan_and_rest(given)
    text = _text(rest)
    found = find(plan, folder, events)
    warn_of_another(found)
    now_s = now_of(found, told["time"], now_of(found))
    sent_s = now_of(found, told["sent"], now_s) if told["sent"] else None
    desk, sender = _desk(found, told["by"]), label_text(told["sender"]).strip()
    messages = split(text, found.clock, sender=sender, sent_s=sent_s, now_s=now_s)
    recent = [one for one in messages if one.sent_s is None or one.sent_s >= 0]
    read = desk.take_in(recent, now_s)
    older = len(messages) - len(recent)
    made = _reports(desk, read, confirm, cells, now_s)
    return _answer(desk, found, read, made, as_json=as_json, older=older)


def _inbox(
    plan: Path | None,
    confirm: tuple[str, ...],
    cells: tuple[str, ...],
    put_aside: tuple[str, ...],
    events: Path | None,
    folder: Path | None,
    *,
    everything: bool,
    as_json: bool,
    **told: str,
) -> int:
    from planner.plans.locate import find

    found = find(plan, folder, events)
    warn_of_another(found)
    now_s = now_of(found, told["time"], now_of(found))
    desk = _desk(found, told["by"])
    if not desk.has_inbox:
        raise InputError([Fault("K005", "desk", value=str(found.events.parent))])
    read = desk.all(now_s)
    for one in _named(read, put_aside):
        desk.put_aside(one.letter)
    if put_aside:
        read = desk.all(now_s)
    shown = read if everything else [one for one in read if one.is_open]
    return _answer(desk, found, shown, _reports(desk, shown, confirm, cells, now_s), as_json=as_json)


def _named(read: Sequence[Read], names: Sequence[str]) -> list[Read]:
    """Open messages by their names.

    Raises
    ------
    InputError
        With each name of none (E992).
    """
    by_name = {one.letter.id: one for one in read if one.is_open}
    found, faults = [], []
    for word in (piece.strip() for one in names for piece in one.split(",")):
        number = word.upper().removeprefix("M")
        name = f"M{int(number):04d}" if number.isascii() and number.isdigit() and len(number) < 10 else word
        if name in by_name:
            found.append(by_name[name])
        else:
            faults.append(Fault("E992", "--put-aside", value=word))
    if faults:
        raise InputError(faults)
    return found


def _desk(found: Found, by: str) -> Desk:
    from planner.messages.inbox import Desk

    return Desk(found.events, found.instance, found.plan, label_text(by).strip())


def _plan_and_rest(given: Sequence[str]) -> tuple[Path | None, tuple[str, ...]]:
    """The plan, where the first word is a plan's file or a folder, and the other words."""
    if given and (given[0].endswith(".json") or Path(given[0]).is_dir()):
        return Path(given[0]), tuple(given[1:])
    return None, tuple(given)


def _text(given: Sequence[str]) -> str:
    """What is pasted: a file's text, that of standard input, or the words themselves.

    Raises
    ------
    InputError
        If a file cannot be read (I101), or it is too much (E991).
    """
    if len(given) == 1 and given[0] != "-" and _is_file(given[0]):
        content = _of_file(Path(given[0]))
    elif not given or list(given) == ["-"]:
        if sys.stdin.isatty():
            say(words("cli.paste.type"), err=True)
        content = sys.stdin.buffer.read(_LARGEST + 1)
    else:
        content = " ".join(given).encode("utf-8", "replace")
    if len(content) > _LARGEST:
        raise InputError([Fault("E991", "TEXT", params={"most": _LARGEST // 2**20})])
    return content.decode("utf-8-sig", "replace")


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _of_file(path: Path) -> bytes:
    from planner.base.opening import FileSort, content_of, system_words

    try:
        return content_of(path, FileSort.REPORTS)
    except OSError as error:
        reason = system_words(error)
        raise InputError([Fault("E901", "TEXT", value=str(path), params={"reason": reason})]) from None


@dataclass
class _Made:
    """What became of what was confirmed: reports, and why others are none; None: nothing was asked for."""

    reports: list[tuple[Part, NewReport]]
    faults: list[Fault]


def _reports(
    desk: Desk, read: Sequence[Read], confirm: Sequence[str], cells: Sequence[str], now_s: int
) -> _Made | None:
    """Make reports of what is confirmed, one after another; what is refused keeps no other from being one."""
    from planner.messages.inbox import chosen

    if not confirm and not cells:
        return None
    picked, more = chosen(read, confirm), _cells(cells)
    if more and len(picked) != 1:
        raise InputError([_no_cell(", ".join(cells))])
    made = _Made([], [])
    for message, part in picked:
        try:
            made.reports.append((part, desk.report(part, message.letter, now_s, more)))
        except InputError as error:
            made.faults += [_of_part(part, one) for one in error.faults]
    return made


def _cells(given: Sequence[str]) -> dict[str, str]:
    """Cells of `COLUMN=VALUE`.

    Raises
    ------
    InputError
        If one is none (E993).
    """
    found = {}
    for one in given:
        column, equals, value = one.partition("=")
        if not equals or column.strip() not in _SET:
            raise InputError([_no_cell(one)])
        found[column.strip()] = value.strip()
    return found


def _no_cell(value: str) -> Fault:
    return Fault("E993", "--set", value=value, params={"columns": ", ".join(_SET)})


def _answer(
    desk: Desk, found: Found, read: Sequence[Read], made: _Made | None, *, as_json: bool, older: int = 0
) -> int:
    """Show what was understood, or which reports were made."""
    if as_json:
        say_json(_document(desk, found, read, made, older))
    elif made is None:
        _show(desk, found, read, older)
    else:
        _say_made(found, made.reports)
        if not made.reports and not made.faults:
            say(words("cli.paste.nothing"), err=True)
    if made is not None and made.faults:
        raise InputError(made.faults)
    return int(ExitCode.OK)


def _of_part(part: Part, fault: Fault) -> Fault:
    return replace(fault, table=f"{part.name} ({fault.table})")


def _say_made(found: Found, made: Sequence[tuple[Part, NewReport]]) -> None:
    from planner.cli.printing import desk_console, say_lines

    if not made:
        return
    lines = [_sentence(found, new) for _, new in made]
    say_lines(desk_console(), lines)
    say(words("cli.event.written", path=found.events), err=True)
    last = made[-1][1]
    say_ahead((last.event,), last.event.time_s)
    for _, new in made:
        say_disputed(found, new.disputed)
    say_of_table(last.faults, "".join(new.torn for _, new in made))


def _sentence(found: Found, new: NewReport) -> str:
    from planner.outputs.event_words import event_in_words

    return event_in_words(new.event, new.names, found.instance, found.plan, new.others)


def _show(desk: Desk, found: Found, read: Sequence[Read], older: int) -> None:
    """Messages, each with what was understood."""
    from planner.cli.printing import desk_console, say_lines

    console = desk_console()
    for one in read:
        say_lines(console, [_head(one, found)], style="bold")
        for first, *more in _told(one, found):
            say_lines(console, [first], indent="  ")
            say_lines(console, more, indent="    ")
    sure = sum(part.proposal.sure for one in read for part in one.parts if part.is_open)
    doubtful = sum(not part.proposal.sure for one in read for part in one.parts if part.is_open)
    silent = sum(not one.parts for one in read)
    say(words("cli.paste.count", number=len(read), sure=sure, doubtful=doubtful, silent=silent))
    if older:
        say(words("cli.paste.older", number=older), err=True)
    if not desk.has_inbox:
        say(words("cli.paste.no_inbox", folder=found.events.parent), err=True)
    elif sure or doubtful:
        say(words("cli.paste.next"), err=True)
        say(command_text("event", "inbox", "--confirm", "all"), err=True)


def _head(one: Read, found: Found) -> str:
    from planner.base.clock import parse_instant
    from planner.outputs.figures import moment

    letter = one.letter
    sent = moment(found.clock.seconds(parse_instant(letter.sent)), found.clock) if letter.sent else ""
    told = [part for part in (label_text(letter.sender), sent) if part]
    text = label_text(letter.text)
    text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return f"{letter.id}  {', '.join(told)}: {text}" if told else f"{letter.id}  {text}"


def _told(one: Read, found: Found) -> Iterator[list[str]]:
    """What was understood of a message: first a line, then those that belong to it."""
    for part in one.parts:
        yield [_part_line(part, found), *(label_text(doubt.text()) for doubt in _doubts(part))]
    for doubt in one.left:
        yield [label_text(doubt.text())]
    if not one.parts and not one.left:
        yield [words("cli.paste.silent")]


def _doubts(part: Part) -> tuple[Doubt, ...]:
    return () if part.settled is not None else part.proposal.doubts


def _part_line(part: Part, found: Found) -> str:
    """A part in words: as the report that it would be, or as the cells that are known."""
    if part.settled is not None:
        key = "reported" if part.settled.report else "aside"
        return words(f"cli.paste.{key}", name=part.name, report=part.settled.report)
    if part.report is not None:
        sentence = _sentence(found, part.report)
    else:
        sentence = f"{part.name}: {_cells_in_words(part, found)}"
    return sentence if part.proposal.sure else words("cli.paste.doubtful", sentence=sentence)


def _cells_in_words(part: Part, found: Found) -> str:
    """What is known of a report that cannot be one yet."""
    from planner.base.clock import parse_instant
    from planner.events.kinds import kind_of, kind_word
    from planner.events.names import Names
    from planner.outputs.figures import moment

    cells, names = part.proposal.cells, Names(found.instance, found.plan)
    kind = kind_of(cells["kind"])
    told = [] if kind is None else [kind_word(kind)]
    for column, cell in cells.items():
        if column == "kind":
            continue
        if column in ("subject", "place", "item", "type"):
            shown = ", ".join(_label(names, one) for one in cell.split("+"))
        elif "T" in cell and column in ("from", "until"):
            shown = moment(found.clock.seconds(parse_instant(cell)), found.clock)
        else:
            shown = label_text(cell)
        told.append(f"{words(f'inbox.column.{column}')} {shown}")
    return ", ".join(told)


def _label(names: Names, one: str) -> str:
    known = (kind for kind in _THINGS if names.knows(kind, one))
    return next((names.label(kind, one) for kind in known), one)


def _document(
    desk: Desk, found: Found, read: Sequence[Read], made: _Made | None, older: int
) -> dict[str, object]:
    reports = [] if made is None else made.reports
    by_part = {part.name: new.event.id for part, new in reports}
    return {
        "messages": [_message_document(one, found, by_part) for one in read],
        "older": older,
        "kept": desk.has_inbox,
        "confirmed": [
            {"part": part.name, "id": new.event.id, "understood": _sentence(found, new)}
            for part, new in reports
        ],
        "events_path": str(found.events),
    }


def _message_document(one: Read, found: Found, made: Mapping[str, str]) -> dict[str, object]:
    letter = one.letter
    parts = []
    for part in one.parts:
        report = made.get(part.name) or (None if part.settled is None else part.settled.report or None)
        parts.append(
            {
                "part": part.name,
                "cells": dict(part.proposal.cells),
                "understood": None if part.report is None else _sentence(found, part.report),
                "sure": part.proposal.sure,
                "doubts": [_doubt_document(doubt) for doubt in part.proposal.doubts],
                "state": "reported" if report else "open" if part.is_open else "aside",
                "report": report,
            }
        )
    return {
        "id": letter.id,
        "sender": letter.sender,
        "sent": letter.sent or None,
        "text": letter.text,
        "parts": parts,
        "left": [_doubt_document(doubt) for doubt in one.left],
    }


def _doubt_document(one: Doubt) -> dict[str, object]:
    candidates = [{"id": name or None, "name": label} for name, label in one.candidates]
    return {
        "kind": one.kind.value,
        "column": one.column or None,
        "text": one.text(),
        "candidates": candidates,
    }
