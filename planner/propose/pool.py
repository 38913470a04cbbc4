"""The pool: every proposed trip once, with all moments at which it may start."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, permutations

from planner.instance.schema import Overnight
from planner.network.calendars import Interval, intersect, spread_over_days
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem, Route
from planner.problem.robust_trip import firm_starts, with_worst
from planner.problem.start_windows import latest_load_s, legs_through, offsets_of, rigid_starts
from planner.problem.trip_times import Timing, schedule_trip
from planner.problem.visits import (
    UNPROMISED_S,
    Visit,
    fits_capacity,
    release_s,
    too_long,
    trip_cost,
    trip_distance_m,
    visits,
)
from planner.propose.alternatives import is_timed

__all__ = [
    "AskedTimes",
    "Candidate",
    "Points",
    "Pool",
    "candidate",
    "direct_routes",
    "every_route",
    "full_loads",
]

# Starts that are tried for trips that must wait or pause, as offsets from each begin of a shift.
_GRID_S = 3600
_GRID_STEPS = 4


class Points:
    """Timings that are computed when they are asked for."""

    def __init__(self, source: Iterator[Timing]) -> None:
        self._source = source
        self._found: list[Timing] = []

    @property
    def first(self) -> Timing | None:
        """The first one; None if there is none."""
        if not self._found:
            self._found.extend(islice(self._source, 1))
        return self._found[0] if self._found else None

    @property
    def all(self) -> Sequence[Timing]:
        """All of them."""
        self._found.extend(self._source)
        return self._found


class AskedTimes:
    """Times of a trip from starts that schedules have asked for one by one; composition tries them too."""

    def __init__(self) -> None:
        self._found: dict[int, Timing | None] = {}

    def at(self, start_s: int, times: Callable[[], Timing | None]) -> Timing | None:
        """Times from a start: those that were asked for before, else what `times` gives."""
        if start_s not in self._found:
            self._found[start_s] = times()
        return self._found[start_s]

    @property
    def all(self) -> list[Timing]:
        """Those that can be driven, in the order in which they were asked for."""
        return [timing for timing in self._found.values() if timing is not None]


@dataclass(frozen=True)
class Candidate:
    """A trip that keeps every rule but the deadlines, and when it may start.

    Parameters
    ----------
    starts
        Closed intervals of starts from which the trip runs through: its times are `offsets` later.
    offsets
        Its times for a start at 0.
    firm
        Starts among `starts` from which it runs through with late legs too.
    handling
        Price of unloading at hubs.
    lazy_points
        For `points`.
    asked
        Times from further starts, which grow as schedules ask for them.
    """

    route: Route
    stops: tuple[Visit, ...]
    distance_m: int
    starts: tuple[Interval, ...]
    offsets: Timing | None
    firm: tuple[Interval, ...]
    handling: int
    lazy_points: Points = field(compare=False, repr=False)
    asked: AskedTimes = field(default_factory=AskedTimes, compare=False, repr=False)

    @property
    def points(self) -> Sequence[Timing]:
        """Times from single further starts, where the trip has to wait or to pause."""
        return self.lazy_points.all

    @property
    def any_timing(self) -> Timing:
        """Times of the trip, be they from a start at 0."""
        timing = self.offsets or self.lazy_points.first
        assert timing is not None
        return timing

    def rigid_timing(self, problem: Problem, start_s: int) -> Timing:
        """Times from a start inside `starts`."""
        assert self.offsets is not None
        work = spread_over_days(problem.midnights, start_s, start_s + self.offsets.end_s)
        moved = self.offsets.shifted(start_s, tuple(work))
        if moved.worst_ends_s and not any(low <= start_s <= high for low, high in self.firm):
            return with_worst(problem, problem.kind_of(self.route), self.stops, moved)
        return moved

    def timing_over(self, problem: Problem, low_s: int, high_s: int) -> Timing:
        """Times from the first of some starts, which promise what holds from each of them."""
        timing = self.rigid_timing(problem, low_s)
        firm = any(low <= low_s and high_s <= high for low, high in self.firm)
        if firm or low_s == high_s or not timing.worst_ends_s:
            return timing
        if problem.fleet[self.route.fleet].late_work_s is not None:  # who begins later is nowhere sooner
            last = self.rigid_timing(problem, high_s)
            return replace(timing, worst_ends_s=last.worst_ends_s, worst_end_s=last.worst_end_s)
        ends = tuple(end + UNPROMISED_S for _, end in timing.services)
        return replace(timing, worst_ends_s=ends, worst_end_s=max(timing.worst_end_s, timing.end_s))

    def timing_at(self, problem: Problem, start_s: int) -> Timing | None:
        """Times from any start; None where the trip cannot start then."""
        if any(low <= start_s <= high for low, high in self.starts):
            return self.rigid_timing(problem, start_s)
        return self.asked.at(start_s, lambda: _timing(problem, self.route, self.stops, start_s))

    def least_waiting(self, problem: Problem, start_s: int) -> Timing | None:
        """Times from the latest start that is as early everywhere as one that waits; None: there is none."""
        kind = problem.kind_of(self.route)
        shift = kind.shifts.around(start_s)
        if kind.timed is None or shift is None or kind.overnight is Overnight.ANYWHERE:
            return None
        if not is_timed(problem, self.route):
            return None
        latest_s = _latest_start(problem, kind, self.stops, start_s, shift[1], serving=True)
        return None if latest_s == start_s else self.timing_at(problem, latest_s)

    def latest_as_soon_s(self, problem: Problem, start_s: int) -> int:
        """The latest start in the same shift from which it ends as early."""
        kind = problem.kind_of(self.route)
        shift = kind.shifts.around(start_s)
        return start_s if shift is None else _latest_start(problem, kind, self.stops, start_s, shift[1])

    def all_points(self) -> list[Timing]:
        """Times from all single starts that are known."""
        starts = {point.load_start_s for point in self.points}
        return [*self.points, *(one for one in self.asked.all if one.load_start_s not in starts)]

    def cost(self, kind: FleetType, timing: Timing) -> int:
        """Price of the trip alone, with what is unloaded at hubs."""
        return self.handling + trip_cost(kind, self.distance_m + timing.further_m, timing.paid_s)


def candidate(problem: Problem, route: Route) -> Candidate | None:
    """The route as a candidate, or None where it breaks a capacity or has no start at all."""
    kind = problem.kind_of(route)
    stops = visits(problem, route.consignments)
    if not stops or not fits_capacity(problem, route) or too_long(problem, kind, stops):
        return None
    if not _is_allowed(problem, route, stops):
        return None
    rigid = rigid_starts(problem, kind, stops)
    starts, offsets = ((), None) if rigid is None else (tuple(rigid[0]), rigid[1])
    if offsets is not None and problem.fixings.limits_times:
        starts = tuple(_starts_left(problem, route, stops, starts, offsets))
        offsets = offsets if starts else None
    points = Points(_points(problem, route, stops, starts))
    if not starts and points.first is None:
        return None
    firm: Sequence[Interval] = ()
    if offsets is not None and kind.gamma:
        firm, offsets = firm_starts(problem, kind, stops, offsets, starts)
    distance_m = trip_distance_m(problem, kind, stops)
    handling = problem.handling(route.consignments)
    return Candidate(route, stops, distance_m, starts, offsets, tuple(firm), handling, points)


def _is_allowed(problem: Problem, route: Route, stops: Sequence[Visit]) -> bool:
    """Whether a trip may be made by decision; one that stays as it is may always."""
    fixings = problem.fixings
    by = tuple(one.value for one in route.by)
    if not fixings.allows_load(route.fleet, route.consignments, by):
        return False
    return fixings.start_of(route.consignments) is not None or fixings.allows(route.fleet, _places(stops))


def _starts_left(
    problem: Problem, route: Route, stops: Sequence[Visit], starts: Sequence[Interval], offsets: Timing
) -> list[Interval]:
    """What decisions leave of a trip's starts."""
    start_s = problem.fixings.start_of(route.consignments)
    if start_s is not None:
        return intersect(starts, [(start_s, start_s)])
    return problem.fixings.starts(route.fleet, _places(stops), starts, _times(offsets))


