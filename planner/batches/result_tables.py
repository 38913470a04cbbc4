"""Results as tidy tables: one row for each scenario and component, and one for each region in trouble."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.base.files import write_text
from planner.base.opening import FileSort, text_of_file
from planner.base.safe_text import csv_text, from_spreadsheet
from planner.batches.results import Results, reference_name
from planner.batches.task import plan_path
from planner.instance.schema import Instance

__all__ = ["COMPONENT_COLUMNS", "REGION_COLUMNS", "component_rows", "region_rows", "write_results"]

# Columns and what they hold; Parquet keeps that also where a column is empty.
COMPONENT_COLUMNS: Mapping[str, type] = {
    "scenario": str,
    "component": str,
    "component_name": str,
    "state": str,
    "status": str,
    "stop_reason": str,
    "regions": int,
    "on_time": int,
    "late": int,
    "undelivered": int,
    "not_guaranteed": int,
    "weight": int,
    "weight_not_on_time": int,
    "weight_broken_if_kept": int,
    "cost": int,
    "lower_bound": int,
    "currency": str,
    "smallest_margin_s": int,
    "vehicles": int,
    "trips": int,
    "distance_m": int,
    "gamma": int,
    "seed": int,
    "seeds": int,
    "settled": str,
    "is_kept": str,
    "wall_s": float,
    "attempts": int,
    "planner": str,
    "python": str,
    "ortools": str,
    "key": str,
    "plan": str,
    "changes": str,
    "reason": str,
}
REGION_COLUMNS: Mapping[str, type] = {
    "scenario": str,
    "component": str,
    "region": str,
    "region_name": str,
    "status": str,
    "margin_s": int,
    "weight": int,
    "guaranteed": str,
    "broken_if_kept": str,
    "reason": str,
}
_Row = dict[str, Any]


def component_rows(results: Results, instance: Instance) -> list[_Row]:
    """Rows of ``results.csv``; a run that failed or is not done has one row without figures.

    At the end those without changes that costs are compared with.

    Parameters
    ----------
    results
        The batch.
    instance
        As it is without changes, for the names.
    """
    rows = []
    for entry in results.entries:
        about = {
            "scenario": entry.name,
            "state": entry.state,
            "key": entry.about["key"],
            "changes": "; ".join(entry.about["changes"]),
        }
        result = entry.result
        if result is None:
            failure = entry.failure or {}
            known = {name: failure.get(name) for name in ("attempts", "seed")}
            rows.append(about | known | _versions(failure) | {"reason": entry.reason})
            continue
        broken = {one["id"]: one["weight"] for one in result.get("kept", {}).get("broken", ())}
        for one in result["components"]:
            kept = [
                weight
                for name, weight in broken.items()
                if name in instance.region_of and instance.region_of[name].warehouse == one["id"]
            ]
            rows.append(about | _figures(result, one, entry.plan) | _names(instance, one["id"]))
            rows[-1]["weight_broken_if_kept"] = sum(kept) if "kept" in result else None
    for area, result in results.references():
        plan = plan_path(results.folder, result["key"]).relative_to(results.folder).as_posix()
        about = {"scenario": reference_name(area), "state": "done", "key": result["key"], "changes": ""}
        rows += [
            about | _figures(result, one, plan) | _names(instance, one["id"]) for one in result["components"]
        ]
    return rows


def _names(instance: Instance, component: str) -> _Row:
    """The area's name where a component is one area, else its warehouse's."""
    areas = {one.area_name for one in instance.regions if one.warehouse == component}
    only = areas.pop() if len(areas) == 1 else ""
    warehouse = instance.warehouse_of.get(component)
    return {"component_name": only or (warehouse.name if warehouse else component)}


def _figures(result: Mapping[str, Any], one: Mapping[str, Any], plan: str) -> _Row:
    tries = result.get("tries", ())
    return {
        "component": one["id"],
        **{name: one[name] for name in COMPONENT_COLUMNS if name in one},
        "currency": result["currency"],
        "gamma": result["gamma"],
        "seed": int(result["options"]["seed"]),
        "seeds": len(tries) or None,
        "settled": _yes_no(not tries or any(try_["settled"] for try_ in tries)),
        "is_kept": _yes_no(result.get("is_kept", False)),
        "wall_s": result["wall_s"],
        "attempts": result["attempt"],
        **_versions(result),
        "plan": plan,
    }


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _versions(record: Mapping[str, Any]) -> _Row:
    return {name: record.get("versions", {}).get(name) for name in ("planner", "python", "ortools")}


def region_rows(results: Results, instance: Instance) -> list[_Row]:
    """Rows of ``regions.csv``: regions not on time, not guaranteed, or not on time if the plan were kept."""
    rows = []
    for entry, result in results.done():
        broken = {one["id"]: one["weight"] for one in result.get("kept", {}).get("broken", ())}
        known = {one["id"]: one for one in result["regions"]}
        for name in [*known, *sorted(set(broken) - set(known))]:
            one = known.get(name, {"status": "on_time", "guaranteed": True})
            region = instance.region_of.get(name)
            rows.append(
                {
                    "scenario": entry.name,
                    "component": region.warehouse if region else "",
                    "region": name,
                    "region_name": region.name if region else "",
                    "status": one["status"],
                    "margin_s": one.get("margin_s"),
                    "weight": one.get("weight", broken.get(name)),
                    "guaranteed": "yes" if one["guaranteed"] else "no",
                    "broken_if_kept": "yes" if name in broken else "no",
                    "reason": one.get("reason", ""),
                }
            )
    return rows


def write_results(results: Results, instance: Instance) -> list[Path]:
    """Write ``results.csv`` and ``regions.csv`` beside the manifest, and Parquet where pyarrow is there.

    Returns
    -------
    list
        The files.
    """
    tables = (
        ("results", COMPONENT_COLUMNS, component_rows(results, instance)),
        ("regions", REGION_COLUMNS, region_rows(results, instance)),
    )
    written = []
    for name, columns, rows in tables:
        written.append(write_text(results.folder / f"{name}.csv", rows_text(columns, rows)))
        if (parquet := _write_parquet(results.folder / f"{name}.parquet", columns, rows)) is not None:
            written.append(parquet)
    return written


def rows_text(columns: Collection[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """A table as CSV; nothing where a row has no value."""
    return csv_text((columns, *([row.get(name) for name in columns] for row in rows)))


def _write_parquet(path: Path, columns: Mapping[str, type], rows: Sequence[Mapping[str, Any]]) -> Path | None:
    """The same as Parquet; None where the extra is not installed."""
    try:
        import pyarrow as arrow  # type: ignore[import-not-found,import-untyped,unused-ignore]
        from pyarrow import parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        return None
    import os

    part = path.with_suffix(".parquet.part")
    of_type = {str: arrow.string(), int: arrow.int64(), float: arrow.float64()}
    kinds = {name: of_type[kind] for name, kind in columns.items()}
    values = {name: [row.get(name) for row in rows] for name in columns}
    parquet.write_table(
        arrow.table(values, schema=arrow.schema(list(kinds.items()))), part, compression="zstd"
    )
    os.replace(part, path)
    return path


def loss_file_rows(results: Results) -> list[dict[str, str]]:
    """Rows of ``losses.csv``, as they were ranked; none where the file is not there."""
    try:
        text = text_of_file(results.folder / "losses.csv", FileSort.TABLE)
    except OSError:
        return []
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{name: from_spreadsheet(cell or "") for name, cell in row.items()} for row in rows]
