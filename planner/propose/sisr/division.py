"""Large problems: parts of a solution are searched each for itself, joined, and divided otherwise.

Time and memory grow with the number of jobs, not with its square: only parts are as whole problems are.

References
----------
Santini, Schneider, Vidal, Vigo (2023): Decomposition strategies for vehicle routing heuristics. INFORMS
Journal on Computing 35(3), 543-559. doi:10.1287/ijoc.2023.1288 (parts by the centres of routes do best)
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from planner.problem.problem import Problem, Proposal
from planner.propose.engine import Report
from planner.propose.sisr.flatten import Flat, flatten
from planner.propose.sisr.fleet_shares import VehiclePools
from planner.propose.sisr.kernel.arrays import ABSENT, N_ABSENT, PRIZE, Data, State
from planner.propose.sisr.kernel.start import start_from
from planner.propose.sisr.outline import outline
from planner.propose.sisr.points import bisected, points_of, turned
from planner.propose.sisr.trip_arrays import Trips, trips_of

__all__ = ["Divided", "Limits", "Means", "expected", "num_parts"]

_start: Callable[..., int] = start_from
_Longs = NDArray[np.int64]
# Jobs of a part, on average, where iterations are few, how many iterations a job are not few, and how many
# times larger parts may be; from how many jobs on a problem is divided.
PART, FEW, LARGER, LEAST = 600, 300.0, 4.0, 3_000
# Iterations a second of a thread, before they are known. With so many for a job it is as hot at the begin as
# without division; it is hotter or colder with the root of their number, within bounds.
_PER_S, _WARM, _LEAST_WARM, _MOST_WARM = 30_000.0, 200.0, 0.5, 1.6
# A part has at least so many vehicles, on average: moves are between trips.
_LEAST_JOURNEYS = 4
# Jobs that lie together in memory.
_TOGETHER = 12
# Rounds in all; fewer where what is not searching would take more than such a share of the time.
_ROUNDS, _OVERHEAD = 10, 0.4
# Iterations at least, however late it is, where somebody has no place yet.
_TRIES = 200
# Pieces of a part's search, each at a temperature of its own.
_PIECES = 12


class Limits(Protocol):
    """When a search ends: at a moment, or after so many iterations of each thread."""

    @property
    def iterations(self) -> int:
        """Of each thread, where they are counted."""
        ...

    @property
    def time_s(self) -> float | None:
        """Seconds, where they are not."""
        ...

    @property
    def began(self) -> float:
        """Moment at which they began."""
        ...


class Means(Protocol):
    """What an engine lends."""

    def states(self, data: Data, seed: int) -> tuple[State, State]:
        """Two empty solutions, of which one will be changed and the other keep the best."""
        ...

    def search(
        self, flat: Flat, price: float, states: tuple[State, State], iterations: int, share: float, stamp: int
    ) -> int:
        """Run iterations at the temperature of a share of the budget; gives the last stamp.

        Parameters
        ----------
        flat
            The part.
        price
            Mean price of a way, by which temperatures are measured.
        states
            As `states` gave them.
        iterations
            How many.
        share
            Of the budget, from 0 to 1, that is gone.
        stamp
            The last one of the search so far; at first 1.
        """
        ...

    def proposals(self, problem: Problem, solutions: Sequence[tuple[Flat, State]]) -> list[Proposal]:
        """The trips of several parts."""
        ...


@dataclass(frozen=True)
class _Part:
    """Consignments, trips of some of them (numbered within the part), and vehicles of each vehicle type."""

    jobs: _Longs
    trips: Trips
    numbers: _Longs
    seed: int


@dataclass(frozen=True)
class _Found:
    """A part after its search: its best solution, and the trips from which it goes on."""

    flat: Flat
    best: State
    trips: Trips
    iterations: int
    search_s: float


def expected(limits: Limits, workers: int) -> float:
    """Iterations of all threads within the limits, about."""
    return max(1, workers) * (limits.iterations if limits.time_s is None else limits.time_s * _PER_S)


def num_parts(problem: Problem, iterations: float) -> int:
    """How many parts a problem is divided into for a search of so many iterations; 1: it is not."""
    jobs = len(problem.served)
    if jobs < LEAST:
        return 1
    vehicles = sum(kind.number for kind in problem.fleet)
    size = PART * min(LARGER, max(1.0, iterations / jobs / FEW))
    return max(1, min(round(jobs / size), vehicles // _LEAST_JOURNEYS))


class Divided:
    """A search of a problem by parts, with the interface of a search of the whole.

    Parameters
    ----------
    means
        How a part is searched, and how trips are told.
    parts
        Into how many parts it is divided each time.
    """

    def __init__(
        self,
        problem: Problem,
        searched: Problem,
        *,
        seed: int,
        workers: int,
        report: Report,
        limits: Limits,
        means: Means,
        parts: int,
    ) -> None:
        self._problem, self._searched = problem, searched
        self._report, self._limits, self._means = report, limits, means
        self._workers, self._parts = max(1, workers), parts
        self._known = outline(searched, searched.served)
        self._pools = VehiclePools(searched, self._known.veh_types)
        self._points = points_of(searched, self._known.job[:, 0])
        self._random = np.random.default_rng(abs(seed))
        self._served = np.array(searched.served, dtype=np.int64)
        none = np.zeros(0, dtype=np.int64)
        self._trips = Trips(none, none, np.zeros(1, dtype=np.int64), none)
        self._gone = 0.0
        self._price = 0.0
        self._step = 1 / _ROUNDS
        self._total = expected(limits, self._workers)
        self._best: list[_Found] = []
        self._found: list[_Found] = []
        self._rank = (np.inf, np.inf)
        self._told = False
        self.iterations = 0

    @property
    def missing(self) -> list[int]:
        """Consignments that must be delivered and that the best solution leaves out."""
        found: list[int] = []
        for one in self._best:
            absent = one.best.lists[ABSENT, : one.best.number[N_ABSENT]].tolist()
            found += [one.flat.jobs[job] for job in absent if one.flat.data.worth[job, PRIZE] < 0]
        return found

    def search(self, until: float = 1.0) -> None:
        """Go on to a share of the limits; report what is better after each round."""
        while (share := self._share) < until - 1e-9 or not self._best:
            rounds = max(1, round((until - share) / self._step))
            began, first = time.monotonic(), not self._best
            goal = until if rounds == 1 else share + (until - share) / rounds
            if first:  # a whole plan soon
                goal = share + (goal - share) / 2
            self._round(share, goal)
            if self._limits.time_s is None:
                self._gone = goal
            else:
                self._set_step(time.monotonic() - began)
                if not first and self._share > share:
                    self._total = sum(one.iterations for one in self._found) / (self._share - share)

    def tell(self) -> None:
        """Report the best solution, if that was not done yet."""
        if not self._told:
            self._told = True
            self._report(self._means.proposals(self._problem, [(one.flat, one.best) for one in self._best]))

    @property
    def _share(self) -> float:
        limits = self._limits
        if limits.time_s is None:
            return self._gone
        return min(1.0, (time.monotonic() - limits.began) / limits.time_s)

    def _set_step(self, took_s: float) -> None:
        """Rounds so long that what is not searching takes its share of them."""
        idle_s = took_s - sum(one.search_s for one in self._found) / self._workers
        shortest = max(0.0, idle_s) / _OVERHEAD / max(1e-3, self._limits.time_s or 1.0)
        self._step = min(1.0, max(1 / _ROUNDS, shortest))

    def _round(self, share: float, goal: float) -> None:
        """Divide, search all parts, join."""
        parts = self._divide()
        limits, warmth = self._limits, self._warmth()
        if limits.time_s is None:
            each = (goal - share) * limits.iterations * self._workers / len(self._served)
            clock = None
        else:
            each = 0.0
            clock = _Clock(
                limits.began + goal * limits.time_s, self._workers, [len(one.jobs) for one in parts]
            )

        def work(part: _Part) -> _Found:
            return self._work(part, (share, goal, warmth), clock, max(1, round(each * len(part.jobs))))

        if self._workers == 1:
            self._found = [work(part) for part in parts]
        else:
            with ThreadPoolExecutor(self._workers) as pool:
                self._found = list(pool.map(work, parts))
        self.iterations += sum(one.iterations for one in self._found)
        self._join()

    def _warmth(self) -> float:
        """How many times as hot it is as without division: the fewer iterations there are, the colder."""
        return min(_MOST_WARM, max(_LEAST_WARM, math.sqrt(self._total / len(self._served) / _WARM)))

    def _work(
        self, part: _Part, heat: tuple[float, float, float], clock: _Clock | None, iterations: int
    ) -> _Found:
        """Search one part, from its trips on, while the share goes up to a goal, at a warmth."""
        share, goal, warmth = heat
        ends = None if clock is None else clock.slice_s(len(part.jobs)) + time.monotonic()
        jobs: list[int] = part.jobs.tolist()
        flat = flatten(self._searched, jobs, numbers=part.numbers.tolist(), known=self._known)
        price = (self._price or flat.mean_price) * warmth
        states = state, best = self._means.states(flat.data, part.seed)
        stamp = _start(flat.data, *states, *part.trips, 1) if len(part.trips.veh_types) else 1
        began = time.monotonic()
        done, piece = 0, 1 if ends is not None else -(-iterations // _PIECES)
        while True:
            if ends is None:
                passed, piece = done / iterations, min(piece, iterations - done)
            else:
                passed = (time.monotonic() - began) / max(1e-6, ends - began)
            enough = done >= _TRIES or (done > 0 and best.cost[3] <= 0)
            if piece <= 0 or (passed >= 1 and (enough or ends is None)):
                break
            at = share + (goal - share) * min(1.0, passed)
            stamp = self._means.search(flat, price, states, piece, at, stamp)
            done += piece
            if ends is not None:
                now = time.monotonic()
                rate = done / max(1e-6, now - began)
                piece = max(1, int(rate * min((ends - began) / _PIECES, ends - now)))
        trips = trips_of(state, len(jobs))
        joined = Trips(trips.veh_types, trips.follows, trips.at, part.jobs[trips.order])
        return _Found(flat, best, joined, done, time.monotonic() - began)

    def _join(self) -> None:
        """Put the parts together; report them if they are better."""
        found = self._found
        if not self._price:
            jobs = [len(one.flat.jobs) for one in found]
            self._price = float(np.average([one.flat.mean_price for one in found], weights=jobs))
        ends = np.cumsum([0, *(len(one.trips.order) for one in found)])
        self._trips = Trips(
            np.concatenate([one.trips.veh_types for one in found]),
            np.concatenate([one.trips.follows for one in found]),
            np.concatenate(
                [[0], *(one.trips.at[1:] + begin for one, begin in zip(found, ends.tolist(), strict=False))]
            ).astype(np.int64),
            np.concatenate([one.trips.order for one in found]),
        )
        rank = (
            sum(float(one.best.cost[3]) for one in found),
            sum(float(one.best.cost[1]) for one in found),
        )
        if rank < self._rank or not self._best:
            self._rank, self._best, self._told = rank, found, False
            if rank[0] <= 0:
                self.tell()

    def _bundle_of(self, absent: _Longs) -> _Longs:
        """Numbers from 0 of consignments that have no trip, the same where they go on one."""
        first = {idx: ring[0] for ring in self._known.decided.rings for idx in ring}
        groups = [first.get(idx, idx) for idx in absent.tolist()]
        number = {one: position for position, one in enumerate(dict.fromkeys(groups))}
        return np.array([number[one] for one in groups], dtype=np.int64)

    def _divide(self) -> list[_Part]:
        """Parts of whole journeys, and of jobs that are absent, by where they are."""
        trips, at = self._trips, self._known.position
        journey_of = np.cumsum(trips.follows == 0) - 1  # of each trip
        journeys = int(journey_of[-1]) + 1 if len(journey_of) else 0
        carried = np.repeat(journey_of, np.diff(trips.at))  # journey of each job in the order of trips
        absent = np.setdiff1d(self._served, trips.order)
        item = np.concatenate([carried, journeys + self._bundle_of(absent)])
        where = at[np.concatenate([trips.order, absent])]
        size = np.bincount(item, minlength=journeys).astype(np.float64)
        points = turned(self._points, self._random)
        centre = np.stack(
            [np.bincount(item, weights=column[where], minlength=len(size)) / size for column in points.T],
            axis=1,
        )
        part_of = np.zeros(len(size), dtype=np.int64)
        groups = bisected(centre, size, self._parts)
        for position, group in enumerate(groups):
            part_of[group] = position
        veh_type_of_journey = trips.veh_types[trips.follows == 0]
        used = np.zeros((len(groups), len(self._known.veh_types)), dtype=np.int64)
        np.add.at(used, (part_of[:journeys], veh_type_of_journey), 1)
        job_part = np.zeros(len(self._served), dtype=np.int64)
        job_part[where] = part_of[item]
        lost = np.zeros(len(self._served), dtype=bool)
        lost[at[absent]] = True
        numbers = self._pools.shared(used, job_part, lost)
        seeds = self._random.integers(2**31, size=len(groups)).tolist()
        trip_part = part_of[journey_of]
        found = []
        for position, seed in enumerate(seeds):
            jobs = np.flatnonzero(job_part == position)
            if len(jobs) == 0:
                continue
            leaves = bisected(points[jobs], np.ones(len(jobs)), -(-len(jobs) // _TOGETHER))
            jobs = self._served[jobs[np.concatenate(leaves)]]
            mine = _some(trips, np.flatnonzero(trip_part == position), jobs, len(at))
            found.append(_Part(jobs, mine, numbers[position], seed))
        return found


def _some(trips: Trips, chosen: _Longs, jobs: _Longs, consignments: int) -> Trips:
    """Some of the trips, with the jobs by their positions in a list."""
    number = np.zeros(consignments, dtype=np.int64)
    number[jobs] = np.arange(len(jobs))
    lengths = trips.at[chosen + 1] - trips.at[chosen]
    at = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    inside = np.repeat(trips.at[chosen] - at[:-1], lengths) + np.arange(at[-1])
    return Trips(trips.veh_types[chosen], trips.follows[chosen], at, number[trips.order[inside]])


class _Clock:
    """Shares out what is left of a round's time among the parts that have not begun."""

    def __init__(self, ends: float, workers: int, sizes: Sequence[int]) -> None:
        self._ends, self._workers, self._left = ends, workers, sum(sizes)
        self._lock = threading.Lock()

    def slice_s(self, size: int) -> float:
        """Seconds for a part that begins now."""
        with self._lock:
            share = min(1.0, self._workers * size / max(1, self._left))
            self._left -= size
        return max(0.0, self._ends - time.monotonic()) * share
