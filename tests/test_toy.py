"""The toy's arithmetic: what docs/toy.md says by hand, by brute force over every division of the loads."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from pathlib import Path

import numpy as np
import pytest

from planner.instance.read import read_tables
from planner.instance.schema import Instance
from planner.network.travel import travel

TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"
BEST = 834_000


@pytest.fixture(scope="module")
def toy() -> Instance:
    instance, faults = read_tables(TOY)
    assert instance is not None
    assert not faults
    return instance


def cheapest(instance: Instance, vehicle: str, num_trips: int) -> int:
    """Least cost of one vehicle on one day that makes so many trips, over every division of the boxes."""
    kind = instance.vehicle_type_of[vehicle]
    ways = travel(instance, kind, ["store", *(one.id for one in instance.regions)])
    places = [at for at in range(1, len(ways.nodes)) if ways.reachable[0, at]]
    boxes = [instance.regions[at - 1].counts["boxes"] for at in places]
    best = None
    for first in product(*(range(number + 1) for number in boxes)):
        loads = (
            [first] if num_trips == 1 else [first, tuple(a - b for a, b in zip(boxes, first, strict=True))]
        )
        if [sum(part) for part in zip(*loads, strict=True)] != boxes or any(
            sum(load) > kind.pieces for load in loads
        ):
            continue
        cost = sum(trip_cost(kind, ways.time_s, ways.distance_m, places, load) for load in loads)
        best = cost if best is None else min(best, cost)
    assert best is not None
    return best + kind.price_vehicle + kind.price_day


def trip_cost(
    kind, time_s: np.ndarray, distance_m: np.ndarray, places: list[int], load: tuple[int, ...]
) -> int:
    stops = [at for at, boxes in zip(places, load, strict=True) if boxes]
    still_s = kind.load_fixed_s + sum(load) * (kind.load_piece_s + kind.unload_piece_s) + 600 * len(stops)
    costs = []
    for order in permutations(stops):
        legs = list(pairwise((0, *order, 0)))
        seconds = still_s + sum(int(time_s[leg]) for leg in legs)
        metres = sum(int(distance_m[leg]) for leg in legs)
        costs.append(kind.price_trip + kind.price_km * metres / 1000 + kind.price_hour * seconds / 3600)
    return int(min(costs) + 0.5)


def test_every_division_of_the_loads_costs_at_least_what_the_page_says(toy: Instance):
    assert cheapest(toy, "van", 2) + cheapest(toy, "boat", 1) == BEST


def test_one_van_trip_cannot_carry_all(toy: Instance):
    assert (
        sum(one.counts["boxes"] for one in toy.regions if one.area != "lake")
        > toy.vehicle_type_of["van"].pieces
    )


def test_page_and_brute_force_agree():
    page = (TOY.parents[1] / "docs" / "toy.md").read_text(encoding="utf-8")
    assert f"{BEST:,} UGX" in page
