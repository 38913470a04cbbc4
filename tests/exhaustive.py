"""Exhaustive search over tiny components: every division into trips, order, vehicle, day and sequence.

Trips are added in the order in which they begin to load, each as early as its day, its vehicle and the docks
allow; the days are enumerated. What it finds is feasible, and best but for plans in which a trip leaves a
free dock to
one that begins later: composition may be better than this, never worse.
"""

from dataclasses import dataclass, field
from itertools import permutations

from planner.compose.solution import Assignment, Solution, days_of
from planner.network.calendars import day_index
from planner.problem.problem import Route
from planner.propose.pool import Pool


def all_routes(problem):
    """Every order of every subset of consignments, with every type."""
    return [
        Route(fleet, order)
        for fleet in range(len(problem.fleet))
        for size in range(1, len(problem.served) + 1)
        for order in permutations(problem.served, size)
    ]


def full_pool(problem):
    """All candidates there are."""
    pool = Pool(problem)
    pool.add(all_routes(problem))
    return list(pool)


@dataclass
class _State:
    left: frozenset
    vehicles: list  # of each fleet: [free from, days, work by day] of each vehicle
    docks: list
    since: int = 0
    done: list = field(default_factory=list)


def best_solution(problem, candidates):
    """The best solution of all that these candidates allow, by its score without the margin."""
    best = [Solution(problem, ())]
    vehicles = [[(0, frozenset(), {}) for _ in range(kind.number)] for kind in problem.fleet]
    _search(
        problem, candidates, _State(frozenset(problem.served), vehicles, [0] * problem.origins[0].docks), best
    )
    return best[0]


def _search(problem, candidates, state, best):
    found = Solution(problem, tuple(state.done))
    if found.score[:5] < best[0].score[:5]:
        best[0] = found
    if best[0].score.undelivered == 0 and found_so_far(problem, state) >= best[0].score[1:5]:
        return
    dock = min(range(problem.origins[0].docks), key=lambda one: state.docks[one])
    for one in candidates:
        fleet = one.route.fleet
        if not state.left.issuperset(one.route.consignments):
            continue
        tried = []
        for position, (free_s, days, work) in enumerate(state.vehicles[fleet]):
            if (free_s, days, work) in tried or free_s is None:
                continue  # as good as one before it
            tried.append((free_s, days, work))
            since_s = _in_stock(problem, one, state)
            if since_s is None:
                continue
            for timing in _timings(problem, one, free_s, state.docks[dock], since_s):
                room = problem.fleet[fleet].work_s
                used = dict(work)
                for day, part in timing.work:
                    used[day] = used.get(day, 0) + part
                if room is not None and max(used.values(), default=0) > room:
                    continue
                _search(problem, candidates, _after(problem, state, one, timing, position, dock, used), best)


def _in_stock(problem, one, state):
    """First moment, not before the last trip's, at which this trip finds what it loads; None: never."""
    moment = state.since
    for supply in problem.supplies:
        gone = [idx for done in state.done for idx in done.candidate.route.consignments]
        taken = sum(supply.needs[idx] for idx in gone)
        mine = sum(supply.needs[idx] for idx in one.route.consignments)
        come = [
            when
            for when, amount in zip(supply.moments, supply.amounts, strict=True)
            if not mine or amount >= taken + mine
        ]
        if not come:
            return None
        moment = max(moment, come[0])
    return moment


def _timings(problem, one, free_s, dock_s, since_s):
    """The earliest start on each day, and the single ones."""
    seen = set()
    for low, high in one.starts:
        moment = low
        while moment <= high:
            day = day_index(problem.midnights, moment)
            ends = min(high, problem.midnights[day + 1] - 1)
            length = one.offsets.depart_s - one.offsets.load_start_s
            start = max(moment, free_s, since_s, dock_s if length else 0)
            if start <= ends and day not in seen:
                seen.add(day)
                yield one.rigid_timing(problem, start)
            moment = ends + 1
    for point in one.points:
        length = point.depart_s - point.load_start_s
        if point.load_start_s >= max(free_s, since_s, dock_s if length else 0):
            yield point


def _after(problem, state, one, timing, position, dock, used):
    fleet = one.route.fleet
    vehicles = [list(line) for line in state.vehicles]
    free_s = None if problem.fleet[fleet].open_end else timing.end_s
    days = vehicles[fleet][position][1] | set(days_of(problem, timing))
    vehicles[fleet][position] = (free_s, days, used)
    docks = list(state.docks)
    if timing.depart_s > timing.load_start_s:
        docks[dock] = timing.depart_s
    left = state.left - set(one.route.consignments)
    done = [*state.done, Assignment(one, timing, position, dock)]
    return _State(left, vehicles, docks, timing.load_start_s, done)


def found_so_far(problem, state):
    """What no further trip can make better: weight late, as planned and in the worst case, lateness, cost."""
    last = {}
    for one in state.done:
        for stop, (_, end) in zip(one.candidate.stops, one.timing.services, strict=True):
            last[stop.region] = max(last.get(stop.region, 0), end)
    late = [
        (int(problem.weight[region]), end - problem.region_deadlines[region] + 1)
        for region, end in last.items()
        if end >= problem.region_deadlines[region]
    ]
    cost = Solution(problem, tuple(state.done)).cost
    weight_late = sum(weight for weight, _ in late)
    return weight_late, weight_late, sum(weight * over for weight, over in late), cost
