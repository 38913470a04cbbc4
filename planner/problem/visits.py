"""What a trip visits, carries and costs, apart from its times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from planner.problem.fleet import FleetType, Prices
from planner.problem.problem import Problem, Route

__all__ = [
    "NEVER",
    "UNPROMISED_S",
    "Visit",
    "fits_capacity",
    "fits_rooms",
    "price_of",
    "release_s",
    "too_long",
    "trip_cost",
    "trip_distance_m",
    "visits",
]

NEVER = 2**62
UNPROMISED_S = 400 * 86_400
"""What nothing is promised of ends so much later than planned; longer than any plan. What is late even as
planned counts as twice so late, so that being on time as planned comes first."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop: a region and the consignments handed over there.

    None of them may be loaded before `release_s`; all are on time if the stop ends before `due_s`.
    """

    region: int
    pieces: int
    consignments: tuple[int, ...]
    release_s: int = 0
    due_s: int = NEVER


def visits(problem: Problem, consignments: Sequence[int]) -> tuple[Visit, ...]:
    """Stops of a sequence of consignments; neighbours for the same region are one stop."""
    found: list[Visit] = []
    for idx in consignments:
        one = problem.consignments[idx]
        if found and found[-1].region == one.region:
            last = found[-1]
            found[-1] = Visit(
                one.region,
                last.pieces + one.pieces,
                (*last.consignments, idx),
                max(last.release_s, one.release_s),
                min(last.due_s, problem.dues_s[idx]),
            )
        else:
            found.append(Visit(one.region, one.pieces, (idx,), one.release_s, problem.dues_s[idx]))
    return tuple(found)


def fits_rooms(problem: Problem, route: Route) -> bool:
    """Whether no stop unloads more than there is room for."""
    if not problem.rooms_cm3:
        return True
    loads = [problem.consignments[idx] for idx in route.consignments]
    return all(
        (room_cm3 := problem.rooms_cm3[region]) is None or sum(one.volume_cm3 for one in mine) <= room_cm3
        for region, mine in groupby(loads, key=lambda one: one.region)
    )


def fits_capacity(problem: Problem, route: Route) -> bool:
    """Whether a vehicle of the type holds all consignments, and each place what is unloaded at once."""
    kind = problem.fleet[route.fleet]
    loads = [problem.consignments[idx] for idx in route.consignments]
    return (
        sum(one.mass_g for one in loads) <= kind.mass_g
        and sum(one.volume_cm3 for one in loads) <= kind.volume_cm3
        and (kind.pieces is None or sum(one.pieces for one in loads) <= kind.pieces)
        and fits_rooms(problem, route)
    )


def release_s(stops: Iterable[Visit]) -> int:
    """Moment from which all that a trip carries may be loaded."""
    return max((stop.release_s for stop in stops), default=0)


def trip_distance_m(problem: Problem, kind: FleetType, stops: Sequence[Visit]) -> int:
    """Length of all legs of a trip."""
    here, total = kind.origin, 0
    for stop in stops:
        there = problem.place(stop.region)
        total += kind.distance_between(here, there)
        here = there
    return total if kind.open_end else total + kind.distance_between(here, kind.origin)


def too_long(problem: Problem, kind: FleetType, stops: Sequence[Visit]) -> bool:
    """Whether a trip has more metres than its type may drive."""
    return kind.max_trip_m is not None and trip_distance_m(problem, kind, stops) > kind.max_trip_m


def trip_cost(kind: FleetType, distance_m: int, paid_s: int) -> int:
    """Price of a trip, rounded once, half up; see ``docs/concepts.md``, Cost."""
    return price_of(kind.prices, distance_m, paid_s)


def price_of(prices: Prices, distance_m: int, paid_s: int) -> int:
    """Price of a trip by the prices of its vehicle, rounded once, half up."""
    exact_3600000 = prices.trip * 3_600_000 + prices.km * distance_m * 3600 + prices.hour * paid_s * 1000
    return (2 * exact_3600000 + 3_600_000) // 7_200_000
