"""What the files say, as the checker indexes it for itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial

from planner.base.clock import Clock
from planner.instance.decisions import Ruling, rulings_of
from planner.instance.schema import Chain, Deadline, Echelon, Hub, Instance, Region, VehicleType, Warehouse
from planner.proof.calendars import Calendars
from planner.proof.kit import Kit
from planner.proof.passages import Passages, never_open
from planner.proof.paths import Ways

__all__ = ["World", "world_of"]

_MAX_FLEET = 100_000  # vehicles of a type that can be named; bounds the work for a senseless table


class World:
    """What the files say, with the checker's own indexes.

    Parameters
    ----------
    instance
        As read from its files.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.clock: Clock = instance.clock
        self.horizon_s = instance.settings.horizon_s
        self.calendars = Calendars(instance)
        self.kit = Kit(instance)
        self.ways = Ways(instance, partial(never_open, instance, self.calendars))
        self.passages = Passages(self.ways, self.calendars)
        self._deadlines: dict[str, Deadline] = {
            row.place: row for row in instance.deadlines if row.echelon is Echelon.REGION
        }
        self.chain = instance.settings.chain
        self.hubs: Mapping[str, Hub] = {} if self.chain is Chain.NONE else self.all_hubs
        self._hub_deadlines: dict[str, Deadline] = {
            row.place: row for row in instance.deadlines if row.echelon is Echelon.HUB
        }
        self._chains: dict[str, tuple[Hub, ...]] = {}
        self._places: dict[str, frozenset[str]] = {}
        self._fleet: dict[str, frozenset[str]] = {}
        self._types: dict[str, tuple[VehicleType, ...]] = {}
        self.deliverables: dict[str, Mapping[str, int]] = {}  # by region, see proof.stocks
        self.sendings: dict[tuple[str, str], tuple[tuple[int, int], ...]] = {}  # see proof.stocks

    @property
    def chained(self) -> bool:
        """Whether goods may pass hubs at all; else `hubs` is empty."""
        return self.chain is not Chain.NONE

    @cached_property
    def rulings(self) -> Sequence[Ruling]:
        """What people have decided."""
        return rulings_of(self.instance)

    def is_waived(self, region: str, part: str, first: int, units: int) -> bool:
        """Whether none of a run of units is needed any more.

        Parameters
        ----------
        region, part
            Whose, and of which part.
        first, units
            First unit, from 0, and how many.
        """
        waived = self.instance.waived
        return bool(waived) and all((region, part, unit) in waived for unit in range(first, first + units))

    def is_needed(self, region: Region) -> bool:
        """Whether a region must receive anything, by its counts and by what is not needed any more."""
        needs = self.kit.needs(region)
        return any(not self.is_waived(region.id, part, 0, number) for part, number in needs.items())

    @cached_property
    def all_hubs(self) -> Mapping[str, Hub]:
        """Hubs of the table, whatever the chain."""
        return {hub.id: hub for hub in self.instance.hubs}

    def chain_of(self, region: Region) -> tuple[Hub, ...]:
        """Hubs that a region is supplied through, from its warehouse on; empty where there is no chain."""
        if region.id not in self._chains:
            self._chains[region.id] = tuple(reversed(list(self._up_from(region.hub))))
        return self._chains[region.id]

    def _up_from(self, name: str) -> Iterator[Hub]:
        """Yield a hub and those before it; a circle, which no reader lets pass, ends."""
        seen: set[str] = set()
        while name in self.hubs and name not in seen:
            seen.add(name)
            yield self.hubs[name]
            name = self.hubs[name].via

    def way_of(self, region: Region) -> tuple[str, ...]:
        """Places that goods pass along the whole chain: warehouse, hubs, region."""
        return (region.warehouse, *(hub.id for hub in self.chain_of(region)), region.id)

    def home(self, kind: VehicleType) -> str:
        """Where trips of a type begin and load."""
        return kind.home if self.chained and kind.home else kind.warehouse

    def loading_place(self, name: str) -> Warehouse | Hub | None:
        """The warehouse or hub of this id, at whose docks a trip may load; None: there is none."""
        return self.instance.warehouse_of.get(name) or self.hubs.get(name)

    def fleet(self, kind: VehicleType) -> frozenset[str]:
        """Ids of a type's vehicles."""
        if kind.id not in self._fleet:
            numbers = range(1, min(kind.number, _MAX_FLEET) + 1)
            self._fleet[kind.id] = frozenset(f"{kind.id}-{number:02d}" for number in numbers)
        return self._fleet[kind.id]

    def _rows(self, region: Region) -> Iterator[Deadline]:
        for place in (region.id, region.subarea, region.area, ""):
            if place in self._deadlines:
                yield self._deadlines[place]

    def deadline_s(self, region: Region) -> int:
        """Deadline of a region."""
        found = (row.deadline_s for row in self._rows(region) if row.deadline_s is not None)
        return next(found, self.instance.settings.deadline_s)

    def not_before_s(self, region: Region) -> int:
        """First moment of receipt at a region."""
        found = (row.not_before_s for row in self._rows(region) if row.not_before_s is not None)
        return next(found, self.instance.settings.not_before_s)

    def release_s(self, region: Region) -> int:
        """First moment at which a region's goods may be loaded at its warehouse."""
        return next((row.release_s for row in self._rows(region) if row.release_s is not None), 0)

    def hub_deadline_s(self, hub: Hub) -> int | None:
        """Moment before which goods must be unloaded at a hub; None: no row says so."""
        return next((row.deadline_s for row in self._hub_rows(hub) if row.deadline_s is not None), None)

    def hub_not_before_s(self, hub: Hub) -> int | None:
        """First moment at which goods may be unloaded at a hub; None: no row says so."""
        return next((row.not_before_s for row in self._hub_rows(hub) if row.not_before_s is not None), None)

    def _hub_rows(self, hub: Hub) -> Iterator[Deadline]:
        for place in (hub.id, ""):
            if place in self._hub_deadlines:
                yield self._hub_deadlines[place]

    def there_from_s(self, warehouse: str, item: str, number: int) -> int | None:
        """First moment at which so much of an item has come to a warehouse; None: not before the end.

        An item without rows is always there.
        """
        rows = [row for row in self.instance.stock if row.warehouse == warehouse and row.item == item]
        if not rows or number <= 0:
            return 0
        come = 0
        for moment, quantity in sorted((max(0, row.available_s or 0), row.quantity) for row in rows):
            come += quantity
            if come >= number:
                return moment if moment < self.horizon_s else None
        return None

    @cached_property
    def regions_of(self) -> Mapping[str, tuple[Region, ...]]:
        """Regions of each warehouse."""
        found: dict[str, list[Region]] = {}
        for region in self.instance.regions:
            found.setdefault(region.warehouse, []).append(region)
        return {warehouse: tuple(regions) for warehouse, regions in found.items()}

    def places(self, warehouse: str) -> frozenset[str]:
        """Where legs of a warehouse's vehicles begin and end."""
        if warehouse not in self._places:
            regions = self.regions_of.get(warehouse, ())
            hubs = {hub.id for region in regions for hub in self.chain_of(region)}
            homes = {self.home(kind) for kind in self.types_of(warehouse)}
            own = {region.id for region in regions}
            self._places[warehouse] = frozenset({warehouse} | own | hubs | homes)
        return self._places[warehouse]

    def types_of(self, warehouse: str) -> tuple[VehicleType, ...]:
        """Types of which the warehouse has a vehicle; those at home at a hub count only under a chain."""
        if warehouse not in self._types:
            self._types[warehouse] = tuple(
                kind
                for kind in self.instance.vehicles
                if kind.warehouse == warehouse and kind.number >= 1 and (self.chained or not kind.home)
            )
        return self._types[warehouse]


_LAST: deque[World] = deque(maxlen=2)


def world_of(instance: Instance) -> World:
    """The view of an instance; the last ones are kept, with what they have found out."""
    for one in tuple(_LAST):
        if one.instance is instance:
            return one
    _LAST.append(World(instance))
    return _LAST[-1]
