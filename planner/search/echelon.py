"""Searching one echelon: propose trips, schedule them, compose, even out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from random import Random

from planner.compose.list_scheduling import Wish, schedule_all
from planner.compose.reordering import reorder
from planner.compose.solution import Solution
from planner.problem.fleet import WayChoice
from planner.problem.problem import Problem, Proposal, Route
from planner.problem.supply import by_urgency, released
from planner.problem.visits import trip_cost, trip_distance_m, visits
from planner.propose.alternatives import in_other_orders, is_timed, on_every_way, on_one_choice
from planner.propose.bundles import bundle_routes, by_bundle, mended
from planner.propose.engine import Budget, Report
from planner.propose.engines import DEFAULT_ENGINE, engine_named
from planner.propose.pool import Candidate, Pool, direct_routes, every_route, full_loads
from planner.propose.rooms import within_rooms
from planner.propose.stays import fixed_proposals, without_fixed_trips

__all__ = ["FEW_ROUTES", "EchelonSearch", "SearchOptions", "proposals_of"]

Hear = Callable[[Solution], None]
# Shares of an echelon's time: proposing, composing, evening out; no step has less than the least.
_PROPOSE, _COMPOSE, _EVEN = 0.5, 0.4, 0.1
_LEAST_S = 0.2  # where a component has one echelon
# So much of what is left after proposing may go into looking at every trip there is.
_ALL_ROUTES = 0.5
# Where not all are on time, other orders are tried for this share of the time left.
_REORDER = 0.8
# Composition takes this many of the pool's best trips, those of all solutions kept, about so many of these by
# other ways, and where somebody is late by decision about so many trips in other orders.
_POOL_LIMIT, _OTHER_WAYS_LIMIT, _ORDERS_LIMIT = 400, 200, 600
_SOLUTIONS_KEPT = 12
FEW_ROUTES = 2500
# What comes late is shared out so many times among the consignments for the engine.
_ROUNDS_OF_SHARES = 3


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What the search of each component is asked for.

    Parameters
    ----------
    engine
        Name of the proposing engine.
    seed
        Start of all random numbers.
    effort
        Repeatable amount of work; None: the clock decides.
    workers
        Threads that the search of this component may use.
    guarantee
        Late legs that each vehicle must withstand; None: as the files say.
    """

    engine: str = DEFAULT_ENGINE
    seed: int = 1
    effort: int | None = None
    workers: int = 1
    guarantee: int | None = None


