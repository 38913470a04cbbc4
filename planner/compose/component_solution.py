"""A solution of a whole component, echelon by echelon, and its score in the order of the objective."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from planner.compose.relaxation import Relaxed
from planner.compose.solution import Assignment, RegionScore, Score, Solution, score_of
from planner.network.calendars import day_index
from planner.problem.echelons import Echelons
from planner.problem.ledger import Room

__all__ = ["ComponentSolution", "Received", "Unloading", "empty"]


@dataclass(frozen=True, slots=True)
class Unloading:
    """What one stop at a hub unloads: positions in the echelon above, pieces of all the stop, and moments."""

    consignments: tuple[int, ...]
    pieces: int
    end_s: int
    ready_s: int


@dataclass(frozen=True, slots=True)
class Received:
    """What a region gets.

    Parameters
    ----------
    received_s
        Receipt; None where something of it is missing, or all of it.
    hub_over_s
        How much too late its goods come to a hub, at worst; 0 or less: in time.
    hub
        Echelon of that hub; -1: none.
    over_s
        How much too late they come to it, or to a hub, as far as can be promised; 0 or less: in time.
    is_late
        Whether they do so even as planned.
    """

    received_s: int | None
    hub_over_s: int
    hub: int
    over_s: int
    is_late: bool


@dataclass(frozen=True)
class ComponentSolution:
    """A solution of each echelon; together they keep every rule but the deadlines."""

    echelons: Echelons
    parts: tuple[Solution, ...]

    @cached_property
    def cost(self) -> int:
        """Cost of all echelons, and of the nights at hubs."""
        return sum(one.cost for one in self.parts) + self.hub_nights - self._twice

    @cached_property
    def hub_nights(self) -> int:
        """Price of the local midnights at which something lies at hubs; what stays does so to the end."""
        total = 0
        for number, echelon in enumerate(self.echelons.each):
            if echelon.price_night:
                problem = echelon.problem
                leaves = {
                    echelon.source[idx]: one.timing.load_start_s
                    for one in self.parts[number].assignments
                    for idx in one.candidate.route.consignments
                }
                nights: set[int] = set()
                for one in self.unloadings(number):
                    first = day_index(problem.midnights, one.end_s)
                    for idx in one.consignments:
                        last = day_index(problem.midnights, leaves.get(idx, problem.horizon_s))
                        nights.update(range(first, last))
                total += echelon.price_night * len(nights)
        return total

    @property
    def _twice(self) -> int:
        """What nights at regions are too much that get something by their chain and something straight."""
        total = 0
        for name, stop in self.echelons.direct.items() if self.echelons.straight else ():
            number, other = self.echelons.regions[name]
            days = self.parts[0].first_days.get(stop), self.parts[number].first_days.get(other)
            if number and days[0] is not None and days[1] is not None:
                total += self.echelons.root.guard_of(stop, max(days[0], days[1]))
        return total

    @cached_property
    def relaxed(self) -> Relaxed:
        """Who would be in time from the warehouse straight if there were more vehicles or docks."""
        return Relaxed(self.parts[0])

    def unloadings(self, number: int) -> Iterator[Unloading]:
        """What is unloaded at the hub of an echelon."""
        echelon = self.echelons.each[number]
        if echelon.above >= 0:
            yield from unloadings(self.echelons, number, self.parts[echelon.above].assignments)

    def ready_s(self, number: int) -> Mapping[int, int]:
        """From when each consignment of an echelon may be loaded; none of what does not come."""
        below = self.echelons.below
        return {
            below[number, idx]: one.ready_s for one in self.unloadings(number) for idx in one.consignments
        }

    @cached_property
    def goods_are_there(self) -> bool:
        """Whether no trip begins before its goods are there for sure."""
        for number, part in enumerate(self.parts):
            ready = self.ready_s(number)
            for one in part.assignments:
                if any(
                    ready.get(idx, 0) > one.timing.load_start_s for idx in one.candidate.route.consignments
                ):
                    return False
        return True

    @cached_property
    def received(self) -> Mapping[str, Received]:
        """What each region gets."""
        last: dict[str, int] = {}
        own: dict[str, int] = {}
        delivered: dict[str, set[str]] = {}
        over: dict[str, tuple[int, int]] = {}
        late: set[str] = set()
        for echelon, part in zip(self.echelons.each, self.parts, strict=True):
            problem = part.problem
            for one in part.assignments:
                ends = zip(one.candidate.stops, one.timing.services, strict=True)
                for position, (stop, (_, end)) in enumerate(ends):
                    hub, deadline_s = echelon.hubs[stop.region], problem.region_deadlines[stop.region]
                    late_s = one.timing.over_s(position, deadline_s)
                    is_late = one.timing.is_late(position, deadline_s)
                    for idx in stop.consignments:
                        name = problem.consignments[idx].for_region
                        if hub < 0:
                            name = problem.places[problem.place(stop.region)]
                            last[name] = max(last.get(name, 0), end)
                            delivered.setdefault(name, set()).add(problem.consignments[idx].id)
                        else:
                            over[name] = max(over.get(name, (0, -1)), (end + 1 - deadline_s, hub))
                        own[name] = max(own.get(name, late_s), late_s)
                        if is_late:
                            late.add(name)
        return {
            name: Received(
                last[name] if name in last and mine <= delivered[name] else None,
                *over.get(name, (0, -1)),
                own.get(name, 0),
                name in late,
            )
            for name, mine in self._wanted.items()
        }

    @cached_property
    def _wanted(self) -> Mapping[str, frozenset[str]]:
        """Ids of what each region must receive."""
        found = {}
        for name, (number, stop) in self.echelons.regions.items():
            problem = self.echelons.each[number].problem
            mine = [idx for idx in problem.consignments_of[stop] if idx not in problem.prizes]
            found[name] = frozenset(problem.consignments[idx].id for idx in mine)
        return found

    @cached_property
    def undelivered(self) -> Mapping[str, int]:
        """How many consignments of each region are not delivered though they could be."""
        reached: set[str] = set()
        for echelon, part in zip(self.echelons.each, self.parts, strict=True):
            problem = part.problem
            reached |= {
                problem.consignments[idx].id
                for idx in part.delivered
                if echelon.hubs[problem.consignments[idx].region] < 0
            }
        found = {}
        for name, mine in self._wanted.items():
            found[name] = sum(one not in reached and one in self.echelons.servable for one in mine)
        return found

    @cached_property
    def score(self) -> Score:
        """Score over the regions that have something to receive; see `planner.compose.solution.Score`."""
        return score_of(self._regions(), self.cost)

    def _regions(self) -> Iterator[RegionScore]:
        for name, (number, stop) in self.echelons.regions.items():
            got, mine = self.received[name], self._wanted[name]
            part = bool(mine) and mine <= self.echelons.servable  # else what can be carried must be
            received_s = got.received_s if part else None
            gone = received_s is None if part else bool(self.undelivered[name])
            problem = self.echelons.each[number].problem
            yield RegionScore(problem, stop, received_s, got.over_s, got.is_late, gone=gone)

    @property
    def all_on_time(self) -> bool:
        """Whether everybody is on time of whom the contrary is not proven."""
        return self.score.undelivered == 0 and self.score.unpromised == 0

    @property
    def assignments(self) -> Iterator[tuple[int, Assignment]]:
        """All trips with their echelon."""
        for number, part in enumerate(self.parts):
            for one in part.assignments:
                yield number, one

    def overfull(self, number: int) -> int | None:
        """First moment at which more lies at the hub of an echelon than there is room for; None: never."""
        return None if self.echelons.each[number].storage_cm3 is None else self._room(number).overfull()

    @cached_property
    def full(self) -> list[tuple[int, int]]:
        """Hubs at which more lies than there is room for: the first moment of that, and the echelon."""
        moments = ((self.overfull(number), number) for number in range(len(self.echelons.each)))
        return [(moment, number) for moment, number in moments if moment is not None]

    def most_lies_cm3(self, number: int, from_s: int, until_s: int) -> int:
        """Most that lies at the hub of an echelon at once in a time."""
        return self._room(number).most(from_s, until_s)

    def _room(self, number: int) -> Room:
        """What lies at the hub of an echelon."""
        echelon = self.echelons.each[number]
        above = self.echelons.each[echelon.above].problem
        room = Room(echelon.storage_cm3 or 0)
        leaves = {
            echelon.source[idx]: one.timing.load_start_s
            for one in self.parts[number].assignments
            for idx in one.candidate.route.consignments
        }
        for unloading in self.unloadings(number):
            for idx in unloading.consignments:
                left_s = leaves.get(idx, above.horizon_s)
                room.take(unloading.end_s, left_s, above.consignments[idx].volume_cm3)
        return room


def unloadings(echelons: Echelons, number: int, assignments: tuple[Assignment, ...]) -> Iterator[Unloading]:
    """What the trips of the echelon above unload at the hub of an echelon."""
    echelon = echelons.each[number]
    for one in assignments:
        timing = one.timing
        for stop, (_, end), sure in zip(one.candidate.stops, timing.services, timing.sure_s, strict=True):
            if stop.region != echelon.stop:
                continue
            for is_sure, mine in echelon.by_promise(stop.consignments):
                ready_s = (sure if is_sure else end) + echelon.transfer_s(stop.pieces)
                yield Unloading(mine, stop.pieces, end, ready_s)


def empty(echelons: Echelons) -> ComponentSolution:
    """No trip at all."""
    return ComponentSolution(echelons, tuple(Solution(echelon.problem, ()) for echelon in echelons.each))
