"""Rounds over the echelons of one component: each searched by itself, then what they share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from planner.compose.echelon_solution import ChainSolution, empty
from planner.compose.list_scheduling import schedule_all
from planner.compose.solution import Solution
from planner.plans.model import Trip
from planner.problem.echelons import Chain, Layer
from planner.problem.problem import Problem, Route
from planner.propose.engine import Budget
from planner.propose.pool import Pool, every_route
from planner.search.echelon import FEW_ROUTES, LayerSearch, SearchOptions, proposals_of
from planner.search.hub_capacity import Wanted, is_tight
from planner.search.search_clock import SearchClock
from planner.search.top_down import FEW_OF_LAYER, Search, TopDownPass, with_dues
from planner.search.warm_start import seen_as, solution_of, with_releases

__all__ = ["EchelonRounds"]

# Seconds of proposing for a quick look, and so many more for each consignment.
_QUICK_S, _QUICK_S_EACH = 0.03, 0.0007
_QUICK_S_OF_LAYER = 0.02
_WITHOUT_HUBS = 0.35  # so much of it without a look at each hub first (with less, what was bad took longer)
# Where goods pass hubs: shares of the time left for a first plan, and for each round of searching the layers
# by themselves.
_FIRST_SHARE, _ROUND_SHARES = 0.1, (0.5, 0.4)
_FIRST_S_EACH = 0.002  # of a first plan, for each consignment, at least
# Where somebody is late so many more plans are made from nothing, by seeds so far apart.
_MORE_FIRSTS, _SEEDS_APART = 2, 7919
# Of that, for what may go by its chain or straight: how long each hub's goods are tried the other way.
_FLIP_SHARE = 0.3
# So much of a layer's share is like that of one consignment.
_SIZE_OF_ANY_LAYER = 3
_LEAST_STEP_S = 0.03
_DAY_S = 86_400
# Shares of the time kept back for waiting in front of full hubs, and for a last look at the trips.
_ROOM_SHARE, _LAST_SHARE = 0.15, 0.05
# Routes of each layer that are composed together.
_ROUTES_OF_WAREHOUSE, _ROUTES_OF_HUB = 300, 60


class EchelonRounds:
    """Plans of one component, better round after round, for one set of promises.

    Parameters
    ----------
    chain
        The component's echelons.
    options
        How to search.
    hear
        Told of each better solution.
    patience
        So many times longer quick looks take than on an idle machine.
    """

    def __init__(
        self, chain: Chain, options: SearchOptions, hear: Callable[[ChainSolution], None], patience: float
    ) -> None:
        self.chain = chain
        self.best = empty(chain)
        self._options = options
        self._hear = hear
        self._patience = patience
        self._seen_again: tuple[ChainSolution, bool] | None = None  # and whether time was overdrawn for it
        self._problems = tuple(layer.problem for layer in chain.layers)  # of what goes by their trips
        self._pools = [Pool(layer.problem) for layer in chain.layers]
        self._top_down = TopDownPass(chain, self._pools)
        self._routes: list[dict[Route, None]] = [{} for _ in chain.layers]
        self._single = LayerSearch(chain.root, self._alone) if chain.is_single else None
        self._firsts = 0  # plans made from nothing, each by a seed of its own
        self._least_first_s = patience * _FIRST_S_EACH * chain.num_consignments
        self._is_tight = any(is_tight(chain, number) for number in range(len(chain.layers)))

    def start_from(self, trips: Sequence[Trip]) -> None:
        """Go on from the trips of a plan, as far as they can be driven; nothing worse is found after."""
        warm = solution_of(self.chain, trips, self._pools).solution
        for number, part in enumerate(warm.parts):
            self._routes[number].update({one.candidate.route: None for one in part.assignments})
        if self._single is not None:
            self._single.start_from(warm.parts[0])
        self._consider(warm)

    def quick(self, *, from_hubs: bool = True) -> None:
        """Find something soon; only for searches by the clock, since its result depends on it.

        Parameters
        ----------
        from_hubs
            Whether to look first how late goods may come to each hub. Without it there is a plan sooner, in
            which more are late where hubs serve only some days. Where a hub may be too full for all that
            comes at once it is always done, since otherwise some would get nothing.
        """
        from_hubs = from_hubs or self._is_tight
        if self._single is not None:
            number = len(self.chain.root.served)
            if number:
                budget = Budget(time_s=self._patience * (_QUICK_S + _QUICK_S_EACH * number))
                self._single.propose(budget, self._options)
                if not self._single.best.assignments:
                    self._single.fall_back()
            return
        number = self.chain.num_consignments
        quick_s = _QUICK_S_OF_LAYER * len(self.chain.layers) + _QUICK_S_EACH * number
        self._first(
            SearchClock(self._patience * quick_s * (1 if from_hubs else _WITHOUT_HUBS)), from_hubs=from_hubs
        )

    def rounds(self, clock: SearchClock) -> None:
        """Search the layers by themselves, round after round, then what they share."""
        if self._single is not None:
            self._single.run(clock.left, self._options)
            return
        # a quick look may have been too short to lead anywhere good
        for _ in range(1 + _MORE_FIRSTS):
            self._first(clock.part(_FIRST_SHARE, self._least_first_s))
            if self.best.all_on_time or clock.is_over:
                break
        self._flip(clock.part(_FLIP_SHARE))
        for share in _ROUND_SHARES:
            if not self.best.all_on_time:
                self._first(clock.part(_FIRST_SHARE, self._least_first_s))
            self._again(clock.part(_ROOM_SHARE))
            self._keep_to_best()
            self._down(clock.part(share), self._wanted(), thorough=True)
        self._again(clock.part(_ROOM_SHARE))
        if not clock.is_over:
            self._join(clock.part(1 - _LAST_SHARE))
        self._again(clock)

    def _alone(self, solution: Solution) -> None:
        self._consider(ChainSolution(self.chain, (solution,)))

    def _consider(self, found: ChainSolution) -> None:
        """Keep what is better and tell of it."""
        first = not any(part.assignments for part in self.best.parts)
        if first or found.score < self.best.score:
            self.best = found
            self._hear(found)

    def _first(self, clock: SearchClock, *, from_hubs: bool = True) -> None:
        """A plan: what may go by its chain or straight does all the one, or all the other."""
        self._firsts += 1
        straight = self.chain.straight
        for share, choice in (
            ((1 / 2, frozenset(straight)), (1.0, frozenset())) if straight else ((1.0, None),)
        ):
            if choice is not None:
                self._choose(choice)
            self._first_of_choice(clock.part(share), from_hubs=from_hubs)
        self._keep_to_best()
        if from_hubs and not self.best.all_on_time:
            self._again(clock, may_overdraw=False)

    def _choose(self, straight: Collection[int]) -> None:
        """Send these consignments of the warehouse's layer straight, all others by their chain."""
        chain, gone = self.chain, self.chain.root.unserved
        straight = {
            one
            for one, other in chain.straight.items()
            if other not in gone and (one in straight or one in gone)
        }
        problems = []
        for number, layer in enumerate(chain.layers):
            away = {idx for idx in range(len(layer.source)) if chain.first(number, idx) in straight}
            if number == 0:
                away = {one if one in straight else other for one, other in chain.straight.items()}
            problems.append(replace(layer.problem, elsewhere=frozenset(away)))
        self._problems = tuple(problems)

    def _keep_to_best(self) -> None:
        """Each consignment goes as it does in the best solution."""
        if self.chain.straight:
            delivered = self.best.parts[0].delivered
            self._choose({one for one, other in self.chain.straight.items() if other in delivered})

    def _flip(self, clock: SearchClock) -> None:
        """Hub after hub: what goes to its regions goes the other way, where that is better."""
        chain = self.chain
        groups: dict[int, set[int]] = {}
        for one, other in chain.straight.items():
            name = chain.root.consignments[one].for_region
            if one not in chain.root.unserved and other not in chain.root.unserved:
                groups.setdefault(chain.regions[name][0], set()).add(one)
        for position, mine in enumerate(groups.values()):
            delivered = self.best.parts[0].delivered
            now = {one for one, other in chain.straight.items() if other in delivered}
            self._choose(now - mine if mine <= now else now | mine)
            self._down(clock.part(1 / (len(groups) - position)), self._wanted(), thorough=False)
        self._keep_to_best()

    def _first_of_choice(self, clock: SearchClock, *, from_hubs: bool) -> None:
        """From the hubs up: how late goods may come at all; from the warehouse down: trips that obey that."""
        layers = self.chain.layers
        wanted = Wanted.nothing(self.chain)
        half_s, up = clock.left_s(1 / 2 if from_hubs else 1.0), clock.part(1 / 2)
        for number in reversed(range(1, len(layers))) if from_hubs else ():
            mine = up.part(self._share(range(1, number + 1), number))
            self._latest(number, wanted, mine)
        self._down(clock.at_least(half_s), wanted, thorough=False)

    def _latest(self, number: int, wanted: Wanted, clock: SearchClock) -> None:
        """When goods must have come to a hub at the latest so that everybody beyond it can be on time, about.

        Tried are its deadline and the days before it; all goods together come then, or where it has no room
        for all of them, the rest a while after.
        """
        layer = self.chain.layers[number]
        above = self.chain.layers[layer.above].problem
        problem = with_dues(self._problems[number], wanted.dues[number])
        transfer_s = layer.transfer_s(_most_that_fit(layer, above))
        last_s = min(above.region_deadlines[layer.stop] - 1, max(problem.dues_s, default=above.horizon_s))
        first_s = min((one.release_s for one in problem.consignments), default=0)
        moments = [last_s, *(day for day in reversed(above.midnights) if first_s < day < last_s), first_s]
        for moment_s in moments:
            ready = {
                idx: max(
                    one.release_s,
                    wanted.held.get((number, idx), 0),
                    moment_s + transfer_s if moment_s > first_s else 0,
                )
                for idx, one in enumerate(problem.consignments)
            }
            view = with_releases(problem, ready)
            found = self._search(number, view, clock.part(1 / 2), (), thorough=False)
            if wanted.ask(self.chain, number, found, transfer_s) and found.all_on_time:
                break

    def _wanted(self) -> Wanted:
        """When goods must have come to each hub so that all trips from there can go as they do.

        Where somebody is late all that comes with it must come so much earlier.
        """
        chain, best = self.chain, self.best
        wanted = Wanted.nothing(chain)
        for number in reversed(range(1, len(chain.layers))):
            layer = chain.layers[number]
            pool = Pool(with_dues(layer.problem, wanted.dues[number]), self._pools[number])
            part = seen_as(best.parts[number], pool)
            transfer_s = layer.transfer_s(max((one.pieces for one in best.unloadings(number)), default=0))
            wanted.ask(chain, number, part, transfer_s)
            dues = wanted.dues[layer.above]
            came = {idx: one.end_s for one in best.unloadings(number) for idx in one.consignments}
            for one in part.assignments:
                ends = zip(one.candidate.stops, one.timing.promised_s, strict=True)
                over_s = min(max(end + 1 - stop.due_s for stop, end in ends), _DAY_S)
                for idx in one.candidate.route.consignments if over_s > 0 else ():
                    source = layer.source[idx]
                    dues[source] = min(dues[source], came[source] - over_s)
        return wanted

    def _down(self, clock: SearchClock, wanted: Wanted, *, thorough: bool) -> None:
        """Search the warehouse's trips, and each hub's with the hours at which its goods arrive."""
        layers = self.chain.layers

        searching = clock.part(1 - _ROOM_SHARE) if self._is_tight else clock

        def search(number: int, problem: Problem) -> Solution:
            mine = searching.part(self._share(range(number, len(layers)), number))
            known = [part for part in (self.best.parts[number],) if part.assignments]
            return self._search(number, problem, mine, known, thorough=thorough)

        found = self._top_down.down(self._problems, wanted, search)
        if found.full:
            found = self._with_room(found, wanted, self._top_down.as_in(found), clock)
        self._consider(found)

    def _with_room(
        self,
        found: ChainSolution,
        wanted: Wanted,
        again: Search,
        clock: SearchClock,
        *,
        may_overdraw: bool = True,
    ) -> ChainSolution:
        """The same trips, later where a hub would be too full.

        Once everybody is on time in some plan no time is overdrawn for it.
        """
        may_overdraw = may_overdraw and not self.best.all_on_time
        return self._top_down.with_room(
            found, self._problems, wanted, again, is_over=lambda: clock.is_over, may_overdraw=may_overdraw
        )

    def _again(self, clock: SearchClock, *, may_overdraw: bool = True) -> None:
        """Consider the trips of the best solution without the hours that they have."""
        best, seen = self.best, self._seen_again
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

        for number, wanted in enumerate((self._wanted(), Wanted.as_in(best), Wanted.nothing(self.chain))):
            if number and clock.is_over and self.best.all_on_time:
                break
            found = self._top_down.down(self._problems, wanted, again)
            if found.score < self.best.score:
                if found.full:
                    found = self._with_room(found, wanted, again, clock, may_overdraw=may_overdraw)
                self._consider(found)
        self._seen_again = best, may_overdraw

    def _share(self, numbers: range, number: int) -> float:
        """Share of a layer's work in that of several layers."""
        sizes = [len(self.chain.layers[one].problem.served) + _SIZE_OF_ANY_LAYER for one in numbers]
        return sizes[number - numbers.start] / sum(sizes)

    def _search(
        self, number: int, problem: Problem, clock: SearchClock, known: Sequence[Solution], *, thorough: bool
    ) -> Solution:
        """Search one layer, from solutions that are known of it."""
        search = LayerSearch(problem, lambda _: None, FEW_OF_LAYER, self._pools[number])
        if not problem.served:
            return search.best
        for solution in known:
            search.report(proposals_of(solution, problem))
        if thorough and clock.is_over and search.best.all_on_time:
            return search.best
        if thorough:
            search.run(clock.left, self._options, least_s=_LEAST_STEP_S, warm=bool(known))
        else:
            seed = self._options.seed + _SEEDS_APART * (self._firsts - 1)
            search.propose(clock.left(1.0), replace(self._options, seed=seed))
            if not search.best.assignments:
                search.fall_back()
        most = _ROUTES_OF_WAREHOUSE if number == 0 else _ROUTES_OF_HUB
        self._routes[number].update(dict.fromkeys(search.cheapest(most)))
        return search.best

    def _join(self, clock: SearchClock) -> None:
        """Compose all layers together."""
        from planner.compose.joint_model import join

        pools, parts = [], []
        few = FEW_ROUTES // len(self.chain.layers)
        for number, layer in enumerate(self.chain.layers):
            pool = self._pools[number]
            either = self.chain.straight if number == 0 else None
            routes = self._routes[number] | dict.fromkeys(every_route(layer.problem, few, either))
            parts.append(seen_as(self.best.parts[number], pool))
            routes.update({one.candidate.route: None for one in parts[-1].assignments})
            pools.append([one for one in pool.add(routes) if one is not None])
        best = ChainSolution(self.chain, tuple(parts))
        join(
            self.chain,
            pools,
            best,
            left=clock.left,
            seed=self._options.seed,
            hear=self._consider,
        )


def _most_that_fit(layer: Layer, above: Problem) -> int:
    """Most pieces that can be unloaded at a hub at once: all, or what the largest vehicle holds of them."""
    mine = [above.consignments[idx] for idx in layer.source]
    pieces = sum(one.pieces for one in mine)
    volume_cm3 = sum(one.volume_cm3 for one in mine)
    largest_cm3 = max((kind.volume_cm3 for kind in above.fleet), default=0)
    return pieces if volume_cm3 <= largest_cm3 else pieces * largest_cm3 // max(1, volume_cm3)
