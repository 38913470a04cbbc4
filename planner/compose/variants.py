"""Timed variants: what a candidate looks like within one interval of starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from planner.instance.schema import Overnight
from planner.network.calendars import day_index
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.propose.alternatives import is_timed
from planner.propose.pool import Candidate

__all__ = ["Variant", "guards", "undominated", "variant_at", "variants_of", "variants_of_one"]


_FEW = 100  # trips; beyond that they have no further starts


@dataclass(frozen=True)
class Variant:
    """One candidate within one interval of starts."""

    candidate: int
    low_s: int
    high_s: int
    timing: Timing  # for a start at low_s
    cost: int
    late: tuple[int, ...]  # regions late from every start of the interval

    def receipt_s(self, trip: Candidate, region: int) -> int:
        """Last receipt of a region, for a start of its trip at low_s."""
        services = zip(trip.stops, self.timing.services, strict=True)
        return max(end for stop, (_, end) in services if stop.region == region)

    def over_s(self, trip: Candidate, region: int) -> int:
        """By how much something for a region is late, for a start of its trip at low_s."""
        stops = enumerate(trip.stops)
        return max(self.timing.over_s(number, stop.due_s) for number, stop in stops if stop.region == region)

    def is_late(self, trip: Candidate, region: int) -> bool:
        """Whether something for a region is late even as planned, from every start of the interval."""
        stops = enumerate(trip.stops)
        return any(self.timing.is_late(number, stop.due_s) for number, stop in stops if stop.region == region)


def variants_of(
    problem: Problem,
    candidates: Sequence[Candidate],
    *,
    with_late: bool,
    skips: Callable[[Candidate], bool] = lambda _: False,
) -> list[Variant]:
    """Variants of all candidates.

    Parameters
    ----------
    problem, candidates
        The echelon, and trips of it.
    with_late
        Whether there are also those that do not have every stop on time.
    skips
        Whether a candidate is to have none, for want of time.
    """
    found: list[Variant] = []
    few = len(candidates) <= _FEW
    for position, one in enumerate(candidates):
        if skips(one):
            continue
        mine = [
            *variants_of_one(problem, one, position),
            *(_ends_that_pause(problem, one, position) if few else ()),
        ]
        found += [same for same in mine if with_late or problem.hopeless.issuperset(same.late)]
    return found


def undominated(
    problem: Problem,
    candidates: Sequence[Candidate],
    variants: Sequence[Variant],
    hubs: Collection[int] = (),
) -> list[Variant]:
    """Variants without those that have no use beside others, where edges have hours.

    Parameters
    ----------
    problem, candidates, variants
        The echelon, trips of it, and their variants.
    hubs
        Receiving places from which goods go on.

    Notes
    -----
    A variant is of no use where the same type brings the same goods at no more cost, begins no earlier, is
    free no later, brings nothing to a hub later, and makes nobody late, or later, than that variant does: it
    has its place in every plan. Of those that begin at another moment there must be two, since one dock may
    be taken; they take the place of single starts only.
    """
    groups: dict[tuple[int, frozenset[int]], list[Variant]] = {}
    timed = False
    kept: set[int] = set()
    for one in variants:
        route = candidates[one.candidate].route
        if not problem.lot_of.keys().isdisjoint(route.consignments) or problem.nights:
            kept.add(id(one))  # its day may be that of others, or a cheaper one
        timed = timed or is_timed(problem, route)
        groups.setdefault((route.fleet, frozenset(route.consignments)), []).append(one)
    if not timed:
        return list(variants)
    for mine in groups.values():
        mine.sort(key=lambda one: (one.cost, one.timing.free_s, -one.low_s, one.high_s))
        some: list[Variant] = []
        for one in mine:
            if not _is_dominated(candidates, one, some, hubs):
                some.append(one)
        kept.update(id(one) for one in some)
    return [one for one in variants if id(one) in kept]


def _is_dominated(
    candidates: Sequence[Candidate], one: Variant, others: Sequence[Variant], hubs: Collection[int]
) -> bool:
    """Whether one of a start, or two, of no more cost take its place; see `undominated`."""
    number = 0
    places = {*hubs, *one.late}
    ends = _ends_that_count(candidates[one.candidate], one, places)
    for other in others:
        lasts_s = other.timing.free_s - other.low_s
        latest_s = min(other.high_s, one.timing.free_s - lasts_s)
        begin_s = max(one.low_s, other.low_s)
        if latest_s < begin_s or not set(other.late) <= set(one.late):
            continue
        if one.low_s < one.high_s and not other.low_s <= one.low_s < one.high_s <= other.high_s:
            continue
        if ends:
            theirs = _ends_that_count(candidates[other.candidate], other, places)
            if any(moment + begin_s - other.low_s > ends[key] for key, moment in theirs.items()):
                continue
            latest_s = begin_s
        number += 1
        if number == 2 or other.low_s <= one.low_s <= latest_s:
            return True
    return False


def _ends_that_count(trip: Candidate, one: Variant, places: Collection[int]) -> dict[tuple[int, bool], int]:
    """Last ends of services at some places, by place and whether as planned."""
    found: dict[tuple[int, bool], int] = {}
    for number, stop in enumerate(trip.stops):
        if stop.region in places:
            ends_s = one.timing.services[number][1], one.timing.promised_s[number]
            for planned, end_s in zip((True, False), ends_s, strict=True):
                found[stop.region, planned] = max(end_s, found.get((stop.region, planned), 0))
    return found


def _ends_that_pause(problem: Problem, one: Candidate, position: int) -> Iterator[Variant]:
    """First and last starts from which a trip runs through as planned, but pauses when it is late.

    From each by itself more may be promised than from all between them. Only of types whose late crews pause
    where nobody does as planned: those that must be home, and those who may work only so long.
    """
    kind = problem.fleet[one.route.fleet]
    if not kind.gamma or (kind.late_work_s is None and kind.overnight is not Overnight.HOME):
        return
    for low, high in _cut_at_deadlines(problem, one):
        if low < high and not any(begin <= low and high <= end for begin, end in one.firm):
            for moment in (low, high):
                timing = one.rigid_timing(problem, moment)
                if timing.sure_s == timing.promised_s:
                    yield variant_at(problem, one, position, timing)


def variants_of_one(problem: Problem, one: Candidate, position: int) -> list[Variant]:
    """All variants of a candidate at a position."""
    found: list[Variant] = []
    rigid = [
        (low, high, one.timing_over(problem, low, high)) for low, high in _cut_at_deadlines(problem, one)
    ]
    points = [(point.load_start_s, point.load_start_s, point) for point in one.all_points()]
    for _, high, timing in [*rigid, *points]:
        found.append(variant_at(problem, one, position, timing, high))
    return found


def variant_at(
    problem: Problem, one: Candidate, position: int, timing: Timing, high_s: int | None = None
) -> Variant:
    """A candidate from one start on, until another.

    Parameters
    ----------
    problem, one
        The echelon, and the candidate.
    position
        Of the candidate among all.
    timing
        Its times for the first start.
    high_s
        The last start, in seconds; None: there is only the first.
    """
    late = {stop.region for stop, end in zip(one.stops, timing.promised_s, strict=True) if end >= stop.due_s}
    low_s = timing.load_start_s
    cost = one.cost(problem.fleet[one.route.fleet], timing) + guards(problem, one, timing, problem.whole)
    return Variant(position, low_s, low_s if high_s is None else high_s, timing, cost, tuple(sorted(late)))


def guards(
    problem: Problem,
    one: Candidate,
    timing: Timing,
    regions: Collection[int] | None = None,
    *,
    start_s: int = 0,
) -> int:
    """Price of the nights at (some) regions of a trip, if it is the first that comes there.

    Parameters
    ----------
    problem, one, timing
        The echelon, and the candidate with its times.
    regions
        Those that count; None: all.
    start_s
        By how much later it is than these times.
    """
    if not problem.nights:
        return 0
    total, seen = 0, set[int]()
    for stop, (_, end) in zip(one.stops, timing.services, strict=True):
        if stop.region not in seen and (regions is None or stop.region in regions):
            seen.add(stop.region)
            total += problem.guard_of(stop.region, day_index(problem.midnights, start_s + end))
    return total


def _cut_at_deadlines(problem: Problem, one: Candidate) -> list[tuple[int, int]]:
    """Rigid starts, cut by days, where a region becomes late, less is promised, or something comes."""
    if one.offsets is None:
        return []
    cuts = {stop.due_s - end for stop, end in zip(one.stops, one.offsets.promised_s, strict=True)}
    cuts.update(moment for low, high in one.firm for moment in (low, high + 1))
    cuts.update(stop.due_s - end for stop, (_, end) in zip(one.stops, one.offsets.services, strict=True))
    for stop, (_, end) in zip(one.stops, one.offsets.services, strict=True):
        if stop.region in problem.by_day or (problem.nights and problem.nights[stop.region][0]):
            cuts.update(midnight - end for midnight in problem.midnights)
    moments = sorted(cuts.union(problem.midnights, problem.arrivals))
    found: list[tuple[int, int]] = []
    for low, high in one.starts:
        begin = low
        for moment in moments:
            if begin < moment <= high:
                found.append((begin, moment - 1))
                begin = moment
        found.append((begin, high))
    return found
