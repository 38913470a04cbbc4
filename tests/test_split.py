"""Rule `split`: on how many trips and days each part of a region's demand is handed over."""

from collections import defaultdict
from dataclasses import replace
from itertools import product
from random import Random

import pytest
import small
from test_check_replan import moved

from planner.building.direct_trips import in_runs
from planner.instance.digest import digest
from planner.instance.schema import Chain, Split, Stock
from planner.plans.model import RegionStatus
from planner.proof.check import check_plan
from planner.solving.pipeline import SolveOptions, solve
from tests.chain_worlds import FEATURES, chain_world
from tests.worlds import DAY, HOUR, road, truck, village, world

QUICK = SolveOptions(effort=1, workers=0)
CLAIMED = small.PLAN.options | {"rules": "split"}


def judged(split, *, trips=None, options=CLAIMED):
    """What the check says of the plan by hand, whose A is handed over by T1 and T5, by the rule."""
    regions = tuple(replace(one, split=split) if one.id == "A" else one for one in small.INSTANCE.regions)
    instance = replace(small.INSTANCE, regions=regions)
    plan = replace(small.PLAN, instance_digest=digest(instance), options=options)
    plan = plan if trips is None else replace(plan, trips=tuple(trips))
    verdict = check_plan(plan, small.CLOCK, instance)
    return verdict.rules["split"], [one for one in verdict.violations if one.rule == "split"]


def on_the_next_day(trip):
    return moved(trip, DAY)


def test_split_kept():
    for split in (Split.SAME_DAY, Split.FREE):
        result, broken = judged(split)
        assert result.passed
        assert broken == []
        assert result.cases == (12 if split is Split.SAME_DAY else 10)  # two parts of each of six regions
    *others, last = (*small.PLAN.trips[:4], small.PLAN.trips[5], small.PLAN.trips[4])
    assert judged(Split.FREE, trips=(*others, on_the_next_day(last)))[0].passed


def test_split_broken():
    """On two trips where one is asked for; a day later than the rest; as many faults as parts."""
    result, broken = judged(Split.NEVER)
    assert not result.passed
    assert [(one.claimed, one.expected, one.amount) for one in broken] == [("T1, T5", "1", 1)] * 2
    assert {(one.place["region"], one.place["part"]) for one in broken} == {("A", "main"), ("A", "late")}
    trips = [on_the_next_day(one) if one.id == "T5" else one for one in small.PLAN.trips]
    _, broken = judged(Split.SAME_DAY, trips=trips)
    assert [(one.claimed, one.amount) for one in broken] == [("2024-11-22, 2024-11-23", 1)] * 2


def test_a_plan_of_before_the_rule_is_not_judged_by_it():
    result, broken = judged(Split.NEVER, options=small.PLAN.options)
    assert (result.cases, broken) == (0, [])


# ---------------------------------------------------------------- runs


def test_as_few_runs_as_the_largest_vehicle_allows():
    assert in_runs(97, [[10, 40]], Split.SAME_DAY) == [(0, 40), (40, 40), (80, 17)]
    assert in_runs(97, [[10, 40], [30]], Split.SAME_DAY) == [(0, 30), (30, 30), (60, 30), (90, 7)]
    assert in_runs(40, [[10, 40]], Split.NEVER) == [(0, 40)]
    assert in_runs(41, [[10, 40]], Split.NEVER) == []
    assert len(in_runs(97, [[10, 40]], Split.FREE)) > 3
    assert in_runs(3, [[]], Split.SAME_DAY) == []


# ---------------------------------------------------------------- what is planned, over hubs and in a replan


def with_splits(instance, seed):
    """The instance with a drawn `split` for each region."""
    rng = Random(f"splits {seed}")
    regions = tuple(replace(one, split=rng.choice(list(Split))) for one in instance.regions)
    return replace(instance, regions=regions)


def keeps(instance, plan):
    """Whether a plan of which nothing has begun keeps the rule, by its trips alone."""
    trips, days = defaultdict(set), defaultdict(set)
    for trip in plan.trips:
        for stop in trip.stops:
            for one in stop.deliveries:
                if stop.node_id == one.region_id:
                    trips[one.region_id, one.part].add(trip.id)
                    days[one.region_id, one.part].add(instance.clock.day(stop.end_s))
    found = {Split.NEVER: trips, Split.SAME_DAY: days}
    kind = {one.id: one.split for one in instance.regions}
    return all(
        kind[region] is Split.FREE or len(found[kind[region]][region, part]) == 1 for region, part in trips
    )


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(one, marks=pytest.mark.slow) for one in range(8, 200))]
)
def test_chains_of_hubs_keep_the_rule(seed, short_searches):
    chain = (Chain.REQUIRED, Chain.ALLOWED)[seed % 2]
    features = Random(seed).sample(FEATURES, 4)
    instance = with_splits(chain_world(features, seed, chain=chain, large=True), seed)
    for one in (
        instance,
        replace(instance, regions=tuple(replace(r, split=Split.SAME_DAY) for r in instance.regions)),
    ):
        found = solve(one, QUICK)
        assert found.verdict.passed, [it.text for it in found.verdict.violations]
        assert keeps(one, found.plan)


# ---------------------------------------------------------------- the whole, against every plan there is


