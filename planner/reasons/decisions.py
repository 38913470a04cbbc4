"""Whether a decision is why a region is late or goes without, from its own trips alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from planner.building.blocked import Reason
from planner.building.decisions import with_fixings
from planner.building.direct_trips import direct_trips
from planner.compose.solution import Solution
from planner.instance.decisions import Ruling
from planner.plans.model import ReasonCode
from planner.problem.problem import Problem, Route
from planner.problem.visits import fits_capacity
from planner.propose.bundles import bundle_routes
from planner.propose.pool import candidate

__all__ = ["decision_reason", "departures_full", "fleet_decisions", "perhaps_decided"]

# Regions that go together are tried in every order, if they are no more than these.
_MOST_IN_ORDER = 6


def decision_reason(problem: Problem, region: int) -> Reason | None:
    """Key of the reason and what its text needs, where decisions are the cause; else None.

    Notes
    -----
    They are the cause where the region would be on time alone without them, but is not with them. Named is
    the first decision that suffices for that by itself, or all of them where only several together do.
    """
    decided, free = problem.fixings, problem.unfixed
    if free is None:
        return None
    if region in decided.left_out:
        return ReasonCode.LEFT_OUT, {"decision": decided.left_out[region]}
    if not problem.consignments_of[region]:
        return None
    for deadline_s in (problem.region_deadlines[region], problem.horizon_s + 1):  # in time; at all
        if _free_by(problem, free, region, deadline_s) and not _by(problem, region, deadline_s):
            causes = _causes(problem, free, region, deadline_s)
            return (ReasonCode.DECIDED, {"decisions": named(causes)}) if causes else None
    return None


def _causes(problem: Problem, free: Problem, region: int, deadline_s: int) -> Sequence[Ruling]:
    """The decisions of people that are the cause; none where only trips that stay are in the way.

    Those that are left suffice together, and without any one of them they do not.
    """
    decided = problem.fixings
    rulings = [one for one in decided.rulings if one.id]
    for one in rulings:
        if not _by(_under(problem, free, [one]), region, deadline_s):
            return [one]
    there = decided.bundle_of.get(region, frozenset({region}))
    mine = {one.id for place in there for one in decided.bearing.get(place, ())}
    causes = [one for one in rulings if one.vehicles or one.id in mine]
    for suffices in (causes, rulings):
        if not _by(_under(problem, free, suffices), region, deadline_s):
            left = suffices
            for one in suffices:
                rest = [other for other in left if other is not one]
                left = left if _by(_under(problem, free, rest), region, deadline_s) else rest
            return left
    return []


def fleet_decisions(problem: Problem, kinds: Collection[str]) -> str:
    """Decisions that leave less of these vehicle types; empty: none does."""
    return named(
        [
            one
            for one in problem.fixings.rulings
            if (one.bars_vehicles or ((one.days or one.hours) and not one.places))
            and any(kind in kinds for kind, _ in one.vehicles)
        ]
    )


def departures_full(problem: Problem, solution: Solution, region: int) -> Reason | None:
    """Whether decisions leave too few departures for a region and others that have no further ones.

    Notes
    -----
    Who is loaded leaves at once, so that a dock lets one vehicle leave at a moment. It is said only where all
    these departures are taken and what is to be brought needs more trips even if each is as full as the
    largest vehicle: then not all of these regions can be in time in any plan.
    """
    mine = _departures(problem, region)
    if mine is None or not mine.moments:
        return None
    docks = problem.origins[mine.origin].every.docks
    slots = docks * len(mine.moments)
    taken = sum(
        one.timing.depart_s in mine.moments
        and one.timing.load_start_s < one.timing.depart_s
        and problem.fleet[one.candidate.route.fleet].origin == mine.origin
        for one in solution.assignments
    )
    if taken < slots or _fewest_trips(problem, mine) <= slots:
        return None
    rulings = [one for one in _concerning(problem, region) if one.hours]
    params = {"decisions": named(rulings), "warehouse": problem.place_names[mine.origin], "docks": str(docks)}
    return ReasonCode.DEPARTURES_FULL, params | {"number": str(slots)}


@dataclass(frozen=True)
class _Departures:
    """Moments before a region's deadline at which its trips may depart, from one origin, after loading."""

    origin: int
    moments: frozenset[int]
    kinds: frozenset[int]


def _departures(problem: Problem, region: int) -> _Departures | None:
    """The departures of a region's trips; None where some leave whenever they like, or without loading."""
    kinds = {idx: kind for idx, kind in enumerate(problem.fleet) if kind.serves[region]}
    there = problem.fixings.departures_to.get(region)
    limits = [
        [one for one in (problem.fixings.departures_of.get(idx), there) if one is not None] for idx in kinds
    ]
    origins = {kind.origin for kind in kinds.values()}
    if not all(limits) or len(origins) != 1 or any(not kind.load_fixed_s for kind in kinds.values()):
        return None
    deadline_s = problem.region_deadlines[region]
    moments = {one for sets in limits for one in frozenset.intersection(*sets) if one < deadline_s}
    return _Departures(origins.pop(), frozenset(moments), frozenset(kinds))


