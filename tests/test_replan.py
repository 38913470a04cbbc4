"""Replans of plans that were worked out by hand: what is kept, what changes, and what the check says."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import hub_plan
import pytest
from small import CLOCK

from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import routes_from_text
from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.instance.read import read_instance
from planner.instance.schema import VehicleType
from planner.outputs.replan_summary import change_lines, replan_figures, search_lines
from planner.plans.file import plan_from_text, plan_to_text
from planner.plans.model import RegionStatus, Status
from planner.proof.check import check_plan
from planner.replanning import pipeline
from planner.replanning.case import Case
from planner.replanning.changes import changes_between
from planner.replanning.net import TakenKind
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import _limits, replan
from planner.replanning.search import _Search
from planner.replanning.stability import curve
from planner.replanning.work_clock import WorkClock, WorkCount
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

pytestmark = pytest.mark.usefixtures("short_searches")

OPTIONS = ReplanOptions(effort=1)
HOUR = 3600


def event(kind, subject, time_s, name="e1", **more):
    return Event(id=name, time_s=time_s, kind=EventKind(kind), subject=(subject,), **more)


def again(events, now_s, *, plan=hub_plan.PLAN, instance=hub_plan.INSTANCE, previous=(), **options):
    """A replan, checked again with the plans before it, from its own file."""
    asked = replace(OPTIONS, **options)
    result = replan(plan, instance, tuple(events), now_s, asked, previous=previous)
    found, _ = plan_from_text(plan_to_text(result.plan, CLOCK))
    verdict = check_plan(found, CLOCK, instance, None, (*previous, plan))
    assert verdict.violations == ()
    assert all(trip.begun or trip.load_start_s >= now_s for trip in found.trips)
    return result


def with_vehicles(**numbers):
    """The instance with other numbers of vehicles, and the plan for it."""
    vehicles = tuple(
        replace(one, number=numbers.get(one.id, one.number)) for one in hub_plan.INSTANCE.vehicles
    )
    instance = replace(hub_plan.INSTANCE, vehicles=vehicles)
    return instance, replace(hub_plan.PLAN, instance_digest=digest(instance))


def bare(trip):
    return replace(trip, begun=False)


@pytest.mark.parametrize("now_s", [0, 22_000, 25_000, 27_000, 40_000])
def test_where_nothing_happens_the_same_plan_comes_back(now_s):
    result = again([], now_s)
    assert tuple(map(bare, result.plan.trips)) == hub_plan.PLAN.trips
    assert result.plan.regions == hub_plan.PLAN.regions
    assert [trip.begun for trip in result.plan.trips] == [
        trip.load_start_s < now_s for trip in hub_plan.PLAN.trips
    ]
    assert result.untouched == ("W",)
    assert not result.regions_hit and not result.regions_changed and not result.changes.people


def test_a_report_that_all_goes_as_planned_changes_nothing():
    told = event("delivered", "T1", 25_300, from_s=25_230, place="H")
    result = again([told], 25_400)
    assert tuple(map(bare, result.plan.trips)) == hub_plan.PLAN.trips


def test_a_late_truck_shifts_what_waits_for_it():
    result = again([event("delay", "TRUCK-01", 23_000, value=str(2 * HOUR))], 23_000)
    first = result.plan.trips[0]
    assert first.begun and first.stops[0].leg.arrive_s == 25_140 + 2 * HOUR
    assert set(result.regions_hit) == {"A", "B", "C"}
    assert result.regions_changed == ()
    assert result.plan.status is Status.ON_TIME
    others = result.plan.trips[1:]
    assert all(trip.load_start_s >= first.stops[0].end_s + 600 + 3 * 10 for trip in others)


def test_within_the_tolerance_nobody_is_hit():
    result = again([event("delay", "TRUCK-01", 23_000, value="1200")], 23_000)
    assert result.regions_hit == () and result.changes.regions == frozenset()
    tight = again([event("delay", "TRUCK-01", 23_000, value="1200")], 23_000, tolerance_s=600)
    assert set(tight.regions_hit) == {"A", "B", "C"}


def test_another_vehicle_takes_over_for_the_one_that_is_lost():
    instance, plan = with_vehicles(VAN=2)
    lost = event("vehicle_lost", "VAN-01", 25_500)
    result = again([lost], 25_500, plan=plan, instance=instance)
    assert result.plan.status is Status.ON_TIME
    assert [trip.vehicle_id for trip in result.plan.trips] == ["TRUCK-01", "VAN-02", "VAN-02"]
    assert bare(result.plan.trips[0]) == hub_plan.T1
    assert set(result.regions_hit) == {"A", "B"} and result.regions_changed == ()
    assert result.changes.people == 3  # both drivers, and the hub


def test_fewer_changes_than_there_must_be_are_as_many_as_there_are_if_nothing_is_done():
    """CP-SAT is first given a model without solutions but with a hint, which ended the process.

    A and B change whatever is done; to leave them without goods for that would help nobody.
    """
    instance, plan = with_vehicles(VAN=2)
    lost = event("vehicle_lost", "VAN-01", 25_500)
    for effort in (1, None):
        result = again([lost], 25_500, plan=plan, instance=instance, most_changes=1, effort=effort)
        assert result.changes.regions == {"A", "B"}
        assert result.plan.regions_on_time == 3


def test_with_fewer_changes_allowed_another_plan_is_taken():
    """The road from the store to Ash is closed: by hand, the other way round the ring.

    Leaving at 10:10 as planned, Ash and Birch receive 30 min later (no change), Cedar at 12:00: late by
    nothing, and no region changes. With one change allowed, the second van takes Birch, the lightest.
    """
    toy = read_instance(Path(__file__).parent.parent / "instances" / "toy")
    stops = {"van/1,1": "elm fig", "van/1,2": "ash birch cedar", "boat,1": "gum holly"}
    rows = [f"{trip},{order},{stop}" for trip in stops for order, stop in enumerate(stops[trip].split(), 1)]
    given = routes_from_text("\n".join(["vehicle,trip,order,stop", *rows]), toy)
    plan = evaluate(toy, given).plan
    nine = 9 * HOUR
    closed = event("closure", "store-ash", nine, from_s=nine + 1800)
    for most, changed, on_time, cost in ((0, set(), 6, 909_000), (None, {"birch"}, 7, None)):
        options = replace(OPTIONS, most_changes=most)
        found = replan(plan, toy, (closed,), nine, options)
        assert found.changes.regions == changed
        assert found.plan.regions_on_time == on_time
        assert cost in (None, found.plan.cost)


def test_more_changes_than_allowed_are_said_and_the_plan_written_stands_in_the_table():
    instance, plan = with_vehicles(VAN=2)
    lost = event("vehicle_lost", "VAN-01", 25_500)
    asked = {"plan": plan, "instance": instance, "events": (lost,), "now_s": 25_500, "previous": ()}
    for most, over in ((1, 1), (2, 0), (None, None)):
        result = again([lost], 25_500, plan=plan, instance=instance, most_changes=most)
        said = [line for line in change_lines(result, most) if "--max-changes" in line]
        assert len(said) == bool(over)
        figures = replan_figures(result, wall_s=0.0, plan_path="", instance=instance, most_changes=most)
        assert figures.get("changes_over_max") == over
        steps = curve(SimpleNamespace(**asked, options=replace(OPTIONS, most_changes=most)), result)
        assert [one.allowed for one in steps if one.result is result] == [most]
        assert steps[-1].allowed is None


def test_all_components_together_change_no_more_than_allowed():
    first = again([event("delay", "TRUCK-01", 23_000, value="7200")], 23_000)
    assert len(first.changes.regions) == 3
    done = SimpleNamespace(changes=first.changes)
    options = replace(OPTIONS, most_changes=4)
    clock = WorkClock.started()
    assert _limits(options, clock, (0.0, 0.0), 2, [done]).most_changes == 1
    assert _limits(options, clock, (0.0, 0.0), 1, [done, done]).most_changes == 0


def test_where_nobody_can_take_over_regions_go_without_and_say_so():
    result = again([event("vehicle_lost", "VAN-01", 25_500)], 25_500)
    status = {one.region_id: one.status for one in result.plan.regions}
    assert status == {
        "A": RegionStatus.UNDELIVERED,
        "B": RegionStatus.UNDELIVERED,
        "C": RegionStatus.ON_TIME,
    }
    assert [trip.id for trip in result.plan.trips] == ["T1"]


def test_goods_that_were_left_at_a_hub_go_on_from_there_in_a_later_replan():
    lost = event("vehicle_lost", "VAN-01", 25_500)
    first = again([lost], 25_500)
    assert [trip.id for trip in first.plan.trips] == ["T1"]  # it has brought all three units to the hub
    added = event("vehicle_added", "VAN", 30_000, name="e2", value="1")
    second = again([lost, added], 30_000, plan=first.plan, previous=(hub_plan.PLAN,))
    assert second.plan.status is Status.ON_TIME
    assert {trip.origin_id for trip in second.plan.trips if not trip.begun} == {"H"}
    before = {
        one.consignment_id for stop in hub_plan.T1.stops for one in stop.deliveries if stop.node_id == "H"
    }
    after = {
        one.consignment_id
        for trip in second.plan.trips
        for stop in trip.stops
        for one in stop.deliveries
        if trip.origin_id == "H"
    }
    assert after == before


def test_where_the_check_rejects_what_the_search_found_all_goes_on_by_itself(monkeypatch, caplog):
    tries = _Search._try

    def wrong(self, *args, **more):
        return [
            replace(one, trips=tuple(replace(trip, cost=trip.cost + 1) for trip in one.trips))
            for one in tries(self, *args, **more)
        ]

    monkeypatch.setattr(_Search, "_try", wrong)
    instance, plan = with_vehicles(VAN=2)
    result = again([event("vehicle_lost", "VAN-01", 25_500)], 25_500, plan=plan, instance=instance)
    assert "rejects" in caplog.text and "trip_cost" in caplog.text
    assert result.taken["W"].kind is TakenKind.BY_ITSELF and result.taken["W"].rules == ("trip_cost",)
    assert any("trip_cost" in line for line in search_lines(result, 3.5))
    assert [trip.id for trip in result.plan.trips] == ["T1"]
    assert result.plan.status is Status.LATE


def test_the_place_that_a_trip_is_on_its_way_to_is_served_first(toy_plan):
    instance, plan = toy_plan
    trip = max(plan.trips, key=lambda one: len(one.stops))
    assert len(trip.stops) >= 3
    first, second = trip.stops[:2]
    for now_s, done, stop in (
        (first.leg.depart_s + 1, 1, first),
        (first.start_s, 1, first),
        (second.leg.depart_s, 1, first),
        (second.leg.depart_s + 1, 2, second),
    ):
        case = Case(
            instance=instance, regions=instance.regions, old=plan.trips, trips=plan.trips,
            begun=frozenset({trip.id}), lacking=(), gone=(), old_ways={}, now_s=now_s, tolerance_s=0,
            guarantee=0, blocked={}, inside=None,
        )  # fmt: skip
        rest = case.rest_of(trip)
        if len(trip.stops) - done < 2:
            assert rest is None
            continue
        assert (rest.done, rest.here) == (done, stop.node_id)
        assert rest.moment_s == max(stop.end_s, now_s)


@pytest.fixture(scope="module")
def toy_plan():
    instance = read_instance(Path(__file__).parents[1] / "instances" / "toy")
    return instance, solve(instance, SolveOptions(effort=1, workers=0)).plan


@pytest.fixture(scope="module")
def little_room():
    """The hub holds one of its three units: the next comes when it has left."""
    hubs = tuple(replace(one, storage_dm3=100) for one in hub_plan.INSTANCE.hubs)
    instance = replace(hub_plan.INSTANCE, hubs=hubs)
    plan = solve(instance, SolveOptions(effort=1, workers=0)).plan
    assert plan.status is Status.ON_TIME
    return instance, plan


@pytest.mark.parametrize("searched", ["in full", "greedily", "not at all"])
def test_what_has_no_room_at_a_hub_stays_where_it_is(searched, little_room, monkeypatch):
    if searched != "in full":
        monkeypatch.setattr("planner.replanning.model.pick", lambda *_args, **_more: None)
    if searched == "not at all":
        monkeypatch.setattr("planner.replanning.greedy.without_room", lambda *_args: frozenset())
    instance, plan = little_room
    now_s = min(trip.load_start_s for trip in plan.trips) - 600
    result = again([event("vehicle_lost", "VAN-01", now_s)], now_s, instance=instance, plan=plan)
    status = {one.region_id: one.status for one in result.plan.regions}
    assert status["A"] is status["B"] is RegionStatus.UNDELIVERED
    units = sum(
        one.units
        for trip in result.plan.trips
        for stop in trip.stops
        for one in stop.deliveries
        if stop.node_id == "H"
    )
    assert units <= 1
    if searched == "in full":
        assert status["C"] is RegionStatus.ON_TIME


def test_goods_of_a_truck_that_broke_down_are_fetched():
    instance, plan = with_vehicles(TRUCK=2)
    stands = event("breakdown", "TRUCK-01", 25_600, from_s=25_600)
    result = again([stands], 25_700, plan=plan, instance=instance)
    fetching = [trip for trip in result.plan.trips if any(stop.fetched for stop in trip.stops)]
    assert [trip.vehicle_id for trip in fetching] == ["TRUCK-02"]
    assert [one.region_id for stop in fetching[0].stops for one in stop.deliveries] == ["C"]
    assert result.plan.status is Status.ON_TIME
    assert result.regions_hit == ("C",)
    broken = next(trip for trip in result.plan.trips if trip.broken is not None)
    assert broken.id == "T1" and [stop.node_id for stop in broken.stops] == ["H"]


def test_goods_that_are_fetched_on_the_way_to_a_hub_go_on_from_there():
    instance, plan = with_vehicles(TRUCK=2)
    stands = event("breakdown", "TRUCK-01", 24_000, from_s=24_000)
    result = again([stands], 24_100, plan=plan, instance=instance)
    assert result.plan.status is Status.ON_TIME
    nodes = {stop.node_id for trip in result.plan.trips for stop in trip.stops if stop.deliveries}
    assert nodes == {"A", "B", "C", "H"}
    assert all(trip.load_start_s >= 24_100 for trip in result.plan.trips[1:])


def test_replans_of_replans_keep_all_history():
    first = again([event("delay", "TRUCK-01", 23_000, value=str(HOUR))], 23_000)
    events = [
        event("delay", "TRUCK-01", 23_000, value=str(HOUR)),
        event("delivered", "T1", 29_000, "e2", from_s=28_830, place="H"),
        event("delay", "VAN-01", 30_500, "e3", value=str(HOUR)),
    ]
    second = again(events, 30_600, plan=first.plan, previous=(hub_plan.PLAN,))
    third = again(events, 40_000, plan=second.plan, previous=(hub_plan.PLAN, first.plan))
    assert third.plan.trips[0].id == "T1" and all(trip.begun for trip in third.plan.trips)
    assert third.plan.trips[0].stops[0].end_s == 28_830
    assert third.plan.regions_on_time == 3


def test_more_is_needed_and_sent_from_stock():
    more = event("demand", "C", 20_000, value="tps=1 voters=10")
    result = again([more], 20_000)
    assert result.plan.status is Status.ON_TIME
    units = sum(
        one.units for trip in result.plan.trips for stop in trip.stops if stop.node_id == "C"
        for one in stop.deliveries
    )  # fmt: skip
    assert units == 2
    assert result.regions_hit == ("C",) and result.regions_changed == ()


def test_a_closed_road_is_driven_around_or_waited_for():
    shut = event("closure", "e3", 20_000, from_s=20_000, until_s=20_000 + 20 * HOUR)
    result = again([shut], 20_000)
    assert result.plan.status is Status.ON_TIME
    used = {step.ref for trip in result.plan.trips for stop in trip.stops for step in stop.leg.path}
    assert "e3" not in used or all(
        trip.load_start_s >= 20_000 + 18 * HOUR for trip in result.plan.trips if trip.origin_id == "H"
    )


def test_nothing_outside_of_an_area_changes():
    lost = event("vehicle_lost", "VAN-01", 25_500)
    instance, plan = with_vehicles(VAN=2)
    result = again([lost], 25_500, plan=plan, instance=instance, area="C")
    trips = {trip.id: bare(trip) for trip in result.plan.trips}
    assert trips == {"T1": hub_plan.T1}  # what the van brought is not of the area


def test_the_same_effort_and_seed_give_the_same_plan():
    lost = event("vehicle_lost", "VAN-01", 25_500)
    instance, plan = with_vehicles(VAN=3)
    texts = {plan_to_text(again([lost], 25_500, plan=plan, instance=instance).plan, CLOCK) for _ in range(2)}
    assert len(texts) == 1


def test_by_effort_as_much_is_done_as_usual_time_allows_and_the_same_each_time(monkeypatch):
    lost = event("vehicle_lost", "VAN-01", 25_500)
    counts = []

    class Count(WorkCount):
        def __init__(self):
            super().__init__()
            counts.append(self)

    monkeypatch.setattr(pipeline, "WorkCount", Count)
    for effort in (1, 1, 3):
        again([lost], 25_500, effort=effort)  # somebody is late: it would go on
    short, same, _ = (one.work_us for one in counts)
    assert 0 < short == same
    monkeypatch.setattr(pipeline, "LONGEST_S", 0.2)
    monkeypatch.setattr(pipeline, "DEFAULT_TIME_LIMIT_S", 0.1)
    again([lost], 25_500)
    assert counts[-1].work_us < 1_000_000  # it ends with what was begun
    assert all(one.work_us < 11_000_000 * (1 + 2 * (number == 2)) for number, one in enumerate(counts))


def test_changes_are_counted_by_vehicle_day_and_arrival():
    other = replace(hub_plan.T2, vehicle_id="VAN-02")
    plan = replace(hub_plan.PLAN, trips=(hub_plan.T1, other, hub_plan.T3))
    changes = changes_between(hub_plan.PLAN, plan, 1800, CLOCK)
    assert changes.regions == {"A", "B"}
    assert changes.vehicles == {"VAN-01", "VAN-02"}
    assert changes.hubs == {"H"}
    assert changes_between(hub_plan.PLAN, hub_plan.PLAN, 0, CLOCK).people == 0


def test_a_vehicle_of_a_new_type_can_help():
    jeep = VehicleType(
        id="JEEP", name="Jip", warehouse="W", home="H", number=1, modes=hub_plan.INSTANCE.vehicles[1].modes,
        mass_kg=100, volume_dm3=400, price_trip=10,
    )  # fmt: skip
    instance = replace(hub_plan.INSTANCE, vehicles=(*hub_plan.INSTANCE.vehicles, jeep))
    plan = replace(hub_plan.PLAN, instance_digest=digest(instance))
    result = again([event("vehicle_lost", "VAN-01", 25_500)], 25_500, plan=plan, instance=instance)
    assert result.plan.status is Status.ON_TIME
    assert {trip.vehicle_id for trip in result.plan.trips} == {"TRUCK-01", "JEEP-01"}
