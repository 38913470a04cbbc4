"""The worst case of the check against all sets of late legs, driven one by one."""

from dataclasses import replace
from functools import cache

import pytest
import worlds
from late_legs import CLOCK, DAY, FAR, HOUR, World
from worlds import road, truck, village

from planner.instance.digest import digest
from planner.instance.schema import Basis, Delay, KnownTrip, Mode, Overnight
from planner.network.delays import with_delays
from planner.network.travel import travel
from planner.plans.model import (
    Component,
    Delivery,
    Leg,
    Plan,
    RegionResult,
    RegionStatus,
    Status,
    Step,
    StepKind,
    Stop,
    StopReason,
    Trip,
)
from planner.proof.facts import PlanFacts
from planner.proof.world import World as Files
from planner.proof.worst.case import FailureKind, LateLeg
from planner.proof.worst.delays import Delays, delay_figures

MOST_SETS = 700
CASES = [
    *((overnight, docks, False) for overnight in (*Overnight, None) for docks in ("own", "shared")),
    (None, "vehicle", False),
    (None, "own", True),
    (None, "shared", True),
    (None, "own", "out"),
    (None, "vehicle", "out"),
    (Overnight.HOME, "shared", "out"),
    *((overnight, docks, "work") for overnight in (*Overnight, None) for docks in ("own", "shared")),
    (None, "vehicle", "work"),
]


@cache
def cases(overnight, docks, timed):
    """Random plans that can be driven, with everything that late legs do to them."""
    found = []
    for seed in range(400):
        world = World(seed, overnight=overnight, docks=docks, timed=timed is True, work=timed == "work")
        plan, sets = world.drive(), world.late_sets()
        if timed == "work" and not world.is_planned(plan):
            continue
        if timed == "out" and not (max(one.end for one in plan.values()) < FAR and world.with_outages(plan)):
            continue
        if all(one.end < FAR for one in plan.values()) and len(sets) <= MOST_SETS:
            found.append((world, plan, {late: world.drive(plan, late) for late in sets}))
        if len(found) == 12:
            break
    assert len(found) == 12
    return found


def facts_of(world, plan):
    return PlanFacts(world.plan_of(plan), CLOCK, Files(world.instance))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_late_legs_everything_is_as_planned(case):
    for world, plan, _ in cases(*case):
        assert world.drive(plan) == plan
        found = PlanFacts(world.plan_of(plan, {"guarantee": "0"}), CLOCK, Files(world.instance)).worst
        received = world.received(plan)
        assert {name: worst.received_s for name, worst in found.items()} == {
            name: received[name] for name in "ABCD"
        }
        assert all(one.exact and one.late_legs == () for one in found.values())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_set_of_late_legs_is_worse_than_the_worst_case(case):
    num_exact = num_bound = 0
    for world, plan, driven in cases(*case):
        found = facts_of(world, plan).worst
        for name, worst in found.items():
            true_s = max(world.received(times)[name] for times in driven.values())
            own_s = FAR if worst.received_s is None else worst.received_s
            if worst.exact:
                num_exact += 1
                assert own_s == min(true_s, FAR)
            else:
                num_bound += 1
                assert own_s >= min(true_s, FAR)
            if case[1] != "shared":
                assert worst.exact
    assert num_exact > 20
    assert num_bound == 0 or case[1] == "shared"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_late_legs_named_cause_the_worst_case(case):
    for world, plan, _ in cases(*case):
        for name, worst in facts_of(world, plan).worst.items():
            if worst.exact:
                times = world.drive(plan, {tuple(one) for one in worst.late_legs})
                received_s = world.received(times)[name]
                assert (None if received_s >= FAR else received_s) == worst.received_s


