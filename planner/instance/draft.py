"""What was read of an instance so far, with the faults put aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from planner.base.errors import Fault, Severity
from planner.instance.raw import RawTable
from planner.instance.settings import PLAN_FILE, DraftSettings

__all__ = ["Draft"]


@dataclass(frozen=True)
class Draft:
    """An instance between reading and validation.

    Parameters
    ----------
    settings
        What could be read of plan.toml.
    raw
        Tables as text, those whose header could be read.
    rows
        Rows by table whose cells are all well-formed, each with its line.
    unread
        Tables with a file that could not be read at all.
    """

    settings: DraftSettings
    raw: Mapping[str, RawTable]
    rows: Mapping[str, tuple[tuple[int, Any], ...]]
    unread: frozenset[str] = frozenset()

    def of(self, table: str) -> tuple[tuple[int, Any], ...]:
        """Well-formed rows of a table with their lines."""
        return self.rows.get(table, ())

    def whole(self, *tables: str) -> bool:
        """Whether every row of these tables is known and well-formed."""
        return not any(
            table in self.unread
            or (table in self.raw and not self.raw[table].complete)
            or (table in self.raw and len(self.raw[table].rows) != len(self.of(table)))
            for table in tables
        )

    def warning(self, code: str, table: str, line: int, column: str, **params: object) -> Fault:
        """Make a fault that is only a warning.

        Parameters
        ----------
        code, table, line, column, params
            As for `fault`.
        """
        return self.fault(code, table, line, column, severity=Severity.WARNING, **params)

    def fault(
        self,
        code: str,
        table: str,
        line: int | None = None,
        column: str | None = None,
        *,
        severity: Severity = Severity.ERROR,
        **params: object,
    ) -> Fault:
        """Make a fault that shows the text found at its place.

        Parameters
        ----------
        code
            Of the fault.
        table, line, column
            Where it is; None: the fault is of no single line, or column.
        severity
            An error unless it is said otherwise.
        params
            What the fault's text needs.
        """
        if table == PLAN_FILE:
            value = self.settings.values.get(column or "")
        else:
            value = self.raw[table].value(line, column) if table in self.raw else None
        return Fault(code, table, line, column, value, params, severity)