class Small:
    """A drawn world whose trips fill the hours of a shift, one after another, and all its plans.

    Nothing of the program is used but its tables. A trip goes out to each village and back by the warehouse:
    it lasts as long as its villages by themselves; on a day a vehicle drives what fits its shift. What
    comes later comes at midnight.
    """

    def __init__(self, seed):
        rng = self.rng = Random(f"split {seed}")
        self.days = rng.choice((2, 3))
        self.room = {name: rng.randint(1, 3) for name in ("T", "S")}
        largest = max(self.room.values())
        self.boxes, self.split, self.hours = {}, {}, {}
        for name in "ABC"[: rng.randint(1, 3)]:
            self.split[name] = rng.choice((Split.SAME_DAY, Split.SAME_DAY, Split.NEVER))
            never = self.split[name] is Split.NEVER
            self.boxes[name] = rng.randint(1, largest if never else min(5, 2 * largest))
            self.hours[name] = rng.choice((1, 2, 3))
        all_of_them = sum(self.boxes.values())
        self.now = rng.choice((all_of_them, all_of_them, rng.randint(0, all_of_them)))
        self.price = {
            name: (
                rng.choice((0, 7000)),
                rng.choice((100, 300)),
                rng.choice((0, 9000)),
                rng.choice((0, 4000)),
            )
            for name in self.room
        }

    def instance(self):
        kinds = [
            truck(
                name, mass_kg=10 * room, calendar="shift", price_vehicle=self.price[name][0],
                price_km=self.price[name][1], price_day=self.price[name][2], price_trip=self.price[name][3],
            )
            for name, room in self.room.items()
        ]  # fmt: skip
        villages = [
            village(name, boxes=boxes, handover_s=700, split=self.split[name])
            for name, boxes in self.boxes.items()
        ]
        roads = [
            road("w" + name, "W", name, way * HOUR, length_m=way * 10_000) for name, way in self.hours.items()
        ]
        later = sum(self.boxes.values()) - self.now
        stock = [Stock(warehouse="W", item="box", quantity=self.now)]
        stock += [Stock(warehouse="W", item="box", quantity=later, available_s=DAY)] if later else []
        return world(
            villages, kinds, roads, horizon_s=3 * DAY, deadline_s=self.days * DAY, stock=tuple(stock)
        )

    def runs(self):
        """Full loads of the largest vehicle, and a rest: village and boxes."""
        largest = max(self.room.values())
        for name, boxes in self.boxes.items():
            for first in range(0, boxes, largest):
                yield name, min(largest, boxes - first)

    def least(self):
        """Least cost of all plans that keep the rule and are on time; None where there is none."""
        costs = [
            cost
            for trips in divisions(list(self.runs()))
            for places in product(product(self.room, range(self.days)), repeat=len(trips))
            if (cost := self.cost(trips, places)) is not None
        ]
        return min(costs, default=None)

    def cost(self, trips, places):
        """What a plan costs; None where it cannot be driven, or not so."""
        seconds, out, total = defaultdict(int), [0] * self.days, 0
        days = defaultdict(set)
        for trip, (kind, day) in zip(trips, places, strict=True):
            load = sum(boxes for _, boxes in trip)
            if load > self.room[kind]:
                return None
            names = {name for name, _ in trip}
            seconds[kind, day] += sum(2 * HOUR * self.hours[name] + 700 for name in names)
            out[day] += load
            total += self.price[kind][3] + self.price[kind][1] * sum(20 * self.hours[name] for name in names)
            for name in names:
                days[name].add(day)
        too_long = any(work > 12 * HOUR for work in seconds.values())
        if too_long or any(len(some) > 1 for some in days.values()):
            return None
        if out[0] > self.now:
            return None
        used = {kind for kind, _ in seconds}
        return (
            total
            + sum(self.price[kind][0] for kind in used)
            + sum(self.price[kind][2] for kind, _ in seconds)
        )


def divisions(things):
    """Every way to make groups of things."""
    if not things:
        yield []
        return
    first, *rest = things
    for groups in divisions(rest):
        yield [[first], *groups]
        for at, group in enumerate(groups):
            yield [*groups[:at], [first, *group], *groups[at + 1 :]]


def days_of(plan, instance):
    """Days, and trips, on which each village gets something."""
    found = defaultdict(lambda: (set(), set()))
    for trip in plan.trips:
        for stop in trip.stops:
            found[stop.node_id][0].add(instance.clock.day(stop.end_s))
            found[stop.node_id][1].add(trip.id)
    return found


def agrees(seed):
    drawn = Small(seed)
    instance, least = drawn.instance(), drawn.least()
    found = solve(instance, QUICK)
    assert found.verdict.passed, [one.text for one in found.verdict.violations]
    on_time = all(one.status is RegionStatus.ON_TIME for one in found.plan.regions)
    assert on_time == (least is not None), (found.plan.status, least)
    if least is not None:
        assert found.plan.cost == least
    for name, (days, trips) in days_of(found.plan, instance).items():
        assert len(days) == 1
        assert drawn.split[name] is not Split.NEVER or len(trips) == 1
        assert len(trips) <= -(-drawn.boxes[name] // max(drawn.room.values()))


@pytest.mark.parametrize("seed", range(40))
def test_small_worlds(seed, short_searches):
    agrees(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 500))
def test_many_small_worlds(seed, short_searches):
    agrees(seed)