def _later(problem: Problem, sooner: Candidate) -> Candidate | None:
    """The same trip where its goods come later or are due earlier; None where it has no start then."""
    stops = visits(problem, sooner.route.consignments)
    released = release_s(stops)
    if released <= release_s(sooner.stops):
        return sooner if stops == sooner.stops else replace(sooner, stops=stops)
    starts = tuple(intersect(sooner.starts, [(released, problem.horizon_s)]))
    firm = tuple(intersect(sooner.firm, [(released, problem.horizon_s)]))

    def points() -> Iterator[Timing]:
        if not any(low <= released <= high for low, high in starts):
            now = _timing(problem, sooner.route, stops, released)
            if now is not None:
                yield now
        yield from (one for one in sooner.points if one.load_start_s > released)

    found = replace(
        sooner, stops=stops, starts=starts, firm=firm, lazy_points=Points(points()), asked=AskedTimes()
    )
    return None if not starts and found.lazy_points.first is None else found


def _points(
    problem: Problem, route: Route, stops: tuple[Visit, ...], starts: tuple[Interval, ...]
) -> Iterator[Timing]:
    """Trips that wait or pause, from single starts, shift by shift, where no rigid start does as well."""
    seen: set[int] = set()
    kind, released = problem.kind_of(route), release_s(stops)
    fitting = _fitting(problem, kind, stops)
    fixings = _fixed_starts(problem, route, stops)
    timed, is_over = is_timed(problem, route), False
    for shift in kind.shifts.intervals:
        if is_over:
            break  # all that it brings was late before: where edges have hours there is much to try
        tried: list[int] = []
        rigid = [low for low, _ in starts if shift[0] <= low < shift[1]]
        for begin in _begins(problem, kind, shift, released) if fixings is None else ():
            if not rigid or min(rigid) > begin or begin in problem.arrivals:
                tried.extend(_grid(problem, kind, stops, begin, shift[1], sparse=bool(rigid)))
        tried.extend(sorted(moment for moment in fitting if max(shift[0], released) <= moment < shift[1]))
        tried.extend(moment for moment in fixings or () if max(shift[0], released) <= moment < shift[1])
        for start in tried:
            if start in seen or any(low <= start <= high for low, high in starts):
                continue
            seen.add(start)
            timing = _timing(problem, route, stops, start)
            if timing is not None:
                is_over = is_over or (timed and not _any_in_time(stops, timing))
                yield timing


