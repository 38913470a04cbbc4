"""Reading routes: the exported ``trips.csv``, edited by hand or not, or a plain list of stops."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.base.opening import FileSort, content_of, system_words
from planner.base.safe_text import from_spreadsheet
from planner.evaluation.cells import Cells
from planner.evaluation.routes import RouteStop, RouteTrip
from planner.instance.cells import CellError
from planner.instance.chains import home_of
from planner.instance.kinds import Kind
from planner.instance.local import Notation
from planner.instance.schema import TABLES, Chain, Instance, VehicleType
from planner.instance.sheet_names import REMARK, is_spreadsheet
from planner.instance.workbook.grid import CellType, grid_of
from planner.instance.workbook.package import Package, PackageError
from planner.instance.workbook.values import text_of_cell

__all__ = ["COLUMNS", "read_routes", "routes_from_rows", "routes_from_text"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "vehicle": ("vehicle_id", "vehicle", "kendaraan"),
    "trip": ("trip_id", "trip", "perjalanan"),
    "order": ("stop_index", "order", "urutan"),
    "stop": ("node_id", "stop", "place", "region", "region_id", "tempat", "wilayah"),
    "origin": ("origin_id", "origin", "asal"),
    "start": ("start", "load_start", "mulai"),
    "units": ("units", "unit"),
    "dock": ("dock", "dermaga"),
    "consignments": ("consignments",),
    "for": ("for_regions", "untuk"),
    "items": ("items",),
    "sign": ("call_sign",),
    "arrive": ("arrive",),
    "depart": ("depart",),
    "mass": ("mass_kg",),
    "volume": ("volume_dm3",),
    "note": ("note", "name", "catatan", "nama"),
    "node_name": ("node_name",),
    "origin_name": ("origin_name",),
}
"""Columns by meaning, and the names that they may have; those after `items` are read past."""

_NEEDED = ("vehicle", "stop")
_SEPARATORS = ",;\t"
_SHEETS = ("routes", "rute")
_MOMENT = next(column for column in TABLES["stock"].columns if column.kind is Kind.INSTANT)


def read_routes(path: Path, instance: Instance) -> tuple[RouteTrip, ...]:
    """Routes of a file.

    Parameters
    ----------
    path
        CSV in UTF-8, separated by commas, semicolons or tabs; or a workbook with a sheet ``routes`` (else its
        first sheet that is not empty).
    instance
        What they are for.

    Raises
    ------
    InputError
        V220 where there is no readable file, else every fault of the table (V221 to V234).
    """
    if is_spreadsheet(path):
        return routes_from_rows(_of_book(path, instance), instance)
    try:
        content = content_of(path, FileSort.ROUTES)
    except OSError as error:
        params = {"reason": system_words(error)}
        raise InputError([Fault("V220", "routes", value=str(path), params=params)]) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _of_excel(content)
    return routes_from_text(text, instance)


def _of_book(path: Path, instance: Instance) -> list[tuple[int, list[str]]]:
    """Lines of a workbook's routes that are not blank, with their cells as texts."""
    try:
        with Package(path) as package:
            grids = {sheet.name.strip().lower(): grid_of(package, sheet) for sheet in package.sheets}
            is_1904 = package.is_1904
    except PackageError as error:
        raise InputError([Fault(error.code, path.name, value=path.name, params=error.params)]) from error
    except OSError as error:
        params = {"reason": system_words(error)}
        raise InputError([Fault("V220", "routes", value=str(path), params=params)]) from error
    named = [grids[name] for name in _SHEETS if name in grids]
    filled = [grid for name, grid in grids.items() if grid.rows and not name.startswith(REMARK)]
    grid = next(iter((*named, *filled)), None)
    notation = Notation(instance.clock, instance.settings.number_format)
    rows: list[tuple[int, list[str]]] = []
    faults: list[Fault] = []
    for line, cells in () if grid is None else grid.rows:
        texts = [""] * (1 + max((cell.column for cell in cells), default=0))
        for cell in cells:
            column = _MOMENT if cell.type is CellType.NUMBER and cell.format.day else None
            try:
                texts[cell.column] = text_of_cell(cell, column, notation, is_1904=is_1904)
            except CellError as error:
                faults.append(Fault(error.code, "routes", line, None, cell.text, error.params))
        if any(texts):
            rows.append((line, texts))
    if faults:
        raise InputError(faults)
    return rows


