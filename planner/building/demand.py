"""What is carried to whom: units of each region in runs that vehicles bring, and who can bring them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from planner.building.blocked import Reason, blocked_at
from planner.building.direct_trips import (
    Runs,
    all_fit,
    in_runs,
    largest_run,
    share_of,
    useful,
)
from planner.building.stations import Given, Stations, room_cm3_of
from planner.instance.kits import Load
from planner.instance.schema import Split
from planner.problem.supply import Curve, split

__all__ = ["Demand"]


class Demand:
    """The units of a component's regions, cut into consignments as few and as large as vehicles allow.

    Parameters
    ----------
    stations
        Where trips begin.
    given
        What is taken over from a plan.

    Attributes
    ----------
    serves
        Of each station, bool, shape (types, receiving places): which type brings something there.
    runs_of
        Of each region, by part: first unit and number of each consignment; empty where nobody can carry it,
        or must not by decision.
    blocked
        Why goods of a region cannot go on, where that is so, by its id.
    """

    def __init__(self, stations: Stations, given: Given) -> None:
        self._at = stations
        self._given = given
        self._room: dict[tuple[int, int, int, int, tuple[int, int, int]], int] = {}
        self.blocked: dict[str, Reason] = {}
        self.serves = [np.zeros((len(bare.fleet), bare.num_regions), dtype=bool) for bare in self._at.bare]
        # by part; empty: nobody can carry it, or must not by decision
        self.runs_of: list[dict[str, Runs]] = [dict.fromkeys(parts, []) for parts in self._at.loads]
        for position, parts in enumerate(self._at.loads):
            legs = self._at.legs(position)
            for part, units in parts.items():
                rooms: list[list[int]] = []
                for number, (echelon, stop) in enumerate(legs):
                    room = self._rooms(echelon, stop, units)
                    self.serves[echelon][:, stop] |= np.array([run > 0 for run in room], dtype=bool)
                    of_use = [run for run in room if run > 0]
                    if number == 0:
                        of_use = useful(self._at.bare[echelon], stop, units, room)
                    rooms.append(of_use)
                by_chain = rooms
                if self._at.own[position] and self._at.may_go_straight:
                    stop = self._at.stations[0].regions.index(position)
                    room = self._rooms(0, stop, units)
                    self.serves[0][:, stop] |= np.array([run > 0 for run in room], dtype=bool)
                    if not all(rooms):
                        rooms = [[run for run in room if run > 0]]
                if self._at.regions[position].id in self._at.left_out:
                    continue
                runs = self._given_runs(position, part, len(units))
                self.runs_of[position][part] = runs or in_runs(len(units), rooms, self._split(position))
                if not self.runs_of[position][part]:
                    self._block(position, units, legs, by_chain)

    def _split(self, position: int) -> Split:
        """How a region's goods are cut into runs: those that travel with others' are shared out evenly."""
        split = self._at.regions[position].split
        echelon, stop = self._at.legs(position)[0]
        bundled = stop in self._at.bare[echelon].fixings.bundle_of
        return Split.FREE if bundled and split is Split.SAME_DAY else split

    def _rooms(self, echelon: int, stop: int, units: Sequence[Load]) -> list[int]:
        """Largest run of units like these that each type of an echelon brings to a place, as decided."""
        bare = self._at.bare[echelon]
        bundle = bare.fixings.bundle_of.get(stop)
        found = [
            run if bare.fixings.serves(number, stop) else 0
            for number, run in enumerate(self._possible_rooms(echelon, stop, units))
        ]
        return found if bundle is None else self._bundled_rooms(echelon, bundle, units, found)

    def _bundled_rooms(
        self, echelon: int, bundle: Collection[int], units: Sequence[Load], rooms: Sequence[int]
    ) -> list[int]:
        """Room of types that serve all that goes together; a share of it where they cannot hold it all."""
        bare, found = self._at.bare[echelon], list(rooms)
        members = [self._at.stations[echelon].regions[one] for one in sorted(bundle)]
        loads = [mine for position in members for mine in self._at.loads[position].values()]
        for number, kind in enumerate(bare.fleet):
            for stop in bundle:
                parts = self._at.loads[self._at.stations[echelon].regions[stop]].values()
                able = bare.fixings.serves(number, stop) and all(
                    self._possible_rooms(echelon, stop, mine)[number] > 0 for mine in parts
                )
                found[number] = found[number] if able else 0
            if found[number] and not all_fit(kind, loads):
                found[number] = max(1, min(found[number], share_of(kind, units, loads)))
        return found

    def _possible_rooms(self, echelon: int, stop: int, units: Sequence[Load]) -> list[int]:
        """Largest run of units like these that each type of an echelon brings to a place."""
        bare, hub = self._at.bare[echelon], self._at.hub_at(echelon, stop)
        size = (units[0].mass_g, units[0].volume_cm3, units[0].pieces)
        most = len(units)  # that there is room for at a hub
        largest_cm3 = max(one.volume_cm3 for one in units)
        room_cm3 = room_cm3_of(hub)
        if room_cm3 is not None and largest_cm3:
            most = min(most, room_cm3 // largest_cm3)
        found = []
        for number, kind in enumerate(bare.fleet):
            key = (echelon, stop, number, len(units), size)
            alike = len(set(units)) == 1
            if not alike or key not in self._room:
                self._room[key] = largest_run(bare, kind, stop, units)
            found.append(min(self._room[key], most) if most < len(units) else self._room[key])
        return found

    def _block(
        self,
        position: int,
        units: Sequence[Load],
        legs: Sequence[tuple[int, int]],
        rooms: Sequence[Sequence[int]],
    ) -> None:
        """Note the first leg of a region's chain on which some unit cannot be brought, and why."""
        together = self._at.regions[position].split is Split.NEVER
        for (echelon, stop), room in zip(legs[::-1], rooms[::-1], strict=True):
            if not room or (together and max(room) < len(units)):
                room_cm3 = room_cm3_of(self._at.hub_at(echelon, stop))
                loads = [sum(units, Load())] if room else units
                why = blocked_at(self._at.bare[echelon], stop, loads, room_cm3)
                self.blocked.setdefault(self._at.regions[position].id, why)
                return

    def _given_runs(self, position: int, part: str, units: int) -> Runs:
        """Runs that a plan has of a region's part, and runs of what it does not bring."""
        given = self._given.runs.get((self._at.regions[position].id, part), ())
        found: Runs = []
        first = 0
        for _, begin, count in [*sorted(given, key=lambda one: one[1]), ("", units, 0)] if given else ():
            if first < begin:
                found.append((first, begin - first))
            if count:
                found.append((begin, count))
            first = begin + count
        return found

    def name(self, position: int, part: str, first: int, number: int) -> str:
        """Id of a consignment: the plan's, else one that the plan has not.

        Parameters
        ----------
        position
            Of the region in the component.
        part
            Part of its kit.
        first
            First unit of the consignment's run, from 0.
        number
            Number of the run among those of the part, from 1.
        """
        region = self._at.regions[position].id
        given = self._given.runs.get((region, part), ())
        known = next((name for name, begin, _ in given if begin == first), None)
        if known is not None:
            return known
        names = {name for name, _, _ in given}
        while f"{region}/{part}/{number}" in names:
            number += len(given)
        return f"{region}/{part}/{number}"

    def cut(
        self,
        loads: Sequence[Mapping[str, tuple[Load, ...]]],
        curves: Mapping[str, Curve],
    ) -> None:
        """Cut runs where a part of them may have to wait for what comes later."""
        if not curves:
            return
        latest = [self._latest_s(position) for position in range(len(loads))]
        order = sorted(range(len(loads)), key=lambda position: (latest[position], position))
        units = {
            (position, part): mine
            for position in order
            for part, mine in loads[position].items()
            if (self._at.regions[position].id, part) not in self._given.runs
            and self._at.regions[position].split is Split.FREE
        }
        runs = {(position, part): self.runs_of[position][part] for position, part in units}
        for (position, part), finer in split(runs, units, curves).items():
            self.runs_of[position][part] = finer

    def _latest_s(self, position: int) -> int:
        """Deadline of a region less the least times of its legs: when its goods must leave, about."""
        legs = self._at.legs(position)
        echelon, stop = legs[0]
        ways = sum(self._at.bare[echelon].shortest_ways_s[stop] for echelon, stop in legs)
        return self._at.bare[echelon].region_deadlines[stop] - ways
