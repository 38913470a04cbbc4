"""The sheets ``settings`` and ``sources``, which hold what plan.toml holds in a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from planner.base.clock import Clock
from planner.base.errors import Fault
from planner.instance.cells import CellError
from planner.instance.kinds import Kind
from planner.instance.local import Notation
from planner.instance.schema import Column, Settings, Source
from planner.instance.settings import FORMAT, KEYS, any_clock, settings_from_mapping
from planner.instance.sheet_names import SETTINGS_SHEET, SOURCES_SHEET
from planner.instance.workbook.grid import Cell, CellType, Grid, leave_title
from planner.instance.workbook.values import number_text, text_of_cell

__all__ = ["SETTING_COLUMNS", "SOURCE_COLUMNS", "setting_key", "settings_of", "settings_values"]

SETTING_COLUMNS = ("key", "value", "meaning")
SOURCE_COLUMNS = tuple(one.name for one in fields(Source))
_TYPES = {key.name: key.type for key in KEYS}
_PARTS = ("model", "replan")  # tables of plan.toml
_INSTANT = Column(
    attribute="instant",
    name="value",
    kind=Kind.INSTANT,
    description="",
    unit="",
    required=False,
    default=None,
    refs=(),
    choices=None,
    scale=1,
    minimum=None,
)


def setting_key(name: str) -> str:
    """A key of plan.toml as the sheet names it: ``model.neighbours``."""
    for part in _PARTS:
        name = name.replace(f"[{part}] ", f"{part}.")
    return name


class _Sheet:
    """The rows of the sheet by key, and the faults of its form."""

    def __init__(self, grid: Grid) -> None:
        self.faults: list[Fault] = []
        self.rows: dict[str, tuple[int, Cell | None]] = {}
        header: dict[str, int] = {}
        self.faults += leave_title(grid, SETTINGS_SHEET, SETTING_COLUMNS)
        for number, cells in grid.rows:
            if not header:
                header = {cell.text.strip(): cell.column for cell in cells}
                missing = [one for one in SETTING_COLUMNS[:2] if one not in header]
                self.faults += [Fault("I110", SETTINGS_SHEET, number, one) for one in missing]
                if missing:
                    return
                continue
            by_column = {cell.column: cell for cell in cells}
            key = by_column.get(header["key"])
            value = by_column.get(header["value"])
            if key is None:
                if value is not None:
                    self.faults.append(Fault("I201", SETTINGS_SHEET, number, "key", ""))
            elif (name := key.text.strip()) in self.rows:
                first = self.rows[name][0]
                self.faults.append(Fault("X310", SETTINGS_SHEET, number, "key", name, {"first": first}))
            else:
                self.rows[name] = (number, value)


def settings_of(
    grid: Grid, sources: Grid | None, *, is_1904: bool
) -> tuple[Mapping[str, Any], list[Fault], Mapping[str, int]]:
    """Read the settings of a workbook.

    Parameters
    ----------
    grid
        The sheet ``settings``: columns ``key`` and ``value``, others are remarks.
    sources
        The sheet ``sources``, if there is one.
    is_1904
        Whether the workbook counts days from 1904.

    Returns
    -------
    tuple
        Keys and values as plan.toml would hold them; faults of their cells; and the row of each key.
    """
    sheet = _Sheet(grid)
    place = {key: number for key, (number, _) in sheet.rows.items()}
    content: dict[str, Any] = {}
    clock = _zone_clock(sheet)
    for key, (number, cell) in sheet.rows.items():
        if cell is None:
            continue
        try:
            value = _value(key, cell, clock, _plain(sheet, "number_format"), is_1904=is_1904)
        except CellError as error:
            shown = str(error.params.get("shown", cell.text))
            fault = Fault(error.code, SETTINGS_SHEET, number, key, shown, error.params)
            sheet.faults.append(fault)
            continue
        part, _, own = key.partition(".")
        if own and part in _PARTS:
            content.setdefault(part, {})[own] = value
        else:
            content[key] = value
    rows, source_faults = _sources(sources)
    content |= {"sources": rows} if rows else {}
    return content, sheet.faults + source_faults, place


def _plain(sheet: _Sheet, key: str) -> str:
    cell = sheet.rows.get(key, (0, None))[1]
    return cell.text.strip() if cell is not None and cell.type is CellType.TEXT else ""


def _zone_clock(sheet: _Sheet) -> Clock:
    """A clock in the workbook's time zone, by which local times are made instants."""
    zone = _plain(sheet, "time_zone")
    draft, _ = settings_from_mapping({"start": "2000-01-01T00:00+00:00", "time_zone": zone})
    return draft.clock if zone else any_clock()


def _value(key: str, cell: Cell, clock: Clock, number_format: str, *, is_1904: bool) -> Any:  # noqa: ANN401
    """A value as plan.toml would hold it; what is not of its type is refused by who reads settings."""
    part, _, own = key.partition(".")
    kind = _TYPES.get(key, _TYPES.get(f"[{part}] {own}", "text"))
    column = _INSTANT if kind == "instant" else None
    text = text_of_cell(cell, column, Notation(clock, number_format), is_1904=is_1904)
    if kind == "list of text":
        return [part.strip() for part in text.replace("+", ",").split(",") if part.strip()]
    if kind == "whole number":
        return int(text) if text.isdecimal() and len(text) < 20 else text
    if kind == "number" and cell.type is CellType.NUMBER:
        return float(number_text(cell.text))
    return text


def _sources(grid: Grid | None) -> tuple[list[dict[str, str]], list[Fault]]:
    rows: list[dict[str, str]] = []
    faults: list[Fault] = []
    header: dict[int, str] = {}
    warned = leave_title(grid, SOURCES_SHEET, SOURCE_COLUMNS) if grid else []
    for number, cells in grid.rows if grid else ():
        if not header:
            header = {cell.column: cell.text.strip() for cell in cells}
            for name in header.values():
                if name not in SOURCE_COLUMNS:
                    params = {"nearest": ", ".join(SOURCE_COLUMNS)}
                    faults.append(Fault("I111", SOURCES_SHEET, number, name, None, params))
            continue
        row = {header[cell.column]: cell.text for cell in cells if cell.column in header}
        if not row.get("title"):
            faults.append(Fault("I201", SOURCES_SHEET, number, "title", ""))
        rows.append(row)
    return ([] if faults else rows), faults + warned


def settings_values(settings: Settings) -> Sequence[tuple[str, str | int | float]]:
    """Keys of the sheet with their values; instants are texts with offset."""
    clock = settings.clock
    values: dict[str, str | int | float] = {
        "format": FORMAT,
        "name": settings.name,
        "time_zone": clock.time_zone,
        "start": clock.start.isoformat(),
        "horizon_end": clock.text(settings.horizon_s),
        "deadline": clock.text(settings.deadline_s),
        "not_before": clock.text(settings.not_before_s) if settings.not_before_s else "",
        "counts": "+".join(settings.counts),
        "unit": settings.unit,
        "weight": settings.weight,
        "guarantee": settings.guarantee,
        "objective": settings.objective.value,
        "chain": settings.chain.value,
        "currency": settings.currency,
        "number_format": settings.number_format,
        "model.neighbours": settings.model.neighbours,
        "model.longest_join_km": settings.model.longest_join_m / 1000,
        "replan.notice_min": settings.notice_min,
        "replan.approvals": settings.approvals,
        "season": settings.season,
        "price_night": settings.price_night,
    }
    return tuple(values.items())
