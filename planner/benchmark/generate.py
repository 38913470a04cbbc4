"""Random instances of any size, for measuring how a search scales: the same seed gives the same text."""

from __future__ import annotations

import math
import random

__all__ = ["LARGEST", "cvrp_text", "vrptw_text"]

LARGEST = 30_000  # customers
_STOPS = 20  # of a route, about
_PER_CLUSTER = 200  # customers
_Point = tuple[int, int]


def cvrp_text(customers: int, seed: int) -> str:
    """A CVRP instance in VRPLIB form: half of the customers in clusters, demands from 1 to 100.

    Parameters
    ----------
    customers
        From 1 to `LARGEST`.

    Raises
    ------
    ValueError
        If there are fewer or more.

    Examples
    --------
    >>> cvrp_text(3, seed=1) == cvrp_text(3, seed=1) != cvrp_text(3, seed=2)
    True
    """
    rng, points = _begun(customers, seed)
    demand = [rng.randint(1, 100) for _ in range(customers)]
    head = _head(f"C-n{customers}-s{seed}", "CVRP", customers)
    head += [f"CAPACITY : {max(100, _STOPS * 50)}"]
    return "\n".join([*head, *_points(points), *_demand(demand), *_DEPOT])


def vrptw_text(customers: int, seed: int) -> str:
    """A VRPTW instance in VRPLIB form: the same places, windows of a tenth to a half of the depot's day.

    Every customer can be served by a vehicle of its own.

    Raises
    ------
    ValueError
        If there are fewer than 1 or more than `LARGEST` customers.
    """
    rng, points = _begun(customers, seed)
    demand = [rng.randint(1, 50) for _ in range(customers)]
    service = 10
    size = max(max(point) for point in points)
    closes = 4 * size + 2 * _STOPS * service
    windows = [(0, closes)]
    for point in points[1:]:
        away = math.ceil(math.dist(points[0], point))
        first, last = away, closes - away - service
        width = rng.randint(closes // 10, closes // 2)
        middle = rng.randint(first, last)
        windows.append((max(first, middle - width // 2), min(last, middle + width // 2)))
    head = _head(f"TW-n{customers}-s{seed}", "VRPTW", customers)
    head += [f"CAPACITY : {_STOPS * 50}", f"SERVICE_TIME : {service}"]
    rows = [f"{number}\t{begin}\t{end}" for number, (begin, end) in enumerate(windows, start=1)]
    return "\n".join([*head, *_points(points), *_demand(demand), "TIME_WINDOW_SECTION", *rows, *_DEPOT])


_DEPOT = ("DEPOT_SECTION", "1", "-1", "EOF", "")


def _begun(customers: int, seed: int) -> tuple[random.Random, list[_Point]]:
    """The random numbers, and different points: the depot, then the customers."""
    if not 1 <= customers <= LARGEST:
        msg = f"customers: from 1 to {LARGEST}, not {customers}"
        raise ValueError(msg)
    rng = random.Random(seed)
    size = max(1000, round(30 * math.sqrt(customers)))
    centres = [_anywhere(rng, size) for _ in range(max(3, customers // _PER_CLUSTER))]
    found: dict[_Point, None] = {_anywhere(rng, size): None}
    while len(found) <= customers:
        point = _anywhere(rng, size)
        if len(found) % 2:
            x, y = rng.choice(centres)
            point = round(rng.gauss(x, size / 40)), round(rng.gauss(y, size / 40))
        if min(point) >= 0 and max(point) <= size:
            found[point] = None
    return rng, list(found)


def _anywhere(rng: random.Random, size: int) -> _Point:
    return rng.randint(0, size), rng.randint(0, size)


def _head(name: str, kind: str, customers: int) -> list[str]:
    return [
        f"NAME : {name}",
        "COMMENT : random; seed and number are in the name",
        f"TYPE : {kind}",
        f"DIMENSION : {customers + 1}",
        "EDGE_WEIGHT_TYPE : EUC_2D",
    ]


def _points(points: list[_Point]) -> list[str]:
    return ["NODE_COORD_SECTION", *(f"{number}\t{x}\t{y}" for number, (x, y) in enumerate(points, start=1))]


def _demand(demand: list[int]) -> list[str]:
    return ["DEMAND_SECTION", *(f"{number}\t{load}" for number, load in enumerate([0, *demand], start=1))]
