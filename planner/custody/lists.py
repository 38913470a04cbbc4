"""Lists of scanned boxes, as they stand in the store: one entry of its chain for each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from planner.base.clock import Clock, parse_instant
from planner.base.text import language
from planner.store.chain import Entry
from planner.store.place import has_store

if TYPE_CHECKING:
    from planner.store.ledger import New

__all__ = ["ACT_WORDS", "Act", "Line", "ScanList", "act_of", "act_word", "enter", "lists_of"]

_KIND, _BOOK = "scan", "scans"
_BROKEN = "broken"


class Act(StrEnum):
    """What was done with the boxes of a list."""

    LOADED = "loaded"
    HANDED_OVER = "handed_over"  # told by whoever brings
    RECEIVED = "received"  # told by whoever receives
    REFUSED = "refused"


ACT_WORDS = {
    Act.LOADED: ("dimuat", "muat", "load"),
    Act.HANDED_OVER: ("diserahkan", "serah", "handed over", "delivered"),
    Act.RECEIVED: ("diterima", "terima", "receive"),
    Act.REFUSED: ("ditolak", "tolak", "refuse"),
}


def act_of(text: str) -> Act | None:
    """What a word means, in English or Indonesian; None: nothing.

    Examples
    --------
    >>> act_of("Handed over"), act_of("DITERIMA"), act_of("dibuang")
    (<Act.HANDED_OVER: 'handed_over'>, <Act.RECEIVED: 'received'>, None)
    """
    word = " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
    known = {act.value.replace("_", " "): act for act in Act}
    known |= {other: act for act, words in ACT_WORDS.items() for other in words}
    return known.get(word)


def act_word(act: Act) -> str:
    """The word of an act in the language in force."""
    return act.value.replace("_", " ") if language() == "en" else ACT_WORDS[act][0]


@dataclass(frozen=True, slots=True)
class Line:
    """One code of a list.

    Parameters
    ----------
    code
        As it was scanned.
    seal
        Number of its seal; empty: it was not told.
    is_broken
        Whether its seal is told to be broken.
    """

    code: str
    seal: str = ""
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class ScanList:
    """What somebody scanned at one place, of one vehicle, at one time.

    Parameters
    ----------
    id, seq
        Its name, and its number in the store; empty and 0 before it is entered.
    act, place, vehicle, at_s, by
        What was done where, of or to which vehicle (empty: not told), when, and who scanned.
    lines
        Codes in their order.
    is_whole
        Whether nothing of this hand-over is left out; else a further list follows.
    note
        Free text, outside of the chain.
    """

    act: Act
    place: str
    vehicle: str
    at_s: int
    by: str
    lines: tuple[Line, ...]
    is_whole: bool = True
    note: str = ""
    id: str = ""
    seq: int = 0


def enter(folder: Path, new: Sequence[ScanList], clock: Clock) -> tuple[list[ScanList], list[bool]]:
    """Enter lists into the store of a folder, all or none; each with whether it was not there before.

    Parameters
    ----------
    folder
        A folder of plans that has a store.
    new
        Lists without id. One that is there to the letter is not entered again.
    clock
        Of the plan.
    """
    from planner.store.ledger import ledger_of

    found, fresh = [], []
    with ledger_of(folder).writing() as work:
        for one in new:
            row = _entry(one, f"S{work.number_of(_KIND) + 1:04d}", clock)
            there = work.same(row)
            fresh.append(there is None)
            found.append(_read(there or work.add([row])[0], clock))
    return found, fresh


def _entry(one: ScanList, name: str, clock: Clock) -> New:
    from planner.store.ledger import New

    cells = {
        "act": one.act.value, "place": one.place, "vehicle": one.vehicle, "time": clock.text(one.at_s),
        "by": one.by, "part": "" if one.is_whole else "yes", "note": one.note,
    }  # fmt: skip
    codes = [[line.code, line.seal, _BROKEN if line.is_broken else ""] for line in one.lines]
    filled = {name: cell for name, cell in cells.items() if cell}
    return New(_KIND, _BOOK, name, one.by, filled, frozenset({"note"}), {"codes": codes})


def lists_of(folder: Path, clock: Clock) -> tuple[ScanList, ...]:
    """All lists of a folder's store, in the order of their entry; none where it has no store."""
    if not has_store(folder):
        return ()
    from planner.store.ledger import ledger_of

    with ledger_of(folder).reading() as work:
        return tuple(_read(one, clock) for one in work.entries(_KIND, _BOOK))


def _read(entry: Entry, clock: Clock) -> ScanList:
    cells = entry.cells()
    return ScanList(
        act=Act(cells["act"]),
        place=cells.get("place", ""),
        vehicle=cells.get("vehicle", ""),
        at_s=clock.seconds(parse_instant(cells["time"])),
        by=cells.get("by", ""),
        lines=tuple(
            Line(code, seal, broken == _BROKEN) for code, seal, broken in json.loads(entry.content)["codes"]
        ),
        is_whole=cells.get("part") != "yes",
        note=cells.get("note", ""),
        id=entry.id,
        seq=entry.seq,
    )
