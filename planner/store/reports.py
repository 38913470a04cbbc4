"""Tables of reports of folders that have a store; loads the library of databases only where there is one."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from planner.store.place import has_store

__all__ = ["chain_head", "has_reports", "stored_reports", "take_over_reports"]


def stored_reports(path: Path) -> bytes | None:
    """A table of reports as its store has it; None: its folder has no store, or the store no such table."""
    if not has_store(path.parent):
        return None
    from planner.store.books import REPORTS
    from planner.store.mirror import mirror_content

    return mirror_content(path, REPORTS)


def has_reports(path: Path) -> bool:
    """Whether there is a table of reports: as a file, or in the store whose mirror it would be."""
    return path.is_file() or stored_reports(path) is not None


def take_over_reports(path: Path, ids: Collection[str]) -> None:
    """Enter into the store of a table's folder, if there is one, what was typed and is understood now."""
    if not has_store(path.parent):
        return
    from planner.store.books import REPORTS
    from planner.store.mirror import take_over

    take_over(path, REPORTS, ids)


def chain_head(folder: Path) -> tuple[int, str] | None:
    """Number and hash of the last entry of a folder's store; None: it has no store."""
    if not has_store(folder):
        return None
    from planner.store.ledger import ledger_of

    with ledger_of(folder).reading() as work:
        return work.head()
