"""Where given trips begin: the places, hours and vehicles of one type at one origin, and ever laxer rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np

from planner.building.places import fleet_type
from planner.building.problems import Problems
from planner.instance.chains import hub_of
from planner.instance.outages import with_closed_hours
from planner.instance.schema import Instance, Mode, Overnight, VehicleType
from planner.network.calendars import Openings
from planner.network.travel import Travel
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing, schedule_trip
from planner.problem.visits import Visit
from planner.propose.alternatives import every_choice

__all__ = ["Driven", "RelaxedTrips"]

# What may be given up so that a trip can be driven as it was given, the least first.
_WEIGHTS = {
    "work": 1,
    "loading": 1,
    "release": 1,
    "region_hours": 2,
    "not_before": 2,
    "shift": 3,
    "horizon": 6,
    "modes": 12,
}
_FAR_S = 400 * 86_400  # beyond every plan


@dataclass(frozen=True)
class Driven:
    """Times of a trip, and the type by whose ways it is driven; `given_up` are the rules that it breaks."""

    timing: Timing
    kind: FleetType
    given_up: tuple[str, ...] = ()


class RelaxedTrips:
    """Trips of one vehicle type from one origin.

    Parameters
    ----------
    instance, row
        The instance and the vehicle type.
    origin
        Id of the warehouse or hub where the trips load.
    places
        Ids of all places that they stop at.
    """

    def __init__(self, instance: Instance, row: VehicleType, origin: str, places: Sequence[str]) -> None:
        self._instance = with_closed_hours(instance)
        self._row = row
        self._ids = (origin, *(one for one in dict.fromkeys(places) if one != origin))
        self.problem = self._made()
        self.place_of = {name: number for number, name in enumerate(self._ids)}

    @property
    def kind(self) -> FleetType:
        """The type, as the files say."""
        return self.problem.fleet[0]

    def region(self, place: str) -> int:
        """Number of a place among those that are stopped at."""
        return max(0, self.place_of[place] - 1)

    def _made(self) -> Problem:
        """Without deadlines, since routes may be late, and with every dock, since they may name any."""
        instance, (origin, *stops) = self._instance, self._ids
        kind = fleet_type(instance, self._row, self._ids, 0)
        kind = replace(kind, serves=np.ones(len(stops), dtype=bool))
        problem = Problems(instance).empty(origin, stops, fleet=(kind,))
        docks = (instance.warehouse_of.get(origin) or hub_of(instance)[origin]).docks
        return replace(
            problem,
            origins=(replace(problem.origins[0], docks=docks),),
            deadline_s=problem.deadline_s * 0 + instance.settings.horizon_s,
            weight=problem.weight * 0 + 1,
        )

    # ---------------------------------------------------------------- ever laxer

    def strict(self, stops: Sequence[Visit], start_s: int) -> Driven | None:
        """A trip that starts to load at a moment and keeps every rule of its own; None: it cannot."""
        timing = schedule_trip(self.problem, self.kind, stops, start_s)
        return None if timing is None else Driven(timing, self.kind)

    def ways(self, stops: Sequence[Visit], start_s: int) -> Iterator[Driven]:
        """The trip by each choice of ways that keeps every rule of its own."""
        there = (self.problem.place(one.region) for one in stops)
        home = () if self.kind.open_end else (self.kind.origin,)
        legs = list(pairwise((self.kind.origin, *there, *home)))
        for by in every_choice(self.kind, legs):
            kind = self.kind.by_legs(legs, by) if by else self.kind
            timing = schedule_trip(self.problem, kind, stops, start_s)
            if timing is not None:
                yield Driven(timing, kind)

    def driven(self, stops: Sequence[Visit], start_s: int) -> Driven:
        """A trip that starts to load at a moment, with as little given up as can be."""
        found: Driven | None = None
        for given_up in _CHOICES:
            if found is not None and sum(_WEIGHTS[one] for one in given_up) > _limit(found):
                break
            now = self._with(given_up, stops, start_s)
            if now is not None and (found is None or self._is_sooner(now, found)):
                found = now
        assert found is not None  # with all given up, a trip runs through
        return found

    def _is_sooner(self, now: Driven, found: Driven) -> bool:
        """Whether a trip that gives up somewhat more spares a night of waiting."""
        midnights = self.problem.midnights
        days = [sum(one <= two.timing.end_s for one in midnights) for two in (now, found)]
        return days[0] < days[1]

    def _with(self, given_up: tuple[str, ...], stops: Sequence[Visit], start_s: int) -> Driven | None:
        kind = self._any_way if "modes" in given_up else self.kind
        problem, visits = self.problem, list(stops)
        always = Openings(((0, _FAR_S),))
        if "work" in given_up:
            kind = replace(kind, work_s=None)
        if "shift" in given_up:
            kind = replace(kind, shifts=always)
            if kind.overnight is Overnight.STOP:
                kind = replace(kind, overnight=Overnight.HOME)
        if "horizon" in given_up:
            problem = replace(problem, horizon_s=_FAR_S)
        if "loading" in given_up:
            problem = replace(problem, origins=(replace(problem.origins[0], openings=always),))
        if "region_hours" in given_up:
            problem = replace(problem, region_openings=(always,) * problem.num_regions)
        if "not_before" in given_up:
            problem = replace(problem, not_before_s=problem.not_before_s * 0)
        if "release" in given_up:
            visits = [replace(one, release_s=0) for one in visits]
        timing = schedule_trip(problem, kind, visits, start_s)
        return None if timing is None else Driven(timing, kind, given_up)

    @cached_property
    def _any_way(self) -> FleetType:
        """The type as if it could use every way; where there is none at all, as if places were one."""
        row = replace(self._row, modes=tuple(Mode))
        kind = fleet_type(self._instance, row, self._ids, 0)
        travel = kind.travel
        assert isinstance(travel, Travel)
        time_s, distance_m = np.where(travel.reachable, travel.time_s, 0), travel.distance_m.copy()
        distance_m[~travel.reachable] = 0
        everywhere = np.ones_like(travel.reachable)
        open_ways = replace(travel, time_s=time_s, distance_m=distance_m, reachable=everywhere, timed=None)
        return replace(kind, travel=open_ways)


def _choices() -> list[tuple[str, ...]]:
    """All choices of what is given up, the least first."""
    names = tuple(_WEIGHTS)
    every = [some for number in range(len(names) + 1) for some in combinations(names, number)]
    return sorted(every, key=lambda some: (sum(_WEIGHTS[one] for one in some), len(some)))


_CHOICES = _choices()


def _limit(found: Driven) -> int:
    """How much may be given up to be better than a trip that was found."""
    return sum(_WEIGHTS[one] for one in found.given_up) + (
        _WEIGHTS["region_hours"] if "shift" in found.given_up else 0
    )
