"""Engine: the compiled search of `planner.propose.sisr.kernel`, slack induction by string removals."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from planner.instance.schema import Overnight
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem, Proposal, Route
from planner.problem.trip_times import schedule_trip
from planner.problem.visits import visits
from planner.propose.engine import Budget, Report
from planner.propose.loading_moments import Journey, PlannedTrip, loading_starts, within_working_time
from planner.propose.sisr.division import Divided, expected, num_parts
from planner.propose.sisr.flatten import Flat, flatten
from planner.propose.sisr.kernel.arrays import (
    ABSENT,
    COUNT,
    FIRST,
    LATE,
    LATEST,
    N_ABSENT,
    NEXT,
    NUMBER,
    NXT,
    OF_VEH_TYPE,
    PRIZE,
    START,
    Data,
    State,
    new_state,
)
from planner.propose.sisr.kernel.search import search as compiled_search
from planner.propose.sisr.kernel.start import start_from
from planner.propose.sisr.trip_arrays import trips_from

__all__ = ["Sisr"]

_search: Callable[..., int] = compiled_search
_start: Callable[..., int] = start_from
# Iterations of each thread for each effort, and how many times the temperature changes in all of them.
_PER_EFFORT = 20_000
_PIECES = 200
# Those of a first look, for each job, in all at least, and at one temperature at least; and how many a second
# are certain, where they might be too many for the time left.
_LOOK_EACH, _LEAST_LOOK, _LEAST_PIECE, _SURE_PER_S = 10, 200, 20, 2_000
# Temperatures at the begin and at the end, as shares of the mean price of a way. Where times bind, it takes
# more to leave an order of customers, and hardly anything changes below a hundredth unless there are more
# than some hundred iterations for each job; with late legs, several shifts or closures there never are.
_HOT, _COLD = 0.2, 0.001
_HOT_TIMED, _COLD_TIMED, _FEW_EACH = 0.4, 0.006, 600.0
# So much of it where a search begins from trips.
_WARM = 0.2
# Jobs that a ruin removes on average, and the longest strings.
_AVERAGE, _LEAST_LONGEST, _MOST_LONGEST = 10.0, 5.0, 40.0
_BLINK = 0.01
# How many jobs look, for each ruin, whether strings or tails of other trips should follow them.
_STRINGS, _TAILS = 8, 8
# Heaped chances of the orders in which removed jobs come back: random, by load, far, close, and by windows.
_ORDERS_TIMED = (4.0, 8.0, 10.0, 11.0, 13.0, 15.0, 17.0)
_ORDERS = (4.0, 8.0, 10.0, 11.0, 11.0, 11.0, 11.0)
# By the clock, iterations at one temperature take at most so long, and in a short search not less than so
# long: to call the kernel takes as long as some iterations of a small problem.
_PIECE_S, _LEAST_PIECE_S = 0.05, 0.0005
# A better solution is told not before this share of the budget is gone since the last; telling takes at most
# about the other share of the time.
_TELL_SHARE, _TELLING = 0.05, 0.1
_SHORT_S = 0.2
# Trips without jobs and journeys that are kept free for changes.
_MORE = 120
# After this share of the budget those for whom no place was found may be late.
_SHARE_IN_TIME = 0.5
# Threads give each other the best of them so many times (one to twenty were about as good).
_EXCHANGES = 4


class Sisr:
    """Journeys by ruin and recreate, cooling down over the whole budget.

    Attributes
    ----------
    iterations
        Those of all threads together, for tables of benchmarks.

    Notes
    -----
    The kernel keeps hours, calendars and the number of vehicles, and gives each trip a vehicle and a moment.
    It leaves out docks and, for vehicles that stay away overnight, the limit to a day's work; these are
    judged afterwards by `planner.problem.trip_times`, and by composition.
    """

    name = "sisr"

    def __init__(self) -> None:
        self.iterations = 0

    def propose(
        self,
        problem: Problem,
        *,
        budget: Budget,
        seed: int,
        report: Report,
        workers: int = 1,
        start: Sequence[Proposal] = (),
    ) -> None:
        """Report the trips of each better solution.

        The last report keeps all deadlines. Where it leaves somebody out for that, the one before it brings
        them later.

        Parameters
        ----------
        problem, budget, seed, report, workers
            As for `planner.propose.engine.Engine`.
        start
            Likewise; a large problem is searched by parts, which begin anew.
        """
        self.iterations = 0
        if not problem.served or not any(kind.shifts.intervals for kind in problem.fleet):
            return
        limits = _limits(budget, len(problem.served))
        run = _run(problem, seed, workers, report, limits, start)
        run.search(until=_SHARE_IN_TIME)
        if run.missing:
            late = _run(_relaxed(problem, run.missing), seed, workers, report, limits.rest, start)
            late.search()
            late.tell()
            self.iterations = late.iterations
        else:
            run.search()
        run.tell()
        self.iterations += run.iterations


def _run(
    problem: Problem, seed: int, workers: int, report: Report, limits: _Limits, start: Sequence[Proposal]
) -> _Run | Divided:
    """A search of a problem whole, or by parts (which begin anew) if it is large."""
    parts = num_parts(problem, expected(limits, workers))
    if parts == 1:
        return _Run(problem, seed, workers, report, limits, start)
    return Divided(
        problem,
        within_working_time(problem),
        seed=seed,
        workers=workers,
        report=report,
        limits=limits,
        means=_PartMeans(),
        parts=parts,
    )


def _relaxed(problem: Problem, consignments: Iterable[int]) -> Problem:
    """The problem in which the regions of some consignments may receive at any time."""
    deadline_s = problem.deadline_s.copy()
    regions = {problem.consignments[idx].region for idx in consignments}
    deadline_s[sorted(regions)] = problem.horizon_s
    freed = tuple(replace(one, due_s=None) if one.region in regions else one for one in problem.consignments)
    return replace(problem, deadline_s=deadline_s, consignments=freed)


@dataclass(frozen=True)
class _Limits:
    """When a search ends: at a moment, or after so many iterations of each thread.

    Parameters
    ----------
    iterations, time_s, began
        As for `planner.propose.sisr.division.Limits`.
    is_short
        Whether to judge a solution takes about as long as there is.
    """

    iterations: int
    time_s: float | None = None
    began: float = 0.0
    is_short: bool = False

    def share(self, iterations: int) -> float:
        """Share that is gone."""
        if self.time_s is None:
            return iterations / self.iterations
        return min(1.0, (time.monotonic() - self.began) / self.time_s)

    def in_all(self, per_s: float) -> float:
        """Iterations of a thread in all, at so many a second."""
        return self.iterations if self.time_s is None else per_s * self.time_s

    def piece(self, per_s: float) -> int:
        """Iterations until the temperature changes."""
        if self.time_s is None:
            return max(_LEAST_PIECE, self.iterations // _PIECES)
        return max(1, int(per_s * min(_PIECE_S, max(_LEAST_PIECE_S, self.time_s / _PIECES))))

    @property
    def rest(self) -> _Limits:
        """What is left after the share for being in time."""
        if self.time_s is None:
            return replace(self, iterations=max(1, int(self.iterations * (1 - _SHARE_IN_TIME))))
        return _seconds(self.time_s - (time.monotonic() - self.began))


def _limits(budget: Budget, jobs: int) -> _Limits:
    if budget.is_first_look:
        iterations = max(_LEAST_LOOK, _LOOK_EACH * jobs)
        if budget.time_s is None or iterations < budget.time_s * _SURE_PER_S:
            return _Limits(iterations, is_short=True)
    if budget.time_s is None:
        return _Limits(_PER_EFFORT * (budget.effort or 1))
    return _seconds(budget.time_s)


def _seconds(time_s: float) -> _Limits:
    return _Limits(0, max(0.01, time_s), time.monotonic(), is_short=time_s < _SHORT_S)


@dataclass
class _Thread:
    """A search under way: its present solution, its best, and how fast it is."""

    state: State
    best: State
    stamp: int = 1
    iterations: int = 0
    per_s: float = 0.0

    @property
    def rank(self) -> tuple[float, float]:
        """Weight that is missing, and cost; less is better."""
        return float(self.best.cost[3]), float(self.best.cost[1])

    def follow(self, other: _Thread) -> None:
        """Go on from another thread's present solution, with random numbers of one's own."""
        for name in State._fields:
            if name != "random":
                getattr(self.state, name)[...] = getattr(other.state, name)
        self.stamp = max(self.stamp, other.stamp)


def _states(data: Data, seed: int) -> tuple[State, State]:
    """Two empty solutions: one to be changed, one to keep the best."""
    jobs = len(data.job)
    trips = jobs + min(jobs, _MORE) + 1
    journeys = int(min(data.fleet[:, NUMBER].sum(), trips)) + _MORE
    return new_state(data, trips, journeys, seed), new_state(data, trips, journeys, seed)


class _PartMeans:
    """How parts of a large problem are searched and told."""

    states = staticmethod(_states)

    def search(
        self, flat: Flat, price: float, states: tuple[State, State], iterations: int, share: float, stamp: int
    ) -> int:
        """Run iterations at the temperature of a share of the budget; gives the last stamp."""
        return _go(flat, states, iterations, price * _heat(flat, share, 0.0), stamp)

    def proposals(self, problem: Problem, solutions: Sequence[tuple[Flat, State]]) -> list[Proposal]:
        """The trips of several parts."""
        return _proposals(problem, solutions)


class _Run:
    """Searches of one problem by one or more threads."""

    def __init__(
        self,
        problem: Problem,
        seed: int,
        workers: int,
        report: Report,
        limits: _Limits,
        start: Sequence[Proposal],
    ) -> None:
        self._problem = problem
        self._report = report
        self._limits = limits
        self._flat = flatten(within_working_time(problem), problem.served)
        self._threads = [
            _Thread(*_states(self._flat.data, one))
            for one in np.random.SeedSequence(abs(seed)).generate_state(max(1, workers)).tolist()
        ]
        self._warmth = 1.0
        if start:
            trips = trips_from(self._flat, start)
            self._warmth = _WARM if len(trips.veh_types) else 1.0
            for thread in self._threads:
                thread.stamp = _start(self._flat.data, thread.state, thread.best, *trips, thread.stamp)
        self._told: tuple[float, float] | None = None
        self._next_tell = 0.0

    @property
    def iterations(self) -> int:
        """Of all threads together."""
        return sum(thread.iterations for thread in self._threads)

    @property
    def missing(self) -> list[int]:
        """Consignments that must be delivered and that the best solution leaves out."""
        best, worth = self._best.best, self._flat.data.worth
        absent: list[int] = best.lists[ABSENT, : best.number[N_ABSENT]].tolist()
        return [self._flat.jobs[job] for job in absent if worth[job, PRIZE] < 0]

    @property
    def _best(self) -> _Thread:
        return min(self._threads, key=lambda thread: thread.rank)

    def search(self, until: float = 1.0) -> None:
        """Go on to a share of the limits; report what is better now and then, and at the end."""
        if len(self._threads) == 1:
            self._go_on(self._threads[0], until, self._tell_now_and_then)
        else:
            with ThreadPoolExecutor(len(self._threads)) as pool:
                while (share := self._share) < until:
                    goal = min(until, (math.floor(share * _EXCHANGES + 1e-6) + 1) / _EXCHANGES)
                    for done in [pool.submit(self._go_on, one, goal) for one in self._threads]:
                        done.result()
                    first, *others = sorted(self._threads, key=lambda thread: thread.rank)
                    for one in others:
                        one.follow(first)
                    self._tell_now_and_then()

    def tell(self) -> None:
        """Report the best solution, if that was not done yet."""
        if self._told == self._best.rank:
            return
        self._told = self._best.rank
        self._report(_proposals(self._problem, [(self._flat, self._best.best)]))

    @property
    def _share(self) -> float:
        return self._limits.share(min(thread.iterations for thread in self._threads))

    def _go_on(self, thread: _Thread, until: float, after: Callable[[], None] | None = None) -> None:
        limits = self._limits
        while (share := limits.share(thread.iterations)) < until or thread.iterations == 0:
            began = time.monotonic()
            iterations = limits.piece(thread.per_s)
            heat = _heat(self._flat, share, limits.in_all(thread.per_s))
            heat *= self._warmth * self._flat.mean_price
            thread.stamp = _go(self._flat, (thread.state, thread.best), iterations, heat, thread.stamp)
            thread.iterations += iterations
            thread.per_s = iterations / max(1e-6, time.monotonic() - began)
            if after is not None:
                after()

    def _tell_now_and_then(self) -> None:
        """Report a solution that is complete and better, the first one at once; a short search at its end."""
        if self._limits.is_short:
            return
        share, rank = self._share, self._best.rank
        if rank[0] > 0 or (self._told is not None and (rank >= self._told or share < self._next_tell)):
            return
        self.tell()
        gone = self._share
        self._next_tell = gone + max(_TELL_SHARE, (gone - share) / _TELLING)


def _heat(flat: Flat, share: float, iterations: float) -> float:
    """Temperature when a share of so many iterations is gone, as a share of the mean price of a way."""
    hot, cold = _HOT, _COLD
    if flat.data.timed and not flat.data.general:
        many = max(1.0, iterations / (_FEW_EACH * len(flat.jobs)))
        hot, cold = _HOT_TIMED, max(_COLD, _COLD_TIMED / many)
    heat: float = hot * (cold / hot) ** share
    return heat


def _go(flat: Flat, states: tuple[State, State], iterations: int, heat: float, stamp: int) -> int:
    """Run iterations at one temperature; gives the last stamp."""
    orders = np.array(_ORDERS_TIMED if flat.data.timed else _ORDERS)
    shape = (_AVERAGE, _LEAST_LONGEST, _MOST_LONGEST, _BLINK, _STRINGS, _TAILS)
    return _search(flat.data, *states, iterations, heat, heat, *shape, orders, stamp)


def _proposals(problem: Problem, solutions: Sequence[tuple[Flat, State]]) -> list[Proposal]:
    """The trips of a solution, or of those of several parts, with vehicles and moments."""
    journeys: dict[int, list[tuple[int, Journey]]] = {}
    for flat, best in solutions:
        for number in np.flatnonzero(best.journey[:, COUNT] > 0).tolist():
            kind = int(best.journey[number, OF_VEH_TYPE])
            mine = journeys.setdefault(flat.veh_types[kind].fleet, [])
            mine.append((kind, _journey(problem, flat, best, number)))
    pairs = [
        pair for fleet in sorted(journeys) for pair in _with_vehicles(problem.fleet[fleet], journeys[fleet])
    ]
    starts = loading_starts(problem, [journey for journey, _ in pairs])
    return [
        Proposal(trip.route, vehicle, start)
        for (journey, vehicle), mine in zip(pairs, starts, strict=True)
        for trip, start in zip(journey, mine, strict=True)
    ]


def _journey(problem: Problem, flat: Flat, best: State, number: int) -> Journey:
    """The trips of a journey, with the moments between which they begin to load."""
    fleet = flat.veh_types[int(best.journey[number, OF_VEH_TYPE])].fleet
    kind = problem.fleet[fleet]
    jobs = len(flat.jobs)
    found = []
    trip = int(best.journey[number, FIRST])
    while trip >= 0:
        first = here = jobs + 2 * trip
        load: list[int] = []
        while (here := int(best.node[here, NXT])) < jobs:
            load.append(flat.jobs[here])
        pieces = sum(problem.consignments[idx].pieces for idx in load)
        seconds = kind.load_fixed_s + kind.load_piece_s * pieces
        start = int(best.node[first, START]) - seconds
        latest = min(int(best.node[first, column]) for column in _latest_columns(flat, kind)) - seconds
        regions = {problem.consignments[idx].region for idx in load}
        decided = problem.fixings.departures(fleet, regions) is not None
        waits_dear = kind.max_trip_s is not None or bool(kind.prices.hour)
        if not decided and (waits_dear or kind.overnight is not Overnight.HOME):
            start = _latest_start(problem, kind, load, start, latest)
        found.append(PlannedTrip(Route(fleet, tuple(load)), start, latest, seconds))
        trip = int(best.trip[trip, NEXT])
    return found


def _latest_columns(flat: Flat, kind: FleetType) -> tuple[int, ...]:
    """Columns of a node that say how late it may be, in each case of late legs."""
    gamma = flat.data.gamma
    return LATEST, *range(LATE + gamma, LATE + gamma + kind.gamma)


def _latest_start(problem: Problem, kind: FleetType, load: Sequence[int], start_s: int, latest_s: int) -> int:
    """Latest start of loading, not after a moment, from which a trip ends as early as from the first."""
    kind, stops = kind.of_any_length, visits(problem, load)
    first = schedule_trip(problem, kind, stops, start_s)
    if first is None:
        return start_s

    def ends_as_early(moment: int) -> bool:
        timing = schedule_trip(problem, kind, stops, moment)
        return timing is not None and timing.end_s == first.end_s

    busy_s = sum(end - begin for begin, end in (*first.legs, *first.services))
    latest_s = max(start_s, min(latest_s, start_s + first.end_s - first.depart_s - busy_s))
    begins = [begin for begin in kind.shifts.begins_after(start_s) if begin <= latest_s]
    low = next((begin for begin in reversed(begins) if ends_as_early(begin)), start_s)
    high = min([latest_s, *(begin for begin in begins if begin > low)])
    while low < high:
        middle = (low + high + 1) // 2
        if ends_as_early(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _with_vehicles(
    kind: FleetType, journeys: Sequence[tuple[int, Journey]]
) -> list[tuple[Journey, int | None]]:
    """A vehicle of a type for each journey, given with its shift, if there is one.

    Of a type that comes home a vehicle drives a journey in each shift, and at most so many trips in all. It
    is given as the kernel reckons (`vehicles_do`), so that there is one for each journey of a solution.
    """
    if kind.overnight is not Overnight.HOME:
        return [
            (journey, vehicle) for vehicle, (_, journey) in zip(range(kind.number), journeys, strict=False)
        ]
    most = 1 if kind.open_end else kind.max_trips
    driven = [0] * kind.number
    shifts: list[set[int]] = [set() for _ in driven]
    found: list[tuple[Journey, int | None]] = []
    for shift, journey in sorted(journeys, key=lambda pair: -len(pair[1])):
        able = (
            vehicle
            for vehicle, trips in enumerate(driven)
            if shift not in shifts[vehicle] and (most is None or trips + len(journey) <= most)
        )
        vehicle = next(able, None)
        if vehicle is not None:
            driven[vehicle] += len(journey)
            shifts[vehicle].add(shift)
        found.append((journey, vehicle))
    return found