class EchelonSearch:
    """The search of one echelon: its pool and the best solution so far.

    Parameters
    ----------
    problem
        The echelon, as it is to be searched.
    hear
        Told of each better solution.
    few_routes
        Where there are no more routes than this, composition has all of them.
    base
        See `Pool`.
    """

    def __init__(
        self, problem: Problem, hear: Hear, few_routes: int = FEW_ROUTES, base: Pool | None = None
    ) -> None:
        self._problem = problem
        self._hear = hear
        self._few_routes = few_routes
        self._pool = Pool(problem, base)
        self._alone = base is None  # else all echelons together are the place for what overlaps
        self._kept: list[Solution] = []
        self._every: list[Candidate] = []  # all trips there are, where they are few
        self.incumbent = Solution(problem, ())
        self.shared = problem

    def run(
        self,
        left: Callable[[float], Budget],
        options: SearchOptions,
        *,
        least_s: float = _LEAST_S,
        warm: bool = False,
    ) -> None:
        """Propose, compose and even out.

        Parameters
        ----------
        left
            Gives a share of what may still be spent.
        options
            How to search.
        least_s
            No step has less.
        warm
            Whether the engine begins from the best solution that is known.
        """

        def now(share: float) -> Budget:
            budget = left(share)
            return budget if budget.time_s is None else replace(budget, time_s=max(least_s, budget.time_s))

        self.propose(now(_PROPOSE), options, warm=warm)
        with_all = now(_ALL_ROUTES)
        ends = None if with_all.time_s is None else time.monotonic() + with_all.time_s
        self.fall_back(is_over=lambda: ends is not None and time.monotonic() >= ends)
        self.again()
        self.reorder(now(_REORDER), options.seed)
        self.compose(now(_COMPOSE / (_COMPOSE + _EVEN)), options)
        self.even_out(now(1.0), options.seed)

    def start_from(self, solution: Solution) -> None:
        """Go on from a solution of this problem."""
        self._pool.add(one.candidate.route for one in solution.assignments)
        self._consider(solution)

    def propose(self, budget: Budget, options: SearchOptions, *, warm: bool = False) -> None:
        """Let the engine propose, with `warm` from the best solution that is known.

        Where something comes late, for one share of it after another; where some edges are closed at times,
        by the ways that arrive first, by waiting in front of these edges, and without them too.
        """
        rounds = _ROUNDS_OF_SHARES if self._problem.supplies else 1
        for number in range(rounds):
            self.share_out(again=number > 0)
            shared = without_fixed_trips(self.shared)
            if not shared.served:
                self.report([])
                return
            views: list[tuple[Problem, Report]] = [(shared, self.report)]
            if shared.waiting is not None:
                views.append((shared.waiting, partial(self.report_by, by=WayChoice.WAITS)))
            avoiding = shared.avoiding
            if avoiding is not None and avoiding.served:
                views.append((avoiding, partial(self.report_by, by=WayChoice.AVOIDS)))
            time_s = None if budget.time_s is None else budget.time_s / rounds / len(views)
            for problem, report in views:
                engine_named(options.engine).propose(
                    problem,
                    budget=replace(budget, time_s=time_s),
                    seed=options.seed + number,
                    report=report,
                    workers=options.workers,
                    start=proposals_of(self.incumbent, problem) if warm else (),
                )

    def share_out(self, *, again: bool) -> None:
        """Give each consignment its share of what comes late: by urgency, again by the best solution.

        Then what it brings too late or not at all comes first, and the rest in the order of its trips.
        """
        problem = self._problem
        if not problem.supplies:
            return
        order = by_urgency(problem)
        if again:
            starts = {
                idx: one.timing.load_start_s
                for one in self.incumbent.assignments
                for idx in one.candidate.route.consignments
            }
            late = self._late
            order.sort(key=lambda idx: (problem.consignments[idx].region not in late, starts.get(idx, 0)))
        self.shared = released(problem, order)

    @property
    def _late(self) -> set[int]:
        """Regions that the best solution brings something too late, or not all."""
        received = self.incumbent.received_s
        deadlines = enumerate(self._problem.region_deadlines)
        return {region for region, due_s in deadlines if (got := received[region]) is None or got >= due_s}

    def report(self, proposals: Sequence[Proposal]) -> bool:
        """Hear of an engine's solution: into the pool, scheduled, kept if good; whether all are on time.

        Where the engine says when trips start, that is tried first.
        """
        held = self._problem.fixings.fixed_trip_of
        proposals = [one for one in proposals if held.keys().isdisjoint(one.route.consignments)]
        proposals = within_rooms(self._problem, mended(self._problem, proposals))
        proposals = [*fixed_proposals(self._problem), *proposals]
        found = self._pool.add(one.route for one in proposals)
        pairs = [
            (trip, _wish(proposal))
            for trip, proposal in zip(found, proposals, strict=True)
            if trip is not None
        ]
        covered = {idx for trip, _ in pairs for idx in trip.route.consignments}
        proposed = {idx for one in proposals for idx in one.route.consignments}
        wanted = self._problem.required | proposed  # a prize may be worth less than a trip of its own
        pairs += [
            (trip, None)
            for trip in self._direct(idx for idx in self._problem.served if idx in wanted - covered)
        ]
        trips, wishes = [trip for trip, _ in pairs], [wish for _, wish in pairs]
        solution = schedule_all(self._problem, trips, at=wishes if any(wishes) else None)
        self._consider(solution)
        return solution.all_on_time

    def report_by(self, proposals: Sequence[Proposal], *, by: WayChoice) -> bool:
        """Hear of trips that were proposed by one choice of ways."""
        return self.report([replace(one, route=replace(one.route, by=(by,))) for one in proposals])

    def again(self) -> None:
        """Schedule the trips of the best solution without what the engine wished for."""
        self._consider(schedule_all(self._problem, self._trips_of(self.incumbent)))

    def fall_back(self, *, is_over: Callable[[], bool] = lambda: False) -> None:
        """Direct trips for everything, so that something is there whatever the engine found.

        Then every trip there is, if they are few, until `is_over`.
        """
        self._pool.add(direct_routes(self._problem))
        self._pool.add(self._bundle_routes())
        every = self._by_other_ways(every_route(self._problem, self._few_routes))
        self._every = []
        for route in every:
            if is_over():
                break
            if self._may_help(route):
                self._every += [one for one in self._pool.add([route]) if one is not None]
        if not self._kept:
            trips = self._direct(sorted(self._problem.required))
            self._consider(schedule_all(self._problem, trips, others=self._others))

    def _by_other_ways(self, routes: Iterable[Route]) -> list[Route]:
        """The same routes by all ways, where edges are closed at times; if they are many, legs alike."""
        bare = dict.fromkeys(replace(one, by=()) for one in routes)
        found = [other for one in bare for other in on_every_way(self._problem, one)]
        if len(found) <= max(self._few_routes, len(bare)):
            return found
        return [other for one in bare for other in on_one_choice(self._problem, one)]

    def _direct(self, consignments: Iterable[int]) -> list[Candidate]:
        """For each region the cheapest direct trips that bring it these consignments, as full as can be.

        Regions that go together are as one.
        """
        apart = by_bundle(self._problem, consignments)
        return [trip for mine in apart for trip in self._direct_to_one(mine)]

    def _bundle_routes(self) -> list[Route]:
        """Trips to each bundle of regions alone, with each type."""
        served = set(self._problem.served)
        return [
            route
            for bundle in self._problem.fixings.bundles
            for position in range(len(self._problem.fleet))
            for route in bundle_routes(
                self._problem,
                position,
                [
                    idx
                    for one in sorted(bundle)
                    for idx in self._problem.consignments_of[one]
                    if idx in served
                ],
            )
        ]

    def _full_loads(self, position: int, mine: Sequence[int]) -> list[Route]:
        """Trips of one type for consignments of one region or bundle, as full as can be."""
        if self._problem.consignments[mine[0]].region in self._problem.fixings.bundle_of:
            return bundle_routes(self._problem, position, mine)
        return list(full_loads(self._problem, position, mine))

    def _direct_to_one(self, mine: Sequence[int]) -> list[Candidate]:
        """Full loads of one type where that is possible, else each consignment by what carries it."""
        choices: list[list[Candidate]] = []
        for position in range(len(self._problem.fleet)):
            trips = self._pool.add(self._full_loads(position, mine))
            if trips and all(trips):
                choices.append([one for one in trips if one is not None])
        if choices:
            return min(choices, key=lambda trips: sum(self._price(one) for one in trips))
        found = []
        for idx in mine:
            routes = [Route(position, (idx,)) for position in range(len(self._problem.fleet))]
            able = [one for one in self._pool.add(routes) if one is not None]
            if able:
                found.append(min(able, key=self._price))
        return found

    def _others(self, one: Candidate) -> list[list[Candidate]]:
        """Other trips for a trip's consignments: all on another type, or as many as go there on it."""
        found = []
        for fleet in range(len(self._problem.fleet)):
            if fleet != one.route.fleet:
                instead = self._on_other_type(one, fleet)
                if instead:
                    found.append(instead)
        return found

    def _on_other_type(self, one: Candidate, fleet: int) -> list[Candidate]:
        """The stops that another type can drive on one trip, and the others as they were; empty: none."""
        if self._problem.fixings.bundles:
            whole = self._pool.add([Route(fleet, one.route.consignments)])[0]
            if whole is not None:
                return [whole]
        taken: tuple[int, ...] = ()
        trip: Candidate | None = None
        for stop in one.stops:
            if self._problem.fleet[fleet].serves[stop.region]:
                longer = self._pool.add([Route(fleet, (*taken, *stop.consignments))])[0]
                if longer is not None:
                    taken, trip = (*taken, *stop.consignments), longer
        if trip is None:
            return []
        left = tuple(idx for idx in one.route.consignments if idx not in taken)
        rest = self._pool.add([Route(one.route.fleet, left)])[0] if left else None
        return [trip] if not left else [] if rest is None else [trip, rest]

    def _change(self, one: Candidate, random: Random) -> list[Candidate] | None:
        """The consignments of a trip on another type, or on two trips; None where that cannot be driven."""
        fleet = random.randrange(len(self._problem.fleet))
        order = one.route.consignments
        if fleet == one.route.fleet or random.random() < 1 / 2:
            if len(order) < 2:
                return None
            cut = random.randrange(1, len(order))
            routes = [Route(one.route.fleet, order[:cut]), Route(fleet, order[cut:])]
        else:
            routes = [Route(fleet, order)]
        trips = [trip for trip in self._pool.add(routes) if trip is not None]
        return trips if len(trips) == len(routes) else None

    def _price(self, one: Candidate) -> int:
        kind = self._problem.fleet[one.route.fleet]
        timing = one.any_timing
        days = -(-(timing.end_s - timing.load_start_s) // 86_400)
        return one.cost(kind, timing) + kind.prices.day * days

    def _consider(self, solution: Solution) -> None:
        self._kept = sorted([*self._kept, solution], key=lambda one: one.score)[:_SOLUTIONS_KEPT]
        if not self.incumbent.assignments or solution.score < self.incumbent.score:
            self.incumbent = solution
            self._hear(solution)

    def reorder(self, budget: Budget, seed: int) -> None:
        """Where not all are on time: other orders of the best trips, once with other types where late."""
        for others in (None, self._others):
            if self.incumbent.all_on_time:
                return
            trips = self._trips_of(self._kept[0])
            time_s = None if budget.time_s is None else budget.time_s / 2
            now = replace(budget, time_s=time_s)
            self._consider(
                reorder(
                    self._problem,
                    trips,
                    others=others,
                    change=self._change,
                    budget=now,
                    seed=seed,
                )
            )

    def _trips_of(self, solution: Solution) -> list[Candidate]:
        """Its trips, and direct ones for what it leaves out."""
        trips = [one.candidate for one in solution.assignments]
        covered = {idx for one in trips for idx in one.route.consignments}
        return trips + self._direct(idx for idx in sorted(self._problem.required) if idx not in covered)

    def compose(self, budget: Budget, options: SearchOptions) -> None:
        """Pick and schedule trips of the pool together."""
        from planner.compose.master import compose  # heavy, and not needed for a first plan

        routes = [one.route for one in self._pool]
        self._pool.add(other for one in routes for other in on_one_choice(self._problem, one))
        chosen: dict[int, Candidate] = {}
        for solution in self._kept:
            chosen.update({id(one.candidate): one.candidate for one in solution.assignments})
        chosen.update({id(one): one for one in self._on_other_ways()})
        chosen.update({id(one): one for one in self._in_other_orders()})
        for one in self._cheap_first():
            if len(chosen) >= _POOL_LIMIT:
                break
            chosen.setdefault(id(one), one)
        every = sorted(self._every, key=self._price)
        chosen.update({id(one): one for one in every if self._may_help(one.route)})
        if not self.incumbent.all_on_time:
            chosen.update({id(one): one for one in self._pool if len(one.route.consignments) == 1})
        found = compose(
            self._problem,
            list(chosen.values()),
            self.incumbent,
            budget=budget,
            seed=options.seed,
            hear=self._consider,
            propagate_more=self._alone,
        )
        self._consider(found)

    def _cheap_first(self) -> list[Candidate]:
        """The pool's trips by their price for each consignment."""
        return sorted(self._pool, key=lambda one: self._price(one) / len(one.route.consignments))

    def _may_help(self, route: Route) -> bool:
        """Whether a trip over edges with hours is cheaper than a plan in which all are on time."""
        if not self.incumbent.all_on_time or not is_timed(self._problem, route):
            return True
        if not route.by or WayChoice.FIRST in route.by:
            return True  # how long its ways are depends on its hours
        kind, stops = self._problem.kind_of(route), visits(self._problem, route.consignments)
        least = trip_cost(kind, trip_distance_m(self._problem, kind, stops), 0)
        return least + kind.prices.vehicle + kind.prices.day < self.incumbent.cost

    def _on_other_ways(self) -> list[Candidate]:
        """Trips of the solutions kept by other ways, leg by leg, where edges are closed at times."""
        starts: dict[Route, set[int]] = {}
        for solution in self._kept:
            for trip in solution.assignments:
                route = replace(trip.candidate.route, by=())
                starts.setdefault(route, set()).add(trip.timing.load_start_s)
        found: list[Candidate] = []
        for route, moments in starts.items():
            if len(found) >= _OTHER_WAYS_LIMIT:
                break
            others = self._pool.add(on_every_way(self._problem, route)[1:])
            found += [one for one in others if one is not None]
            for other, start_s in product(filter(None, others), sorted(moments)):
                other.timing_at(self._problem, start_s)
        return found

    def _in_other_orders(self) -> list[Candidate]:
        """Trips with stops that are late sooner, short ones in every order; where something is decided.

        The engine keeps deadlines; whom decisions make late it brings where that is cheapest. Trips of the
        solutions kept come first, then the cheapest of the pool.
        """
        if not self._problem.fixings.rulings or self.incumbent.all_on_time:
            return []
        late = self._late
        kept = [one.candidate for solution in self._kept for one in solution.assignments]
        same: dict[tuple[int, frozenset[int]], Candidate] = {}
        for one in (*kept, *self._cheap_first()):
            if any(stop.region in late for stop in one.stops):
                same.setdefault((one.route.fleet, frozenset(one.route.consignments)), one)
        found: dict[Route, None] = {}
        for one in same.values():
            if len(found) >= _ORDERS_LIMIT:
                break
            found.update(dict.fromkeys(in_other_orders(one.route, one.stops, late)))
        return [one for one in self._pool.add(found) if one is not None]

    def cheapest(self, most: int) -> list[Route]:
        """Routes of the solutions kept, and the pool's cheapest ones, so many in all."""
        found = {one.candidate.route: None for solution in self._kept for one in solution.assignments}
        for candidate in self._cheap_first():
            if len(found) >= most:
                break
            found.setdefault(candidate.route, None)
        return list(found | {one.route: None for one in self._every})

    def even_out(self, budget: Budget, seed: int) -> None:
        """Larger margins at the same cost."""
        from planner.compose.margins import even_out

        self._consider(
            even_out(self._problem, self.incumbent, budget=budget, seed=seed, propagate_more=self._alone)
        )


def _wish(proposal: Proposal) -> Wish | None:
    """When an engine would start a trip, if it says so."""
    return None if proposal.load_start_s is None else Wish(proposal.load_start_s, proposal.vehicle)


def proposals_of(solution: Solution, problem: Problem) -> list[Proposal]:
    """What an engine would have to propose for a solution, without what is not served."""
    served = set(problem.served)
    found = []
    for one in solution.assignments:
        route = one.candidate.route
        mine = tuple(idx for idx in route.consignments if idx in served)
        if mine:
            found.append(Proposal(replace(route, consignments=mine), one.vehicle, one.timing.load_start_s))
    return found
