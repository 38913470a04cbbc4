"""Exhaustive search over tiny chains of hubs, echelon by echelon from the warehouse down.

Of each echelon: every division of its consignments into trips, every order of stops, type, way of each leg
(where edges are closed at times), vehicle, and every start on a grid. The goods that a plan of one echelon
brings to a hub are the limits of the plans of the next one; what is best below, by when everything comes,
is found once.

The grid is enough where all times of an instance are multiples of its step and all deadlines a second more
than one: with the division, the order of the vehicle's trips and of docks, the days and the places of
waiting fixed, all rules bound differences of starts by multiples of the step, and lateness and paid time
change linearly between them, so that some best plan has all its starts on the grid. (Cost may depend on
starts: days are paid, and waiting by the hour.) Trips do everything as early as they can from their start, as
`planner.problem.trip_times.schedule_trip` has it; nothing of proposing and composing is used.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import combinations, pairwise, permutations, product
from typing import NamedTuple

import numpy as np

from planner.building.echelons import build_echelons
from planner.instance.kits import unit_loads
from planner.network.calendars import day_index
from planner.problem.trip_times import schedule_trip
from planner.problem.visits import trip_cost, trip_distance_m, visits

STEP_S = 3600


def least(instance, warehouse="W", step_s=STEP_S):
    """Least (weight undelivered, weight late, weighted seconds late, cost) of all plans."""
    regions = [one for one in instance.regions if one.warehouse == warehouse]
    return _Search(instance, warehouse, regions, step_s).least()


@dataclass(frozen=True)
class _Trip:
    """A trip at a certain time; where its goods are handed over, when, and by how much too late."""

    fleet: int
    start_s: int
    depart_s: int
    end_s: int
    days: frozenset
    work: tuple  # (day, seconds)
    cost: int
    stops: tuple  # (receiving place, consignments, pieces, end of service)


class _Plan(NamedTuple):
    """What others see of a plan of an echelon.

    `starts` is when each of the goods is loaded, `over` by how much regions get theirs too late, `below` what
    comes to each hub: position in its echelon, moments from which it can be loaded and at which it comes, and
    by how much too late.
    """

    starts: tuple
    over: tuple
    below: tuple
    cost: int


class _Search:
    def __init__(self, instance, warehouse, regions, step_s):
        self.echelons = build_echelons(instance, warehouse, regions)
        self.each, self.step_s = self.echelons.each, step_s
        self.loads = {one.id: unit_loads(instance, one) for one in regions}
        self.stock = [row for row in instance.stock if row.warehouse == warehouse]
        self.trips, self.plans, self.best = cache(self._trips), cache(self._plans), cache(self._best)
        self.needs, self.handed_over = cache(self._needs), {}

    # ------------------------------------------------------------ whole plans

    def least(self):
        weights = {name: int(self._problem(at).weight[at[1]]) for name, at in self.echelons.regions.items()}
        needing = [name for name in weights if self._of_region(name)]
        sets = [left for size in range(len(needing) + 1) for left in combinations(needing, size)]
        found, least = None, None
        for left in sorted(sets, key=lambda one: sum(weights[name] for name in one)):
            weight = sum(weights[name] for name in left)
            if found is not None and weight > least:
                break
            for goods in self._choices({name for name in needing if name not in left}):
                score = self.best(0, goods, (0,) * len(goods), (0,) * len(goods), ())
                if score is not None and (found is None or score < found):
                    found, least = score, weight
        return (least, *found)

    def _problem(self, at):
        return self.each[at[0]].problem

    def _name(self, number, idx):
        """Region for which a consignment is."""
        problem = self.each[number].problem
        one = problem.consignments[idx]
        return one.for_region or problem.places[problem.place(one.region)]

    def _of_region(self, name):
        return [idx for idx in range(len(self.each[0].problem.consignments)) if self._name(0, idx) == name]

    def _choices(self, names):
        """Goods of the warehouse that bring these regions all they need: by their chain or straight."""
        direct = self.echelons.straight
        mine = [idx for name in sorted(names) for idx in self._of_region(name) if idx not in direct.values()]
        able = [idx for idx in mine if idx in direct]
        for size in range(len(able) + 1):
            for straight in combinations(able, size):
                yield tuple(sorted(direct[idx] if idx in straight else idx for idx in mine))

    # ------------------------------------------------------------ trips

    def _trips(self, number, goods):
        """All trips with exactly these goods, at all times."""
        problem, found, seen = self.each[number].problem, [], set()
        loads = [problem.consignments[idx] for idx in goods]
        for order in permutations(goods):
            stops = tuple(replace(one, release_s=0) for one in visits(problem, order))
            if (same := tuple((one.region, frozenset(one.consignments)) for one in stops)) in seen:
                continue
            seen.add(same)
            for fleet, kind in enumerate(problem.fleet):
                sizes = [
                    sum(getattr(one, size) for one in loads) for size in ("mass_g", "volume_cm3", "pieces")
                ]
                limits = (kind.mass_g, kind.volume_cm3, sizes[2] if kind.pieces is None else kind.pieces)
                if all(size <= limit for size, limit in zip(sizes, limits, strict=True)):
                    for driven in _by_every_way(problem, kind, stops):
                        found += self._at_all_times(number, fleet, driven, stops)
        return list(dict.fromkeys(found))

    def _at_all_times(self, number, fleet, kind, stops):
        problem = self.each[number].problem
        distance_m = trip_distance_m(problem, kind, stops)
        prices = problem.price_pieces or (0,) * problem.num_regions
        handling = sum(prices[one.region] * one.pieces for one in stops)
        for start_s in range(0, problem.horizon_s, self.step_s):
            at = schedule_trip(problem, kind, stops, start_s)
            if at is not None:
                last = day_index(problem.midnights, max(start_s, at.end_s - 1))
                yield _Trip(
                    fleet,
                    start_s,
                    at.depart_s,
                    problem.horizon_s if kind.open_end else at.end_s,
                    frozenset(range(day_index(problem.midnights, start_s), last + 1)),
                    at.work,
                    handling + trip_cost(kind, distance_m + at.further_m, at.paid_s),
                    tuple(
                        (one.region, one.consignments, one.pieces, end)
                        for one, (_, end) in zip(stops, at.services, strict=True)
                    ),
                )

    # ------------------------------------------------------------ plans of an echelon

    def _plans(self, number, goods):
        """Every plan of an echelon that brings exactly these goods."""
        plans = {}

        def add(left, done):
            if not left:
                if number or self._in_stock(done):
                    plan = self._seen(number, goods, done)
                    plans[plan[:3]] = min(plan, plans.get(plan[:3], plan))
                return
            for size in range(len(left)):
                for more in combinations(left[1:], size):
                    block = (left[0], *more)
                    rest = tuple(idx for idx in left if idx not in block)
                    for trip in self.trips(number, block):
                        for vehicle in self._able(number, trip, done):
                            add(rest, [*done, (trip, vehicle)])

        add(goods, [])
        return self._front(number, list(plans.values()))

    def _able(self, number, trip, done):
        """Vehicles that can drive a trip besides what they do; of unused ones the first."""
        problem = self.each[number].problem
        kind = problem.fleet[trip.fleet]
        loading = [one for one, _ in done if one.start_s < trip.depart_s and trip.start_s < one.depart_s]
        moments = [trip.start_s, *(one.start_s for one in loading if one.start_s > trip.start_s)]
        docks = problem.origins[0].docks
        if trip.depart_s > trip.start_s and any(
            sum(one.start_s <= moment < one.depart_s for one in loading) >= docks for moment in moments
        ):
            return
        used = 1 + max((vehicle for one, vehicle in done if one.fleet == trip.fleet), default=-1)
        for vehicle in range(min(kind.number, used + 1)):
            mine = [one for one, by in done if by == vehicle and one.fleet == trip.fleet]
            apart = all(one.end_s <= trip.start_s or trip.end_s <= one.start_s for one in mine)
            if apart and (kind.work_s is None or _most_work(trip, *mine) <= kind.work_s):
                yield vehicle

    def _in_stock(self, done):
        """Whether at each start no more has been loaded than has come."""
        for moment in {trip.start_s for trip, _ in done} if self.stock else ():
            taken = Counter()
            for trip, _ in done:
                for _, consignments, *_ in trip.stops if trip.start_s <= moment else ():
                    for idx in consignments:
                        taken.update(self.needs(idx))
            come = Counter()
            for row in self.stock:
                come[row.item] += row.quantity if (row.available_s or 0) <= moment else 0
            if any(taken[item] > number for item, number in come.items()):
                return False
        return True

    def _needs(self, idx):
        one, found = self.each[0].problem.consignments[idx], Counter()
        for unit in self.loads[self._name(0, idx)][one.part][one.first_unit : one.first_unit + one.units]:
            found.update(unit.items)
        return found

    def _cost(self, number, done):
        kinds = self.each[number].problem.fleet
        vehicles = {(trip.fleet, vehicle) for trip, vehicle in done}
        days = {(trip.fleet, vehicle, day) for trip, vehicle in done for day in trip.days}
        return (
            sum(trip.cost for trip, _ in done)
            + sum(kinds[fleet].prices.vehicle for fleet, _ in vehicles)
            + sum(kinds[fleet].prices.day for fleet, *_ in days)
        )

    def _handed_over(self, number, trip):
        """When a trip loads its goods, how late regions get theirs, and when they come to which hubs."""
        if id(trip) in self.handed_over:  # the trips of `self.trips` are kept
            return self.handed_over[id(trip)]
        echelon, late, brought = self.each[number], [], {}
        for place, consignments, pieces, end_s in trip.stops:
            late_s = max(0, end_s + 1 - echelon.problem.region_deadlines[place])
            if (hub := echelon.hubs[place]) < 0:
                late.append((place, late_s))
                continue
            there = self.each[hub]
            ready_s = end_s + there.hub.transfer_fixed_s + there.hub.transfer_piece_s * pieces
            come_s = 0 if there.storage_cm3 is None else end_s
            for idx in consignments:
                brought.setdefault(hub, {})[self.echelons.below[hub, idx]] = ready_s, come_s, late_s
        loaded = {idx: trip.start_s for _, consignments, *_ in trip.stops for idx in consignments}
        self.handed_over[id(trip)] = loaded, late, brought
        return self.handed_over[id(trip)]

    def _seen(self, number, goods, done):
        """A plan as others see it."""
        echelon, starts, over, below = self.each[number], {}, {}, {}
        for trip, _ in done:
            loaded, late, brought = self._handed_over(number, trip)
            starts.update(loaded)
            for place, late_s in late:
                over[place] = max(over.get(place, 0), late_s)
            for hub, coming in brought.items():
                below.setdefault(hub, {}).update(coming)
        # where a part of a region's goods goes straight its lateness is counted with the others'
        places = {echelon.problem.places[echelon.problem.place(place)]: place for place in over}
        for hub, coming in below.items():
            for idx, (*moments, late_s) in coming.items() if self.echelons.straight else ():
                coming[idx] = *moments, max(late_s, over.get(places.get(self._name(hub, idx)), 0))
        counted = {self._name(hub, idx) for hub, coming in below.items() for idx in coming}
        return _Plan(
            tuple(starts[idx] for idx in goods) if number else (),
            tuple(sorted((place, over[place]) for name, place in places.items() if name not in counted)),
            tuple(
                (hub, tuple((idx, *one) for idx, one in sorted(here.items())))
                for hub, here in sorted(below.items())
            ),
            self._cost(number, done),
        )

    def _front(self, number, plans):
        """Plans without those that another one is as good as in everything."""
        if not plans:
            return ()
        own, rows = self.each[number].storage_cm3 is not None, []
        for plan in plans:
            row = [-start for start in plan.starts] + (list(plan.starts) if own else [])
            row += [over_s for _, over_s in plan.over]
            for hub, coming in plan.below:
                stored = self.each[hub].storage_cm3 is not None
                for _, ready_s, come_s, late_s in coming:
                    row += [ready_s, late_s, *((come_s, -come_s) if stored else ())]
            rows.append((*row, plan.cost))
        table, found = np.array(rows), []
        order = np.lexsort(table.T)
        while len(order):
            found.append(plans[order[0]])
            order = order[(table[order] < table[order[0]]).any(axis=1)]
        return tuple(found)

    # ------------------------------------------------------------ the best

    def _best(self, number, goods, ready, come, late):
        """Least (weight late, weighted seconds late, cost) from an echelon on; None: there is no plan.

        Goods are ready and have come at these moments; `late` says of regions by how much some came too late
        to a hub.
        """
        problem, before, best = self.each[number].problem, dict(late), None
        if not goods:
            return 0, 0, 0
        for plan in self.plans(number, goods):
            if any(start < moment for start, moment in zip(plan.starts, ready, strict=False)):
                continue
            score = 0, 0, plan.cost
            for region, over_s in plan.over:
                weight = int(problem.weight[region])
                worst_s = max(over_s, before.get(problem.places[problem.place(region)], 0))
                score = _sum(score, (weight * (worst_s > 0), weight * worst_s, 0))
            floors = [self._floor(hub, coming) for hub, coming in plan.below]
            if None in floors or (best is not None and _sum(score, *floors) >= best):
                continue
            if self._has_room(number, goods, plan.starts, come):
                beyond = [self._beyond(hub, coming, before) for hub, coming in plan.below]
                if None not in beyond and (best is None or _sum(score, *beyond) < best):
                    best = _sum(score, *beyond)
        return best

    def _floor(self, hub, coming):
        """What is best from a hub on if all is there from the start and in time."""
        goods, never = tuple(idx for idx, *_ in coming), self.each[hub].problem.horizon_s
        return self.best(hub, goods, (0,) * len(goods), (never,) * len(goods), ())

    def _beyond(self, hub, coming, before):
        """What is best from a hub on."""
        goods, ready, come, over = zip(*coming, strict=True)
        late = {}
        for idx, over_s in zip(goods, over, strict=True):
            name = self._name(hub, idx)
            late[name] = max(over_s, late.get(name, 0), before.get(name, 0))
        return self.best(hub, goods, ready, come, tuple(sorted(late.items())))

    def _has_room(self, number, goods, starts, come):
        """Whether what lies at a hub at each moment at which something comes has room."""
        echelon = self.each[number]
        volumes = [echelon.problem.consignments[idx].volume_cm3 for idx in goods]
        return echelon.storage_cm3 is None or all(
            sum(
                volume
                for volume, start, came in zip(volumes, starts, come, strict=True)
                if came <= moment < start
            )
            <= echelon.storage_cm3
            for moment in come
        )


def _most_work(*trips):
    """Seconds of the day on which these trips work longest."""
    work = Counter()
    for one in trips:
        work.update(dict(one.work))
    return max(work.values(), default=0)


def _by_every_way(problem, kind, stops):
    """A type by each way of each leg: the one that arrives first, the least-time one, one that is open."""
    places = [kind.origin, *(problem.place(one.region) for one in stops), kind.origin]
    legs = [leg for leg in pairwise(places) if leg[0] != leg[1]]
    legs = legs[: len(stops)] if kind.open_end else legs
    ways = [
        {id(one): one for one in (kind, kind.waiting, kind.avoiding) if one.reaches(*leg)}.values()
        if kind.timed is not None and kind.timed.affects[leg[0]][leg[1]]
        else (kind,)
        for leg in legs
    ]
    for choice in product(*ways):
        yield _Driven(kind, dict(zip(legs, choice, strict=True)))


class _Driven:
    """A type whose legs are those of other types."""

    def __init__(self, kind, legs):
        self._kind, self._legs = kind, legs
        for name in ("time_between", "distance_between", "reaches", "timed_between"):
            setattr(self, name, partial(self._of_leg, name))

    def _of_leg(self, name, start, end):
        return getattr(self._legs[start, end], name)(start, end)

    def __getattr__(self, name):
        return getattr(self._kind, name)


def _sum(*scores):
    return tuple(map(sum, zip(*scores, strict=True)))
