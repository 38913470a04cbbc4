"""Giving trips to vehicles, hours and docks one after another, each as well as it can still be had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from planner.compose.delay_propagation import (
    has_late_room,
    may_overlap,
    propagate_delays,
    with_working_time,
)
from planner.compose.solution import Assignment, Solution, days_of
from planner.compose.variants import guards
from planner.problem.fleet import FleetType
from planner.problem.ledger import Docks, Line
from planner.problem.one_day import Days
from planner.problem.problem import Lot, Problem
from planner.problem.supply import Stores
from planner.problem.trip_times import Timing
from planner.problem.visits import NEVER
from planner.propose.pool import Candidate

__all__ = ["ListScheduler", "Others", "Wish", "is_on_time", "latest_start_s", "schedule_all", "stays"]

Others = Callable[[Candidate], list[list[Candidate]]]
# Where the moment that was wished for is taken, moments at most so much later are tried first.
_NEAR_S = 3600
_OTHER_DAYS = 3  # so often all trips are placed again


class Wish(NamedTuple):
    """When a trip should start to load, and by which vehicle, numbered within its type as one likes."""

    start_s: int
    vehicle: int | None = None


class _Place(NamedTuple):
    """Where a trip may be placed; smaller is better by the first three."""

    lateness: int
    price: int
    start_s: int
    timing: Timing
    vehicle: int
    dock: int


class ListScheduler:
    """Vehicles and docks of a component, filling up.

    Parameters
    ----------
    problem
        The echelon.
    days
        Days on which parts of regions are to come.

    Attributes
    ----------
    better_days
        On which others something could have come, or sooner, that found no place in time on its day.
    """

    def __init__(self, problem: Problem, days: Mapping[Lot, int] | None = None) -> None:
        self._problem = problem
        self._days = Days(problem, days)
        self.better_days: dict[Lot, int] = {}
        self._vehicles = [
            [Line(out=kind.out_of(vehicle)) for vehicle in range(kind.number)] for kind in problem.fleet
        ]
        self._docks = [Docks(origin) for origin in problem.origins]
        self._stores = Stores(problem)
        self._wished: dict[tuple[int, int], int] = {}  # (type, number in a wish): vehicle

    def place(
        self, one: Candidate, others: Others | None = None, *, wish: Wish | None = None
    ) -> list[Assignment]:
        """Place a trip where it is on time at the least further price, else where it is least late.

        What is wished for comes first: its moment or one soon after, if the trip is on time then. Where it
        would be late, it goes as that one of the `others` that is least late. Nothing is placed where there
        is no place at all.
        """
        near = None if wish is None else self._near(one, wish)
        if near is not None:
            taken = self.take(one, near.timing, near.vehicle, near.dock)
            if wish is not None and wish.vehicle is not None:
                self._wished.setdefault((one.route.fleet, wish.vehicle), near.vehicle)
            return [taken]
        best, trips = self._best_of_all(one), [one]
        if others is not None and (best is None or best.lateness > 0):
            least = None if best is None else best.lateness
            for instead in others(one):
                places = [self._best_of_all(trip) for trip in instead]
                known = [place.lateness for place in places if place is not None]
                if len(known) == len(places) and (least is None or sum(known) < least):
                    least, trips = sum(known), instead
        placed: list[Assignment] = []
        for trip in trips:
            place = self._best_of_all(trip)
            self._note_better_day(trip, place)
            if place is not None:
                placed.append(self.take(trip, place.timing, place.vehicle, place.dock))
            elif stays(self._problem, trip):
                placed += self._as_it_is(trip)
        return placed

    def _note_better_day(self, one: Candidate, place: _Place | None) -> None:
        """Where a trip has no place in time on the days taken: days on which it had a better one."""
        if not self._problem.lot_of or (place is not None and not place.lateness):
            return
        days, self._days = self._days, Days(self._problem)
        other = self._best_of_all(one)
        self._days = days
        if other is not None and (place is None or other.lateness < place.lateness):
            self.better_days.update(days.wanted(one.stops, other.timing) or {})

    def _as_it_is(self, one: Candidate) -> list[Assignment]:
        """A trip that stays, after the one before it on its type's only vehicle, where it overlaps."""
        fixings, goods = self._problem.fixings, one.route.consignments
        start_s, dock = fixings.start_of(goods), fixings.dock_of(goods)
        timing = None if start_s is None else one.timing_at(self._problem, start_s)
        taken = None if timing is None or dock is None else self.take_if_free(one, timing, 0, dock)
        return [] if taken is None else [taken]

    def _near(self, one: Candidate, wish: Wish) -> _Place | None:
        """The place closest after a wished moment, if the trip is on time there."""
        fleet = one.route.fleet
        kind = self._problem.fleet[fleet]
        later = sorted(end for end in self._ends(fleet) if wish.start_s < end <= wish.start_s + _NEAR_S)
        for moment in (wish.start_s, *later):
            timing = one.timing_at(self._problem, moment)
            if timing is None or lateness_of(self._problem, one, timing) > 0:
                continue
            if not self._days.allow(one.stops, timing):
                continue
            dock = self._dock(one, kind, timing)
            found = None if dock is None else self._wished_vehicle(one, kind, timing, wish)
            if dock is not None and found is not None:
                return _Place(0, found[0], moment, timing, found[1], dock)
        return None

    def _wished_vehicle(
        self, one: Candidate, kind: FleetType, timing: Timing, wish: Wish
    ) -> tuple[int, int] | None:
        """The wished vehicle where it can, else the cheapest.

        Numbers of wishes become vehicles in the order of their first use, so that the unused ones stay last.
        """
        if wish.vehicle is not None:
            lines = self._vehicles[one.route.fleet]
            able = (at for at, line in enumerate(lines) if not line.busy and self._can(line, one, timing))
            position = self._wished.get((one.route.fleet, wish.vehicle), next(able, None))
            if position is not None and self._can(lines[position], one, timing):
                return self._price(lines[position], kind, timing), position
        return self._cheapest_vehicle(one, kind, timing)

    def _best_of_all(self, one: Candidate) -> _Place | None:
        best: _Place | None = None
        for start_s, is_late in self._cheapest_first(one):
            if best is not None and best.lateness == 0 and (best.price == 0 or is_late):
                break  # whatever begins later is no better
            best = self._better(best, one, one.rigid_timing(self._problem, start_s))
        for timing in one.points:
            best = self._better(best, one, timing)
        if best is None or best.lateness > 0:
            for timing in self._further(one):
                best = self._better(best, one, timing)
        return best

    def _cheapest_first(self, one: Candidate) -> Iterable[tuple[int, bool]]:
        """`_starts`; where nights have a price, those with the fewest nights first."""
        starts = self._starts(one)
        if not self._problem.nights or one.offsets is None:
            return starts
        offsets, known = one.offsets, dict[int, int]()

        def nights(start_s: int) -> int:
            if start_s not in known:
                known[start_s] = guards(self._problem, one, offsets, start_s=start_s)
            return known[start_s]

        return sorted(starts, key=lambda pair: (pair[1], nights(pair[0]), pair[0]))

    def _better(self, best: _Place | None, one: Candidate, timing: Timing) -> _Place | None:
        """The best place, or that of a trip at some hours, if it is better."""
        kind = self._problem.fleet[one.route.fleet]
        lateness = lateness_of(self._problem, one, timing)
        if (best is not None and lateness > best.lateness) or not self._days.allow(one.stops, timing):
            return best
        price = guards(self._problem, one, timing)
        if best is not None and (lateness, price, timing.load_start_s) >= best[:3]:
            return best
        dock = self._dock(one, kind, timing)
        found = None if dock is None else self._cheapest_vehicle(one, kind, timing)
        if dock is None or found is None:
            return best
        price += found[0]
        place = _Place(lateness, price, timing.load_start_s, timing, found[1], dock)
        return place if best is None or place[:3] < best[:3] else best

    def _dock(self, one: Candidate, kind: FleetType, timing: Timing) -> int | None:
        """A dock that is free while a trip loads, where what it loads is there."""
        if not self._stores.allows(one.route.consignments, timing.load_start_s):
            return None
        docks, own = self._docks[kind.origin], self._problem.fixings.dock_of(one.route.consignments)
        if own is not None:
            return own if docks.is_free(own, timing) else None
        return docks.free(timing)

    def take_if_free(self, one: Candidate, timing: Timing, vehicle: int, dock: int) -> Assignment | None:
        """Enter a trip at its hours, if its goods, its vehicle and its dock are there then.

        Parameters
        ----------
        one, timing
            The trip and its hours.
        vehicle, dock
            Numbers, from 0, of a vehicle of its type and of a dock where it begins.

        Returns
        -------
        Assignment or None
            None where something is not there.
        """
        kind = self._problem.fleet[one.route.fleet]
        lines = self._vehicles[one.route.fleet]
        if vehicle >= len(lines) or not self._days.allow(one.stops, timing):
            return None
        line = lines[vehicle]
        busy = list(line.busy)
        if not self._can(line, one, timing):
            propagated = self._propagated(line, kind, one, timing)
            if propagated is None:
                return None
            timing = propagated
        docks = self._docks[kind.origin]
        there = self._stores.allows(one.route.consignments, timing.load_start_s)
        if not there or not docks.is_free(dock, timing):
            line.busy = busy  # as it was before the trip was tried as an overlapping one
            return None
        self._wished.setdefault((one.route.fleet, vehicle), vehicle)
        return self.take(one, timing, vehicle, dock)

    def _propagated(self, line: Line, kind: FleetType, one: Candidate, timing: Timing) -> Timing | None:
        """Times of a trip that begins before the vehicle is free for sure, if all is promised even so."""
        trips = sorted(line.trips, key=lambda trip: trip[1].load_start_s)
        if not may_overlap(self._problem, kind) or not trips or trips[-1][1].end_s > timing.load_start_s:
            return None
        propagated = propagate_delays(self._problem, [*trips, (one, timing)])[-1]
        last = line.leave_last_at(timing.load_start_s)
        unsure = self._problem.unsure.issuperset(one.route.consignments)
        if (unsure or is_on_time(self._problem, one, propagated)) and self._can(line, one, propagated):
            return propagated
        line.give_back_last(last)
        return None

    def take(self, one: Candidate, timing: Timing, vehicle: int, dock: int) -> Assignment:
        """Enter a trip.

        Parameters
        ----------
        one, timing
            The trip and its hours.
        vehicle, dock
            Numbers, from 0, of a vehicle of its type and of a dock where it begins; both are free.
        """
        kind = self._problem.fleet[one.route.fleet]
        line = self._vehicles[one.route.fleet][vehicle]
        line.take(timing, days_of(self._problem, timing), gone=kind.open_end)
        line.trips.append((one, timing))
        self._docks[kind.origin].occupy(dock, timing)
        self._stores.take(one.route.consignments, timing.load_start_s)
        self._days.take(one.stops, timing)
        return Assignment(one, timing, vehicle, dock)

    def _ends(self, fleet: int) -> set[int]:
        """Moments at which a dock or a vehicle gets free for a type, or something comes."""
        docks = self._docks[self._problem.fleet[fleet].origin]
        vehicles = {end for line in self._vehicles[fleet] for end in line.ends}
        return docks.ends.union(vehicles, self._problem.arrivals)

    def _starts(self, one: Candidate) -> Iterator[tuple[int, bool]]:
        """Starts worth trying from which a trip runs through, in order, and whether it is late as planned.

        They are the begins of its intervals and moments at which something gets free, where there may be a
        dock and a vehicle.
        """
        if one.offsets is None:
            return
        offsets, lines = one.offsets, self._vehicles[one.route.fleet]
        moments = self._ends(one.route.fleet)
        if self._problem.nights:  # first starts from which a service ends on each day
            days = ({day - end for day in self._problem.midnights} for _, end in offsets.services)
            moments = moments.union(*days)
        docks = self._docks[self._problem.fleet[one.route.fleet].origin]
        pairs = zip(one.stops, offsets.services, strict=True)
        latest_s = min((stop.due_s - 1 - end for stop, (_, end) in pairs), default=NEVER)
        for low, high in self._days.within(one.starts, one.stops, offsets):
            for start_s in sorted({low} | {moment for moment in moments if low < moment <= high}):
                end_s = start_s + offsets.end_s
                if docks.any_free(start_s, start_s + offsets.depart_s) and any(
                    line.free(start_s, end_s) for line in lines
                ):
                    yield start_s, start_s > latest_s

    def _further(self, one: Candidate) -> Iterable[Timing]:
        """Starts at which something gets free, for a trip that waits or pauses then."""
        for moment in sorted(self._ends(one.route.fleet)):
            timing = one.timing_at(self._problem, moment)
            if timing is not None:
                yield timing
                later = one.least_waiting(self._problem, moment)
                if later is not None:
                    yield later

    def _cheapest_vehicle(self, one: Candidate, kind: FleetType, timing: Timing) -> tuple[int, int] | None:
        best: tuple[int, int, int] | None = None
        unused = False  # of those that have not driven yet the first that can is as good as any
        for position, line in enumerate(self._vehicles[one.route.fleet]):
            if (unused and not line.busy) or not self._can(line, one, timing):
                continue
            unused = unused or not line.busy
            idle = min(
                (timing.load_start_s - end for _, end in line.busy if end <= timing.load_start_s), default=0
            )
            rank = (self._price(line, kind, timing), idle, position)
            if best is None or rank < best:
                best = rank
        return None if best is None else (best[0], best[2])

    def _can(self, line: Line, one: Candidate, timing: Timing) -> bool:
        """Whether a vehicle can drive a trip besides what it does."""
        kind = self._problem.fleet[one.route.fleet]
        return not (
            line.gone
            or (kind.open_end and line.busy and line.busy[-1][0] > timing.load_start_s)
            or not line.has_trips_left(kind.max_trips)
            or not line.free(timing.load_start_s, timing.free_s)
            or not line.has_work_room(timing.work, kind.work_s)
            or not has_late_room(self._problem, line.trips, [(one, timing)])
        )

    def _price(self, line: Line, kind: FleetType, timing: Timing) -> int:
        """What a trip costs besides its own price: a new vehicle, new days."""
        new_days = sum(day not in line.days for day in days_of(self._problem, timing))
        return kind.prices.day * new_days + (0 if line.busy else kind.prices.vehicle)


