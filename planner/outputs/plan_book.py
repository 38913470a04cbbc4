"""A plan as a workbook: what each area receives, what each vehicle does on each day, and routes to be edited.

The sheet ``routes`` has the columns of ``trips.csv``; edited or not, ``plan evaluate`` reads it again. All
texts are cells of text, so that none is computed; moments are real ones. The same plan gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from planner.base.clock import DAY_S, parse_instant
from planner.base.safe_text import from_spreadsheet
from planner.base.text import words
from planner.instance.call_signs import call_signs
from planner.instance.local import Notation
from planner.instance.schema import Instance
from planner.instance.workbook.texts import LONGEST_TEXT, can_be_put, put_text
from planner.instance.workbook.values import serial_of
from planner.outputs.summary import component_name, sentence
from planner.outputs.tables import DECIMAL_COLUMNS, trips_text
from planner.outputs.transfers import hauls, receivers
from planner.outputs.transshipments import unloaded
from planner.plans.model import Plan, RegionResult, RegionStatus, Trip

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["ROUTES_SHEET", "plan_book"]

ROUTES_SHEET = "routes"
_MOMENTS = frozenset({"arrive", "start", "depart"})
_WHOLE = frozenset({"stop_index", "dock"})
_MOST_AREAS = 60  # of which each has a sheet
_LONGEST_NAME = 31  # characters of a sheet's name
_A4 = 9
_WIDEST = 44

Cell = str | int | float | datetime | None


@dataclass
class _Looks:
    """The formats of a workbook, each made once."""

    book: Workbook
    moment: str
    made: dict[str, Format] = field(default_factory=dict)

    def of(self, code: str) -> Format:
        """The format of a code; ``head`` is that of headings."""
        if code not in self.made:
            look = (
                {"bold": True, "bg_color": "#BDD7EE", "text_wrap": True}
                if code == "head"
                else {"num_format": code}
            )
            self.made[code] = self.book.add_format(look)
        return self.made[code]


def plan_book(plan: Plan, instance: Instance) -> bytes:
    """Make a workbook of a plan.

    Parameters
    ----------
    plan, instance
        The plan, and what it was made for.

    Notes
    -----
    It holds no contacts. Moments are shown with the day first where the instance's `number_format` has it so.
    """
    from xlsxwriter import Workbook

    target = io.BytesIO()
    book = Workbook(target, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    book.set_properties({"created": datetime(2000, 1, 1), "title": instance.settings.name[:200]})
    order = Notation(instance.clock, instance.settings.number_format).date_order
    looks = _Looks(book, "dd/mm/yyyy hh:mm:ss" if order == "day" else "yyyy-mm-dd hh:mm:ss")
    _Book(book, looks, plan, instance).write()
    book.close()
    return target.getvalue()


class _Book:
    def __init__(self, book: Workbook, looks: _Looks, plan: Plan, instance: Instance) -> None:
        self._book, self._looks, self._plan, self._instance = book, looks, plan, instance
        self._names: set[str] = set()
        self._signs = call_signs(instance)
        self._last = self._last_deliveries()

    def write(self) -> None:
        summary = self._sheet(words("book.plan.summary"))
        regions = self._table(
            words("book.plan.regions"), _heads(_REGION), [self._region(one) for one in self._plan.regions]
        )
        self._summary(summary, regions)
        for label, mine in self._areas():
            self._table(label, _heads(_REGION), [self._region(one) for one in mine])
        stops = [row for trip in sorted(self._plan.trips, key=_by_vehicle) for row in self._stops(trip)]
        self._table(words("book.plan.vehicles"), _heads(_STOP), stops)
        days = [row for trip in sorted(self._plan.trips, key=_by_day) for row in self._loads(trip)]
        self._table(words("book.plan.days"), _heads(_LOAD), days)
        self._routes()

    # ------------------------------------------------------------ sheets

    def _sheet(self, wanted: str) -> Worksheet:
        """An empty sheet, printed on A4 as wide as a page, of a name that no other sheet has."""
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", wanted).strip("' ")[:_LONGEST_NAME] or "_"
        if plain.lower() in {ROUTES_SHEET, "history"} and wanted != ROUTES_SHEET:
            plain += "_"
        name, at = plain, 1
        while name.lower() in self._names:
            at += 1
            name = f"{plain[: _LONGEST_NAME - 1 - len(str(at))]}~{at}"
        self._names.add(name.lower())
        sheet = self._book.add_worksheet(name)
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    def _table(
        self,
        name: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        *,
        formats: Mapping[str, str] | None = None,
    ) -> str:
        """A sheet with a frozen head and filters; gives its name."""
        sheet = self._sheet(name)
        sheet.repeat_rows(0)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, len(rows)), len(heads) - 1)
        sheet.print_area(0, 0, max(1, len(rows)), len(heads) - 1)
        widths = [len(head) + 3 for head in heads]
        for at, head in enumerate(heads):
            put_text(sheet, 0, at, head, self._looks.of("head"))
        for number, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                wide = self._cell(sheet, number, at, value, (formats or {}).get(heads[at], ""))
                widths[at] = min(_WIDEST, max(widths[at], wide))
        for at, wide in enumerate(widths):
            sheet.set_column(at, at, wide)
        return str(sheet.get_name())

    def _cell(self, sheet: Worksheet, row: int, column: int, value: Cell, code: str) -> int:
        """Write a cell; gives how wide it is, in characters."""
        if value is None or value == "":
            return 0
        if isinstance(value, datetime):
            serial = serial_of(value, self._instance.clock)
            if serial is not None:
                sheet.write_number(row, column, serial, self._looks.of(self._looks.moment))
                return 20
            value = value.isoformat(timespec="seconds")
        if isinstance(value, str):
            text = value if can_be_put(value) else _shortened(value)
            put_text(sheet, row, column, text, self._looks.of("@"))
            return len(text) + 1
        sheet.write_number(
            row, column, value, self._looks.of(code or ("[h]:mm" if isinstance(value, float) else "#,##0"))
        )
        return 12

    # ------------------------------------------------------------ what they hold

    def _at(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self._instance.clock.instant(seconds)

    def _last_deliveries(self) -> Mapping[str, tuple[int, str, str]]:
        """Of each region the units that it receives, the vehicles that bring them and their trips."""
        found: dict[str, tuple[int, dict[str, None], dict[str, None]]] = {}
        for (region, _), its_hauls in hauls(self._plan).items():
            for haul in its_hauls:
                if not haul.ends_at_hub:
                    units, vehicles, trips = found.get(region, (0, {}, {}))
                    sign = self._signs.of(haul.trip.vehicle_id) or haul.trip.vehicle_id
                    vehicles[sign] = trips[haul.trip.id] = None
                    found[region] = (units + haul.delivery.units, vehicles, trips)
        return {
            region: (units, ", ".join(vehicles), ", ".join(trips))
            for region, (units, vehicles, trips) in found.items()
        }

    def _region(self, one: RegionResult) -> Sequence[Cell]:
        region = self._instance.region_of[one.region_id]
        units, vehicles, trips = self._last.get(one.region_id, (0, "", ""))
        hours = None if one.margin_s is None else one.margin_s / DAY_S
        return (
            *(region.id, region.name, region.area_name or region.area, region.subarea_name or region.subarea),
            words(f"map.class.{one.status.value}"),
            *(self._at(one.received_s), self._at(one.deadline_s)),
            hours if hours is None or hours >= 0 else _hours_text(one.margin_s or 0),
            *(units, vehicles, trips),
        )

    def _areas(self) -> Iterable[tuple[str, Sequence[RegionResult]]]:
        groups: dict[str, list[RegionResult]] = {}
        for one in self._plan.regions:
            region = self._instance.region_of[one.region_id]
            groups.setdefault(region.area_name or region.area, []).append(one)
        if 1 < len(groups) <= _MOST_AREAS:
            yield from groups.items()

    def _stops(self, trip: Trip) -> Iterable[Sequence[Cell]]:
        names = self._instance.place_name_of
        head = (self._signs.of(trip.vehicle_id), trip.vehicle_id, trip.id)
        loaded = (trip.mass_g / 1000, trip.pieces)
        origin = names.get(trip.origin_id, trip.origin_id)
        day = self._instance.clock.day(trip.load_start_s).isoformat()
        yield (*head, day, origin, None, self._at(trip.load_start_s), self._at(trip.depart_s), *loaded, "")
        for stop in trip.stops:
            sizes = unloaded(trip, stop)
            given = (None, None) if sizes is None else (sizes[0] / 1000, sizes[2])
            day = self._instance.clock.day(stop.leg.arrive_s).isoformat()
            for_whom = ", ".join(names.get(one, one) for one in receivers(stop) if one != stop.node_id)
            times = (self._at(stop.leg.arrive_s), self._at(stop.start_s), self._at(stop.end_s))
            yield (*head, day, names.get(stop.node_id, stop.node_id), *times, *given, for_whom)
        if trip.back is not None:
            day = self._instance.clock.day(trip.back.arrive_s).isoformat()
            home = names.get(trip.back.to_node, trip.back.to_node)
            yield (*head, day, home, self._at(trip.back.arrive_s), None, None, None, None, "")

    def _loads(self, trip: Trip) -> Iterable[Sequence[Cell]]:
        names = self._instance.place_name_of
        stops = ", ".join(names.get(stop.node_id, stop.node_id) for stop in trip.stops)
        day = self._instance.clock.day(trip.load_start_s).isoformat()
        origin = names.get(trip.origin_id, trip.origin_id)
        times = (self._at(trip.load_start_s), self._at(trip.depart_s), self._at(trip.end_s))
        sign = self._signs.of(trip.vehicle_id)
        yield (day, origin, trip.dock, sign, trip.vehicle_id, trip.id, *times, trip.mass_g / 1000, stops)

    def _summary(self, sheet: Worksheet, regions: str) -> None:
        """The answer, and a row for each component whose counts are formulas over the sheet of regions."""
        plan, bold = self._plan, self._looks.of("head")
        put_text(sheet, 0, 0, _shortened(self._instance.settings.name))
        put_text(sheet, 1, 0, _shortened(sentence(plan, self._instance)))
        put_text(sheet, 2, 0, words("book.plan.routes_note"))
        for at, key in enumerate(("area", "regions", "on_time", "units", "cost")):
            put_text(sheet, 4, at, words(f"book.plan.column.{key}"), bold)
        quoted = "'" + regions.replace("'", "''") + "'!"
        last = len(plan.regions) + 1
        ids, status, units = (f"{quoted}${one}$2:${one}${last}" for one in "AEI")
        on_time = words("map.class.on_time").replace('"', '""')
        row = 5
        for component in plan.components:
            label = component_name(self._instance, component)
            counted = self._counts(component.regions)
            area = f"{quoted}$C$2:$C${last}"
            put_text(sheet, row, 0, _shortened(label))
            whole = self._is_area(component.regions, label)
            formulas = (
                f"=COUNTIFS({area},$A{row + 1})",
                f'=COUNTIFS({area},$A{row + 1},{status},"{on_time}")',
                f"=SUMIFS({units},{area},$A{row + 1})",
            )
            for at, (formula, value) in enumerate(zip(formulas, counted, strict=True), start=1):
                if whole:
                    sheet.write_formula(row, at, formula, self._looks.of("#,##0"), value)
                else:
                    sheet.write_number(row, at, value, self._looks.of("#,##0"))
            sheet.write_number(row, 4, component.cost, self._looks.of("#,##0"))
            row += 1
        counted = self._counts([one.region_id for one in plan.regions])
        put_text(sheet, row, 0, words("book.plan.total"), bold)
        formulas = (f"=COUNTA({ids})", f'=COUNTIFS({status},"{on_time}")', f"=SUM({units})")
        for at, (formula, value) in enumerate(zip(formulas, counted, strict=True), start=1):
            sheet.write_formula(row, at, formula, self._looks.of("#,##0"), value)
        total = f"=SUM(E6:E{row})"
        sheet.write_formula(row, 4, total, self._looks.of("#,##0"), sum(one.cost for one in plan.components))
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 4, 18)
        sheet.print_area(0, 0, row, 4)
        self._book.define_name("PlanRegions", f"={quoted}$A$1:$K${last}")

    def _counts(self, names: Iterable[str]) -> tuple[int, int, int]:
        wanted = set(names)
        mine = [one for one in self._plan.regions if one.region_id in wanted]
        units = sum(self._last.get(one.region_id, (0, "", ""))[0] for one in mine)
        return len(mine), sum(one.status is RegionStatus.ON_TIME for one in mine), units

    def _is_area(self, names: Sequence[str], label: str) -> bool:
        """Whether regions are all those of an area of this name, so that a formula can count them."""
        rows = (self._instance.region_of[one.region_id] for one in self._plan.regions)
        mine = {row.id for row in rows if (row.area_name or row.area) == label}
        plain = not re.search(r"[*?~<>=]", label) and can_be_put(label) and len(label) <= 255
        return plain and mine == set(names)

    def _routes(self) -> None:
        """The table that `plan evaluate` reads, with real moments and numbers."""
        heads, *rows = csv.reader(
            io.StringIO(trips_text(self._plan, self._instance.clock, self._signs), newline="")
        )
        cells = [
            [_typed(name, from_spreadsheet(text)) for name, text in zip(heads, row, strict=True)]
            for row in rows
        ]
        formats = dict.fromkeys(DECIMAL_COLUMNS, "0.000") | dict.fromkeys(_WHOLE, "0")
        self._table(ROUTES_SHEET, heads, cells, formats=formats)
        self._book.define_name("PlanRoutes", f"={ROUTES_SHEET}!$A$1:${chr(64 + len(heads))}${len(rows) + 1}")


def _typed(name: str, text: str) -> Cell:
    """A cell of ``trips.csv`` as what it is."""
    if not text:
        return None
    if name in _MOMENTS:
        return parse_instant(text)
    if name in _WHOLE:
        return int(text)
    return float(text) if name in DECIMAL_COLUMNS else text


_REGION = (
    *(
        "id",
        "name",
        "area",
        "subarea",
        "status",
        "received",
        "deadline",
        "margin",
        "units",
        "vehicle",
        "trip",
    ),
)
_STOP = ("sign", "vehicle", "trip", "day", "place", "arrive", "start", "done", "kg", "pieces", "for")
_LOAD = ("day", "origin", "dock", "sign", "vehicle", "trip", "start", "leaves", "ends", "kg", "stops")


def _heads(names: Iterable[str]) -> Sequence[str]:
    return [words(f"book.plan.column.{name}") for name in names]


def _by_vehicle(trip: Trip) -> tuple[str, int, str]:
    return trip.vehicle_id, trip.load_start_s, trip.id


def _by_day(trip: Trip) -> tuple[int, str]:
    return trip.load_start_s, trip.id


def _hours_text(seconds: int) -> str:
    """A negative span, which a spreadsheet cannot show as one: ``-1:30``."""
    return f"-{-seconds // 3600}:{-seconds % 3600 // 60:02d}"


def _shortened(text: str) -> str:
    """A text that a cell can hold; what it cannot hold is replaced."""
    if can_be_put(text):
        return text
    plain = re.sub(r"_(?=x[0-9a-fA-F]{4}_)", "-", text)[: LONGEST_TEXT - 1]
    return plain if can_be_put(plain) else re.sub(r"[^\w .,:;()-]", "?", plain)
