"""Tiny worlds whose stock comes late, and the best of all their plans.

As `exhaustive_late`, with a store that has only a part of the boxes at first. Goods that lie in the store
may be loaded in any order: trips are looked at in every order of loading, and each waits until as much has
come as is loaded until then. In the worst case nothing is loaded sooner than planned, so that stock never
lacks.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from random import Random

from exhaustive_late import Shape, Tiny, all_lines, merged, with_hub
from late_legs import DAY, STEP, Draft, Times

from planner.instance.schema import Overnight, Stock
from planner.plans.model import RegionStatus, Status
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

# With one vehicle at the store there is a second one of another type.
SHAPES = {
    "plain": Shape(3, 2),
    "two types": Shape(4, 1),
    "four": Shape(4, 2),
    "hub": Shape(3, 2, 2),
    "two types and hub": Shape(3, 1, 1),
    "dock": Shape(3, 2, docks=1),
    "dock and hub": Shape(3, 1, 2, docks=1),
    "days": Shape(3, 2, days=True),
    "home": Shape(3, 2, overnight=Overnight.HOME),
    "anywhere": Shape(3, 2, overnight=Overnight.ANYWHERE),
    "nights and hub": Shape(2, 1, 1, overnight=Overnight.STOP),
    "nights and boat": Shape(2, 2, 1, overnight=Overnight.ANYWHERE),
    "tight": Shape(4, 2, hurry=2),
    "tight hub": Shape(3, 1, 1, hurry=2),
}


@dataclass(frozen=True)
class Best:
    """What the best of all plans is: how many it has late, how many it does not promise, and its cost.

    The cost is known only where everybody can be promised to be on time.
    """

    late: int
    unpromised: int
    cost: int | None


class LateStock(Tiny):
    """A tiny world of a shape where some boxes come to the store after the start."""

    def __init__(self, seed, shape, gamma):
        super().__init__(seed, shape, gamma)
        self._come(Random(f"stock {seed} {shape} {gamma}"))

    def _come(self, random):
        number = len(self.goods)
        self.coming = [random.choice((0, 0, 4, 8, 12, 16)) * STEP for _ in range(number - 1)]
        self.coming = sorted([*self.coming, random.choice((4, 8, 12, 16)) * STEP])
        rows = [
            Stock(warehouse="W", item="box", quantity=self.coming.count(moment), available_s=moment or None)
            for moment in sorted(set(self.coming))
        ]
        self._give_time(sum(self.coming) // (2 * number) // STEP * STEP)  # who waits has not much less time
        self.instance = replace(self.instance, stock=tuple(rows))

    def _give_time(self, more_s):
        limits = tuple(
            replace(one, deadline_s=one.deadline_s + more_s) if one.place in self.goods else one
            for one in self.instance.deadlines
        )
        self.instance = replace(self.instance, deadlines=limits)

    def ready_s(self, loaded, goods):
        """When a trip's goods may be loaded, after so many of all goods have been loaded with them."""
        return self.coming[loaded - 1]

    def drive(self, plan=None, late=(), *, slip=("", 0), stretch=0):
        """Times of all trips; those that are planned load when their goods have come."""
        if plan is not None:
            return super().drive(plan, late, slip=slip, stretch=stretch)
        wishes, loaded = [one.wish for one in self.drafts], 0
        for one in self.drafts:
            if one.origin == "W":
                goods = [name for _, names in one.stops for name in names]
                loaded += len(goods)
                one.wish = max(one.wish, self.ready_s(loaded, goods))
        found = super().drive()
        for one, wish in zip(self.drafts, wishes, strict=True):
            one.wish = wish
        return found

    def _tables(self):
        if self.shape.vehicles == 1:
            gamma = self.gammas["U"] = self.gammas["T"]
            self.kinds["U"] = self._type("U", "", 1, gamma)
        return super()._tables()

    def _divisions(self):
        """As without a second type at the store, with every choice of what goes by which."""
        below = list(all_lines(self.through, self.kinds["V"])) if self.through else [()]
        for upper in self._upper([one for one in self.goods if one not in self.through] + [*self.through]):
            for local in below:
                lines = [*upper, *(("V", "H", trips) for trips in local)]
                yield self._cost(lines), lines

    def _upper(self, goods):
        for size in range(len(goods) + 1) if "U" in self.kinds else (len(goods),):
            for mine in combinations(goods, size):
                rest = [one for one in goods if one not in mine]
                for one in all_lines(mine, self.kinds["T"]):
                    for other in all_lines(rest, self.kinds["U"]) if rest else [()]:
                        first, second = with_hub(one, self.through), with_hub(other, self.through)
                        if first is not None and second is not None:
                            firsts = [("T", "W", trips) for trips in first]
                            yield firsts + [("U", "W", trips) for trips in second]

    @property
    def moments(self):
        """A trip may wait for the next day, or the one after it."""
        return (0, DAY, 2 * DAY) if self.shape.days or self.shape.overnight else (0,)

    def queues(self, upper):
        """Every order of loading at the store: who loads first takes what has come first."""
        return merged(upper)

    def best(self):
        """The best of all plans; who may be late is looked at only where not all can be promised."""
        cost = self.least()
        if cost is not None:
            return Best(0, 0, cost)
        late, unpromised = self.fewest()
        return Best(late, unpromised, None)


def withstands(world, plan):
    """Whether a plan that says it is guaranteed is so: it is driven with every set of late legs.

    That its stock has come the check has seen.
    """
    trips = sorted(plan.trips, key=lambda one: one.load_start_s)
    world.drafts = [
        Draft(
            one.id,
            one.vehicle_id,
            one.origin_id,
            one.dock,
            one.load_start_s,
            [(stop.node_id, [f"{brought.region_id}0" for brought in stop.deliveries]) for stop in one.stops],
        )
        for one in trips
    ]
    planned = {
        one.id: Times(
            one.load_start_s,
            one.depart_s,
            [(leg.depart_s, leg.arrive_s) for leg in (*(stop.leg for stop in one.stops), one.back)],
            [(stop.start_s, stop.end_s) for stop in one.stops],
            [0] * (2 + 2 * len(one.stops)),  # no limit of working time here
        )
        for one in trips
    }
    cases = [planned, *(world.drive(planned, late) for late in world.late_sets())]
    return not any(world.fails(region, planned, times) for region in world.goods for times in cases)


def answer_of(found):
    """The same of the plan that a solve found."""
    late = {one.region_id for one in found.plan.regions if one.status is not RegionStatus.ON_TIME}
    unsure = late.union(found.verdict.robustness.not_guaranteed)
    asked = found.plan.status is Status.GUARANTEED or not unsure
    return Best(len(late), len(unsure), found.plan.cost if asked else None)


def is_as_good(found, best):
    """Whether an answer is as good as the best, by the number of those late and not promised."""
    return (found.late, found.unpromised) <= (best.late, best.unpromised)


def solved_as_well_as_can_be(world):
    """The plan that a solve finds of a world, which is compared with the best of all plans."""
    best, found = world.best(), solve(world.instance, SolveOptions(effort=1, workers=0))
    answer = answer_of(found)
    assert is_as_good(answer, best), (answer, best)
    assert best.cost is None or answer.cost <= best.cost
    assert found.plan.status is not Status.GUARANTEED or withstands(world, found.plan)
    return found.plan