def _any_in_time(stops: Sequence[Visit], timing: Timing) -> bool:
    """Whether any stop is in time, as planned."""
    return any(not timing.is_late(number, stop.due_s) for number, stop in enumerate(stops))


def _timing(problem: Problem, route: Route, stops: tuple[Visit, ...], start_s: int) -> Timing | None:
    """Times from one start; None where the trip cannot start then, or must not by decision."""
    kind = problem.kind_of(route)
    fixed_s = problem.fixings.start_of(route.consignments)
    timing = schedule_trip(problem, kind, stops, start_s) if fixed_s in (None, start_s) else None
    if timing is None:
        return None
    if fixed_s is None and problem.fixings.limits_times:
        places, times = _places(stops), _times(timing)
        if not problem.fixings.fits(route.fleet, places, start_s, times):
            return None
    return with_worst(problem, kind, stops, timing)


def _fixed_starts(problem: Problem, route: Route, stops: Sequence[Visit]) -> list[int] | None:
    """Starts from which a trip departs when people have decided it; None where nothing is decided of that."""
    fixed_s = problem.fixings.start_of(route.consignments)
    if fixed_s is not None:
        return [fixed_s]
    departures = problem.fixings.departures(route.fleet, _places(stops))
    if departures is None:
        return None
    kind, pieces = problem.fleet[route.fleet], sum(stop.pieces for stop in stops)
    return sorted(moment - kind.load_fixed_s - kind.load_piece_s * pieces for moment in departures)


def _places(stops: Iterable[Visit]) -> list[int]:
    return [stop.region for stop in stops]


def _times(timing: Timing) -> tuple[int, Sequence[Interval], int]:
    """Departure, services and end of a trip."""
    return timing.depart_s, timing.services, timing.end_s


def _fitting(problem: Problem, kind: FleetType, stops: tuple[Visit, ...]) -> set[int]:
    """Starts at which a leg meets an edge just as it opens, just before it closes, or just after."""
    offsets = offsets_of(problem, kind, stops)
    if offsets is None:
        return set()
    return {
        moment - depart_s
        for depart_s, through in legs_through(problem, kind, stops, offsets)
        for low, high in through
        for moment in (low, high, high + 1)
    }


def _begins(problem: Problem, kind: FleetType, shift: Interval, released: int) -> list[int]:
    """Moments of a shift, from a release on, from which more is possible than from those before."""
    openings = problem.origins[kind.origin].openings
    moments = {shift[0], released, *openings.begins_after(shift[0]), *problem.midnights, *problem.arrivals}
    if kind.work_s is not None:
        moments.update(midnight - kind.work_s for midnight in problem.midnights)
    return sorted(moment for moment in moments if max(shift[0], released) <= moment < shift[1])


def _grid(
    problem: Problem, kind: FleetType, stops: tuple[Visit, ...], begin: int, end: int, *, sparse: bool
) -> Iterator[int]:
    """Starts worth trying from a begin: itself, the latest that ends as early, and some hours later.

    Where that one is late, and hours have a price, also the latest that ends as early and is in time: the
    trip then waits on its way back.
    """
    yield begin
    if kind.overnight is not Overnight.ANYWHERE:
        latest_s = _latest_start(problem, kind, stops, begin, end)
        yield latest_s
        if kind.prices.hour and latest_s > begin and not _is_in_time(problem, kind, stops, latest_s):
            yield _latest_start(problem, kind, stops, begin, latest_s, in_time=True)
    if kind.overnight is not Overnight.HOME and not sparse:
        for step in range(1, _GRID_STEPS):
            if begin + step * _GRID_S < end:
                yield begin + step * _GRID_S


