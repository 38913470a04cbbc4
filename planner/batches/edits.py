"""The plain verbs: set, scale, shift, drop, add, setting; and their arithmetic on the texts of cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from planner.base.clock import DAY_S, parse_instant
from planner.batches.changes import Change, duration_of, factor_of, nearest, number_of
from planner.batches.text_sheet import column_of, text_of, with_cells, with_row, without
from planner.batches.workbench import Workbench
from planner.instance.cells import cell_text
from planner.instance.raw import RawRow, RawTable
from planner.instance.schema import Column, Kind
from planner.instance.settings import KEYS

__all__ = [
    "add_row",
    "drop_rows",
    "scale_cells",
    "scale_rows",
    "set_cells",
    "set_settings",
    "shift_cells",
    "shift_rows",
]

# Cells that mean "from the start" where they are empty, and so can be shifted even then.
_FROM_START = frozenset({("stock", "available"), ("closures", "from")})
_SCALABLE = frozenset({Kind.COUNT, Kind.MONEY, Kind.DECIMAL})
_VEHICLE = re.compile(r"(.+)(?:-([0-9]{2,})|/([0-9]+))", re.ASCII)
_TOP = {key.name: key.type for key in KEYS if not key.name.startswith("[")}
_MODEL = {key.name.removeprefix("[model] "): key.type for key in KEYS if key.name.startswith("[model] ")}


def set_cells(bench: Workbench, change: Change) -> None:
    """``set TABLE [ID…] COLUMN=VALUE… [where …]``."""
    table = bench.table(change, change.words[0])
    if table is None or not bench.knows(change, table.name, [name for name, _ in change.values]):
        return
    rows = bench.rows(change, table, change.words[1:], change.where)
    bench.put(with_cells(table, {row.line: dict(change.values) for row in rows}))


def scale_cells(bench: Workbench, change: Change) -> None:
    """``scale TABLE [ID…] COLUMN=FACTOR… [where …]``."""
    table = bench.table(change, change.words[0])
    factors: dict[str, Fraction] = {}
    for name, text in change.values:
        factor = factor_of(text)
        if factor is None:
            bench.wrong("S411", change, text)
        else:
            factors[name] = factor
    if table is None or len(factors) < len(change.values):
        return
    if not bench.knows(change, table.name, list(factors)):
        return
    wrong = [name for name in factors if not _is_scalable(table.name, name)]
    for name in wrong:
        bench.wrong("S412", change, name, wanted=table.name)
    rows = bench.rows(change, table, change.words[1:], change.where)
    if not wrong:
        bench.put(scale_rows(table, rows, factors))


def _is_scalable(table: str, name: str) -> bool:
    column = column_of(table, name)
    return column is None or column.kind in _SCALABLE  # what is no column is a count


def scale_rows(table: RawTable, rows: Sequence[RawRow], factors: Mapping[str, Fraction]) -> RawTable:
    """The table with some columns of some rows times a factor; empty cells, which mean none, stay so."""
    cells: dict[int, dict[str, str]] = {}
    for row in rows:
        for name, factor in factors.items():
            number = number_of(text_of(table, row, name))
            if number is not None:
                cells.setdefault(row.line, {})[name] = _scaled(column_of(table.name, name), number * factor)
    return with_cells(table, cells)


def _scaled(column: Column | None, number: Fraction) -> str:
    """The text of a number in a column, as near as it can hold, and not below its minimum."""
    if column is None or column.kind is not Kind.DECIMAL:
        scale = 1 if column is None else column.scale
        least = 0 if column is None or column.minimum is None else -(-column.minimum // scale)
        return str(max(least, _half_up(number)))
    step = _step(column.scale)
    inside = step * _half_up(number * column.scale / step)
    least = column.minimum or 0
    return cell_text(column, max(inside, step * -(-least // step)))


def _step(scale: int) -> int:
    """What an inside figure must be a multiple of so that a decimal number in the file can say it exactly."""
    for factor in (2, 5):
        while scale % factor == 0:
            scale //= factor
    return scale


def _half_up(number: Fraction) -> int:
    return int((2 * number + 1) // 2)


def shift_cells(bench: Workbench, change: Change) -> None:
    """``shift TABLE [ID…] COLUMN=DURATION… [where …]``."""
    table = bench.table(change, change.words[0])
    spans: dict[str, int] = {}
    for name, text in change.values:
        span = duration_of(text)
        if span is None:
            bench.wrong("S413", change, text)
        else:
            spans[name] = span
    if table is None or len(spans) < len(change.values):
        return
    if not bench.knows(change, table.name, list(spans)):
        return
    wrong = [name for name in spans if not _is_moment(table.name, name)]
    for name in wrong:
        bench.wrong("S414", change, name, wanted=table.name)
    rows = bench.rows(change, table, change.words[1:], change.where)
    if not wrong:
        shift_rows(bench, change, table, rows, spans)


def _is_moment(table: str, name: str) -> bool:
    column = column_of(table, name)
    return column is not None and column.kind in (Kind.INSTANT, Kind.HOUR)


def shift_rows(
    bench: Workbench, change: Change, table: RawTable, rows: Sequence[RawRow], spans: Mapping[str, int]
) -> None:
    """Move instants and hours of some rows; what cannot be read is left to the reading.

    Parameters
    ----------
    bench, change
        The instance that is changed, and the change that does it.
    table, rows
        A table, and those of its rows that move.
    spans
        By column, seconds by which it moves; less than 0: to earlier.
    """
    cells: dict[int, dict[str, str]] = {}
    for row in rows:
        for name, span_s in spans.items():
            text = text_of(table, row, name)
            if not text and (table.name, name) in _FROM_START:
                text = str(bench.settings.get("start", ""))
            moved = _shifted(column_of(table.name, name), text, span_s)
            if moved is None:
                bench.wrong("S415", change, text, wanted=table.name, column=name)
            elif moved:
                cells.setdefault(row.line, {})[name] = moved
    bench.put(with_cells(table, cells))


def _shifted(column: Column | None, text: str, span_s: int) -> str | None:
    """The text of a moment so much later; empty where there is none, None where it leaves its day."""
    if column is not None and column.kind is Kind.HOUR:
        found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", text, re.ASCII)
        if found is None:
            return ""
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        moved_s = hours * 3600 + minutes * 60 + seconds + span_s
        return cell_text(column, moved_s) if 0 <= moved_s <= DAY_S else None
    try:
        return (parse_instant(text) + timedelta(seconds=span_s)).isoformat(timespec="seconds")
    except ValueError:
        return ""
    except OverflowError:
        return None


def drop_rows(bench: Workbench, change: Change) -> None:
    """``drop TABLE ID…`` or ``drop TABLE where …``; of vehicles also single ones: ``TYPE-02``, ``TYPE/2``."""
    name, *ids = change.words
    table = bench.table(change, name)
    if table is None:
        return
    if not ids and not change.where:
        bench.wrong("S405", change, what="drop TABLE ID… | where COLUMN=VALUE")
        return
    if name == "vehicles":
        table, ids = _without_single(bench, change, table, ids)
        if not ids and change.words[1:]:
            bench.put(table)
            return
    bench.put(without(table, bench.rows(change, table, ids, change.where)))


def _without_single(
    bench: Workbench, change: Change, table: RawTable, ids: Sequence[str]
) -> tuple[RawTable, list[str]]:
    """The types with so many vehicles less as are named one by one, and the ids that name whole types."""
    types = {text_of(table, row, "id"): row for row in table.rows}
    whole: list[str] = []
    lost: dict[str, set[int]] = {}
    for one in ids:
        found = _VEHICLE.fullmatch(one)
        if one in types or found is None or found[1] not in types:
            whole.append(one)
            continue
        place = int(found[2] or found[3])
        held = number_of(text_of(table, types[found[1]], "number"))
        if held is not None and not 1 <= place <= held:
            bench.wrong("S416", change, one, type=found[1], number=held)
            continue
        lost.setdefault(found[1], set()).add(place)
    cells = {}
    for kind, places in lost.items():
        held = number_of(text_of(table, types[kind], "number"))
        if held is not None:
            cells[types[kind].line] = {"number": str(int(held) - len(places))}
    return with_cells(table, cells), whole


def add_row(bench: Workbench, change: Change) -> None:
    """``add TABLE COLUMN=VALUE…``."""
    table = bench.table(change, change.words[0])
    if table is not None and bench.knows(change, table.name, [name for name, _ in change.values]):
        bench.put(with_row(table, dict(change.values)))


def set_settings(bench: Workbench, change: Change) -> None:
    """``setting KEY=VALUE…``: keys of plan.toml, those of its table as ``model.KEY``."""
    for key, text in change.values:
        table, name = (_MODEL, key.removeprefix("model.")) if key.startswith("model.") else (_TOP, key)
        if name not in table:
            known = [*_TOP, *(f"model.{one}" for one in _MODEL)]
            bench.wrong("S417", change, key, nearest=nearest(key, known))
            continue
        value = _typed(table[name], text)
        if table is _MODEL:
            model = bench.settings.get("model")
            bench.settings["model"] = (dict(model) if isinstance(model, Mapping) else {}) | {name: value}
        else:
            bench.settings[name] = value


def _typed(kind: str, text: str) -> Any:  # noqa: ANN401
    """A value as TOML would give it; what does not fit is left as text for the reading to refuse."""
    number = number_of(text)
    if kind == "whole number" and number is not None and number.denominator == 1:
        return int(number)
    if kind == "number" and number is not None:
        return float(number)
    if kind == "list of text":
        return [part.strip() for part in text.split("+") if part.strip()]
    return text
