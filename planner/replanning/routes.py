"""Orders of goods that are worth trying on one trip, from the trips that were planned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import permutations

from planner.problem.problem import Route
from planner.problem.visits import fits_capacity
from planner.propose.bundles import bundle_routes
from planner.replanning.places import Place

__all__ = ["bundled", "orders_of", "orders_of_rest", "together"]

Order = tuple[int, ...]
# Where no more goods than this are opened every order of any of them is tried.
_FEW = 4
# Likewise, where several are for one place and need not travel together.
_FEW_PARTS = 5
_MOST_STOPS_MOVED = 8
_MOST_ORDERS_OF_REST = 120


def orders_of(
    place: Place,
    olds: Sequence[Order],
    positions: Sequence[int],
    loose: Sequence[int],
    most: int,
    *,
    tight: Collection[int] = (),
) -> list[Order]:
    """Orders worth trying, the more likely ones first.

    Parameters
    ----------
    place
        Where trips begin.
    olds
        Orders of the trips that are searched anew.
    positions
        All goods that may be loaded.
    loose
        Those that should travel otherwise: what is late or has no trip; each is tried on all others' trips.
    most
        No more orders than this besides the old ones.
    tight
        Receiving places that may not have room for all that a trip brings.
    """
    found: dict[Order, None] = {}
    for order in _likely(place, olds, positions, loose, tight):
        if order:
            found.setdefault(order)
        if len(found) >= most + len(olds):
            break
    return list(found)


def _likely(
    place: Place,
    olds: Sequence[Order],
    positions: Sequence[int],
    loose: Sequence[int],
    tight: Collection[int],
) -> Iterator[Order]:
    groups_of_all, groups = together(place, positions), together(place, loose)
    yield from olds
    yield from bundled(place, positions)
    yield from groups_of_all
    for group in (*groups, *groups_of_all):
        yield from _loads(place, group)
    yield from ((position,) for position in loose)
    yield from _topped_up(place, olds, groups)
    yield from ((position,) for position in positions)
    yield from _begins(place, olds, tight)
    if len(groups_of_all) <= _FEW:
        for length in range(2, len(groups_of_all) + 1):
            yield from (_joined(chosen) for chosen in permutations(groups_of_all, length))
    if len(groups_of_all) < len(positions) <= _FEW_PARTS:
        yield from _apart(place, positions)
    left = _without(olds, loose)
    yield from left
    yield from _without_one(place, olds)
    yield from _with_one_more(place, [*left, *olds], groups)
    yield from ((*one, *other) for one, other in permutations(olds, 2))
    yield from (_joined(pair) for pair in permutations(groups, 2))


def _loads(place: Place, group: Order) -> Iterator[Order]:
    """Goods for one place as few loads as each type of vehicle can take them in, in their order."""
    for fleet in range(len(place.problem.fleet)):
        left = group
        while left:
            load = _that_fit(place, (fleet,), (), left)
            if load:
                yield load
            left = left[max(1, len(load)) :]


def _that_fit(place: Place, fleet: Iterable[int], aboard: Order, group: Order) -> Order:
    """The first goods of a group that a vehicle of one of these types can take besides what is aboard."""
    most = 0
    for one in fleet:
        number = most
        while number < len(group) and fits_capacity(
            place.problem, Route(one, (*aboard, *group[: number + 1]))
        ):
            number += 1
        most = max(most, number)
    return group[:most]


def _topped_up(place: Place, olds: Sequence[Order], groups: Sequence[Order]) -> Iterator[Order]:
    """The trips with as many goods for a place on their way as they have room for, and all that is left."""
    every = range(len(place.problem.fleet))
    for group in groups:
        region = place.problem.consignments[group[0]].region
        for old in olds:
            others = [one for one in old if one not in group]
            at = [number for number, one in enumerate(others) if _region(place, one) == region]
            if at and (more := _that_fit(place, every, tuple(others), group)):
                yield (*others[: at[-1] + 1], *more, *others[at[-1] + 1 :])
                if len(more) < len(group):
                    yield group[len(more) :]


def _region(place: Place, position: int) -> int:
    return place.problem.consignments[position].region


def _begins(place: Place, olds: Sequence[Order], tight: Collection[int]) -> Iterator[Order]:
    """The trips to places with little room without their last goods, and these by themselves."""
    for old in olds:
        if any(place.problem.consignments[position].region in tight for position in old):
            for number in range(len(old) - 1, 0, -1):
                yield old[:number]
                yield old[number:]


def _apart(place: Place, positions: Sequence[int]) -> Iterator[Order]:
    """Every order of any of them, in which goods for one place need not all be there."""
    for length in range(2, len(positions) + 1):
        for order in permutations(positions, length):
            if order == _joined(tuple(sorted(group)) for group in together(place, order)):
                yield order


def _without(olds: Sequence[Order], loose: Collection[int]) -> list[Order]:
    """The trips that carry goods which should travel otherwise, without these."""
    gone = set(loose)
    return [tuple(one for one in old if one not in gone) for old in olds if not gone.isdisjoint(old)]


def _without_one(place: Place, olds: Sequence[Order]) -> Iterator[Order]:
    """The trips without one of their stops, and in two halves."""
    for old in olds:
        groups = together(place, old)
        for number in range(len(groups)):
            yield _joined([*groups[:number], *groups[number + 1 :]])
            if number:
                yield _joined(groups[:number])
                yield _joined(groups[number:])


def _with_one_more(place: Place, olds: Sequence[Order], groups: Sequence[Order]) -> Iterator[Order]:
    """The trips with one more stop, at any position."""
    for group in groups:
        for old in olds:
            others = [one for one in together(place, old) if not set(one) & set(group)]
            there = any(_region(place, one[0]) == _region(place, group[0]) for one in others)
            if len(others) <= _MOST_STOPS_MOVED and not there:
                for number in range(len(others) + 1):
                    yield _joined([*others[:number], group, *others[number:]])


def together(place: Place, positions: Iterable[int], *, decided: bool = True) -> list[Order]:
    """Goods for the same place side by side, and what goes together; in the order in which places come."""
    found: dict[int, list[int]] = {}
    for position in positions:
        found.setdefault(place.problem.consignments[position].region, []).append(position)
    bundles = place.problem.fixings.bundle_of if decided else {}
    joined: dict[object, list[int]] = {}
    for region, mine in found.items():
        joined.setdefault(bundles.get(region, region), []).extend(mine)
    return [tuple(mine) for mine in joined.values()]


def bundled(place: Place, positions: Iterable[int]) -> list[Order]:
    """Orders of what goes together by decision: the fewest trips that hold it, by each type of vehicle."""
    problem = place.problem
    found: dict[Order, None] = {}
    for bundle in problem.fixings.bundles:
        mine = [position for position in positions if problem.consignments[position].region in bundle]
        for fleet in range(len(problem.fleet)) if mine else ():
            found |= {one.consignments: None for one in bundle_routes(problem, fleet, mine)}
    return list(found)


def _joined(groups: Iterable[Order]) -> Order:
    return tuple(position for group in groups for position in group)


def orders_of_rest(place: Place, order: Order) -> list[Order]:
    """Orders in which a trip under way may serve its last stops: all where they are few, else one moved."""
    groups = together(place, order, decided=False)
    found: dict[Order, None] = {order: None}
    if len(groups) <= 5:
        for chosen in permutations(groups):
            found.setdefault(_joined(chosen))
    else:
        for number in range(len(groups)):
            rest = [*groups[:number], *groups[number + 1 :]]
            for there in range(len(groups)):
                found.setdefault(_joined([*rest[:there], groups[number], *rest[there:]]))
    return list(found)[:_MOST_ORDERS_OF_REST]
