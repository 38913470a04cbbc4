"""What decisions mean for the kernel: hours at which trips depart, and jobs that go on the same trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.network.calendars import Interval
from planner.problem.problem import Problem
from planner.propose.bundles import bundle_routes
from planner.propose.sisr.kernel.arrays import FAR

__all__ = ["Decided", "decided", "mates_among"]

# Of more sets than these only those of single decisions are told apart: any two others exclude each other.
_MOST_SETS = 64
_FREE, _NEVER = 0, 1


@dataclass(frozen=True)
class Decided:
    """Hours and bundles of an echelon.

    Parameters
    ----------
    hours_of_fleet
        Of each vehicle type the number of its set of departures; 0: whenever it likes.
    hours_of_region
        Likewise, of the regions for which there is one.
    sets
        Departures of each set, with the number of each among all; of sets 0 and 1 none; last all of them.
    meet
        int32, shape (sets, sets): the set of what two of them have in common; 1: nothing.
    moments
        How many departures there are in all; at least 1 where any are decided, be there none left.
    rings
        Consignments that go on one trip.
    torn
        Consignments that can go on no trip, since not all are there that go with them.
    """

    hours_of_fleet: tuple[int, ...]
    hours_of_region: Mapping[int, int]
    sets: tuple[tuple[Interval, ...], ...]
    meet: NDArray[np.int32]
    moments: int
    rings: tuple[tuple[int, ...], ...]
    torn: frozenset[int]


def decided(problem: Problem, jobs: Sequence[int]) -> Decided:
    """What decisions leave of some consignments of a problem, in the numbers of the kernel."""
    fixings = problem.fixings
    fleet = [fixings.departures_of.get(number) for number in range(len(problem.fleet))]
    known: dict[frozenset[int] | None, int] = {None: _FREE, frozenset(): _NEVER}
    for one in [*fleet, *fixings.departures_to.values()]:
        known.setdefault(one, len(known))
    meet = _closed(known)
    moments = sorted({moment for one in known if one is not None for moment in one if moment < FAR})
    number_of = {moment: number for number, moment in enumerate(moments)}
    hours = [known[one] for one in (*fleet, *fixings.departures_to.values())]
    rings, torn = _rings(problem, jobs)
    return Decided(
        hours_of_fleet=tuple(known[one] for one in fleet),
        hours_of_region={region: known[one] for region, one in fixings.departures_to.items()},
        sets=tuple(
            tuple((moment, number_of[moment]) for moment in sorted(one or ()) if moment in number_of)
            for one in (*known, moments)
        ),
        meet=meet,
        moments=max(len(moments), int(any(one != _FREE for one in hours))),
        rings=rings,
        torn=torn,
    )


def _closed(known: dict[frozenset[int] | None, int]) -> NDArray[np.int32]:
    """Number of what each two sets have in common; such sets are added to those that are known."""
    done = 0
    while done < len(known):
        one = list(known)[done]
        for other in list(known)[:done]:
            both = one if other is None else other if one is None else one & other
            if both not in known and len(known) < _MOST_SETS:
                known[both] = len(known)
        done += 1
    sets = list(known)
    meet = np.full((len(sets), len(sets)), _NEVER, dtype=np.int32)
    for row, one in enumerate(sets):
        for column, other in enumerate(sets):
            both = one if other is None else other if one is None else one & other
            meet[row, column] = known.get(both, _NEVER)
    return meet


def _rings(problem: Problem, jobs: Sequence[int]) -> tuple[tuple[tuple[int, ...], ...], frozenset[int]]:
    """Consignments that go on one trip, as few trips as can be; and those that cannot go on any."""
    there = set(jobs)
    rings: list[tuple[int, ...]] = []
    torn: set[int] = set()
    for bundle in problem.fixings.bundles:
        of_region = [
            [idx for idx in problem.consignments_of[region] if idx in there] for region in sorted(bundle)
        ]
        mine = [idx for one in of_region for idx in one]
        ways = [
            routes
            for number in range(len(problem.fleet))
            if all(of_region) and (routes := bundle_routes(problem, number, mine))
        ]
        if ways:
            rings += [route.consignments for route in min(ways, key=len)]
        else:
            torn.update(mine)
    return tuple(rings), frozenset(torn)


def mates_among(found: Decided, jobs: Sequence[int]) -> tuple[NDArray[np.int32], list[int]]:
    """Of each of some consignments the next one of its ring (-1: it is in none), and which have no trip.

    Both by their positions in `jobs`; rings that are not whole among these have no trip.
    """
    position = {idx: pos for pos, idx in enumerate(jobs)}
    mates = np.full(len(jobs), -1, dtype=np.int32)
    without = [position[idx] for idx in found.torn if idx in position]
    for ring in found.rings:
        here = [position[idx] for idx in ring if idx in position]
        if len(here) < len(ring):
            without += here
        elif len(here) > 1:
            mates[here] = [*here[1:], here[0]]
    return mates, sorted(without)
