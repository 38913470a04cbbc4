"""The independent verifier of benchmark solutions: from a file's fields and a solution's text, nothing else.

It shares no code with the reading of problems, with the engines or with the scheduler. Coordinates and times
are exact fractions, distances are rounded by integer square roots, so that no float decides anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, isqrt
from typing import Any

from planner.benchmark.files import SetFile

__all__ = ["Broken", "Verdict", "verify"]

# Name of the convention: what values are multiplied by, whether they are cut off (else the nearest integer is
# taken), and what the integer cost is divided by for the published one.
_RULES = {
    "round": (1, False, 1),
    "dimacs/10": (10, True, 10),
    "exact/1000": (1000, False, 1000),
    "exact/1000, costs/100": (1000, False, 100_000),
}
_ROUTE = re.compile(r"\s*route\s*#?\s*(\d+)\s*:(.*)", re.IGNORECASE)
_COST = re.compile(r"\s*cost\s*:?\s*(\S+)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that a solution breaks.

    Parameters
    ----------
    rule
        One of: ``unreadable``, ``unknown``, ``missing``, ``twice``, ``fleet``, ``reload``, ``capacity``,
        ``window``, ``closing``, ``duration``, ``distance``, ``stated_cost``.
    route
        Number of the route in the file; None where it is about no route.
    place
        Number of the place in the file.
    amount
        By how much, in the integers of the convention; 1 where nothing is measured.
    """

    rule: str
    route: int | None
    place: int | None
    amount: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier found.

    Parameters
    ----------
    cost
        Cost of the routes as they stand, in the integers of the convention.
    published
        The same in the unit that the set publishes.
    """

    broken: tuple[Broken, ...]
    cost: int
    published: Fraction

    @property
    def feasible(self) -> bool:
        """Whether no rule is broken."""
        return not self.broken


@dataclass(frozen=True, slots=True)
class _Vehicle:
    depot: int
    capacity: Fraction
    fixed: int
    per_distance: int
    duration: int | None
    distance: int | None
    trips: int
    reload_at: frozenset[int]


def verify(file: SetFile, convention: str, text: str) -> Verdict:
    """Check a solution and compute its cost.

    Parameters
    ----------
    file
        The instance.
    convention
        ``round``, ``dimacs/10``, ``exact/1000`` or ``exact/1000, costs/100``.
    text
        The solution: lines ``Route #k: …`` and ``Cost …``. Where vehicles differ, k is the vehicle's number;
        where a vehicle makes several trips, the depot's number stands between them.

    Raises
    ------
    KeyError
        If there is no such convention.
    """
    world = _World(file, convention)
    broken: list[Broken] = []
    routes, stated = _parsed(text, broken)
    cost = 0
    seen: dict[int, int] = {}
    for number, trips, vehicle in _assigned(world, routes, broken):
        cost += vehicle.fixed
        for trip in trips:
            cost += vehicle.per_distance * world.length(vehicle.depot, trip)
            for place in trip:
                seen[place] = seen.get(place, 0) + 1
        broken.extend(_one_vehicle(world, number, trips, vehicle))
    for place in range(world.num_depots, world.num_places):
        times = seen.get(place, 0)
        if times != 1:
            broken.append(Broken("twice" if times else "missing", None, place, max(1, times - 1)))
    published = Fraction(cost, _RULES[convention][2])
    if not _agrees(stated, cost, published):
        broken.append(Broken("stated_cost", None, None, 1))
    return Verdict(tuple(broken), cost, published)


def _parsed(text: str, broken: list[Broken]) -> tuple[list[tuple[int, list[int]]], str | None]:
    """Routes with their numbers, and the cost as it is stated."""
    routes: list[tuple[int, list[int]]] = []
    stated = None
    for line in text.splitlines():
        if found := _ROUTE.match(line):
            try:
                routes.append((int(found[1]), [int(one) for one in found[2].split()]))
            except ValueError:
                broken.append(Broken("unreadable", int(found[1]), None, 1))
        elif found := _COST.match(line):
            stated = found[1]
        elif line.strip().lower().startswith("route"):
            broken.append(Broken("unreadable", None, None, 1))
    return routes, stated


def _agrees(stated: str | None, cost: int, published: Fraction) -> bool:
    """Whether a stated cost is the integer one, or the published one to as many decimals as it has."""
    if stated is None:
        return True
    try:
        value = Fraction(stated)
    except (ValueError, ZeroDivisionError):
        return False
    decimals = len(stated.partition(".")[2]) if "e" not in stated.lower() else 0
    return value == cost or abs(value - published) * 2 * 10**decimals <= 1


def _assigned(
    world: _World, routes: Sequence[tuple[int, list[int]]], broken: list[Broken]
) -> Iterator[tuple[int, list[list[int]], _Vehicle]]:
    """Each used vehicle with its number and trips."""
    used: set[int] = set()
    for number, places in routes:
        if not places:
            continue
        position = number - 1 if world.vehicles_differ else len(used)
        if position in used or not 0 <= position < len(world.vehicles):
            broken.append(Broken("fleet", number, None, 1))
        vehicle = world.vehicles[position if 0 <= position < len(world.vehicles) else 0]
        used.add(position)
        known = [place for place in places if 0 <= place < world.num_places]
        broken.extend(Broken("unknown", number, place, 1) for place in places if place not in known)
        yield number, _trips(world, number, known, vehicle, broken), vehicle


def _trips(
    world: _World, number: int, places: Sequence[int], vehicle: _Vehicle, broken: list[Broken]
) -> list[list[int]]:
    """A route cut at the depots it calls at."""
    trips: list[list[int]] = [[]]
    for place in places:
        if place >= world.num_depots:
            trips[-1].append(place)
            continue
        if place not in vehicle.reload_at or place != vehicle.depot:
            broken.append(Broken("reload", number, place, 1))
        trips.append([])
    trips = [trip for trip in trips if trip]
    if len(trips) > vehicle.trips:
        broken.append(Broken("reload", number, None, len(trips) - vehicle.trips))
    return trips


def _one_vehicle(
    world: _World, number: int, trips: Sequence[Sequence[int]], vehicle: _Vehicle
) -> Iterator[Broken]:
    for trip in trips:
        excess = sum((world.demand[place] for place in trip), Fraction(0)) - vehicle.capacity
        if excess > 0:
            yield Broken("capacity", number, trip[0], max(1, floor(excess)))
    length = sum(world.length(vehicle.depot, trip) for trip in trips)
    if vehicle.distance is not None and length > vehicle.distance:
        yield Broken("distance", number, None, length - vehicle.distance)
    yield from _in_time(world, number, trips, vehicle)


def _in_time(
    world: _World, number: int, trips: Sequence[Sequence[int]], vehicle: _Vehicle
) -> Iterator[Broken]:
    """Windows, releases, the depot's closing, and the least duration of the whole round.

    Notes
    -----
    A part of a round is known by its least duration, and by the earliest and the latest start that have it
    (Vidal, Crainic, Gendreau, Prins 2013, Computers & Operations Research 40(1), 475-489).
    """
    depot = vehicle.depot
    opens, closes = world.windows[depot]
    spent, turned_back, earliest, latest = 0, 0, opens, closes
    for trip in trips:
        released = max([opens, *(world.release[place] for place in trip)])
        stops = [(depot, 0, released, closes)]
        for here, place in zip((depot, *trip), (*trip, depot), strict=True):
            stops.append((place, world.distance(here, place), *world.windows[place]))
        for place, step, begin, end in stops:
            spent += step
            passed = spent - turned_back
            waits = max(begin - passed - latest, 0)
            late = max(earliest + passed - end, 0)
            earliest, latest = max(begin - passed, earliest) - waits, min(end - passed, latest) + late
            if late:  # the clock is turned back, so that one delay is counted once
                turned_back += late
                yield Broken("closing" if place == depot else "window", number, place, late)
            spent += waits + world.service[place]
    if not turned_back and vehicle.duration is not None and spent > vehicle.duration:
        yield Broken("duration", number, None, spent - vehicle.duration)


class _World:
    """What the fields mean, in integers."""

    def __init__(self, file: SetFile, convention: str) -> None:
        self._factor, self._cut_off, _ = _RULES[convention]
        fields = file.fields
        self.num_places, self.num_depots = file.num_places, file.num_depots
        size = self.num_places
        self._matrix = fields.get("edge_weight")
        self._points = [] if self._matrix is not None else [_exact_pair(one) for one in fields["node_coord"]]
        self.demand = [_exact(one) for one in _spread(fields.get("demand", 0), size)]
        service = fields.get("service_time", 0)
        self.service = [self._whole(one) for one in _spread(service, size)]
        self.service[: self.num_depots] = [0] * self.num_depots
        self.release = [self._whole(one) for one in _spread(fields.get("release_time", 0), size)]
        self.release[: self.num_depots] = [0] * self.num_depots
        self.windows = self._read_windows(fields.get("time_window"))
        self.vehicles = self._read_vehicles(file)
        self.vehicles_differ = len(set(self.vehicles)) > 1

    def _whole(self, value: Any) -> int:  # noqa: ANN401
        """A value of the file in the integers of the convention."""
        exact = self._factor * _exact(value)
        return floor(exact) if self._cut_off else round(exact)

    def distance(self, here: int, there: int) -> int:
        """Integer distance, which is also the time."""
        if self._matrix is not None:
            return self._whole(self._matrix[here][there])
        (x, y), (u, v) = self._points[here], self._points[there]
        square = self._factor**2 * ((x - u) ** 2 + (y - v) ** 2)
        if self._cut_off:
            return isqrt(floor(square))
        # The nearest integer r to a root: the largest one with (2 r - 1)^2 <= 4 square.
        return (isqrt(floor(4 * square)) + 1) // 2

    def length(self, depot: int, trip: Sequence[int]) -> int:
        """Length of a trip from a depot and back."""
        return sum(self.distance(*leg) for leg in zip((depot, *trip), (*trip, depot), strict=True))

    def _read_windows(self, rows: Any) -> list[tuple[int, int]]:  # noqa: ANN401
        if rows is None:
            return [(0, 10**15)] * self.num_places
        return [(self._whole(begin), self._whole(end)) for begin, end in rows]

    def _read_vehicles(self, file: SetFile) -> list[_Vehicle]:
        fields = file.fields
        number = int(fields.get("vehicles", file.num_customers))
        reloads = _spread(fields.get("vehicles_reload_depot", 0), number)
        most = _spread(fields.get("vehicles_max_reloads", 10**9), number)

        def column(name: str, default: int) -> list[Any]:
            return _spread(fields.get(name, default), number)

        def limits(name: str) -> list[int | None]:
            found = fields.get(name)
            return [None if found is None else self._whole(one) for one in _spread(found, number)]

        return [
            _Vehicle(
                depot=int(depot) - 1,
                capacity=_exact(capacity),
                fixed=self._whole(fixed),
                per_distance=int(per_distance),
                duration=duration,
                distance=distance,
                trips=1 + int(again) if reload else 1,
                reload_at=frozenset({int(reload) - 1} if reload else ()),
            )
            for depot, capacity, fixed, per_distance, duration, distance, again, reload in zip(
                column("vehicles_depot", 1),
                column("capacity", 10**15),
                column("vehicles_fixed_cost", 0),
                column("vehicles_unit_distance_cost", 1),
                limits("vehicles_max_duration"),
                limits("vehicles_max_distance"),
                most,
                reloads,
                strict=True,
            )
        ]


def _spread(value: Any, size: int) -> list[Any]:  # noqa: ANN401
    """One value for all, or all values."""
    return [value] * size if isinstance(value, int | float | str) or value is None else list(value)


def _exact(value: Any) -> Fraction:  # noqa: ANN401
    """The decimal number that stood in the file."""
    return Fraction(str(value))


def _exact_pair(pair: Any) -> tuple[Fraction, Fraction]:  # noqa: ANN401
    return _exact(pair[0]), _exact(pair[1])
