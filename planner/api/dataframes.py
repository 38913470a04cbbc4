"""DataFrames in place of files: tables of an instance on the way in, tables of a plan on the way out."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from planner.base.clock import Clock
from planner.base.errors import Fault
from planner.base.safe_text import from_spreadsheet
from planner.instance.cells import cell_text
from planner.instance.kinds import Column, Kind
from planner.instance.raw import RawRow, RawTable, value_text
from planner.instance.schema import TABLES, Instance
from planner.outputs.summary import reason_texts
from planner.outputs.tables import DECIMAL_COLUMNS, deliveries_text, transfers_text, trips_text
from planner.plans.model import Plan, RegionStatus
from planner.proof.verdict import Verdict
from planner.solving.pareto import Front

__all__ = [
    "changed_regions_frame",
    "deliveries_frame",
    "faults_frame",
    "front_frame",
    "instance_frames",
    "messages_frame",
    "raw_from_frame",
    "regions_frame",
    "transfers_frame",
    "trips_frame",
    "violations_frame",
]

_INSTANTS = ("load_start", "depart", "arrive", "start", "received", "deadline", "unloaded")
_WHOLE = ("units", "stop_index", "margin_s", "pieces")
_MORE_IDS = (Kind.ID, Kind.REF)


def raw_from_frame(name: str, frame: pd.DataFrame) -> tuple[RawTable, list[Fault]]:
    """Make a table of text of a DataFrame, and tell of ids that have become numbers.

    Parameters
    ----------
    name
        Name of the table.
    frame
        Columns named as in the file. An index with a name is a column too. Missing values (None, NaN, NaT,
        NA) are empty cells.

    Returns
    -------
    tuple
        The table, whose row at position *i* (from 0) stands on line *i* + 2, as in a file; and the faults
        (A101).
    """
    named = [one for one in frame.index.names if one is not None and one not in frame.columns]
    if named:
        unnamed = [number for number, one in enumerate(frame.index.names) if one not in named]
        frame = frame.reset_index(level=unnamed, drop=True) if unnamed else frame
        frame = frame.reset_index()
    header = tuple(str(one).strip() for one in frame.columns)
    known = {column.name: column for column in TABLES[name].columns} if name in TABLES else {}
    columns: list[list[str]] = []
    faults: list[Fault] = []
    for position, title in enumerate(header):
        column = known.get(title)
        values = frame.iloc[:, position].tolist()
        columns.append([_text(value, column) for value in values])
        faults += _number_ids(name, column, values)
    rows = (RawRow(line, cells) for line, cells in enumerate(zip(*columns, strict=True), start=2))
    return RawTable(name, header, tuple(row for row in rows if any(row.cells))), faults


def _number_ids(table: str, column: Column | None, values: Sequence[object]) -> Iterable[Fault]:
    """A code such as 64.10 that became a number has lost its last zero."""
    if column is None or column.kind not in _MORE_IDS:
        return
    for line, value in enumerate(values, start=2):
        is_number = isinstance(value, float | np.floating) and not _is_missing(value)
        if is_number and not float(str(value)).is_integer():
            yield Fault("A101", table, line, column.name, str(value))


def _is_missing(value: object) -> bool:
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _text(value: Any, column: Column | None) -> str:  # noqa: ANN401, PLR0911
    """Text of a cell for a value of pandas, numpy or Python."""
    if _is_missing(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return value_text(bool(value))
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return _float_text(value)
    if isinstance(value, time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, datetime):
        only_day = column is not None and column.kind in (Kind.DATE, Kind.DAYS)
        return value.date().isoformat() if only_day else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):  # several choices
        return "+".join(value_text(one) for one in value)
    return value_text(value)


def _float_text(value: float | np.floating[Any]) -> str:
    """As short as it reads back, without an exponent."""
    if not np.isfinite(value):
        return str(value)
    if float(value).is_integer():
        return str(int(value))
    return format(Decimal(str(value)), "f")


def instance_frames(instance: Instance) -> dict[str, pd.DataFrame]:
    """Tables of an instance as DataFrames with the columns and units of the files.

    Tables without rows are left out, unless an instance must have them. Ids, hours and days are text, counts
    and money whole numbers, instants local time with offset.
    """
    found = {}
    for name, table in TABLES.items():
        rows = getattr(instance, name)
        if not rows and not table.required:
            continue
        data: dict[str, pd.Series[Any]] = {
            column.name: _series(column, [getattr(row, column.attribute) for row in rows], instance.clock)
            for column in table.columns
        }
        for count in instance.settings.counts if name == "regions" else ():
            data[count] = pd.Series([row.counts[count] for row in rows], dtype="int64")
        found[name] = pd.DataFrame(data)
    return found


def _series(column: Column, values: Sequence[Any], clock: Clock) -> pd.Series[Any]:
    texts = [cell_text(column, value, clock) for value in values]
    missing = [text or None for text in texts]
    if column.kind is Kind.INSTANT:
        return _instants(pd.Series(texts, dtype="object"), clock)
    if column.kind in (Kind.COUNT, Kind.MONEY):
        return pd.Series([None if one is None else int(one) for one in missing], dtype="Int64")
    if column.kind in (Kind.DECIMAL, Kind.DEGREE):
        return pd.Series([None if one is None else float(one) for one in missing], dtype="float64")
    return pd.Series(texts, dtype="str")


def _instants(texts: pd.Series[Any], clock: Clock) -> pd.Series[Any]:
    found = pd.to_datetime(texts.where(texts != "", None), format="ISO8601", utc=True)
    return found.dt.tz_convert(clock.time_zone).dt.as_unit("us")  # without rows pandas takes seconds


def _frame(text: str, clock: Clock) -> pd.DataFrame:
    """A table of a plan as it is exported, with types."""
    frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    for name in frame.columns:
        if name in _INSTANTS:
            frame[name] = _instants(frame[name], clock)
        elif name in _WHOLE:
            frame[name] = pd.to_numeric(frame[name]).astype("Int64")
        elif name in DECIMAL_COLUMNS:
            frame[name] = pd.to_numeric(frame[name]).astype("float64")
        else:
            frame[name] = frame[name].map(from_spreadsheet).astype("str")
    return frame


def deliveries_frame(plan: Plan, clock: Clock) -> pd.DataFrame:
    """What ``deliveries.csv`` holds."""
    return _frame(deliveries_text(plan, clock), clock)


def trips_frame(plan: Plan, clock: Clock) -> pd.DataFrame:
    """What ``trips.csv`` holds."""
    return _frame(trips_text(plan, clock), clock)


def transfers_frame(plan: Plan, clock: Clock) -> pd.DataFrame:
    """What ``transfers.csv`` holds; no rows where no goods pass hubs."""
    return _frame(transfers_text(plan, clock), clock)


def regions_frame(plan: Plan, verdict: Verdict, instance: Instance) -> pd.DataFrame:
    """One row for each region: what it gets when, whether that is guaranteed, and why not better.

    ``guaranteed`` is missing where no late legs were to be withstood.
    """
    guaranteed = dict.fromkeys(verdict.robustness.guaranteed, True)
    guaranteed |= dict.fromkeys(verdict.robustness.not_guaranteed, False)
    clock, rows = instance.clock, []
    for one in plan.regions:
        region = instance.region_of.get(one.region_id)
        late = one.status is not RegionStatus.ON_TIME
        why, action = reason_texts(one) if late else ("", "")
        rows.append(
            {
                "region_id": one.region_id,
                "name": "" if region is None else region.name,
                "warehouse": "" if region is None else region.warehouse,
                "area": "" if region is None else region.area,
                "status": one.status.value,
                "received": "" if one.received_s is None else clock.text(one.received_s),
                "deadline": clock.text(one.deadline_s),
                "margin_s": one.margin_s,
                "guaranteed": guaranteed.get(one.region_id),
                "reason": str(one.reason),
                "why": why,
                "action": action,
            }
        )
    kinds = dict.fromkeys(("region_id", "name", "warehouse", "area", "status", "received", "deadline"), "str")
    kinds |= {"margin_s": "Int64", "guaranteed": "boolean", "reason": "str", "why": "str", "action": "str"}
    frame = _typed(rows, kinds)
    frame["received"] = _instants(frame["received"], clock)
    frame["deadline"] = _instants(frame["deadline"], clock)
    return frame


def _typed(rows: Sequence[Mapping[str, object]], kinds: Mapping[str, str]) -> pd.DataFrame:
    """A table with these columns, each of its kind although there be no rows."""
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def violations_frame(verdict: Verdict) -> pd.DataFrame:
    """One row for each place at which a rule is broken, with the amount in the measure's unit."""
    rows = [
        {
            "rule": one.rule,
            "place": " ".join(one.place.values()),
            "amount": one.amount,
            "measure": one.measure.value,
            "text": one.text,
        }
        for one in verdict.violations
    ]
    return _typed(rows, {"rule": "str", "place": "str", "amount": "Int64", "measure": "str", "text": "str"})


