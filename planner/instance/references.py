"""Validation: ids that are known, unique and unambiguous."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planner.base.errors import Fault
from planner.base.nearest import nearest
from planner.instance.draft import Draft
from planner.instance.schema import TABLES, Kind

__all__ = ["NETWORK", "known_ids", "reference_faults"]

NETWORK = ("warehouses", "hubs", "regions", "nodes")
MOST_LETTERS = 60  # of an unknown id, for which similar ones are sought
MOST_SIMILAR = 20  # unknown ids of a column for which they are
_ID_COLUMN = {"calendars": "calendar"}


def reference_faults(draft: Draft) -> list[Fault]:
    """Unknown, repeated and ambiguous ids of all tables."""
    faults: list[Fault] = []
    for rule in (
        _unknown,
        _repeated_ids,
        _repeated_keys,
        _network_ids,
        _area_ids,
        _areas_of_subareas,
        _names,
    ):
        faults += rule(draft)
    return faults


def _unknown(draft: Draft) -> Iterator[Fault]:
    """I301: every reference names a row that exists."""
    for raw in draft.raw.values():
        for column in TABLES[raw.name].columns:
            if column.kind is not Kind.REF or column.name not in raw.index:
                continue
            known = known_ids(draft, column.refs[0])
            if known is None:
                continue
            position = raw.index[column.name]
            cells = ((row, row.cells[position]) for row in raw.rows)
            wrong = [(row, one) for row, one in cells if one and one not in known]
            similar = _similar((one for _, one in wrong), known)
            for row, one in wrong:
                params = {"id": one, "tables": _named(column.refs[0]), "nearest": similar.get(one, "-")}
                yield Fault("I301", raw.name, row.line, column.name, one, params)


def _similar(wrong: Iterable[str], known: frozenset[str]) -> dict[str, str]:
    """Known ids that are like some unknown ones; of many only the first, since it takes time."""
    some = list(dict.fromkeys(one for one in wrong if len(one) <= MOST_LETTERS))[:MOST_SIMILAR]
    matches = {one: nearest(one, known) for one in some}
    return {one: ", ".join(found) for one, found in matches.items() if found}


def _named(target: str) -> str:
    if target == "network":
        return ", ".join(NETWORK)
    if target == "places":
        return ", ".join((*NETWORK, "regions.area", "regions.subarea"))
    return target


def known_ids(draft: Draft, target: str) -> frozenset[str] | None:
    """Ids that a reference may name; ``None`` if they are not all known, so that none can be missed."""
    if target in ("network", "places"):
        columns = [(table, "id") for table in NETWORK]
        if target == "places":
            columns += [("regions", "area"), ("regions", "subarea")]
    else:
        columns = [(target, _ID_COLUMN.get(target, "id"))]
    known: set[str] = set()
    for table, column in columns:
        raw = draft.raw.get(table)
        if raw is None:
            if table in draft.unread or TABLES[table].required:
                return None
            continue
        if not raw.complete or (column not in raw.index and column in ("id", "calendar")):
            return None
        if any(column == one for _, one in raw.faulty):
            return None
        if column in raw.index:
            known.update(row.cells[raw.index[column]] for row in raw.rows)
    return frozenset(known - {""})


def _repeated_ids(draft: Draft) -> Iterator[Fault]:
    """I302: an id names one row of its table."""
    for raw in draft.raw.values():
        if TABLES[raw.name].key != ("id",) or "id" not in raw.index:
            continue
        first: dict[str, int] = {}
        for row in raw.rows:
            one = row.cells[raw.index["id"]]
            if one and first.setdefault(one, row.line) != row.line:
                yield Fault("I302", raw.name, row.line, "id", one, {"first": first[one]})


def _repeated_keys(draft: Draft) -> Iterator[Fault]:
    """I304: the columns that name a row together do so once."""
    for name in draft.raw:
        table = TABLES[name]
        if table.key in ((), ("id",)):
            continue
        columns = [column.name for column in table.columns if column.attribute in table.key]
        first: dict[tuple[object, ...], int] = {}
        for line, row in draft.of(name):
            key = tuple(getattr(row, attribute) for attribute in table.key)
            if first.setdefault(key, line) != line:
                cells = (draft.raw[name].value(line, column) or "" for column in columns)
                params = {
                    "first": first[key],
                    "columns": ", ".join(columns),
                    "named": ", ".join(cell or "-" for cell in cells),
                }
                yield Fault("I304", name, line, None, None, params)


def _network_ids(draft: Draft) -> Iterator[Fault]:
    """I303: an id names one place of the network."""
    owner: dict[str, tuple[str, int]] = {}
    for name in NETWORK:
        raw = draft.raw.get(name)
        if raw is None or "id" not in raw.index:
            continue
        for row in raw.rows:
            one = row.cells[raw.index["id"]]
            other, line = owner.setdefault(one, (name, row.line))
            if one and other != name:
                yield Fault("I303", name, row.line, "id", one, {"other": other, "first": line})


def _area_ids(draft: Draft) -> Iterator[Fault]:
    """I305: an area or subarea has no other place's id, but perhaps its hub's (its office)."""
    owner: dict[str, str] = {}
    for name in NETWORK:
        if name == "hubs":
            continue
        raw = draft.raw.get(name)
        if raw is not None and "id" in raw.index:
            owner |= dict.fromkeys((row.cells[raw.index["id"]] for row in raw.rows), name)
    regions = draft.raw.get("regions")
    for column in ("area", "subarea"):
        if regions is None or column not in regions.index:
            continue
        seen: set[str] = set()
        for row in regions.rows:
            one = row.cells[regions.index[column]]
            if one and one in owner and one not in seen:
                yield Fault("I305", "regions", row.line, column, one, {"other": owner[one]})
            seen.add(one)
        if column == "area":
            owner |= dict.fromkeys(seen - set(owner) - {""}, "regions.area")


def _areas_of_subareas(draft: Draft) -> Iterator[Fault]:
    """I306: a subarea lies in one area."""
    first: dict[str, tuple[int, str]] = {}
    for line, region in draft.of("regions"):
        seen = first.setdefault(region.subarea, (line, region.area))
        if region.subarea and seen[1] != region.area:
            area, other = region.area or "-", seen[1] or "-"
            yield draft.fault("I306", "regions", line, "subarea", area=area, other=other, first=seen[0])


def _names(draft: Draft) -> Iterator[Fault]:
    """I307: an area (a subarea) has one name."""
    for column in ("area", "subarea"):
        first: dict[str, tuple[int, str]] = {}
        for line, region in draft.of("regions"):
            one, name = getattr(region, column), getattr(region, f"{column}_name")
            seen = first.setdefault(one, (line, name))
            if one and seen[1] != name:
                other = seen[1] or "-"
                yield draft.fault(
                    "I307", "regions", line, f"{column}_name", id=one, other=other, first=seen[0]
                )
