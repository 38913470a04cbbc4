"""Pasted text: kept at once, read, tried against plan and table; confirmed, it is a report.

Where a folder has a store, messages stay in its inbox with what was understood and what became of them;
without one they are numbered as they stand in the text, and nothing is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from planner.base.clock import parse_instant
from planner.base.errors import Fault, InputError
from planner.events.adding import NewReport, add_report, tried_report
from planner.events.read import read_rows
from planner.events.rows import Row, cells_of
from planner.instance.schema import Instance
from planner.messages.chats import Message
from planner.messages.known import Known
from planner.messages.proposals import Doubt, DoubtKind, Proposal, Reading
from planner.messages.reading import read_message
from planner.plans.model import Plan
from planner.store.inbox import Letter, Settled, kept_letters, letters, settle, understand
from planner.store.place import has_store
from planner.store.reports import has_reports

__all__ = ["Desk", "Part", "Read", "chosen"]

_TELEPHONE = re.compile(r"[+\d][\d\s()./-]{5,}")
_ALL = "all"


@dataclass(frozen=True)
class Part:
    """One report that a message may be.

    Parameters
    ----------
    name
        By what it is confirmed: `M0001.1`.
    proposal
        What was understood, with what speaks against it, the table too.
    report
        The report that it would be; None: the table does not take it.
    settled
        What became of it; None: nothing yet.
    """

    name: str
    proposal: Proposal
    report: NewReport | None
    settled: Settled | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided about it."""
        return self.settled is None