def faults_frame(faults: Sequence[Fault]) -> pd.DataFrame:
    """One row for each fault; ``row`` is the line of the file, for a DataFrame its position + 2."""
    names = ("code", "severity", "table", "row", "column", "value", "cause", "action")
    rows: list[Mapping[str, object]] = [
        {name: getattr(one, name) for name in names} | {"severity": one.severity.value} for one in faults
    ]
    return _typed(rows, dict.fromkeys(names, "str") | {"row": "Int64"})


def front_frame(front: Front) -> pd.DataFrame:
    """One row for each plan of a trade-off, the cheapest first."""
    rows = [
        {
            "cost": one.cost,
            "smallest_margin_s": one.margin_s,
            "status": one.result.plan.status.value,
            "regions_on_time": one.result.plan.regions_on_time,
            "vehicles_used": one.result.plan.vehicles_used,
            "trips": len(one.result.plan.trips),
        }
        for one in front.points
    ]
    whole = ("cost", "smallest_margin_s", "status", "regions_on_time", "vehicles_used", "trips")
    return _typed(rows, dict.fromkeys(whole, "Int64") | {"status": "str"})


def changed_regions_frame(document: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each region of which anything differs between two plans."""
    rows = []
    for one in document["regions"]:
        row = {"region_id": one["id"], "name": one["name"], "what": " ".join(one["what"])}
        row |= {"counts": one["counts"]}
        for side in ("before", "after"):
            found = one[side] or {"status": None, "received": None, "visits": ()}
            vehicles = dict.fromkeys(visit["vehicle"] for visit in found["visits"])
            row |= {f"{name}_{side}": found[name] for name in ("status", "received")}
            row |= {f"vehicles_{side}": " ".join(vehicles)}
        rows.append(row)
    parts = ("status", "received", "vehicles")
    names = ("region_id", "name", "what", "counts", *(f"{one}_before" for one in parts))
    names = (*names, *(f"{one}_after" for one in parts))
    return _typed(rows, dict.fromkeys(names, "str") | {"counts": "bool"})


def messages_frame(document: Mapping[str, Any]) -> pd.DataFrame:
    """What is to be told to whom because of another plan."""
    names = ("time", "recipient", "id", "name", "counts", "text")
    return _typed(document["messages"], dict.fromkeys(names, "str") | {"counts": "bool"})
