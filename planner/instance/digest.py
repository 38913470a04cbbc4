"""Digest of an instance's parsed content, which a plan holds so that it can be checked against the files.

It is taken in canonical order over what was read, so that a saved workbook, other line ends, another
order of columns or rows, blank lines, or a default written out change nothing.
"""

from __future__ import annotations

import hashlib
import json
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC
from enum import Enum
from typing import Any

from planner.instance.schema import TABLES, Column, DecisionRule, Instance, Settings

__all__ = ["digest", "table_digests"]

# Columns that people read and no plan depends on. `class` only served to model an edge.
LABELS = frozenset({"name", "area_name", "subarea_name", "source", "note", "basis"})
LABELS_OF: Mapping[str, frozenset[str]] = {
    "edges": LABELS | {"class_"},
    "decisions": LABELS | {"by"},
}
# Tables for outputs only, which grow while a plan is in force. Of the others that affect no plan, those that
# model a network, the number of rows counts, as it always did.
APART = frozenset({"units", "boxes", "fleet", "contacts", "aliases", "preparation", "problems"})
# Plans were made before there were these columns: they count where they are not the default.
LATER = frozenset({"work_late_s", "upstream_percent", "split", "price_night", "release_s"})
_SHORT = 12  # hexadecimal digits of the digest of a table
# Of instances that are still there, by identity: digests are asked for often.
_known: dict[int, tuple[str, Mapping[str, str]]] = {}
SETTING_LABELS = frozenset({"name", "number_format", "model", "sources", "notice_min", "approvals"})


def digest(instance: Instance) -> str:
    """Digest of everything that a plan depends on.

    Returns
    -------
    str
        ``sha256:`` and 64 hexadecimal digits.

    Notes
    -----
    Left out are tables that do not affect the plan, names, sources, notes and other labels, and decisions
    `keep`, which are about a plan that is there already.
    """
    return _digests(instance)[0]


def table_digests(instance: Instance) -> Mapping[str, str]:
    """Short digests of the settings and of each table with rows that a plan depends on, by name.

    They tell which tables were changed since a plan was made, not that none was: that says `digest`.
    """
    return dict(_digests(instance)[1])


def _digests(instance: Instance) -> tuple[str, Mapping[str, str]]:
    """Of all that a plan depends on, and of each table."""
    key = id(instance)
    if key not in _known:
        total, tables = hashlib.sha256(), {}
        for name, lines in _tables(instance):
            table = b"".join(lines)
            total.update(table)
            tables[name] = hashlib.sha256(table).hexdigest()[:_SHORT]
        _known[key] = f"sha256:{total.hexdigest()}", tables
        weakref.finalize(instance, _known.pop, key, None)
    return _known[key]


def _tables(instance: Instance) -> Iterator[tuple[str, list[bytes]]]:
    """Yield what is digested of the settings, and of each table that has rows."""
    yield "settings", [_line(["settings", _settings(instance.settings)])]
    for table in TABLES.values():
        labels = LABELS_OF.get(table.name, LABELS)
        of_plan = table.columns if table.affects_plan else ()
        columns = [column for column in of_plan if column.attribute not in labels]
        if table.name in APART and not columns:
            continue
        rows = getattr(instance, table.name)
        if table.name == "decisions":
            rows = [row for row in rows if row.rule is not DecisionRule.KEEP]
        lines = sorted(_row(row, columns) for row in rows)
        if lines:
            yield table.name, [_line([table.name, len(lines)]), *lines]


def _row(row: Any, columns: list[Column]) -> bytes:  # noqa: ANN401
    values = [_plain(getattr(row, one.attribute)) for one in columns if one.attribute not in LATER]
    for one in columns:
        if one.attribute in LATER and getattr(row, one.attribute) != one.default:
            values.append([one.attribute, _plain(getattr(row, one.attribute))])
    if hasattr(row, "counts"):
        values.append(sorted(row.counts.items()))
    return _line(values)


def _settings(settings: Settings) -> list[object]:
    rows: list[object] = []
    for one in fields(settings):
        value = getattr(settings, one.name)
        if one.name in SETTING_LABELS:
            continue
        if one.name in ("season", "price_night") and not value:
            continue  # plans were made before there were these keys
        if one.name == "clock":
            value = [value.start.astimezone(UTC).isoformat(), value.time_zone]
        elif one.name == "counts":
            value = sorted(value)
        rows.append([one.name, _plain(value)])
    return rows


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value + 0.0  # no -0.0
    return value


_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _line(value: object) -> bytes:
    return _encoded(value).encode("utf-8", "surrogatepass") + b"\n"