def _of_excel(content: bytes) -> str:
    """What Excel writes as its own CSV, and as "Unicode text"."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise InputError([Fault("V220", "routes", params={"reason": "UTF-16"})]) from error
    return content.decode("cp1252", errors="replace")


def routes_from_text(text: str, instance: Instance) -> tuple[RouteTrip, ...]:
    """Routes of a table; see `read_routes`."""
    return routes_from_rows(_rows(text), instance)


def routes_from_rows(rows: Sequence[tuple[int, list[str]]], instance: Instance) -> tuple[RouteTrip, ...]:
    """Routes of lines with their cells, the header first; see `read_routes`."""
    reading = _Reading(instance)
    trips = reading.trips(rows) if rows else ()
    faults = reading.faults
    if not rows or (not trips and not faults):
        faults = [*faults, Fault("V221", "routes")]
    if faults:
        raise InputError(faults)
    return trips


@dataclass
class _Row:
    """A row by the meaning of its columns."""

    line: int
    cells: dict[str, str]
    order: int | None = None

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Lines that are not blank with their cells, the header first."""
    lines = text.split("\n", 1)
    separator, offset = "", 0
    if lines[0].strip().lower().startswith("sep=") and len(lines) == 2:
        separator, text, offset = lines[0].strip()[4:5], lines[1], 1
    head = text.lstrip("\r\n").split("\n", 1)[0]
    separator = separator or max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
    found: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for record in reader:
            cells = [from_spreadsheet(cell.strip()) for cell in record]
            if any(cells):
                found.append((line + offset, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        params = {"reason": str(error)}
        raise InputError([Fault("V220", "routes", row=line + offset, params=params)]) from error
    return found


@dataclass
class _Reading:
    """Faults as they are found, and what texts mean."""

    instance: Instance
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cells = Cells(self.instance, self._fault)
        self._column: dict[str, str] = {}

    def trips(self, rows: Sequence[tuple[int, list[str]]]) -> tuple[RouteTrip, ...]:
        """All trips, in the order of their first rows."""
        meanings = self._header(*rows[0])
        if meanings is None:
            return ()
        width, named = len(meanings), []
        for line, cells in rows[1:]:
            if len(cells) < width or any(cells[width:]):
                code = "I114" if len(cells) < width else "I113"
                params = {"found": len(cells), "expected": width}
                self.faults.append(Fault(code, "routes", line, params=params))
            else:
                named.append(_Row(line, {name: cells[at] for at, name in enumerate(meanings) if name}))
        groups: dict[tuple[str, str], list[_Row]] = {}
        exported = {"origin", "order", "trip"} <= self._column.keys()
        last: tuple[str, str] | None = None
        for row in named:
            if not self._filled(row):
                continue
            last = self._key(row, last, groups, exported=exported)
            groups.setdefault(last, []).append(row)
        found = [
            self._trip(number, mine, exported=exported) for number, mine in enumerate(groups.values(), 1)
        ]
        return tuple(one for one in found if one is not None)

    def _fault(self, code: str, row: int | None, meaning: str | None, value: str, **params: object) -> None:
        column = None if meaning is None else self._column.get(meaning, meaning)
        self.faults.append(Fault(code, "routes", row, column, value, params))

    def _header(self, line: int, cells: Sequence[str]) -> list[str] | None:
        """The meaning of each column; empty for those that are read past."""
        by_name = {name: meaning for meaning, names in COLUMNS.items() for name in names}
        meanings = []
        for cell in cells:
            name = cell.lower().replace(" ", "_")
            meaning = by_name.get(name, "")
            if cell and not meaning:
                near = ", ".join(get_close_matches(name, by_name, n=3)) or "-"
                self._fault("V222", line, None, cell, nearest=near)
            if meaning and meaning in self._column:
                self._fault("V223", line, None, cell, other=self._column[meaning])
                meaning = ""
            if meaning:
                self._column[meaning] = cell
            meanings.append(meaning)
        for meaning in _NEEDED:
            if meaning not in self._column:
                self._fault("V224", line, None, ", ".join(cells)[:80], names=", ".join(COLUMNS[meaning]))
        return None if any(one.code == "V224" for one in self.faults) else meanings

    def _filled(self, row: _Row) -> bool:
        for meaning in _NEEDED:
            if not row.get(meaning):
                self._fault("V225", row.line, meaning, "")
                return False
        text = row.get("order")
        if text:
            if not text.isdecimal() or len(text) > 6:
                self._fault("V226", row.line, "order", text)
                return False
            row.order = int(text)
        return True

    def _key(
        self,
        row: _Row,
        last: tuple[str, str] | None,
        groups: Mapping[tuple[str, str], list[_Row]],
        *,
        exported: bool,
    ) -> tuple[str, str]:
        """To which trip a row belongs: its own, else the vehicle's last one until the order begins anew."""
        name, vehicle = row.get("trip"), row.get("vehicle")
        if name:
            return ("", name) if exported else (vehicle, name)
        number = sum(key[0] == vehicle for key in groups)
        if last is not None and last[0] == vehicle:
            before = groups[last][-1]
            goes_on = row.order is None or before.order is None or row.order > before.order
            if goes_on:
                return last
        return vehicle, f"#{number + 1}"

    def _trip(self, number: int, rows: Sequence[_Row], *, exported: bool) -> RouteTrip | None:
        first = rows[0]
        before = len(self.faults)
        self._one_value(rows, "vehicle")
        self._one_value(rows, "origin")
        vehicle = self._cells.vehicle(first.line, first.get("vehicle"))
        ordered = self._ordered(rows)
        if vehicle is None or ordered is None:
            return None
        kind, vehicle_number = vehicle
        origin = first.get("origin") or self._home(kind)
        known = self.instance.warehouse_of.keys() | {one.id for one in self.instance.hubs}
        if origin not in known:
            self._fault("V227", first.line, "origin", origin)
        head, stops = self._parted(ordered, origin, exported=exported)
        made = [self._stop(row) for row in stops]
        if len(self.faults) > before:
            return None
        if not stops:
            self._fault("V228", first.line, "stop", first.get("stop"))
            return None
        start = head if head is not None else first
        says_start = head is not None or self._column.get("start", "").lower() in ("load_start", "mulai")
        if says_start and not exported:
            self._one_start(start, rows)
        load_start_s = self._cells.instant(start.line, start.get("start")) if says_start else None
        moments = [self._cells.instant(row.line, row.get("start")) for row in stops] if exported else []
        name = first.get("trip")
        return RouteTrip(
            id=name if exported and name else f"{kind.warehouse}/{number:03d}",
            line=first.line,
            vehicle_type=kind.id,
            vehicle=vehicle_number,
            origin=origin,
            stops=tuple(one for one in made if one is not None),
            load_start_s=load_start_s,
            dock=self._cells.number(start.line, "dock", start.get("dock")),
            starts_s=tuple(moments),
        )

    def _home(self, kind: VehicleType) -> str:
        return kind.warehouse if self.instance.settings.chain is Chain.NONE else home_of(kind)

    def _one_value(self, rows: Sequence[_Row], meaning: str) -> None:
        for row in rows[1:]:
            if row.get(meaning) and rows[0].get(meaning) and row.get(meaning) != rows[0].get(meaning):
                self._fault("V229", row.line, meaning, row.get(meaning), first=rows[0].line)

    def _one_start(self, start: _Row, rows: Sequence[_Row]) -> None:
        """A moment of loading stands where the trip begins; further rows may repeat it."""
        for row in rows:
            if row.get("start") and row.get("start") != start.get("start"):
                self._fault("V234", row.line, "start", row.get("start"), first=start.line)

    def _ordered(self, rows: Sequence[_Row]) -> list[_Row] | None:
        """Rows in their order; None where rows and numbers say different things."""
        numbers = [row.order for row in rows]
        if all(one is None for one in numbers):
            return list(rows)
        for row in rows:
            if row.order is None:
                self._fault("V226", row.line, "order", "")
                return None
        for row, before in zip(rows[1:], rows, strict=False):
            assert row.order is not None
            assert before.order is not None
            if row.order <= before.order:
                self._fault("V230", row.line, "order", str(row.order), before=before.order)
                return None
        return list(rows)

    def _parted(self, rows: Sequence[_Row], origin: str, *, exported: bool) -> tuple[_Row | None, list[_Row]]:
        """The row of the loading, if there is one, and the stops without the way back."""
        stops = list(rows)
        head = None
        if stops and ((exported and stops[0].order == 0) or self._is_origin(stops[0], origin)):
            head = stops.pop(0)
        if stops and self._is_origin(stops[-1], origin):
            stops.pop()
        return head, stops

    def _is_origin(self, row: _Row, origin: str) -> bool:
        return row.get("stop") == origin or self._cells.is_named(row.get("stop"), origin)

    def _stop(self, row: _Row) -> RouteStop | None:
        place = self._cells.place(row.line, row.get("stop"))
        if place is None:
            return None
        items = self._cells.items(row.line, row.get("items"))
        if place in self.instance.warehouse_of and not items:
            self._fault("V231", row.line, "stop", row.get("stop"))
            return None
        return RouteStop(
            line=row.line,
            place=place,
            runs=tuple(self._cells.runs(row.line, row.get("consignments"))),
            units=self._cells.number(row.line, "units", row.get("units")),
            for_regions=tuple(self._regions(row)),
            items=items,
        )

    def _regions(self, row: _Row) -> Iterator[str]:
        for part in _parts(row.get("for")):
            if part in self.instance.region_of:
                yield part
            else:
                self._fault("V232", row.line, "for", part)


def _parts(text: str) -> Iterable[str]:
    return (part.strip() for part in text.split("+") if part.strip())
