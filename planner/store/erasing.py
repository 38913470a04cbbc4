"""Erasing free text: what somebody said in his own words, and telephone numbers; that it was said stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.store.chain import Entry
from planner.store.inbox import INBOX
from planner.store.ledger import Ledger

__all__ = ["erase"]


def erase(ledger: Ledger, ids: Sequence[str], by: str, table: str = "") -> list[Entry]:
    """Erase the free text of entries, with its salts, for good.

    Parameters
    ----------
    ledger
        The store.
    ids
        Of reports or approvals.
    by
        Who erases.
    table
        The mirror that they stand in; empty: the only one that has them.

    Returns
    -------
    list of Entry
        Those that had any, as they are now.

    Raises
    ------
    InputError
        If there is no such entry (K020), or several mirrors have one (K021); nothing was erased then.

    Notes
    -----
    Copies that were made before, and plans that were made of it, keep it.
    """
    with ledger.writing() as work:
        entries = [one for one in work.entries() if one.book and (not table or one.book == Path(table).name)]
        faults, found = [], []
        for name in ids:
            mine = [one for one in entries if one.id == name or _is_part(one, name)]
            if len({one.book for one in mine}) > 1:
                params = {"tables": ", ".join(sorted({one.book for one in mine}))}
                faults.append(Fault("K021", "ID", value=name, params=params))
            elif not mine:
                faults.append(Fault("K020", "ID", value=name))
            found += [one for one in mine if one.private is not None]
        if faults:
            raise InputError(faults)
        if found:
            work.erase(found, by)
    ledger.swept()
    return found


def _is_part(entry: Entry, name: str) -> bool:
    """Whether an entry is what was understood of a message."""
    return entry.book == INBOX and entry.id.startswith(f"{name}-")
