"""Nights with goods at a place: once each, at regions until the deadline, at hubs until goods go on."""

from collections import defaultdict
from dataclasses import replace
from random import Random

import pytest
import small
from test_check_replan import moved
from test_split import Small

from planner.building.echelons import build_echelons
from planner.compose import joint_model
from planner.instance.digest import digest
from planner.instance.schema import CalendarRow, Chain
from planner.outputs.summary import night_line, plan_figures
from planner.plans.model import RegionStatus
from planner.proof.check import check_plan
from planner.search.echelon import SearchOptions
from planner.search.rounds import EchelonRounds
from planner.solving.pipeline import SolveOptions, solve
from tests.chain_worlds import FEATURES, chain_world
from tests.worlds import CALENDARS, DAY, HOUR, hub, road, truck, village, world

QUICK = SolveOptions(effort=1, workers=0)


def priced(**prices):
    """The small instance with these prices of a night at its regions."""
    regions = tuple(replace(one, price_night=prices.get(one.id)) for one in small.INSTANCE.regions)
    return replace(small.INSTANCE, regions=regions)


def broken(plan, instance):
    """What is wrong with the costs of a plan: how much, of which component."""
    plan = replace(plan, instance_digest=digest(instance))
    found = check_plan(plan, small.CLOCK, instance).violations
    return [(one.amount, one.place.get("component")) for one in found if one.rule == "cost"]


def test_nights_from_the_first_receipt_to_the_deadline_are_part_of_the_cost():
    """A gets something on Friday twice and is due on Tuesday at midnight: the nights to Sa, Su and Mo."""
    instance = priced(A=1000)
    assert broken(small.PLAN, instance) == [(3000, "W"), (3000, None)]
    first, *others = small.PLAN.components
    plan = replace(small.PLAN, cost=small.COST + 3000)
    plan = replace(plan, components=(replace(first, cost=small.COST + 3000), *others))
    assert broken(plan, instance) == []
    assert broken(plan, priced(A=1000, D=10)) == []  # D gets its goods on the last day
    assert broken(plan, priced(A=1000, F=10)) == [(10, "W"), (10, None)]  # Saturday, due on Monday 00:00
    later = tuple(moved(one, DAY) if one.id == "T5" else one for one in plan.trips)
    assert (3000, None) not in broken(replace(plan, trips=later), instance)  # the first receipt counts


def test_the_price_of_plan_toml_holds_where_a_row_says_none():
    settings = replace(small.INSTANCE.settings, price_night=7)
    nights = 3 * 3 + 0 + 1 + 3  # A, B, C; D; F; G
    assert broken(small.PLAN, replace(small.INSTANCE, settings=settings))[-1] == (7 * nights, None)
    regions = tuple(replace(one, price_night=0) for one in small.INSTANCE.regions)
    free = replace(small.INSTANCE, settings=settings, regions=regions)
    assert broken(small.PLAN, free) == []


def test_reports_tell_the_nights_and_their_price():
    """Nights as counted by hand above; D gets its goods on the last day."""
    instance = priced(A=1000, D=10, F=10)
    assert (
        night_line(small.PLAN, instance)
        == "Nights with goods: 4 at regions, 0 at hubs, IDR 3,010 of the cost."
    )
    told = plan_figures(small.PLAN, instance, wall_s=1.0, plan_path="p.json")
    assert told["nights"] == {"regions": 4, "hubs": 0, "cost": 3010}
    assert night_line(small.PLAN, small.INSTANCE) == ""
    assert "nights" not in plan_figures(small.PLAN, small.INSTANCE, wall_s=1.0, plan_path="p.json")


# ---------------------------------------------------------------- planned