def _latest_start(
    problem: Problem,
    kind: FleetType,
    stops: tuple[Visit, ...],
    begin: int,
    end: int,
    *,
    serving: bool = False,
    in_time: bool = False,
) -> int:
    """Latest start in [begin, end) from which the trip ends as early as from `begin`: the least waiting.

    With `serving` every service ends as early, too; with `in_time` each ends before its deadline, if that is
    so from `begin`.
    """
    kind = kind.of_any_length  # from `begin` it may take too long
    first = schedule_trip(problem, kind, stops, begin)
    if first is None:
        return begin
    low, high = begin, end - 1
    middle = (low + high + 1) // 2
    if kind.timed is not None and kind.overnight is not Overnight.ANYWHERE:
        middle = high = max(low, min(high, latest_load_s(problem, kind, stops, first.end_s)))
    while low < high:
        timing = schedule_trip(problem, kind, stops, middle)
        if (
            timing is not None
            and timing.end_s == first.end_s
            and not (serving and timing.services != first.services)
            and (not in_time or _in_time(problem, stops, timing))
        ):
            low = middle
        else:
            high = middle - 1
        middle = (low + high + 1) // 2
    return low


def _is_in_time(problem: Problem, kind: FleetType, stops: tuple[Visit, ...], start_s: int) -> bool:
    timing = schedule_trip(problem, kind.of_any_length, stops, start_s)
    return timing is None or _in_time(problem, stops, timing)


def _in_time(problem: Problem, stops: Sequence[Visit], timing: Timing) -> bool:
    """Whether every service ends before its region's deadline, as planned."""
    dues_s = (problem.region_deadlines[stop.region] for stop in stops)
    return not any(timing.is_late(number, due_s) for number, due_s in enumerate(dues_s))


class Pool:
    """Candidates by route, in the order of their proposal.

    Parameters
    ----------
    problem
        What they are for.
    base
        A pool of the same problem with goods that come sooner or are due later, which spares most of the
        work.
    """

    def __init__(self, problem: Problem, base: Pool | None = None) -> None:
        self.problem = problem
        self._base = base
        self._found: dict[Route, Candidate | None] = {}

    def add(self, routes: Iterable[Route]) -> list[Candidate | None]:
        """Add routes; gives the candidate of each, None where it cannot be driven."""
        return [self._add(route) for route in routes]

    def _add(self, route: Route) -> Candidate | None:
        if route.by and not is_timed(self.problem, route):
            route = replace(route, by=())
        if route not in self._found:
            if self._base is None:
                self._found[route] = candidate(self.problem, route)
            else:
                sooner = self._base.add([route])[0]
                self._found[route] = None if sooner is None else _later(self.problem, sooner)
        return self._found[route]

    def __iter__(self) -> Iterator[Candidate]:
        return (one for one in self._found.values() if one is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def direct_routes(problem: Problem) -> list[Route]:
    """Trips to one region each, with each type that serves it: each consignment alone, and full loads."""
    found: dict[Route, None] = {}
    for position, kind in enumerate(problem.fleet):
        for region, mine in enumerate(problem.consignments_of):
            served = [idx for idx in mine if idx not in problem.unserved]
            if kind.serves[region] and served:
                found.update(dict.fromkeys(Route(position, (idx,)) for idx in served))
                found.update(dict.fromkeys(full_loads(problem, position, served)))
    return list(found)


def full_loads(problem: Problem, position: int, consignments: Iterable[int]) -> Iterator[Route]:
    """The consignments in their order, each trip as full as can be."""
    load: tuple[int, ...] = ()
    for idx in consignments:
        if load and not fits_capacity(problem, Route(position, (*load, idx))):
            yield Route(position, load)
            load = ()
        load = (*load, idx)
    if load:
        yield Route(position, load)


def every_route(problem: Problem, most: int, either: Mapping[int, int] | None = None) -> list[Route]:
    """All sequences of consignments with all types where there are at most so many, else none.

    Parameters
    ----------
    problem
        What is to be carried.
    most
        So many routes are worth it.
    either
        Pairs of consignments of which one at most is carried.
    """
    either = {
        one: other for one, other in (either or {}).items() if {one, other}.isdisjoint(problem.unserved)
    }
    served, types = problem.served, len(problem.fleet)
    free = len(served) - 2 * len(either)
    number = sum(
        math.comb(len(either), pairs) * math.comb(free, others) * 2**pairs * math.factorial(pairs + others)
        for pairs in range(len(either) + 1)
        for others in range(free + 1)
        if 0 < pairs + others <= 8
    )
    if free + len(either) > 8 or number * types > most:
        return []
    other = either | {two: one for one, two in either.items()}
    return [
        Route(position, order)
        for length in range(1, free + len(either) + 1)
        for order in permutations(served, length)
        if all(other.get(idx) not in order for idx in order)
        for position in range(types)
    ]