def lateness_of(problem: Problem, one: Candidate, timing: Timing) -> int:
    total = 0
    for number, stop in enumerate(one.stops):
        over = timing.over_s(number, stop.due_s)
        if over > 0:
            total += over * int(problem.weight[stop.region])
    return total


def is_on_time(problem: Problem, one: Candidate, timing: Timing) -> bool:
    """Whether a trip has every stop on time."""
    return lateness_of(problem, one, timing) == 0


def latest_start_s(problem: Problem, one: Candidate) -> int:
    """Latest start at which every stop is on time; -1 where none is."""
    best = -1
    if one.offsets is not None:
        pairs = zip(one.stops, one.offsets.promised_s, strict=True)
        latest = min(stop.due_s - 1 - end for stop, end in pairs)
        best = max(
            (
                min(high, latest)
                for low, high in (one.firm if one.offsets.worst_ends_s else one.starts)
                if low <= latest
            ),
            default=-1,
        )
    return max([best, *(point.load_start_s for point in one.points if lateness_of(problem, one, point) == 0)])


def schedule_all(
    problem: Problem,
    chosen: Sequence[Candidate],
    *,
    others: Others | None = None,
    at: Sequence[Wish | None] | None = None,
) -> Solution:
    """Place trips, the most urgent and then the longest first; what finds no place is left out.

    Parameters
    ----------
    problem, chosen
        The echelon, and trips of it that share no consignment.
    others
        Gives, for a trip that would be late, other trips (one or more) for its consignments; None: none.
    at
        For each trip when it should start to load, or None: those with a wish come first, in the order of
        their moments. None: no trip has one.
    """
    if at is None:
        return in_order(problem, sorted(chosen, key=lambda one: urgency(problem, one)), others)
    return _on_better_days(problem, lambda scheduler: _as_wished(problem, scheduler, chosen, others, at))


