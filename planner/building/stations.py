"""Where trips of a component begin and what they serve there, before anything is carried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from planner.building.decisions import absent, apart, left_out, with_fixings
from planner.building.problems import Problems
from planner.instance.chains import chain_of
from planner.instance.decisions import rulings_of
from planner.instance.kits import unit_loads
from planner.instance.outages import with_closed_hours
from planner.instance.schema import Chain as ChainRule
from planner.instance.schema import Hub, Instance, Region, Warehouse
from planner.problem.problem import Problem

__all__ = ["Given", "Station", "Stations", "room_cm3_of"]


@dataclass(frozen=True)
class Given:
    """What a component's echelons take over from a plan.

    Parameters
    ----------
    vehicles
        Single vehicles that are types of their own, by type and number.
    runs
        Consignments of regions and parts: id, first unit and number of units.
    absent
        Ids of regions that get nothing, as in the plan.
    """

    vehicles: tuple[tuple[str, int], ...] = ()
    runs: Mapping[tuple[str, str], Sequence[tuple[str, int, int]]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


@dataclass
class Station:
    """A place where trips begin, and what they serve: regions, then hubs."""

    place: Warehouse | Hub
    above: int
    regions: list[int] = field(default_factory=list)  # positions
    hubs: list[int] = field(default_factory=list)  # stations


class Stations:
    """The places where trips of a component begin, the warehouse first, each with its problem still empty.

    Parameters
    ----------
    instance, warehouse_id, regions
        The component.
    guarantee
        Late legs that each vehicle must withstand; None: as the files say.
    given
        What is taken over from a plan.

    Attributes
    ----------
    loads, chains
        Of each region its units by part, and its hubs.
    stations, own
        The places, and which of them trips to each region begin at.
    natural, bare
        Of each place its problem without consignments, as the files say and as decisions leave it.
    left_out
        Ids of regions that get nothing by decision.
    """

    def __init__(
        self,
        instance: Instance,
        warehouse_id: str,
        regions: Sequence[Region],
        guarantee: int | None,
        given: Given,
    ) -> None:
        self.instance = instance = with_closed_hours(instance)
        self._problems = Problems(instance, guarantee)
        self.regions = regions
        self.loads = [unit_loads(instance, one) for one in regions]
        self.chains = [chain_of(instance, one) for one in regions]
        self.stations = [Station(instance.warehouse_of[warehouse_id], -1)]
        self.own = [self._enter(chain) for chain in self.chains]  # where trips to a region begin
        self.may_go_straight = instance.settings.chain is not ChainRule.REQUIRED
        for position, station in enumerate(self.own):
            self.stations[station].regions.append(position)
            if station and self.may_go_straight:
                self.stations[0].regions.append(position)
        self.natural = [self._bare_problem(station) for station in self.stations]
        rulings = (
            *rulings_of(instance),
            *(apart(one) for one in given.vehicles),
            *(absent(one) for one in given.absent),
        )
        self.left_out = left_out(rulings)
        wanted = {
            one.id
            for one, parts in zip(regions, self.loads, strict=True)
            if parts and one.id not in self.left_out
        }
        self.bare = [with_fixings(one, rulings, wanted) for one in self.natural]

    def _enter(self, chain: Sequence[Hub]) -> int:
        known = {one.place.id: position for position, one in enumerate(self.stations)}
        station = 0
        for hub in chain:
            if hub.id not in known:
                known[hub.id] = len(self.stations)
                self.stations.append(Station(hub, station))
                self.stations[station].hubs.append(known[hub.id])
            station = known[hub.id]
        return station

    def _bare_problem(self, station: Station) -> Problem:
        """Places, hours and vehicles, without consignments."""
        regions = [self.regions[position].id for position in station.regions]
        beyond = {self.stations[one].place.id: self._weight_beyond(one) for one in station.hubs}
        return self._problems.empty(station.place.id, [*regions, *beyond], weights=beyond)

    def _weight_beyond(self, station: int) -> int:
        """Weight of the regions that are supplied through a hub."""
        hub = self.stations[station].place.id
        beyond = [
            region
            for region, chain in zip(self.regions, self.chains, strict=True)
            if any(one.id == hub for one in chain)
        ]
        return max(1, sum(self.instance.weight_of(one) for one in beyond))

    def legs(self, position: int) -> list[tuple[int, int]]:
        """Echelon and receiving place of each leg of a region's chain, the last leg first."""
        station = self.own[position]
        found = [(station, self.stations[station].regions.index(position))]
        while station:
            above = self.stations[station].above
            place = self.stations[above]
            found.append((above, len(place.regions) + place.hubs.index(station)))
            station = above
        return found

    def hub_at(self, echelon: int, stop: int) -> Hub | None:
        """The hub that a receiving place of an echelon is; None for a region."""
        station = self.stations[echelon]
        if stop < len(station.regions):
            return None
        hub = self.stations[station.hubs[stop - len(station.regions)]].place
        assert isinstance(hub, Hub)
        return hub

    def stop_rooms(self, echelon: int) -> tuple[int | None, ...]:
        """Most that one stop may unload at each receiving place of an echelon; see `Problem.rooms_cm3`."""
        largest_cm3 = max((kind.volume_cm3 for kind in self.bare[echelon].fleet), default=0)
        rooms = [room_cm3_of(self.hub_at(echelon, stop)) for stop in range(self.bare[echelon].num_regions)]
        small = tuple(room if room is not None and room < largest_cm3 else None for room in rooms)
        return small if any(room is not None for room in small) else ()

    def upstream_s(self) -> list[int]:
        """Least time from the warehouse to each station, about."""
        found = [0]
        for station in self.stations[1:]:
            above, bare = self.stations[station.above], self.bare[station.above]
            stop = len(above.regions) + above.hubs.index(len(found))
            found.append(found[station.above] + bare.shortest_ways_s[stop])
        return found


def room_cm3_of(hub: Hub | None) -> int | None:
    """Room that what is unloaded together needs at a hub; None: enough, or it may be taken on at once."""
    return None if hub is None or hub.storage_dm3 is None or hub.is_direct else 1000 * hub.storage_dm3