def _fewest_trips(problem: Problem, mine: _Departures) -> int:
    """Fewest trips for all regions that have no departures but these, each as full as the largest vehicle."""
    alike = [
        (region, other)
        for region in range(problem.num_regions)
        if (other := _departures(problem, region)) is not None
        and other.origin == mine.origin
        and other.moments <= mine.moments
    ]
    served = set(problem.served)
    loads = [
        problem.consignments[idx]
        for region, _ in alike
        for idx in problem.consignments_of[region]
        if idx in served
    ]
    kinds = [problem.fleet[idx] for idx in sorted({idx for _, other in alike for idx in other.kinds})]
    pairs = [
        (sum(one.mass_g for one in loads), max(kind.mass_g for kind in kinds)),
        (sum(one.volume_cm3 for one in loads), max(kind.volume_cm3 for kind in kinds)),
    ]
    pieces = [kind.pieces for kind in kinds if kind.pieces is not None]
    if len(pieces) == len(kinds):
        pairs.append((sum(one.pieces for one in loads), max(pieces)))
    return max(-(-load // max(1, room)) for load, room in pairs)


def perhaps_decided(problem: Problem, region: int) -> str:
    """Decisions that may keep a region from being on time, as it would be alone without them; empty: none."""
    free = problem.unfixed
    if free is None or not _free_by(problem, free, region, problem.region_deadlines[region]):
        return ""
    return named(_concerning(problem, region))


def _concerning(problem: Problem, region: int) -> list[Ruling]:
    """Decisions of people about a region, or about vehicles that could bring it something."""
    free, there = problem.unfixed or problem, problem.place(region)
    kinds = {kind.id for kind in free.fleet if kind.reaches(kind.origin, there)}
    mine = problem.fixings.bearing.get(region, ())
    return [
        one
        for one in problem.fixings.rulings
        if one.id and (one in mine or (not one.places and any(kind in kinds for kind, _ in one.vehicles)))
    ]


def named(rulings: Sequence[Ruling]) -> str:
    """Decisions for a text: their ids, and what they say.

    Examples
    --------
    >>> from planner.instance.schema import DecisionRule
    >>> named([Ruling("D1", DecisionRule.DAY, "day A 2024-11-25")])
    'D1 (day A 2024-11-25)'
    """
    return ", ".join(f"{one.id} ({one.text})" for one in rulings)


def _free_by(problem: Problem, free: Problem, region: int, deadline_s: int) -> bool:
    """Whether the smallest load of a region would be there alone before a moment, without decisions."""
    pieces = min(problem.consignments[idx].pieces for idx in problem.consignments_of[region])
    release_s = min(problem.consignments[idx].release_s for idx in problem.consignments_of[region])
    return any(
        timing.services[-1][1] < deadline_s
        for kind in free.fleet
        for timing in direct_trips(free, kind, region, pieces, release_s)
    )


def _under(problem: Problem, free: Problem, rulings: Sequence[Ruling]) -> Problem:
    """The problem under some decisions alone."""
    bundled = {problem.places[problem.place(one)] for bundle in problem.fixings.bundles for one in bundle}
    bundled |= {problem.places[problem.place(one)] for one in problem.fixings.scattered}
    bare = replace(free, consignments=problem.consignments, unserved=frozenset())
    return with_fixings(bare, rulings, bundled | _elsewhere(rulings, problem))


def _elsewhere(rulings: Sequence[Ruling], problem: Problem) -> set[str]:
    """Places of decisions that are not in this echelon, where its own go with them."""
    here = set(problem.places)
    return (
        {name for one in rulings for name in one.regions if name not in here}
        if (problem.fixings.scattered)
        else set()
    )


def _by(problem: Problem, region: int, deadline_s: int) -> bool:
    """Whether the smallest load of a region, with what must go with it, can be there before a moment.

    Of what has too many orders to try them all it is assumed wherever a vehicle holds it.
    """
    smallest = [
        min(problem.consignments_of[one], key=lambda idx: problem.consignments[idx].pieces)
        for one in sorted(problem.fixings.bundle_of.get(region, frozenset({region})))
        if problem.consignments_of[one]
    ]
    if len(smallest) > _MOST_IN_ORDER:
        routes = (Route(fleet, tuple(smallest)) for fleet in range(len(problem.fleet)))
        return any(fits_capacity(problem, route) for route in routes)
    for fleet in range(len(problem.fleet)):
        for route in _routes(problem, fleet, smallest):
            trip = candidate(problem, route)
            if trip is None:
                continue
            stop = next(one for one, visit in enumerate(trip.stops) if visit.region == region)
            timings = [*trip.points]
            if trip.offsets is not None:
                timings += [trip.rigid_timing(problem, low) for low, _ in trip.starts]
            if any(one.services[stop][1] < deadline_s for one in timings):
                return True
    return False


def _routes(problem: Problem, fleet: int, consignments: Sequence[int]) -> Iterator[Route]:
    """Trips with all of some consignments: a short one first, then in every order."""
    if len(consignments) > 1:
        yield from bundle_routes(problem, fleet, consignments)
    yield from (Route(fleet, order) for order in permutations(consignments))
