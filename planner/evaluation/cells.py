"""What the cells of routes mean: vehicles, places, moments, runs of units, items."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from planner.base.clock import parse_instant
from planner.evaluation.routes import RouteRun
from planner.instance.call_signs import call_signs
from planner.instance.cells import CellError
from planner.instance.kits import unit_loads
from planner.instance.local import Notation, plain_instant
from planner.instance.schema import Hub, Instance, Region, VehicleType, Warehouse
from planner.instance.subjects import ALL_OF_TYPE, Subjects

__all__ = ["Cells"]

_RUN = re.compile(r"(?P<id>(?P<region>[^+]+)/(?P<part>[^/+]+)/[^/+:]+):(?P<first>\d{1,6})-(?P<last>\d{1,6})")
_ITEM = re.compile(r"(?P<number>\d{1,12}) (?P<item>.+)")
_VEHICLE = re.compile(r"(?P<type>.+?)\s*[/-]\s*0*(?P<number>[1-9]\d{0,5})")


class Cells:
    """Reads cells, and reports what cannot be meant.

    Parameters
    ----------
    instance
        What can be named.
    fault
        Takes code, line, meaning of the column, text, and what the fault's words need.
    """

    def __init__(self, instance: Instance, fault: Callable[..., None]) -> None:
        self._instance = instance
        self._subjects = Subjects.of(instance)
        self._fault = fault
        self._notation = Notation(instance.clock, instance.settings.number_format)
        self._items = {one.id for one in instance.items}

    def vehicle(self, line: int, text: str) -> tuple[VehicleType, int | None] | None:
        """Type and number of a vehicle; a number beyond those that there are is taken as it is."""
        called = call_signs(self._instance).vehicle(text)
        if called is not None:
            return self._subjects.types[called[0]], called[1]
        named = self._subjects.named(f"vehicle:{text}")
        if len(named.vehicles) == 1:
            kind, number = next(iter(named.vehicles))
            return self._subjects.types[kind], None if number == ALL_OF_TYPE else number
        match = _VEHICLE.fullmatch(text)
        if match is not None and match["type"] in self._subjects.types:
            return self._subjects.types[match["type"]], int(match["number"])
        self._unknown(line, "vehicle", text, named.nearest)
        return None

    def place(self, line: int, text: str) -> str | None:
        """Id of a region, hub or warehouse, by id or name."""
        places: dict[str, Region | Hub | Warehouse] = {
            **self._subjects.regions,
            **self._subjects.hubs,
            **self._subjects.warehouses,
        }
        if text in places:
            return text
        wanted = " ".join(text.casefold().split())
        found = [name for name, one in places.items() if one.name.casefold() == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            choices = ", ".join(f"{places[name].name} ({name})" for name in found)
            self._fault("V202", line, "stop", text, part=text, choices=choices)
            return None
        near = [one for one in self._subjects.named(text).nearest if one not in self._subjects.types]
        self._unknown(line, "stop", text, near)
        return None

    def is_named(self, text: str, place: str) -> bool:
        """Whether a text is the name of a place."""
        name = self._instance.place_name_of.get(place, place)
        return " ".join(text.casefold().split()) == name.casefold()

    def _unknown(self, line: int, meaning: str, text: str, near: object) -> None:
        nearest = ", ".join(near) if isinstance(near, list | tuple) and near else "-"
        self._fault("V201", line, meaning, text, part=text, rule=meaning, nearest=nearest)

    def instant(self, line: int, text: str) -> int | None:
        """Seconds of a moment; None for an empty cell."""
        if not text:
            return None
        try:
            instant = parse_instant(plain_instant(text, self._notation))
        except CellError as error:
            self._fault(error.code, line, "start", text, **error.params)
            return None
        except (ValueError, OverflowError):
            self._fault("I209", line, "start", text)
            return None
        clock = self._instance.clock
        if expected := clock.other_offset(instant):
            self._fault("I229", line, "start", text, zone=clock.time_zone, expected=expected)
            return None
        seconds = clock.seconds(instant)
        horizon_s = self._instance.settings.horizon_s
        if not 0 <= seconds < horizon_s:
            params = {"part": text, "starts": clock.text(0), "ends": clock.text(horizon_s)}
            self._fault("V209", line, "start", text, **params)
            return None
        return seconds

    def number(self, line: int, meaning: str, text: str) -> int | None:
        """A whole number from 1 on; None for an empty cell."""
        if not text:
            return None
        if not text.isdecimal() or not int(text[:9]) >= 1 or len(text) > 9:
            self._fault("V226", line, meaning, text)
            return None
        return int(text)

    def items(self, line: int, text: str) -> tuple[tuple[str, int], ...]:
        """Quantities by item: ``5 box+2 sign``."""
        found = []
        for part in (one.strip() for one in text.split("+") if one.strip()):
            match = _ITEM.fullmatch(part)
            if match is None or match["item"] not in self._items:
                self._fault("V233", line, "items", part)
            else:
                found.append((match["item"], int(match["number"])))
        return tuple(found)

    def runs(self, line: int, text: str) -> Iterator[RouteRun]:
        """Runs of units: ``R1/main/1:1-5+R1/late/1:1-5``, the first unit being 1."""
        for part in (one.strip() for one in text.split("+") if one.strip()):
            match = _RUN.fullmatch(part)
            region = None if match is None else self._instance.region_of.get(match["region"])
            if match is None or region is None:
                self._fault("V232", line, "consignments", part)
                continue
            first, last = int(match["first"]), int(match["last"])
            units = unit_loads(self._instance, region).get(match["part"], ())
            if not 1 <= first <= last <= len(units):
                self._fault("V232", line, "consignments", part)
                continue
            yield RouteRun(match["id"], region.id, match["part"], first - 1, last - first + 1)