class Guarded(Small):
    """A drawn world in which nights at villages have prices."""

    def __init__(self, seed):
        super().__init__(f"nights {seed}")
        self.night = {name: self.rng.choice((0, 500, 5000, 20_000)) for name in self.boxes}

    def instance(self):
        found = super().instance()
        regions = tuple(replace(one, price_night=self.night[one.id]) for one in found.regions)
        return replace(found, regions=regions)

    def cost(self, trips, places):
        found, days = super().cost(trips, places), defaultdict(set)
        for trip, (_, day) in zip(trips, places, strict=True):
            for name, _ in trip:
                days[name].add(day)
        nights = sum(self.night[name] * (self.days - 1 - min(mine)) for name, mine in days.items())
        return None if found is None else found + nights


def agrees(seed):
    drawn = Guarded(seed)
    found, least = solve(drawn.instance(), QUICK), drawn.least()
    assert found.verdict.passed, [one.text for one in found.verdict.violations]
    on_time = all(one.status is RegionStatus.ON_TIME for one in found.plan.regions)
    assert on_time == (least is not None)
    assert least is None or found.plan.cost == least


@pytest.mark.parametrize("seed", range(30))
def test_small_worlds(seed, short_searches):
    agrees(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30, 400))
def test_many_small_worlds(seed, short_searches):
    agrees(seed)


def through_a_hub(**prices):
    """The boat of the hub goes on Saturday only; the truck may bring its goods on both days."""
    kinds = [
        truck(calendar="shift", price_trip=10),
        truck("B", home="H", calendar="saturday", price_trip=10),
    ]
    calendars = (
        *CALENDARS,
        CalendarRow(calendar="saturday", days="sat", opens_s=12 * HOUR, closes_s=20 * HOUR),
    )
    return world(
        [village("A", hub="H", price_night=prices.get("at_a"))],
        kinds,
        [road("t", "W", "H"), road("b", "H", "A")],
        hubs=(replace(hub("H"), price_night=prices.get("at_h")),),
        calendars=calendars,
        settings={"chain": Chain.REQUIRED},
    )


def test_goods_come_to_a_hub_on_the_day_on_which_they_go_on(short_searches):
    days = {}
    for price in (0, 1000):
        found = solve(through_a_hub(at_h=price), QUICK)
        assert found.verdict.passed
        trunk = next(one for one in found.plan.trips if one.origin_id == "W")
        days[price] = trunk.load_start_s // DAY
        assert found.plan.cost == 20
    assert days == {0: 0, 1000: 1}


def test_trips_to_a_hub_begin_later_where_nothing_else_is_searched(short_searches, monkeypatch):
    monkeypatch.setattr(joint_model, "_search", lambda _, best, **__: (best, True))
    for price, day in ((0, 0), (1000, 1)):
        found = solve(through_a_hub(at_h=price), QUICK)
        assert found.verdict.passed
        assert next(one for one in found.plan.trips if one.origin_id == "W").load_start_s // DAY == day


def test_a_first_look_has_no_night_at_a_hub_that_its_trips_can_do_without():
    for price, day in ((0, 0), (1000, 1)):
        drawn, heard = through_a_hub(at_h=price), []
        rounds = EchelonRounds(build_echelons(drawn, "W", drawn.regions, 0), SearchOptions(), heard.append)
        rounds.look()
        assert rounds.incumbent.parts[0].assignments[0].timing.load_start_s // DAY == day
        assert heard[-1] is rounds.incumbent


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(one, marks=pytest.mark.slow) for one in range(8, 200))]
)
def test_the_check_counts_what_planning_counts(seed, short_searches):
    rng = Random(f"nights {seed}")
    chain = (Chain.REQUIRED, Chain.ALLOWED)[seed % 2]
    drawn = chain_world(rng.sample(FEATURES, 4), seed, chain=chain, large=True)
    regions = tuple(replace(one, price_night=rng.choice((None, 0, 30))) for one in drawn.regions)
    hubs = tuple(replace(one, price_night=rng.choice((None, 0, 70))) for one in drawn.hubs)
    settings = replace(drawn.settings, price_night=rng.choice((0, 11)))
    found = solve(replace(drawn, regions=regions, hubs=hubs, settings=settings), QUICK)
    assert found.verdict.passed, [one.text for one in found.verdict.violations]
