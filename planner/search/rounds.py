"""Rounds over the echelons of one component: each searched by itself, then what they share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cached_property

from planner.compose.component_solution import ComponentSolution, empty
from planner.compose.hub_nights import with_fewer_hub_nights
from planner.compose.list_scheduling import schedule_all
from planner.compose.solution import Solution
from planner.plans.model import Trip
from planner.problem.echelons import EchelonProblem, Echelons
from planner.problem.problem import Problem, Route
from planner.propose.pool import Pool, every_route
from planner.search.echelon import FEW_ROUTES, EchelonSearch, SearchOptions, proposals_of
from planner.search.hub_capacity import HubDueDates, is_tight
from planner.search.search_clock import SearchClock
from planner.search.top_down import FEW_OF_ECHELON, Search, TopDownPass, with_dues
from planner.search.warm_start import seen_as, solution_of, with_releases

__all__ = ["EchelonRounds"]

# Where goods pass hubs: shares of the time left for a first plan, and for each round of searching the
# echelons by themselves.
_FIRST_SHARE, _ROUND_SHARES = 0.1, (0.5, 0.4)
_JOIN_AGAIN_SHARE = 0.4  # where it was done before, it also comes first
# Where somebody is late all echelons of so few consignments are composed together for so long at least.
_FEW_CONSIGNMENTS, _LEAST_JOIN_S = 12, 0.5
_FIRST_S_EACH = 0.002  # of a first plan, for each consignment, at least
# Where somebody is late so many more plans are made from nothing, by seeds so far apart.
_MORE_FIRSTS, _SEEDS_APART = 2, 7919
_SEEDS_OF_SEARCHES_APART = 104_729
# Where all trips are known and edges have hours, they are composed together first, for this share.
_JOIN_FIRST = 0.5
# No longer than this part of it the trips are looked at before.
_LOOKING_SHARE = 0.3
# Of that, for what may go by its chain or straight: how long each hub's goods are tried the other way.
_FLIP_SHARE = 0.3
# So much of an echelon's share is like that of one consignment.
_SIZE_OF_ANY_ECHELON = 3
_LEAST_STEP_S = 0.03
_DAY_S = 86_400
# Shares of the time kept back for waiting in front of full hubs, and for a last look at the trips.
_ROOM_SHARE, _LAST_SHARE = 0.15, 0.05
# Routes of each echelon that are composed together.
_ROUTES_OF_WAREHOUSE, _ROUTES_OF_HUB = 300, 60


class EchelonRounds:
    """Plans of one component, better round after round, for one set of promises.

    Parameters
    ----------
    echelons
        The component's echelons.
    options
        How to search.
    hear
        Told of each better solution.
    """

    def __init__(
        self,
        echelons: Echelons,
        options: SearchOptions,
        hear: Callable[[ComponentSolution], None],
    ) -> None:
        self.echelons = echelons
        self.incumbent = empty(echelons)
        self._options = options
        self._searches = 0  # each by seeds of its own
        self._hear = hear
        self._rescheduled: tuple[ComponentSolution, bool] | None = None  # and whether time was overdrawn
        self._problems = tuple(echelon.problem for echelon in echelons.each)  # of what goes by their trips
        self._pools = [Pool(echelon.problem) for echelon in echelons.each]
        self._top_down = TopDownPass(echelons, self._pools)
        self._routes: list[dict[Route, None]] = [{} for _ in echelons.each]
        self._single = EchelonSearch(echelons.root, self._alone) if echelons.is_single else None
        self._firsts = 0  # plans made from nothing, each by a seed of its own
        self._least_first_s = _FIRST_S_EACH * echelons.num_consignments
        self._is_tight = any(is_tight(echelons, number) for number in range(len(echelons.each)))

    def start_from(self, trips: Sequence[Trip]) -> None:
        """Go on from the trips of a plan, as far as they can be driven; nothing worse is found after."""
        warm = solution_of(self.echelons, trips, self._pools).solution
        for number, part in enumerate(warm.parts):
            self._routes[number].update({one.candidate.route: None for one in part.assignments})
        if self._single is not None:
            self._single.start_from(warm.parts[0])
        self._consider(warm)

    def look(self, time_s: float | None = None) -> None:
        """Find something soon, measured in work.

        Parameters
        ----------
        time_s
            Seconds that are left at all; None: as many as it needs.
        """
        clock = SearchClock(time_s, is_first_look=True)
        if self._single is None:
            self._first(clock)
        elif self.echelons.root.served:
            self._single.propose(clock.left(1.0), self._options)
            if not self._single.incumbent.assignments:
                self._single.fall_back()

    def rounds(self, clock: SearchClock) -> None:
        """Search the echelons by themselves, round after round, then what they share."""
        if self._searches:
            seed = self._options.seed + _SEEDS_OF_SEARCHES_APART
            self._options = replace(self._options, seed=seed)
        self._searches += 1
        if self._single is not None:
            self._single.run(clock.left, self._options)
            return
        if self._searches > 1:  # what was short of time
            self._join(clock.part(_JOIN_AGAIN_SHARE))
        # a first look may have been too short to lead anywhere good
        for number in range(1 + _MORE_FIRSTS):
            self._first(clock.part(_FIRST_SHARE, self._least_first_s))
            if number == 0 and self._is_few:
                self._join(clock.part(_JOIN_FIRST))
            if self.incumbent.all_on_time or clock.is_over:
                break
        self._flip(clock.part(_FLIP_SHARE))
        for share in _ROUND_SHARES:
            if not self.incumbent.all_on_time:
                self._first(clock.part(_FIRST_SHARE, self._least_first_s))
            self._reschedule(clock.part(_ROOM_SHARE))
            self._keep_to_best()
            self._down(clock.part(share), self._hub_dues(), thorough=True)
        self._reschedule(clock.part(_ROOM_SHARE))
        few = self.echelons.num_consignments <= _FEW_CONSIGNMENTS and not self.incumbent.all_on_time
        if few or not clock.is_over:
            self._join(clock.part(1 - _LAST_SHARE).at_least(_LEAST_JOIN_S if few else 0.0))
        self._reschedule(clock)

    @cached_property
    def _is_few(self) -> bool:
        """Whether edges have hours, and all trips that there are can be composed together."""
        if all(kind.timed is None for one in self.echelons.each for kind in one.problem.fleet):
            return False
        return all(self._every_route(number) for number in range(len(self.echelons.each)))

    def _every_route(self, number: int) -> list[Route]:
        few = FEW_ROUTES // len(self.echelons.each)
        return every_route(
            self.echelons.each[number].problem, few, self.echelons.straight if number == 0 else None
        )

    def _alone(self, solution: Solution) -> None:
        self._consider(ComponentSolution(self.echelons, (solution,)))

    def _consider(self, found: ComponentSolution) -> None:
        """Keep what is better, with as few nights at hubs as its trips can have, and tell of it."""
        first = not any(part.assignments for part in self.incumbent.parts)
        without_nights = found.score._replace(cost=found.cost - found.hub_nights)
        if found.hub_nights and (first or without_nights < self.incumbent.score):
            found = with_fewer_hub_nights(found)
        if first or found.score < self.incumbent.score:
            self.incumbent = found
            self._hear(found)

    def _first(self, clock: SearchClock) -> None:
        """A plan: what may go by its chain or straight does all the one, or all the other."""
        self._firsts += 1
        straight = self.echelons.straight
        for share, choice in (
            ((1 / 2, frozenset(straight)), (1.0, frozenset())) if straight else ((1.0, None),)
        ):
            if choice is not None:
                self._choose(choice)
            self._first_of_choice(clock.part(share))
        self._keep_to_best()
        if not self.incumbent.all_on_time:
            self._reschedule(clock, may_overdraw=False)

    def _choose(self, straight: Collection[int]) -> None:
        """Send these consignments of the warehouse's echelon straight, all others by their chain."""
        echelons, gone = self.echelons, self.echelons.root.unserved
        straight = {
            one
            for one, other in echelons.straight.items()
            if other not in gone and (one in straight or one in gone)
        }
        problems = []
        for number, echelon in enumerate(echelons.each):
            away = {idx for idx in range(len(echelon.source)) if echelons.first(number, idx) in straight}
            if number == 0:
                away = {one if one in straight else other for one, other in echelons.straight.items()}
            problems.append(replace(echelon.problem, elsewhere=frozenset(away)))
        self._problems = tuple(problems)

    def _keep_to_best(self) -> None:
        """Each consignment goes as it does in the best solution."""
        if self.echelons.straight:
            delivered = self.incumbent.parts[0].delivered
            self._choose({one for one, other in self.echelons.straight.items() if other in delivered})

    def _flip(self, clock: SearchClock) -> None:
        """Hub after hub: what goes to its regions goes the other way, where that is better."""
        echelons = self.echelons
        groups: dict[int, set[int]] = {}
        for one, other in echelons.straight.items():
            name = echelons.root.consignments[one].for_region
            if one not in echelons.root.unserved and other not in echelons.root.unserved:
                groups.setdefault(echelons.regions[name][0], set()).add(one)
        for position, mine in enumerate(groups.values()):
            delivered = self.incumbent.parts[0].delivered
            now = {one for one, other in echelons.straight.items() if other in delivered}
            self._choose(now - mine if mine <= now else now | mine)
            self._down(clock.part(1 / (len(groups) - position)), self._hub_dues(), thorough=False)
        self._keep_to_best()

    def _first_of_choice(self, clock: SearchClock) -> None:
        """From the hubs up: how late goods may come at all; from the warehouse down: trips that obey that."""
        each = self.echelons.each
        hub_dues = HubDueDates.nothing(self.echelons)
        half_s, up = clock.left_s(1 / 2), clock.part(1 / 2)
        for number in reversed(range(1, len(each))):
            mine = up.part(self._share(range(1, number + 1), number))
            self._latest(number, hub_dues, mine)
        self._down(clock.at_least(half_s), hub_dues, thorough=False)

    def _latest(self, number: int, hub_dues: HubDueDates, clock: SearchClock) -> None:
        """When goods must have come to a hub at the latest so that everybody beyond it can be on time, about.

        Tried are its deadline and the days before it; all goods together come then, or where it has no room
        for all of them, the rest a while after.
        """
        echelon = self.echelons.each[number]
        above = self.echelons.each[echelon.above].problem
        problem = with_dues(self._problems[number], hub_dues.dues[number])
        transfer_s = echelon.transfer_s(_most_that_fit(echelon, above))
        last_s = min(above.region_deadlines[echelon.stop] - 1, max(problem.dues_s, default=above.horizon_s))
        first_s = min((one.release_s for one in problem.consignments), default=0)
        moments = [last_s, *(day for day in reversed(above.midnights) if first_s < day < last_s), first_s]
        for moment_s in moments:
            ready = {
                idx: max(
                    one.release_s,
                    hub_dues.not_before.get((number, idx), 0),
                    moment_s + transfer_s if moment_s > first_s else 0,
                )
                for idx, one in enumerate(problem.consignments)
            }
            view = with_releases(problem, ready)
            found = self._search(number, view, clock.part(1 / 2), (), thorough=False)
            if hub_dues.ask(self.echelons, number, found, transfer_s) and found.all_on_time:
                break

    def _hub_dues(self) -> HubDueDates:
        """When goods must have come to each hub so that all trips from there can go as they do.

        Where somebody is late all that comes with it must come so much earlier.
        """
        echelons, best = self.echelons, self.incumbent
        hub_dues = HubDueDates.nothing(echelons)
        for number in reversed(range(1, len(echelons.each))):
            echelon = echelons.each[number]
            pool = Pool(with_dues(echelon.problem, hub_dues.dues[number]), self._pools[number])
            part = seen_as(best.parts[number], pool)
            transfer_s = echelon.transfer_s(max((one.pieces for one in best.unloadings(number)), default=0))
            hub_dues.ask(echelons, number, part, transfer_s)
            dues = hub_dues.dues[echelon.above]
            came = {idx: one.end_s for one in best.unloadings(number) for idx in one.consignments}
            for one in part.assignments:
                ends = zip(one.candidate.stops, one.timing.promised_s, strict=True)
                over_s = min(max(end + 1 - stop.due_s for stop, end in ends), _DAY_S)
                for idx in one.candidate.route.consignments if over_s > 0 else ():
                    source = echelon.source[idx]
                    dues[source] = min(dues[source], came[source] - over_s)
        return hub_dues

    def _down(self, clock: SearchClock, hub_dues: HubDueDates, *, thorough: bool) -> None:
        """Search the warehouse's trips, and each hub's with the hours at which its goods arrive."""
        each = self.echelons.each

        searching = clock.part(1 - _ROOM_SHARE) if self._is_tight else clock

        def search(number: int, problem: Problem) -> Solution:
            mine = searching.part(self._share(range(number, len(each)), number))
            known = [part for part in (self.incumbent.parts[number],) if part.assignments]
            return self._search(number, problem, mine, known, thorough=thorough)

        found = self._top_down.down(self._problems, hub_dues, search)
        if found.full:
            found = self._with_room(found, hub_dues, self._top_down.as_in(found), clock)
        self._consider(found)

    def _with_room(
        self,
        found: ComponentSolution,
        hub_dues: HubDueDates,
        again: Search,
        clock: SearchClock,
        *,
        may_overdraw: bool = True,
    ) -> ComponentSolution:
        """The same trips, later where a hub would be too full.

        Once everybody is on time in some plan no time is overdrawn for it.
        """
        may_overdraw = may_overdraw and not self.incumbent.all_on_time
        return self._top_down.with_room(
            found, self._problems, hub_dues, again, is_over=lambda: clock.is_over, may_overdraw=may_overdraw
        )

    def _reschedule(self, clock: SearchClock, *, may_overdraw: bool = True) -> None:
        """Consider the trips of the best solution without the hours that they have."""
        best, seen = self.incumbent, self._rescheduled
        if seen is not None and seen[0] is best and (seen[1] or not may_overdraw):
            return

        def again(number: int, problem: Problem) -> Solution:
            pool = Pool(problem, self._pools[number])
            trips = pool.add(one.candidate.route for one in best.parts[number].assignments)
            able = [
                one
                for one in trips
                if one is not None and problem.unserved.isdisjoint(one.route.consignments)
            ]
            return schedule_all(problem, able)

        for number, hub_dues in enumerate(
            (self._hub_dues(), HubDueDates.as_in(best), HubDueDates.nothing(self.echelons))
        ):
            if number and clock.is_over and self.incumbent.all_on_time:
                break
            found = self._top_down.down(self._problems, hub_dues, again)
            if found.score < self.incumbent.score:
                if found.full:
                    found = self._with_room(found, hub_dues, again, clock, may_overdraw=may_overdraw)
                self._consider(found)
        self._rescheduled = best, may_overdraw

    def _share(self, numbers: range, number: int) -> float:
        """Share of an echelon's work in that of several echelons."""
        sizes = [len(self.echelons.each[one].problem.served) + _SIZE_OF_ANY_ECHELON for one in numbers]
        return sizes[number - numbers.start] / sum(sizes)

    def _search(
        self, number: int, problem: Problem, clock: SearchClock, known: Sequence[Solution], *, thorough: bool
    ) -> Solution:
        """Search one echelon, from solutions that are known of it."""
        search = EchelonSearch(problem, lambda _: None, FEW_OF_ECHELON, self._pools[number])
        if not problem.served:
            return search.incumbent
        for solution in known:
            search.report(proposals_of(solution, problem))
        if thorough and clock.is_over and search.incumbent.all_on_time:
            return search.incumbent
        if thorough:
            search.run(clock.left, self._options, least_s=_LEAST_STEP_S, warm=bool(known))
        else:
            seed = self._options.seed + _SEEDS_APART * (self._firsts - 1)
            search.propose(clock.left(1.0), replace(self._options, seed=seed))
            if not search.incumbent.assignments:
                search.fall_back()
        most = _ROUTES_OF_WAREHOUSE if number == 0 else _ROUTES_OF_HUB
        self._routes[number].update(dict.fromkeys(search.cheapest(most)))
        return search.incumbent

    def _join(self, clock: SearchClock) -> None:
        """Compose all echelons together."""
        from planner.compose.joint_model import join

        pools, parts = [], []
        looking = clock.part(_LOOKING_SHARE)
        for number, pool in enumerate(self._pools):
            routes = self._routes[number] | dict.fromkeys(self._every_route(number))
            parts.append(seen_as(self.incumbent.parts[number], pool))
            routes.update({one.candidate.route: None for one in parts[-1].assignments})
            needed = {one.candidate.route for one in parts[-1].assignments}
            mine = (
                pool.add([one])[0]
                for one in routes
                if one in needed or not (self._is_few and looking.is_over)
            )
            pools.append([one for one in mine if one is not None])
        best = ComponentSolution(self.echelons, tuple(parts))
        join(
            self.echelons,
            pools,
            best,
            left=clock.left,
            seed=self._options.seed,
            hear=self._consider,
        )


def _most_that_fit(echelon: EchelonProblem, above: Problem) -> int:
    """Most pieces that can be unloaded at a hub at once: all, or what the largest vehicle holds of them."""
    mine = [above.consignments[idx] for idx in echelon.source]
    pieces = sum(one.pieces for one in mine)
    volume_cm3 = sum(one.volume_cm3 for one in mine)
    largest_cm3 = max((kind.volume_cm3 for kind in above.fleet), default=0)
    return pieces if volume_cm3 <= largest_cm3 else pieces * largest_cm3 // max(1, volume_cm3)
