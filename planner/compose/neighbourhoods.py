"""What of a solution of all echelons is searched anew at once: all, or some trips and those they meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from planner.compose.component_solution import ComponentSolution
from planner.compose.delay_propagation import fresh
from planner.compose.solution import Solution
from planner.compose.starts import FurtherStarts
from planner.compose.variants import Variant, undominated, variant_at, variants_of_one
from planner.problem.echelons import Echelons
from planner.problem.problem import Problem
from planner.propose.pool import Candidate

__all__ = ["Free", "Neighbourhoods", "names_of"]

# All echelons are searched together up to so many candidates.
_TOGETHER = 300
# The same where edges have hours, since of their many starts few are left.
_TOGETHER_BY_HOURS = 1000
# Else so many trips with what they share goods with.
_MOST_TRIPS = 4
_AT_ONCE = 150


@dataclass(frozen=True)
class Free:
    """What of an echelon is searched anew: trips to choose from; all its other trips stay, when they are.

    Parameters
    ----------
    candidates
        The trips to choose from, and then those that stay.
    variants
        Of all of them; of those that stay only the one that they are.
    """

    candidates: tuple[Candidate, ...]
    variants: tuple[Variant, ...]


class Neighbourhoods:
    """Parts of a solution that are searched anew, and the trips to choose from."""

    def __init__(self, echelons: Echelons, pools: Sequence[Sequence[Candidate]], random: Random) -> None:
        self._echelons = echelons
        self._pools = pools
        self._random = random
        self._goods = [[frozenset(one.route.consignments) for one in pool] for pool in pools]
        self._variants: dict[int, list[Variant]] = {}
        self._starts = FurtherStarts(echelons)
        self._hopeless = {
            name
            for name, (number, stop) in echelons.regions.items()
            if stop in echelons.each[number].problem.hopeless
        }

    @property
    def is_small(self) -> bool:
        """Whether all echelons can be searched together."""
        timed = any(kind.timed is not None for one in self._echelons.each for kind in one.problem.fleet)
        return sum(len(one) for one in self._pools) <= (_TOGETHER_BY_HOURS if timed else _TOGETHER)

    def whole(self, best: ComponentSolution, with_late: bool) -> dict[int, Free]:
        """Everything."""
        self.add_starts(best)
        return {
            number: self._free(number, list(range(len(pool))), best.parts[number], frozenset(), with_late)
            for number, pool in enumerate(self._pools)
        }

    def some(self, best: ComponentSolution, with_late: bool) -> dict[int, Free]:
        """Some trips of an echelon, with those of other echelons that carry the same goods."""
        echelons, random = self._echelons, self._random
        with_trips = [number for number, part in enumerate(best.parts) if part.assignments]
        if not with_trips:
            return self.whole(best, with_late)
        centre = random.choice(with_trips)
        trips = list(best.parts[centre].assignments)
        missing = set(echelons.each[centre].problem.served) - best.parts[centre].delivered
        chosen = random.sample(trips, min(len(trips), random.randint(1, _MOST_TRIPS)))
        loose: dict[int, set[int]] = {
            centre: {idx for one in chosen for idx in one.candidate.route.consignments} | missing
        }
        if centre == 0:
            loose[0] = self._with_other_ways(loose[0])
        loose |= self._beside(loose[centre], centre, best)
        inside = {number: self._inside(number, frozenset(mine)) for number, mine in sorted(loose.items())}
        self._add_starts(best, inside)
        return {
            number: self._free(number, mine, best.parts[number], frozenset(loose[number]), with_late)
            for number, mine in inside.items()
        }

    def add_starts(self, best: ComponentSolution) -> bool:
        """Let what may wait or pause start when vehicle and goods may be there; whether that is new."""
        return self._add_starts(best, {number: range(len(pool)) for number, pool in enumerate(self._pools)})

    def _add_starts(self, best: ComponentSolution, inside: Mapping[int, Iterable[int]]) -> bool:
        """The same for some trips of each echelon, by their positions."""
        trips = {number: [self._pools[number][one] for one in mine] for number, mine in inside.items()}
        changed = self._starts.add(best, trips)
        for one in changed:
            self._variants.pop(id(one), None)
        return bool(changed)

    def _with_other_ways(self, goods: set[int]) -> set[int]:
        """Goods of the warehouse's echelon, and the same ones by their other way."""
        straight = self._echelons.straight
        other = {one: two for pair in straight.items() for one, two in (pair, pair[::-1])}
        return goods | {other[idx] for idx in goods if idx in other}

    def _beside(self, goods: set[int], centre: int, best: ComponentSolution) -> dict[int, set[int]]:
        """The trips above and below that carry the same goods, as many as can be searched at once."""
        echelons = self._echelons
        found: dict[int, set[int]] = {}
        size = len(self._inside(centre, frozenset(goods)))
        number, mine = centre, goods
        while echelons.each[number].above >= 0:  # upwards
            source = echelons.each[number].source
            number = echelons.each[number].above
            mine = _with_their_trips(best.parts[number], {source[idx] for idx in mine})
            mine = mine if number else self._with_other_ways(mine)
            size += len(self._inside(number, frozenset(mine)))
            if size > _AT_ONCE:
                break
            found[number] = mine
        hubs = [number for number, echelon in enumerate(echelons.each) if echelon.above == centre]
        self._random.shuffle(hubs)
        for hub in hubs:  # downwards
            source = echelons.each[hub].source
            mine = _with_their_trips(best.parts[hub], {idx for idx, one in enumerate(source) if one in goods})
            inside = len(self._inside(hub, frozenset(mine)))
            if mine and size + inside <= _AT_ONCE:
                size += inside
                found[hub] = mine
        return found

    def _inside(self, number: int, goods: frozenset[int]) -> list[int]:
        """Positions in an echelon's pool of the trips with nothing but these goods."""
        return [position for position, mine in enumerate(self._goods[number]) if mine <= goods]

    def _is_hopeless(self, number: int, one: Candidate, variant: Variant) -> bool:
        """Whether all for whom a trip is late are late in every plan."""
        problem, hubs = self._echelons.each[number].problem, self._echelons.each[number].hubs
        return all(
            self._hopeless.issuperset(names_of(problem, stop.consignments, hubs[stop.region]))
            for stop in one.stops
            if stop.region in variant.late
        )

    def _free(
        self,
        number: int,
        positions: Sequence[int],
        part: Solution,
        goods: frozenset[int],
        with_late: bool,
    ) -> Free:
        problem, pool = self._echelons.each[number].problem, self._pools[number]
        candidates = [pool[position] for position in positions]
        variants: list[Variant] = []
        for position, one in enumerate(candidates):
            if id(one) not in self._variants:
                self._variants[id(one)] = variants_of_one(problem, one, 0)
            variants += [
                replace(variant, candidate=position)
                for variant in self._variants[id(one)]
                if with_late or self._is_hopeless(number, one, variant)
            ]
        hubs = [stop for stop, hub in enumerate(self._echelons.each[number].hubs) if hub >= 0]
        variants = undominated(problem, candidates, variants, hubs)
        whole = len(candidates) == len(pool)
        at = {id(one): position for position, one in enumerate(candidates)}
        there = {(variant.candidate, variant.low_s): variant for variant in variants}
        for trip in part.assignments:
            loose = whole or not goods.isdisjoint(trip.candidate.route.consignments)
            position = at.get(id(trip.candidate), -1)
            if not loose or (position, trip.timing.load_start_s) not in there:
                variants.append(variant_at(problem, trip.candidate, len(candidates), fresh(problem, trip)))
                candidates.append(trip.candidate)
        return Free(tuple(candidates), tuple(variants))


def _with_their_trips(part: Solution, goods: set[int]) -> set[int]:
    """Goods, and all that travels with some of them."""
    found = set(goods)
    for one in part.assignments:
        if not goods.isdisjoint(one.candidate.route.consignments):
            found.update(one.candidate.route.consignments)
    return found


def names_of(problem: Problem, consignments: Sequence[int], hub: int) -> set[str]:
    """Regions for which consignments are, handed over at a region or at a hub."""
    mine = [problem.consignments[idx] for idx in consignments]
    return {one.for_region if hub >= 0 else problem.places[problem.place(one.region)] for one in mine}