@pytest.mark.parametrize("case", CASES, ids=str)
def test_guaranteed_is_who_fails_in_no_set(case):
    num_guaranteed = num_failed = 0
    for world, plan, driven in cases(*case):
        for name, worst in facts_of(world, plan).worst.items():
            fails = any(world.fails(name, plan, times) for times in driven.values())
            num_guaranteed += worst.guaranteed
            num_failed += not worst.guaranteed
            if worst.guaranteed:
                assert not fails
            elif case[1] != "shared":
                assert fails
    assert num_guaranteed > 3
    assert num_failed > 3


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_stretch_is_the_largest(case):
    """One more of each makes somebody late who was on time."""
    for world, plan, _ in cases(*case)[:6]:
        facts = facts_of(world, plan)
        on_time = [one for one in "ABCD" if not is_late(world, one, plan)]
        stretch = facts.stretch
        if not on_time:
            assert (stretch.percent, stretch.minutes) == (None, None)
            continue
        assert stretch.percent is not None
        assert stretch.minutes is not None
        for minutes in {stretch.minutes // 30 * 30, (stretch.minutes // 30 + 1) * 30}:
            driven = [world.drive(plan, slip=(draft.id, minutes * 60)) for draft in world.drafts]
            late = any(is_late(world, name, times) for name in on_time for times in driven)
            assert late == (minutes > stretch.minutes)
        for percent in {stretch.percent // 100 * 100, (stretch.percent // 100 + 1) * 100}:
            times = world.drive(plan, stretch=percent)  # whole steps only at whole hundreds
            assert any(is_late(world, name, times) for name in on_time) == (percent > stretch.percent)


def is_late(world, region, times):
    if world.received(times)[region] >= world.deadline(region):
        return True
    hub = next(row.deadline_s for row in world.instance.deadlines if row.place == "H")
    ends = [
        end
        for draft in world.drafts
        for (node, names), (_, end) in zip(draft.stops, times[draft.id].services, strict=True)
        if node == "H" and any(name[0] == region for name in names)
    ]
    return any(end >= hub for end in ends)


def _trip(name, vehicle, region, load_s, depart_s):
    def leg(start, end, kind, at_s):
        return Leg(start, end, at_s, at_s + 1800, 10_000, (Step(kind, f"w{region}"),))

    out = leg("W", region, StepKind.FORWARD, depart_s)
    goods = (Delivery(region, region, "main", 0, 1, 10_000, 10_000, 1),)
    stop = Stop(region, out, out.arrive_s, out.arrive_s + 600, goods)
    back = leg(region, "W", StepKind.BACK, stop.end_s)
    figures = (10_000, 10_000, 1, 20_000, 0, 0)
    return Trip(name, vehicle, vehicle[0], "W", 1, load_s, depart_s, (stop,), back, back.arrive_s, *figures)


def test_two_late_legs_of_one_vehicle_past_a_dock_are_a_bound():
    """T brings A, loads for C; U loads after it, and T for E after U: A's late leg delays E by the dock."""
    regions = [village(name) for name in "ACDE"]
    kinds = [truck("T", overnight=Overnight.ANYWHERE), truck("U", overnight=Overnight.ANYWHERE)]
    instance = worlds.world(
        regions,
        kinds,
        [road(f"w{name}", "W", name) for name in "ACDE"],
        delays=(Delay(id="d", fixed_s=3000),),
        settings={"guarantee": 1},
    )
    trips = (
        _trip("T1", "T-01", "A", 0, 3600),
        _trip("T2", "T-01", "C", 7800, 11_400),
        _trip("T3", "U-01", "D", 11_400, 18_600),
        _trip("T4", "T-01", "E", 18_600, 22_200),
    )
    received = {"A": 6000, "C": 13_800, "D": 21_000, "E": 24_600}
    results = tuple(RegionResult(name, RegionStatus.ON_TIME, at, 172_800) for name, at in received.items())
    component = Component("W", Status.ON_TIME, StopReason.COMPLETE, tuple("ACDE"), 0, None)
    plan = Plan("world", digest(instance), "0", {}, Status.ON_TIME, 1, "IDR", 0, (component,), trips, results)
    found = PlanFacts(plan, instance.clock, Files(instance)).worst
    assert (found["D"].received_s, found["D"].exact) == (27_000, True)
    assert found["D"].late_legs == (LateLeg("T1", 1), LateLeg("T3", 1))
    assert (found["E"].received_s, found["E"].exact) == (30_600, False)  # in truth 27,600
    assert found["E"].late_legs == (LateLeg("T1", 1), LateLeg("T4", 1))
    assert found["C"].received_s == 16_800


def _home(delay_h, late_h, horizon_s):
    """A truck that must be home: 4 h to A and 4 h back, from 06:00, in shifts until 18:00 of 10 h of work."""
    kind = truck("T", calendar="shift", work_s=10 * HOUR, work_late_s=late_h * HOUR)
    ways = [road("wA", "W", "A", 4 * HOUR)]
    delays = (Delay(id="d", fixed_s=delay_h * HOUR),)
    more = {"settings": {"guarantee": 1}, "horizon_s": horizon_s, "deadline_s": horizon_s}
    instance = worlds.world([village("A")], [kind], ways, delays=delays, **more)
    load_s, there_s = 6 * HOUR, 10 * HOUR
    trip = _trip("T1", "T-01", "A", load_s, load_s)
    out = replace(trip.stops[0].leg, arrive_s=there_s)
    stop = replace(trip.stops[0], leg=out, start_s=there_s, end_s=there_s + 600)
    back = replace(trip.back, depart_s=stop.end_s, arrive_s=stop.end_s + 4 * HOUR)
    trip = replace(trip, stops=(stop,), back=back, end_s=back.arrive_s)
    component = Component("W", Status.ON_TIME, StopReason.COMPLETE, ("A",), 0, None)
    results = (RegionResult("A", RegionStatus.ON_TIME, stop.end_s, horizon_s),)
    plan = Plan(
        "world", digest(instance), "0", {}, Status.ON_TIME, 1, "IDR", 0, (component,), (trip,), results
    )
    return PlanFacts(plan, instance.clock, Files(instance)).worst["A"].failure


def test_a_late_vehicle_is_home_by_the_end_of_its_next_shift():
    """It pauses where it is; whether it is home in time, and before the horizon, is what counts."""
    assert _home(3, 2, DAY) is None  # back at 17:10, after 11 h 10 min of work
    assert _home(3, 0, 2 * DAY) is None  # 10 h until 16:00, and on the way again from 06:00 to 07:10
    late = _home(3, 0, DAY + 7 * HOUR)
    assert (late.kind, late.moment_s) == (FailureKind.HORIZON, DAY + 7 * HOUR + 600)
    assert late.limit_s == DAY + 7 * HOUR
    assert late.late_legs == (LateLeg("T1", 1),)
    assert _home(11, 0, 4 * DAY) is None  # 10 h on the first day, 9 h 10 min on the next
    late = _home(13, 0, 4 * DAY)
    assert (late.kind, late.limit_s) == (FailureKind.NOT_BACK, DAY + 18 * HOUR)
    assert late.moment_s == 2 * DAY + 7 * HOUR + 600


def test_delays_of_edges_and_known_trips():
    """The largest of all rows that fit, each rounded half up, of the type's own time."""
    edge = road("e", "W", "A", 1001, back_s=500, delay_max_s=70, delay_back_max_s=10)
    row = KnownTrip(id="k", from_node="A", to_node="W", time_s=1001, distance_m=1)
    kind = truck(modes=(Mode.ROAD, Mode.RIVER), speed_percent=200)  # against the stream as with it

    def delays(*rows):
        found = Delays(worlds.world([village("A")], [kind], [edge], delays=rows))
        return [
            found.of_edge(kind, edge, forward=True),
            found.of_edge(kind, edge, forward=False),
            found.of_known(kind, row),
        ]

    assert delays() == [70, 10, 0]
    assert delays(Delay(id="a", percent=50)) == [251, 125, 501]  # of 501, 250 and 1,001 s
    assert delays(Delay(id="a", percent=10, fixed_s=40)) == [90, 65, 140]
    assert delays(Delay(id="a", mode=Mode.RIVER, fixed_s=80)) == [70, 10, 80]
    assert delays(Delay(id="a", mode=Mode.SEA, fixed_s=80)) == [70, 10, 0]
    assert delays(Delay(id="a", edge="e", fixed_s=80)) == [80, 80, 0]
    assert delays(Delay(id="a", vehicle="U", fixed_s=80), Delay(id="b", season="wet", fixed_s=90)) == [
        70,
        10,
        0,
    ]


def test_figures_of_delays_are_counted_by_their_basis():
    rows = (Delay(id="a"), Delay(id="b", basis=Basis.MEASURED), Delay(id="c", season="wet"))
    edges = [
        road("e", "W", "A", delay_max_s=1),
        road("f", "W", "A"),
        road("g", "W", "A", basis=Basis.MODELLED),
    ]
    found = delay_figures(worlds.world([village("A")], [truck()], edges, delays=rows))
    assert found == {"measured": 1, "entered": 1, "default": 1}
    wet = worlds.world([village("A")], [truck()], edges, delays=rows, settings={"season": "wet"})
    assert delay_figures(wet) == {"measured": 1, "entered": 1, "default": 2}


def test_rows_of_the_season_that_the_settings_name_hold_in_search_and_check():
    rows = (
        Delay(id="all", fixed_s=60),
        Delay(id="wet", season="wet", fixed_s=90),
        Delay(id="dry", season="dry", fixed_s=600),
    )
    for season, expected in (("", 60), ("wet", 90), ("dry", 600), ("windy", 60)):
        instance = worlds.world(
            [village("A")], [truck()], [road("e", "W", "A")], delays=rows, settings={"season": season}
        )
        (kind,) = instance.vehicles
        assert Delays(instance).of_edge(kind, instance.edges[0], forward=True) == expected
        ways = with_delays(instance, kind, travel(instance, kind, ("W", "A")))
        assert ways.delay_s[0, 1] == expected
