"""An instance as text while changes are made to it, and the faults found on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from planner.base.errors import Fault
from planner.batches.changes import Change, Condition, nearest
from planner.batches.text_sheet import columns_of, matching
from planner.instance.raw import RawInstance, RawRow, RawTable
from planner.instance.schema import TABLES

__all__ = ["Workbench"]


class Workbench:
    """Tables and settings that changes are made to, one change after another.

    Parameters
    ----------
    raw
        The instance as it was.
    place
        A fault whose table, row and column say where the changes are written.
    """

    def __init__(self, raw: RawInstance, place: Fault) -> None:
        self.settings: dict[str, Any] = dict(raw.settings or {})
        self.tables: dict[str, RawTable] = dict(raw.tables)
        self.guarantee: int | None = None
        self.seed: int | None = None
        self.faults: list[Fault] = []
        self._place = place
        self._raw = raw

    @property
    def counts(self) -> Sequence[str]:
        """Names of the counts, as plan.toml gives them."""
        found = self.settings.get("counts")
        return [str(one) for one in found] if isinstance(found, list | tuple) else ()

    def wrong(self, code: str, change: Change, value: str | None = None, **params: object) -> None:
        """Note a fault of a change.

        Parameters
        ----------
        code
            Of the fault (S4xx).
        change
            Whose fault it is.
        value
            The text that is wrong; None: the change itself.
        params
            What the fault's text needs.
        """
        place = self._place
        said = {"change": change.text} | params
        self.faults.append(Fault(code, place.table, place.row, place.column, value or change.text, said))

    def table(self, change: Change, name: str) -> RawTable | None:
        """A table, empty where there is no file of it; None, and a fault, where none is called so."""
        if name not in TABLES:
            self.wrong("S406", change, name, nearest=nearest(name, list(TABLES)))
            return None
        return self.tables.get(name, RawTable(name, (), ()))

    def put(self, table: RawTable) -> None:
        """Replace a table."""
        self.tables[table.name] = table

    def knows(self, change: Change, table: str, columns: Sequence[str]) -> bool:
        """Whether all are columns of a table; a fault for each that is none."""
        known = columns_of(table, self.counts)
        return self._all_known(change, table, columns, known)

    def _all_known(self, change: Change, table: str, columns: Sequence[str], known: Sequence[str]) -> bool:
        wrong = [name for name in columns if name not in known]
        for name in wrong:
            self.wrong("S407", change, name, wanted=table, nearest=nearest(name, list(known)))
        return not wrong

    def rows(
        self, change: Change, table: RawTable, ids: Sequence[str], where: Sequence[Condition]
    ) -> list[RawRow]:
        """Rows that a change means; a fault where there are none, or an id is not there.

        Parameters
        ----------
        change, table
            The change, and the table that it names.
        ids
            Ids of rows; empty: of all.
        where
            Conditions on the rows; all must hold.
        """
        name = table.name
        if ids and "id" not in columns_of(name, ()):
            self.wrong("S408", change, ids[0], wanted=name)
            return []
        known = columns_of(name, self.counts, conditions=True)
        if not self._all_known(change, name, [one.column for one in where], known):
            return []
        there = {row.cells[table.index["id"]] for row in table.rows} if "id" in table.index else set()
        missing = [one for one in ids if one not in there]
        for one in missing:
            self.wrong("S409", change, one, wanted=name, nearest=nearest(one, sorted(there)[:2000]))
        if missing:
            return []
        found = matching(table, ids, where)
        if not found:
            self.wrong("S410", change, wanted=name)
        return found

    @property
    def result(self) -> RawInstance:
        """The instance as it is now."""
        raw = self._raw
        settings = None if raw.settings is None else self.settings
        return replace(raw, settings=settings, tables=self.tables)