def _as_wished(
    problem: Problem,
    scheduler: ListScheduler,
    chosen: Sequence[Candidate],
    others: Others | None,
    at: Sequence[Wish | None],
) -> list[Assignment]:
    """Trips that stay, then those with a wish by their moments, then the most urgent ones."""
    fixed = [one for one in chosen if stays(problem, one)] if problem.fixings.fixed_trips else []
    pairs = list(zip(chosen, at, strict=True))
    wished = sorted(
        ((one, wish) for one, wish in pairs if wish is not None and not stays(problem, one)),
        key=lambda pair: pair[1].start_s,
    )
    rest = [one for one, wish in pairs if wish is None and not stays(problem, one)]
    rest.sort(key=lambda one: urgency(problem, one))
    found = [placed for one in fixed for placed in scheduler.place(one)]
    found += [placed for one, wish in wished for placed in scheduler.place(one, others, wish=wish)]
    found += [placed for one in rest for placed in scheduler.place(one, others)]
    return found


def in_order(problem: Problem, chosen: Iterable[Candidate], others: Others | None) -> Solution:
    """Trips one after another, those that stay as they are first."""
    fixed = problem.fixings.fixed_trips
    order = sorted(chosen, key=lambda one: not stays(problem, one)) if fixed else list(chosen)
    return _on_better_days(
        problem, lambda scheduler: [placed for one in order for placed in scheduler.place(one, others)]
    )


def _on_better_days(problem: Problem, schedule: Callable[[ListScheduler], list[Assignment]]) -> Solution:
    """A schedule; where something has no place in time on the day of its others, all on a better one.

    Where somebody is late though nights have a price, the same with trips as soon as they can be had.
    """
    days: dict[Lot, int] = {}
    best: Solution | None = None
    seen = problem
    for _ in range(_OTHER_DAYS + 1):
        scheduler = ListScheduler(seen, days)
        found = Solution(problem, with_working_time(problem, schedule(scheduler)))
        best = found if best is None or found.score < best.score else best
        if scheduler.better_days.items() <= days.items() and (not seen.nights or best.all_on_time):
            break
        days |= scheduler.better_days
        seen = seen if best.all_on_time else replace(problem, nights=())
    assert best is not None
    return best


def stays(problem: Problem, one: Candidate) -> bool:
    """Whether a trip stays as it is in a plan."""
    return problem.fixings.start_of(one.route.consignments) is not None


def urgency(problem: Problem, one: Candidate) -> tuple[int, int]:
    timing = one.any_timing
    return (latest_start_s(problem, one), -(timing.end_s - timing.load_start_s))
