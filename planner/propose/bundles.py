"""Trips to places that are served together by decision: engines do not know it, so their trips are mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from planner.problem.problem import Problem, Proposal, Route
from planner.problem.visits import fits_capacity

__all__ = ["bundle_routes", "by_bundle", "mended"]


def by_bundle(problem: Problem, consignments: Iterable[int]) -> list[list[int]]:
    """Consignments apart by region, those of regions that go together as one."""
    found: dict[object, list[int]] = {}
    for idx in consignments:
        region = problem.consignments[idx].region
        found.setdefault(problem.fixings.bundle_of.get(region, region), []).append(idx)
    return list(found.values())


def bundle_routes(problem: Problem, fleet: int, consignments: Sequence[int]) -> list[Route]:
    """The fewest trips of a type that each stop at all regions of some consignments; empty where none do.

    Each trip gets an even share of each region's consignments; its stops are in a short order.
    """
    of_region: dict[int, list[int]] = {}
    for idx in consignments:
        of_region.setdefault(problem.consignments[idx].region, []).append(idx)
    order = _short_order(problem, fleet, list(of_region))
    for number in range(1, min((len(mine) for mine in of_region.values()), default=0) + 1):
        routes = [
            Route(fleet, tuple(idx for region in order for idx in of_region[region][trip::number]))
            for trip in range(number)
        ]
        if all(fits_capacity(problem, one) for one in routes):
            return routes
    return []


def mended(problem: Problem, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Proposals in which what goes together is on the same trips.

    Where a bundle is torn, the trip with most of it takes it all, at the place of its first stop there; what
    finds no room is left out, so that trips of its own are made for it.
    """
    found = list(proposals)
    for bundle in problem.fixings.bundles:
        if any(0 < len(_there(problem, one, bundle)) < len(bundle) for one in found):
            found = _whole(problem, found, bundle)
    return found


def _there(problem: Problem, one: Proposal, bundle: frozenset[int]) -> set[int]:
    """Regions of a bundle that a trip stops at."""
    return {problem.consignments[idx].region for idx in one.route.consignments} & bundle


def _whole(problem: Problem, proposals: Sequence[Proposal], bundle: frozenset[int]) -> list[Proposal]:
    served = set(problem.served)
    mine = [idx for region in sorted(bundle) for idx in problem.consignments_of[region] if idx in served]
    host = max(range(len(proposals)), key=lambda idx: (len(_there(problem, proposals[idx], bundle)), -idx))
    found = []
    for position, one in enumerate(proposals):
        order = one.route.consignments
        rest = tuple(idx for idx in order if problem.consignments[idx].region not in bundle)
        if position == host:
            first = next(at for at, idx in enumerate(order) if problem.consignments[idx].region in bundle)
            before = sum(problem.consignments[idx].region not in bundle for idx in order[:first])
            joined = bundle_routes(problem, one.route.fleet, mine)
            if len(joined) == 1:
                whole = (*rest[:before], *joined[0].consignments, *rest[before:])
                if fits_capacity(problem, replace(one.route, consignments=whole)):
                    rest = whole
        if rest:
            found.append(replace(one, route=replace(one.route, consignments=rest)))
    return found


def _short_order(problem: Problem, fleet: int, regions: Sequence[int]) -> list[int]:
    """Regions in the order of nearest neighbours, turned round wherever that is shorter."""
    kind = problem.fleet[fleet]
    here, left, order = kind.origin, sorted(regions), list[int]()
    while left:
        nearest = min(left, key=lambda one: (kind.time_between(here, problem.place(one)), one))
        left.remove(nearest)
        order.append(nearest)
        here = problem.place(nearest)

    def length_s(tried: Sequence[int]) -> int:
        places = [kind.origin, *(problem.place(one) for one in tried)]
        places += [] if kind.open_end else [kind.origin]
        return sum(kind.time_between(*leg) for leg in zip(places, places[1:], strict=False))

    better = True
    while better:
        better = False
        for first in range(len(order)):
            for last in range(first + 1, len(order)):
                turned = [*order[:first], *order[first : last + 1][::-1], *order[last + 1 :]]
                if length_s(turned) < length_s(order):
                    order, better = turned, True
    return order
