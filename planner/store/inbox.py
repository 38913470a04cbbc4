"""The inbox: messages as they came, what was understood of each, and what became of it.

Each of these is an entry of the ledger, which is added and never changed. Text, sender and what was
understood stand outside the chain, as notes do, and can be erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from planner.store.chain import Entry
from planner.store.ledger import New, Work, ledger_of

__all__ = ["INBOX", "Letter", "Settled", "kept_letters", "letters", "settle", "understand"]

INBOX = "inbox"  # the book of its entries, which is mirrored by no file
_MESSAGE, _READING, _ANSWER = "message", "reading", "answer"


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a part of a message.

    Parameters
    ----------
    part
        Its number, from 1; 0: all of the message.
    report
        The report that it became; empty: somebody has put it aside.
    """

    part: int
    report: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in the inbox.

    Parameters
    ----------
    id
        Its name there (`M0001`).
    text, sender, sent
        What it says, who wrote it, and when (ISO 8601; empty: it does not say).
    came
        When it came into the store (ISO 8601, UTC).
    forwarded
        Whether it passes on what somebody else wrote.
    understood
        What was understood of it last, as JSON text; empty: nothing was tried yet, or it was erased.
    settled
        What became of its parts.
    """

    id: str
    text: str
    sender: str = ""
    sent: str = ""
    came: str = ""
    forwarded: bool = False
    understood: str = ""
    settled: tuple[Settled, ...] = field(default=())


def letters(folder: Path) -> list[Letter]:
    """All messages of a folder that has a store, in the order in which they came."""
    with ledger_of(folder).reading() as work:
        return _letters(work)


def _letters(work: Work) -> list[Letter]:
    found: dict[str, Letter] = {}
    for entry in work.entries(_MESSAGE, INBOX):
        cells = entry.cells()
        text, sender, sent = (cells.get(name, "") for name in ("text", "sender", "sent"))
        forwarded = bool(cells.get("forwarded"))
        settled = (Settled(0),) if entry.erased() else ()
        found[entry.id] = Letter(entry.id, text, sender, sent, entry.at, forwarded, settled=settled)
    for kind in (_READING, _ANSWER):
        for entry in work.entries(kind, INBOX):
            name = entry.cells()["message"]
            if name in found:
                found[name] = _with(found[name], entry)
    return list(found.values())


def _with(letter: Letter, entry: Entry) -> Letter:
    cells = entry.cells()
    if entry.kind == _READING:
        return replace(letter, understood="" if entry.erased() else cells["understood"])
    one = Settled(int(cells["part"]), cells.get("report", ""))
    return replace(letter, settled=(*letter.settled, one))


def kept_letters(folder: Path, new: Sequence[Letter], by: str) -> list[tuple[Letter, bool]]:
    """Keep messages; gives each as it is in the inbox, and whether it has just come.

    Parameters
    ----------
    folder
        Of plans, with a store.
    new
        Messages without ids. One that says when it was sent, and is there already, is not kept again.
    by
        Who keeps them.
    """
    with ledger_of(folder).writing() as work:
        there = _letters(work)
        known = {_key(one): one for one in there if one.sent}
        number, added, found = len(there), [], []
        for one in new:
            old = known.get(_key(one)) if one.sent else None
            if old is None:
                number += 1
                one = replace(one, id=f"M{number:04d}")  # noqa: PLW2901
                known[_key(one)] = one
                added.append(one)
            found.append((one if old is None else old, old is None))
        work.add([_new_message(one, by) for one in added])
    return found


def _key(one: Letter) -> tuple[str, str, str]:
    return one.sent, one.sender, one.text


def _new_message(one: Letter, by: str) -> New:
    cells = {
        "text": one.text,
        "sender": one.sender,
        "sent": one.sent,
        "forwarded": "yes" if one.forwarded else "",
    }
    filled = {name: cell for name, cell in cells.items() if cell}
    return New(_MESSAGE, INBOX, one.id, by, filled, frozenset({"text", "sender"}))


def understand(folder: Path, understood: Mapping[str, str], by: str) -> None:
    """Keep what was understood of messages, where it is not what was understood before.

    Parameters
    ----------
    folder
        Of plans, with a store.
    understood
        JSON text by the id of the message.
    by
        Who has it read.
    """
    with ledger_of(folder).writing() as work:
        before = {one.id: one.understood for one in _letters(work)}
        number = len(work.entries(_READING, INBOX))
        changed = [(name, text) for name, text in understood.items() if before.get(name) != text]
        new = [
            New(
                _READING,
                INBOX,
                f"{name}-r{at}",
                by,
                {"message": name, "understood": text},
                frozenset({"understood"}),
            )
            for at, (name, text) in enumerate(changed, number + 1)
        ]
        work.add(new)


def settle(folder: Path, name: str, settled: Sequence[Settled], by: str) -> None:
    """Keep what became of parts of a message.

    Parameters
    ----------
    folder, name
        Of plans, with a store; the message's id.
    settled
        Parts, with their reports.
    by
        Who decided.
    """
    with ledger_of(folder).writing() as work:
        number = len(work.entries(_ANSWER, INBOX))
        new = []
        for at, one in enumerate(settled, number + 1):
            cells = {"message": name, "part": str(one.part), "report": one.report}
            new.append(
                New(_ANSWER, INBOX, f"{name}-a{at}", by, {key: cell for key, cell in cells.items() if cell})
            )
        work.add(new)
