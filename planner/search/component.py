"""Solving one component: each layer proposed, composed and evened out, and all of them fitted together."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from copy import copy
from dataclasses import replace
from functools import partial

from planner.bounds.radial import radial_bound
from planner.building.echelons import build_chain
from planner.building.stations import Given
from planner.compose.echelon_solution import ChainSolution, empty
from planner.compose.list_scheduling import schedule_all
from planner.compose.solution import Assignment, Solution
from planner.instance.schema import Instance, Overnight, Region
from planner.plans.model import StopReason, Trip
from planner.problem.echelons import Chain, Layer
from planner.problem.fixings import Held
from planner.problem.problem import Problem, Route
from planner.propose.engine import Budget
from planner.propose.pool import Pool, every_route
from planner.reasons.outcome import Outcome, outcome_of
from planner.search.echelon import FEW_ROUTES, LayerSearch, SearchOptions, proposals_of
from planner.search.hub_capacity import Wanted, is_tight
from planner.search.top_down import FEW_OF_LAYER, Descent, Search, with_dues
from planner.search.warm_start import seen_as, solution_of, with_releases

__all__ = ["ComponentSearch", "SearchOptions"]

Hear = Callable[[Outcome], None]

# Seconds of proposing for a quick look, and so many more for each consignment.
_QUICK_S, _QUICK_S_EACH = 0.03, 0.0007
_LEAST_S = 0.5
# No component is searched longer than this, plus so much for each of its consignments.
_MOST_S, _MOST_S_EACH = 2.0, 0.5
_QUICK_S_OF_LAYER = 0.02
_WITHOUT_HUBS = 0.35  # so much of it without a look at each hub first (with less, what was bad took longer)
_MOST_PATIENCE = 4.0  # so many times longer on a busy machine
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
_LEAST_STEP_S, _LEAST_SEARCH_S = 0.03, 0.01
# Consignments' worth of work that even the smallest component takes, and where vehicles stay away overnight.
_WORK_OF_ANY, _WORK_OF_NIGHTS = 100, 200
_DAY_S = 86_400
# Shares of the time kept back for waiting in front of full hubs, and for a last look at the trips.
_ROOM_SHARE, _LAST_SHARE = 0.15, 0.05
# Where somebody is late as planned: share of the time for plans that are to withstand their late legs, and of
# the rest for those that need not.
_PROMISED_SHARE, _UNPROMISED_SHARE = 0.35, 0.5
# Routes of each layer that are composed together.
_ROUTES_OF_WAREHOUSE, _ROUTES_OF_HUB = 300, 60


class ComponentSearch:
    """The search of one warehouse and its regions: a quick look, then all the rest.

    Parameters
    ----------
    instance, warehouse_id, regions
        The component.
    options
        How to search.
    hear
        Told of each better outcome on the way.
    given
        What its layers take over from a plan.
    """

    def __init__(
        self,
        instance: Instance,
        warehouse_id: str,
        regions: Sequence[Region],
        *,
        options: SearchOptions,
        hear: Hear,
        given: Given | None = None,
    ) -> None:
        self._instance = instance
        self._regions = regions
        self._options = options
        self._given = given
        self._holding: tuple[Sequence[Trip], Collection[str], Collection[tuple[str, int]]] | None = None
        self._hear = hear
        self._bound: int | None = None
        self._is_news: Callable[[ChainSolution], bool] = lambda _: True
        began, worked = time.monotonic(), time.process_time()
        self._chain = build_chain(instance, warehouse_id, regions, options.guarantee, given)
        taken_s = time.monotonic() - began
        # on a busy machine a quick look takes longer, or it sees nothing
        busy = taken_s / max(time.process_time() - worked, 1e-3)
        self._patience = min(_MOST_PATIENCE, max(1.0, busy))
        self._begin(self._chain)

    def _begin(self, chain: Chain) -> None:
        self._chain = chain
        self.best = empty(chain)
        self._seen_again: tuple[ChainSolution, bool] | None = None  # and whether time was overdrawn for it
        self._problems = [layer.problem for layer in chain.layers]  # of what goes by their trips
        self._pools = [Pool(layer.problem) for layer in chain.layers]
        self._descent = Descent(chain, self._problems, self._pools)
        self._routes: list[dict[Route, None]] = [{} for _ in chain.layers]
        self._single = LayerSearch(chain.root, self._alone) if chain.is_single else None
        self._firsts = 0  # plans made from nothing, each by a seed of its own
        self._least_first_s = self._patience * _FIRST_S_EACH * chain.num_consignments
        self._is_tight = any(is_tight(chain, number) for number in range(len(chain.layers)))

    @property
    def work(self) -> int:
        """Its share of the work of several components, about: in consignments."""
        layers = self._chain.layers
        away = any(kind.overnight is not Overnight.HOME for layer in layers for kind in layer.problem.fleet)
        return self._chain.num_consignments + _WORK_OF_ANY + (_WORK_OF_NIGHTS if away else 0)

    def hold(self, trips: Sequence[Trip], held: Collection[str], sealed: Collection[tuple[str, int]]) -> None:
        """Keep trips of a plan as they are, and vehicles from further trips.

        Raises
        ------
        ValueError
            Naming trips that cannot be driven as they are.
        """
        self._holding = trips, held, sealed
        warm = solution_of(self._chain, trips)
        lost = [name for name in sorted(held) if name not in warm.kept or name in warm.moved]
        if lost:
            msg = f"cannot stay as they are: {', '.join(lost)}"
            raise ValueError(msg)
        layers = []
        for number, layer in enumerate(self._chain.layers):
            mine = [one for name, (at, one) in warm.kept.items() if at == number and name in held]
            decided = replace(
                layer.problem.decided,
                held=tuple(_held(one) for one in mine),
                sealed=frozenset(
                    fleet
                    for fleet, kind in enumerate(layer.problem.fleet)
                    if kind.number == 1 and (kind.id, kind.vehicle_numbers[0]) in sealed
                ),
            )
            layers.append(replace(layer, problem=replace(layer.problem, decided=decided)))
        self._begin(replace(self._chain, layers=tuple(layers)))

    def start_from(self, trips: Sequence[Trip]) -> None:
        """Go on from the trips of a plan, as far as they can be driven; nothing worse is found after."""
        warm = solution_of(self._chain, trips, self._pools).solution
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
            number = len(self._chain.root.served)
            if number:
                budget = Budget(time_s=self._patience * (_QUICK_S + _QUICK_S_EACH * number))
                self._single.propose(budget, self._options)
                if not self._single.best.assignments:
                    self._single.fall_back()
            return
        number = self._chain.num_consignments
        quick_s = _QUICK_S_OF_LAYER * len(self._chain.layers) + _QUICK_S_EACH * number
        self._first(
            _Clock(self._patience * quick_s * (1 if from_hubs else _WITHOUT_HUBS)), from_hubs=from_hubs
        )

    def rest(self, time_s: float | None) -> Outcome:
        """Best outcome.

        Parameters
        ----------
        time_s
            Seconds for it, of which a small component takes only a part; None with an effort. Where none is
            left, or next to none for a plan in which everybody is on time, what is there is enough.
        """
        served = any(layer.problem.served for layer in self._chain.layers)
        begun = any(part.assignments for part in self.best.parts)
        good = begun and self.best.all_on_time
        enough = time_s is not None and begun and time_s <= (_LEAST_S if good else 0.0)
        if time_s is not None:
            most_s = _MOST_S + _MOST_S_EACH * self._chain.num_consignments
            time_s = min(max(_LEAST_S, time_s), most_s)
        clock = _Clock(None if self._options.effort is not None else time_s, self._options.effort)
        self._bound = radial_bound(self._instance, self._chain, self._regions)
        if served and not enough:
            self._search_all(clock)
        reason = StopReason.EFFORT if self._options.effort is not None else StopReason.TIME_LIMIT
        return outcome_of(
            self.best, stop_reason=reason if served else StopReason.COMPLETE, lower_bound=self._bound
        )

    def _alone(self, solution: Solution) -> None:
        self._consider(ChainSolution(self._chain, (solution,)))

    def _consider(self, found: ChainSolution) -> None:
        """Keep what is better and tell of it."""
        first = not any(part.assignments for part in self.best.parts)
        if first or found.score < self.best.score:
            self.best = found
            if self._is_news(found):
                self._hear(outcome_of(found, stop_reason=StopReason.INTERRUPTED, lower_bound=self._bound))

    def _search_all(self, clock: _Clock) -> None:
        """Search the layers; where somebody stays late as planned, also with less that is promised.

        By the clock the search for plans that withstand their late legs goes on after that.
        """
        if not self._late_legs or not any(self.best.score[:2]):
            self._rounds(clock)
            return
        self._rounds(clock.part(_PROMISED_SHARE))
        other = self._with_less_promised(clock.part(_UNPROMISED_SHARE)) if any(self.best.score[:2]) else None
        if self._options.effort is None:
            if other is not None:
                self._is_news = lambda found: not _is_less_late(other, found)
            self._rounds(clock)
        if other is not None and _is_less_late(other, self.best):
            self.best = other

    def _with_less_promised(self, clock: _Clock) -> ChainSolution:
        """The best plan if nothing is promised to who is late, then to anybody, then as if no legs were late.

        What is not promised leaves when goods and vehicle are there as planned, not only when they are so in
        the worst case. The plan is the one that is known already where fewer late ones cannot be had.
        """
        kept = self.best
        late = {name for name, got in kept.received.items() if got.is_late or got.received_s is None}
        ways: list[Callable[[ComponentSearch], None]] = [
            lambda search: search._begin(search._chain.without_promise(late)),
            lambda search: search._begin(search._chain.without_promise(kept.received)),
            lambda search: search._forget_late_legs(),
        ]
        for number, way in enumerate(ways):
            search = copy(self)
            way(search)
            search._is_news = partial(_is_less_late, than=kept)
            trips = outcome_of(kept, stop_reason=StopReason.INTERRUPTED, lower_bound=None).trips
            search.start_from(trips)
            search._rounds(clock.part(1 / (len(ways) - number)))
            if _is_less_late(search.best, kept):
                kept = search.best
            if not any(kept.score[:2]):
                break
        return kept

    @property
    def _late_legs(self) -> bool:
        """Whether any vehicle must withstand late legs."""
        return any(kind.gamma for layer in self._chain.layers for kind in layer.problem.fleet)

    def _forget_late_legs(self) -> None:
        """Begin anew, as if no legs could be late."""
        name = self._chain.root.id
        self._begin(build_chain(self._instance, name, self._regions, 0, self._given))
        if self._holding is not None:
            self.hold(*self._holding)

    # ---------------------------------------------------------------- layers

    def _rounds(self, clock: _Clock) -> None:
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

    def _first(self, clock: _Clock, *, from_hubs: bool = True) -> None:
        """A plan: what may go by its chain or straight does all the one, or all the other."""
        self._firsts += 1
        straight = self._chain.straight
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
        chain, gone = self._chain, self._chain.root.unserved
        straight = {
            one
            for one, other in chain.straight.items()
            if other not in gone and (one in straight or one in gone)
        }
        for number, layer in enumerate(chain.layers):
            away = {idx for idx in range(len(layer.source)) if chain.first(number, idx) in straight}
            if number == 0:
                away = {one if one in straight else other for one, other in chain.straight.items()}
            self._problems[number] = replace(layer.problem, elsewhere=frozenset(away))

    def _keep_to_best(self) -> None:
        """Each consignment goes as it does in the best solution."""
        if self._chain.straight:
            delivered = self.best.parts[0].delivered
            self._choose({one for one, other in self._chain.straight.items() if other in delivered})

    def _flip(self, clock: _Clock) -> None:
        """Hub after hub: what goes to its regions goes the other way, where that is better."""
        chain = self._chain
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

    def _first_of_choice(self, clock: _Clock, *, from_hubs: bool) -> None:
        """From the hubs up: how late goods may come at all; from the warehouse down: trips that obey that."""
        layers = self._chain.layers
        wanted = Wanted.nothing(self._chain)
        half_s, up = clock.left_s(1 / 2 if from_hubs else 1.0), clock.part(1 / 2)
        for number in reversed(range(1, len(layers))) if from_hubs else ():
            mine = up.part(self._share(range(1, number + 1), number))
            self._latest(number, wanted, mine)
        self._down(clock.at_least(half_s), wanted, thorough=False)

    def _latest(self, number: int, wanted: Wanted, clock: _Clock) -> None:
        """When goods must have come to a hub at the latest so that everybody beyond it can be on time, about.

        Tried are its deadline and the days before it; all goods together come then, or where it has no room
        for all of them, the rest a while after.
        """
        layer = self._chain.layers[number]
        above = self._chain.layers[layer.above].problem
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
            if wanted.ask(self._chain, number, found, transfer_s) and found.all_on_time:
                break

    def _wanted(self) -> Wanted:
        """When goods must have come to each hub so that all trips from there can go as they do.

        Where somebody is late all that comes with it must come so much earlier.
        """
        chain, best = self._chain, self.best
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

    def _down(self, clock: _Clock, wanted: Wanted, *, thorough: bool) -> None:
        """Search the warehouse's trips, and each hub's with the hours at which its goods arrive."""
        layers = self._chain.layers

        searching = clock.part(1 - _ROOM_SHARE) if self._is_tight else clock

        def search(number: int, problem: Problem) -> Solution:
            mine = searching.part(self._share(range(number, len(layers)), number))
            known = [part for part in (self.best.parts[number],) if part.assignments]
            return self._search(number, problem, mine, known, thorough=thorough)

        found = self._descent.down(wanted, search)
        if found.full:
            found = self._with_room(found, wanted, self._descent.as_in(found), clock)
        self._consider(found)

    def _with_room(
        self, found: ChainSolution, wanted: Wanted, again: Search, clock: _Clock, *, may_overdraw: bool = True
    ) -> ChainSolution:
        """The same trips, later where a hub would be too full.

        Once everybody is on time in some plan no time is overdrawn for it.
        """
        may_overdraw = may_overdraw and not self.best.all_on_time
        return self._descent.with_room(
            found, wanted, again, is_over=lambda: clock.is_over, may_overdraw=may_overdraw
        )

    def _again(self, clock: _Clock, *, may_overdraw: bool = True) -> None:
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

        for number, wanted in enumerate((self._wanted(), Wanted.as_in(best), Wanted.nothing(self._chain))):
            if number and clock.is_over and self.best.all_on_time:
                break
            found = self._descent.down(wanted, again)
            if found.score < self.best.score:
                if found.full:
                    found = self._with_room(found, wanted, again, clock, may_overdraw=may_overdraw)
                self._consider(found)
        self._seen_again = best, may_overdraw

    def _share(self, numbers: range, number: int) -> float:
        """Share of a layer's work in that of several layers."""
        sizes = [len(self._chain.layers[one].problem.served) + _SIZE_OF_ANY_LAYER for one in numbers]
        return sizes[number - numbers.start] / sum(sizes)

    def _search(
        self, number: int, problem: Problem, clock: _Clock, known: Sequence[Solution], *, thorough: bool
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

    def _join(self, clock: _Clock) -> None:
        """Compose all layers together."""
        from planner.compose.joint_model import join

        pools, parts = [], []
        few = FEW_ROUTES // len(self._chain.layers)
        for number, layer in enumerate(self._chain.layers):
            pool = self._pools[number]
            either = self._chain.straight if number == 0 else None
            routes = self._routes[number] | dict.fromkeys(every_route(layer.problem, few, either))
            parts.append(seen_as(self.best.parts[number], pool))
            routes.update({one.candidate.route: None for one in parts[-1].assignments})
            pools.append([one for one in pool.add(routes) if one is not None])
        best = ChainSolution(self._chain, tuple(parts))
        join(
            self._chain,
            pools,
            best,
            left=clock.left,
            seed=self._options.seed,
            hear=self._consider,
        )


class _Clock:
    """Time or effort that may be spent, and parts of it."""

    def __init__(self, time_s: float | None, effort: int | None = None) -> None:
        self._ends = None if time_s is None else time.monotonic() + time_s
        self._effort = effort

    def left(self, share: float) -> Budget:
        """A share of what is left, for one step."""
        if self._ends is None:
            return Budget(effort=self._effort or 1)
        return Budget(time_s=max(_LEAST_SEARCH_S, (self._ends - time.monotonic()) * share))

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self._ends is not None and time.monotonic() >= self._ends

    def left_s(self, share: float) -> float:
        """Seconds of a share of what is left; without use where effort is spent."""
        return 0.0 if self._ends is None else max(0.0, self._ends - time.monotonic()) * share

    def at_least(self, time_s: float) -> _Clock:
        """What is left, or so many seconds where less is left."""
        return self if self._ends is None or self.left_s(1.0) >= time_s else _Clock(time_s)

    def part(self, share: float, least_s: float = 0.0) -> _Clock:
        """A share of what is left, for several steps, of so much at least while anything is left."""
        if self._ends is None:
            return self
        left_s = max(0.0, self._ends - time.monotonic())
        return _Clock(max(left_s * share, min(left_s, least_s)))


def _is_less_late(found: ChainSolution, than: ChainSolution) -> bool:
    """Whether less is not delivered, or late as planned."""
    return found.score[:2] < than.score[:2]


def _held(one: Assignment) -> Held:
    """A trip as it is."""
    route, timing = one.candidate.route, one.timing
    by = tuple(one.value for one in route.by)
    return Held(route.fleet, route.consignments, by, timing.load_start_s, timing.free_s, one.dock)


def _most_that_fit(layer: Layer, above: Problem) -> int:
    """Most pieces that can be unloaded at a hub at once: all, or what the largest vehicle holds of them."""
    mine = [above.consignments[idx] for idx in layer.source]
    pieces = sum(one.pieces for one in mine)
    volume_cm3 = sum(one.volume_cm3 for one in mine)
    largest_cm3 = max((kind.volume_cm3 for kind in above.fleet), default=0)
    return pieces if volume_cm3 <= largest_cm3 else pieces * largest_cm3 // max(1, volume_cm3)
