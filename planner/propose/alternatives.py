"""The same trip by other ways, where edges are closed at times, leg by leg; and in other orders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, permutations, product

from planner.problem.fleet import FleetType, WayChoice
from planner.problem.problem import Problem, Route
from planner.problem.visits import Visit

__all__ = ["every_choice", "in_other_orders", "is_timed", "on_every_way", "on_one_choice"]

# So many legs choose freely of each other; where there are more a trip changes its choice once.
_FREE_LEGS = 3
_FEW_STOPS = 5  # that are tried in every order
Choices = tuple[WayChoice, ...]


def is_timed(problem: Problem, route: Route) -> bool:
    """Whether the least-time way of a leg has edges that are closed at times."""
    kind = problem.fleet[route.fleet]
    return kind.timed is not None and bool(_timed(kind, problem.legs_of(route)))


def on_one_choice(problem: Problem, route: Route) -> list[Route]:
    """The route by each choice of ways for all of its legs."""
    further = ((WayChoice.WAITS,), (WayChoice.AVOIDS,)) if is_timed(problem, route) else ()
    return [replace(route, by=by) for by in ((), *further)]


def on_every_way(problem: Problem, route: Route) -> list[Route]:
    """The route by each choice of ways for each of its legs; see `every_choice`."""
    kind = problem.fleet[route.fleet]
    return [replace(route, by=by) for by in every_choice(kind, problem.legs_of(route))]


def every_choice(kind: FleetType, legs: Sequence[tuple[int, int]]) -> list[Choices]:
    """Choices of ways for the legs of a trip, as in `Route.by`; first those that are one for all.

    Notes
    -----
    All combinations where up to three legs have edges that are closed at times. Where there are more, the
    legs up to one of them take the ways of one choice and those after it the ways of another: who leaves
    during a flood may come back after it.
    """
    timed = [] if kind.timed is None else _timed(kind, legs)
    if not timed:
        return [()]
    found: list[Choices] = [(), (WayChoice.WAITS,), (WayChoice.AVOIDS,)]
    for choices in _mixed([kind.choices_between(*legs[number]) for number in timed]):
        chosen = dict(zip(timed, choices, strict=True))
        if all(kind.by(by).reaches(*legs[number]) for number, by in chosen.items()):
            found.append(_of_legs(chosen))
    return found


def in_other_orders(route: Route, stops: Sequence[Visit], late: Collection[int]) -> Iterator[Route]:
    """A trip in other orders: all of a few stops; of more, each that is late at every place before."""
    loads = [stop.consignments for stop in stops]
    orders: Iterable[Sequence[tuple[int, ...]]] = permutations(loads)
    if len(loads) > _FEW_STOPS:
        orders = (
            (*loads[:to], loads[at], *loads[to:at], *loads[at + 1 :])
            for at, stop in enumerate(stops)
            if stop.region in late
            for to in range(at)
        )
    for order in orders:
        yield replace(route, consignments=tuple(chain(*order)), by=())


def _timed(kind: FleetType, legs: Sequence[tuple[int, int]]) -> list[int]:
    return [number for number, leg in enumerate(legs) if kind.timed_between(*leg) is not None]


def _mixed(choices: Sequence[Choices]) -> Iterator[Choices]:
    """Choices for legs, each of its own, that are not all the same."""
    number = len(choices)
    if number <= _FREE_LEGS:
        yield from (one for one in product(*choices) if len(set(one)) > 1)
        return
    for one, other in permutations(WayChoice, 2):
        yield from ((one,) * first + (other,) * (number - first) for first in range(1, number))


def _of_legs(chosen: Mapping[int, WayChoice]) -> Choices:
    """Choices up to the last leg at which they change; legs without one take that of the leg before them."""
    by, found = next(iter(chosen.values())), []
    for number in range(max(chosen) + 1):
        by = chosen.get(number, by)
        found.append(by)
    while found[-1] is found[-2]:
        found.pop()
    return tuple(found)