@dataclass(frozen=True)
class Read:
    """A message with what was understood of it.

    Parameters
    ----------
    letter
        As it is in the inbox.
    parts
        Reports that it may be.
    left
        Why sentences that might be reports are none.
    """

    letter: Letter
    parts: tuple[Part, ...]
    left: tuple[Doubt, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to look at it."""
        if any(one.part == 0 for one in self.letter.settled):
            return False
        return not self.parts or any(one.is_open for one in self.parts)


class Desk:
    """The place where messages come in: a plan in force, its table of reports, and the inbox of its folder.

    Parameters
    ----------
    path, instance, plan
        The table of reports, the instance, and the plan in force.
    by
        Who sits there.
    """

    def __init__(self, path: Path, instance: Instance, plan: Plan, by: str = "") -> None:
        self.path, self.instance, self.plan, self.by = path, instance, plan, by
        self.known = Known(instance, plan)
        self.has_inbox = has_store(path.parent)

    def take_in(self, messages: Sequence[Message], now_s: int) -> list[Read]:
        """Keep messages, then read those that are new; others are as they were.

        Parameters
        ----------
        messages
            As `planner.messages.chats.split` gives them.
        now_s
            Now.
        """
        clock = self.instance.clock
        new = [
            Letter(
                "",
                one.text,
                one.sender,
                "" if one.sent_s is None else clock.text(one.sent_s),
                forwarded=one.forwarded,
            )
            for one in messages
        ]
        if not self.has_inbox:
            named = [replace(one, id=f"M{at:04d}") for at, one in enumerate(new, 1)]
            return self._tried([(one, self._reading(one, now_s)) for one in named], now_s)
        kept = kept_letters(self.path.parent, new, self.by)
        read = [(one, self._reading(one, now_s) if fresh else _read(one.understood)) for one, fresh in kept]
        understand(self.path.parent, {one.id: _written(found) for one, found in read}, self.by)
        return self._tried(read, now_s)

    def all(self, now_s: int) -> list[Read]:
        """All messages of the inbox."""
        kept = letters(self.path.parent) if self.has_inbox else []
        return self._tried([(one, _read(one.understood)) for one in kept], now_s)

    def _reading(self, one: Letter, now_s: int) -> Reading:
        clock = self.instance.clock
        sent_s = clock.seconds(parse_instant(one.sent)) if one.sent else None
        message = Message(text=one.text, sender=one.sender, sent_s=sent_s, forwarded=one.forwarded)
        return read_message(message, self.known, clock, now_s)

    def _tried(self, found: Iterable[tuple[Letter, Reading]], now_s: int) -> list[Read]:
        """Messages with what the table says to each part that is open, one after another."""
        rows = list(read_rows(self.path)[0]) if has_reports(self.path) else []
        made = []
        for letter, reading in found:
            over = {one.part: one for one in letter.settled}
            parts = []
            for at, proposal in enumerate(reading.proposals, 1):
                settled = over.get(at, over.get(0))
                part = Part(f"{letter.id}.{at}", proposal, None, settled)
                parts.append(part if settled is not None else self._try(part, letter, rows, now_s))
            made.append(Read(letter, tuple(parts), reading.left))
        return made

    def _try(self, part: Part, letter: Letter, rows: list[Row], now_s: int) -> Part:
        if "subject" not in part.proposal.cells:
            return part
        cells = {**self._cells(part.proposal, letter, now_s), "id": part.name}
        try:
            report = tried_report(rows, cells, self.instance, self.plan, now_s)
        except InputError as error:
            return _doubted(part, DoubtKind.REFUSED, (one.cause for one in error.faults))
        disputes = (one for one in report.disputed if not one.event.bulk)
        part = _doubted(part, DoubtKind.DISPUTED, (one.fault(self.instance.clock).cause for one in disputes))
        if part.proposal.sure:
            rows.append(Row(None, cells_of(report.event, self.instance.clock)))
        return replace(part, report=report)

    def _cells(self, proposal: Proposal, letter: Letter, now_s: int) -> dict[str, str]:
        """Cells of the row: told when the message was sent, by whoever sent it, but no telephone number."""
        clock = self.instance.clock
        cells = dict(proposal.cells)
        if letter.sent:
            cells["time"] = clock.text(min(now_s, clock.seconds(parse_instant(letter.sent))))
        if letter.sender and not _TELEPHONE.fullmatch(letter.sender.strip(" ~")):
            cells["by"] = letter.sender
        return cells

    def report(
        self, part: Part, letter: Letter, now_s: int, more: Mapping[str, str] | None = None
    ) -> NewReport:
        """Make a part of a message a report.

        Parameters
        ----------
        part, letter
            The part, and its message.
        now_s
            Now.
        more
            Cells that take the place of those that were understood.

        Raises
        ------
        InputError
            As `planner.events.adding.add_report` does; nothing is added then.
        """
        cells = {**self._cells(part.proposal, letter, now_s), **(more or {})}
        new = add_report(self.path, cells, self.instance, self.plan, now_s)
        if self.has_inbox:
            number = int(part.name.rpartition(".")[2])
            settle(self.path.parent, letter.id, [Settled(number, new.event.id)], self.by)
        return new

    def put_aside(self, letter: Letter) -> None:
        """Note that nothing more of a message becomes a report."""
        settle(self.path.parent, letter.id, [Settled(0)], self.by)


def _doubted(part: Part, kind: DoubtKind, causes: Iterable[str]) -> Part:
    """A part with what the table has against it."""
    more = tuple(Doubt(kind, told=one) for one in dict.fromkeys(causes))
    return replace(part, proposal=replace(part.proposal, doubts=(*part.proposal.doubts, *more)))


def chosen(
    found: Sequence[Read], words: Iterable[str], *, column: str = "--confirm"
) -> list[tuple[Read, Part]]:
    """The open parts that are meant by `all`, by `M0003` or `3`, or by `M0003.2`.

    `all` means what was understood without doubt; so does a message of several parts. A message of one part
    means that part, and `M0003.2` the part itself, however doubtful.

    Parameters
    ----------
    found
        Messages.
    words
        What was asked for; several may be joined by commas.
    column
        What to call the option in a fault.

    Raises
    ------
    InputError
        With each word that means nothing that is open (E992).
    """
    picked: dict[str, tuple[Read, Part]] = {}
    faults = []
    for word in (piece.strip() for one in words for piece in one.split(",")):
        some = _meant(found, word)
        picked |= {part.name: (read, part) for read, part in some}
        if word and not some and word.casefold() != _ALL:
            faults.append(Fault("E992", column, value=word))
    if faults:
        raise InputError(faults)
    return list(picked.values())


def _meant(found: Sequence[Read], word: str) -> list[tuple[Read, Part]]:
    every = [(read, part) for read in found for part in read.parts if part.is_open and read.is_open]
    if word.casefold() == _ALL:
        return [(read, part) for read, part in every if part.proposal.sure]
    message, _, number = word.upper().removeprefix("M").partition(".")
    if not message.isascii() or not message.isdecimal() or len(message) > 9:
        return []
    mine = [(read, part) for read, part in every if read.letter.id == f"M{int(message):04d}"]
    if number:
        return [(read, part) for read, part in mine if part.name.rpartition(".")[2] == number.lstrip("0")]
    return mine if len(mine) == 1 else [(read, part) for read, part in mine if part.proposal.sure]


def _written(reading: Reading) -> str:
    """What was understood as JSON text."""
    document = {
        "parts": [
            {"cells": dict(one.cells), "doubts": list(map(_doubt_written, one.doubts))}
            for one in reading.proposals
        ],
        "left": list(map(_doubt_written, reading.left)),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _doubt_written(one: Doubt) -> list[object]:
    return [one.kind.value, one.column, one.told, [list(pair) for pair in one.candidates]]


def _read(text: str) -> Reading:
    """What was understood, from JSON text."""
    if not text:
        return Reading()
    document = json.loads(text)
    parts = tuple(Proposal(one["cells"], tuple(map(_doubt_read, one["doubts"]))) for one in document["parts"])
    return Reading(parts, tuple(map(_doubt_read, document["left"])))


def _doubt_read(one: Sequence[Any]) -> Doubt:
    kind, column, told, candidates = one
    return Doubt(DoubtKind(kind), column, told, tuple((name, label) for name, label in candidates))
