"""Transfers between warehouses: who sends what and when, what the checker says of them, and of proofs."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.base.errors import InputError
from planner.building.places import component_ids
from planner.compose.list_scheduling import schedule_all
from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import routes_from_text
from planner.events.read import events_of
from planner.instance.schema import Item, KnownTrip, Mode, Overnight, Stock
from planner.outputs.itineraries import shown
from planner.outputs.summary import plan_figures, summary_rows
from planner.outputs.tables import BETWEEN_COLUMNS, TRIP_COLUMNS, trips_text
from planner.outputs.transfers import local_trips
from planner.outputs.transshipments import transshipment_figures, transshipment_lines
from planner.plans.file import plan_from_text, plan_to_text
from planner.plans.model import Goods, Proof, ProofKind, RegionStatus, Status
from planner.problem.problem import Route
from planner.problem.supply import arrivals
from planner.proof.check import check_plan
from planner.proof.impossibility import earliest_receipt, flaws
from planner.proof.stocks import deliverable, sent_by_others
from planner.proof.world import World
from planner.propose.pool import Pool
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan
from planner.search.component import ComponentSearch, SearchOptions
from planner.solving import pipeline
from planner.solving.dispatch import Heard, Job
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from planner.transshipment.exchange import arrivals_of, as_transfers, receivers, seen_by
from planner.transshipment.orders import Arrival, Order, may_come, orders_between, phases
from tests.chain_worlds import chain_world
from tests.replans import row
from tests.worlds import (
    BOX,
    CALENDARS,
    CLOCK,
    DAY,
    FERRY,
    HOUR,
    build_problem,
    outcome,
    road,
    store,
    truck,
    village,
    world,
)

pytestmark = pytest.mark.usefixtures("short_searches")

QUICK = SolveOptions(effort=1, workers=0)
SIGN = Item(id="sign", name="Sign", per="region", mass_g=2000, volume_cm3=1000)
TWO = truck("U", warehouse="V", number=2, unload_piece_s=60, price_vehicle=1000, price_day=10, price_trip=100)
SMALL = replace(TWO, mass_kg=20)  # so that no trip goes to a warehouse and to a region


def come(quantity, warehouse="W", available_s=None, item="box"):
    return Stock(warehouse=warehouse, item=item, quantity=quantity, available_s=available_s)


SOME = (come(3), come(4, "V"))


def short(*vehicles, stock=SOME, ways=(), **tables):
    """W has 3 boxes for A's 3 and B's 2; V has 4 for C's 2. From V to W it takes an hour."""
    tables = {"warehouses": (store("W"), store("V"), store("U"))} | tables
    villages = [village("A", boxes=3, people=2), village("B", boxes=2), village("C", boxes=2, warehouse="V")]
    edges = [
        road("wa", "W", "A"),
        road("wb", "W", "B"),
        road("vc", "V", "C"),
        road("vw", "V", "W", HOUR, length_m=20_000),
        *ways,
    ]
    return world(villages, [truck("T"), *(vehicles or [TWO])], edges, stock=stock, **tables)


def transfers(plan):
    """Trips to other warehouses, in time."""
    found = [trip for trip in plan.trips if any(stop.items for stop in trip.stops)]
    return sorted(found, key=lambda trip: (trip.load_start_s, trip.vehicle_id))


def sent(instance, **options):
    """What a plan sends between warehouses: from, to, vehicle, loading, unloaded, items."""
    found = solve(instance, replace(QUICK, **options))
    assert found.verdict.passed
    return [
        (
            trip.origin_id,
            stop.node_id,
            trip.vehicle_id,
            trip.load_start_s,
            stop.end_s,
            {one.item_id: one.quantity for one in stop.items},
        )
        for trip in transfers(found.plan)
        for stop in trip.stops
        if stop.items
    ]


def drafts(instance, regions):
    """What warehouses that lack something would do if all that others can spare came as soon as can be."""
    found = {}
    for name, come in may_come(instance, regions).items():
        mine = tuple(one for one in regions if one.warehouse == name)
        view = seen_by(instance, name, (), come)
        search = ComponentSearch(view, name, mine, options=SearchOptions(effort=1), hear=lambda _: None)
        found[name] = search.go_on(None, with_latest=True)
    return found


def orders(instance, regions=None):
    return orders_between(instance, drafts(instance, regions or instance.regions))


def asked(instance, regions=None):
    """What warehouses ask of others: who, whom, items, until when at the earliest."""
    found = []
    for order in orders(instance, regions):
        items = {}
        for lot in order.lots:
            items[lot.item] = items.get(lot.item, 0) + lot.quantity
        found.append((order.taker, order.giver, items, min(lot.due_s for lot in order.lots)))
    return found


def statuses(plan):
    return {one.region_id: (one.status.value, one.reason) for one in plan.regions}


ALL_ON_TIME = dict.fromkeys("ABC", ("on_time", ""))


# Exact figures


def test_what_is_short_comes_from_a_neighbour():
    instance = short(SMALL)
    found = solve(instance, QUICK)
    assert statuses(found.plan) == ALL_ON_TIME
    assert found.plan.status is Status.ON_TIME
    assert found.verdict.passed
    (trip,) = transfers(found.plan)
    (stop,) = trip.stops
    assert (trip.vehicle_id, trip.origin_id, trip.dock) == ("U-01", "V", 1)
    begin = trip.load_start_s
    assert (stop.node_id, stop.start_s, stop.end_s) == ("W", begin + HOUR, begin + HOUR + 120)
    assert (stop.deliveries, stop.items) == ((), (Goods("box", 2),))
    assert (trip.end_s - begin, trip.mass_g, trip.volume_cm3, trip.pieces) == (7320, 20_000, 20_000, 2)
    assert (trip.distance_m, trip.cost) == (40_000, 100)
    own = [one for one in found.plan.trips if one.origin_id == "V" and one is not trip]
    assert {one.vehicle_id for one in own} == {"U-01"}  # one vehicle does both
    costs = {one.id: one.cost for one in found.plan.components}
    assert costs == {"W": 0, "V": 1000 + 10 + 2 * 100}
    last = [one for one in found.plan.trips if one.origin_id == "W"][-1]
    assert last.load_start_s >= stop.end_s


def test_a_trip_goes_to_a_warehouse_and_to_a_region():
    found = solve(short(), QUICK)
    (trip,) = [one for one in found.plan.trips if one.origin_id == "V"]
    assert sorted(stop.node_id for stop in trip.stops) == ["C", "W"]
    assert {one.id: one.cost for one in found.plan.components} == {"W": 0, "V": 1000 + 10 + 100}
    assert found.verdict.passed
    assert local_trips(found.plan) == len(found.plan.trips)
    only = [replace(trip, stops=tuple(stop for stop in trip.stops if stop.items))]
    assert local_trips(replace(found.plan, trips=tuple(only))) == 0


def test_only_truck_does_both():
    found = solve(short(replace(SMALL, number=1)), QUICK)
    assert statuses(found.plan) == ALL_ON_TIME
    assert len(transfers(found.plan)) == 1


def test_what_a_component_sees():
    instance = short()
    wanted = orders(instance)
    giver = seen_by(instance, "V", wanted)
    assert giver.as_filed is instance
    assert instance.as_filed is instance
    (place,) = receivers(giver)
    assert (place.id, place.warehouse) == ("W", "V")
    assert giver.weight_of(place) in (1, 2, 3)  # of who waits for it, A or B or both
    come = [Arrival("W", "box", 2, HOUR, 2 * HOUR), Arrival("U", "box", 7, 0, 0)]
    taker = seen_by(instance, "W", wanted, come)
    assert arrivals(taker, "W") == {"box": ((0, HOUR), (3, 5))}
    assert arrivals(taker, "W", sure=True) == {"box": ((0, 2 * HOUR), (3, 5))}
    assert receivers(taker) == ()
    assert seen_by(instance, "C", wanted) is instance


def test_the_nearer_of_two_givers_sends_first():
    far = truck("F", warehouse="U", number=2)
    ways = [road("uw", "U", "W", 2 * HOUR)]
    stock = (come(3), come(3, "V"), come(9, "U"))
    instance = short(TWO, far, stock=stock, ways=ways)
    assert [one[:3] for one in asked(instance)] == [("W", "V", {"box": 1}), ("W", "U", {"box": 1})]
    found = solve(instance, QUICK)
    assert statuses(found.plan) == ALL_ON_TIME
    depot = next(one for one in found.plan.components if one.id == "U")
    assert (depot.regions, depot.status, depot.lower_bound) == ((), Status.ON_TIME, 0)


def test_nearest_in_time_is_who_brings_it_first():
    far = truck("F", warehouse="U", number=1)
    late = (come(3), come(2, "V"), come(9, "V", 5 * HOUR), come(9, "U"))
    assert sent(short(TWO, far, stock=late, ways=[road("uw", "U", "W", 2 * HOUR)])) == [
        ("U", "W", "F-01", 0, 2 * HOUR, {"box": 2})
    ]


def test_what_does_not_fit_takes_two_trips_of_one_vehicle():
    small = replace(TWO, mass_kg=10, number=3)
    assert [one[2:3] + one[5:] for one in sent(short(small))] == [("U-01", {"box": 1}), ("U-01", {"box": 1})]


def test_more_vehicles_drive_only_where_one_would_be_late():
    small = replace(TWO, mass_kg=10, number=3)
    assert {one[2] for one in sent(short(small, deadline_s=10 * HOUR))} == {"U-01"}
    hurry = sent(short(small, deadline_s=2 * HOUR))
    assert len({one[2] for one in hurry}) == 2
    assert max(one[4] for one in hurry) == HOUR + 60


def test_what_comes_late_to_the_giver_leaves_when_it_has_come():
    instance = short(stock=(come(3), come(2, "V"), come(2, "V", 5 * HOUR)))
    assert [one[3] >= 5 * HOUR for one in sent(instance)][-1]
    own = short(SMALL, stock=(come(3), come(1, "V"), come(1, "V", HOUR), come(2, "V", 5 * HOUR)))
    assert statuses(solve(own, QUICK).plan) == ALL_ON_TIME


def test_one_trip_waits_for_all_where_that_is_in_time():
    lots = (come(3), come(3, "V"), come(1, "V", HOUR))
    assert [one[5] for one in sent(short(SMALL, stock=lots))] == [{"box": 2}]


def test_stock_that_comes_late_may_come_from_elsewhere():
    """B's two boxes come to W when it is too late; V has some to spare."""
    late = (come(3), come(2, available_s=20 * HOUR), come(4, "V"))
    hurry = short(stock=late, deadline_s=10 * HOUR)
    assert [one[:3] for one in asked(hurry)] == [("W", "V", {"box": 2})]
    assert statuses(solve(hurry, QUICK).plan) == ALL_ON_TIME
    assert asked(short(stock=late)) == []  # there is time to wait


def test_several_items_share_a_trip():
    items = (BOX, SIGN)
    stock = (come(3), come(4, "V"), come(1, item="sign"), come(9, "V", item="sign"))
    (transfer,) = sent(short(replace(TWO, mass_kg=22), stock=stock, items=items))
    assert transfer[-1] == {"box": 2, "sign": 1}


def test_many_small_pieces_are_cut_into_few_lots():
    items = (BOX, replace(SIGN, per="people", mass_g=1, volume_cm3=1))
    stock = (come(9), come(9, "V"), come(1, item="sign"), come(99_999, "V", item="sign"))
    instance = short(stock=stock, items=items)
    instance = replace(instance, regions=(village("A", people=5000), *instance.regions[1:]))
    (order,) = orders(instance)
    assert sum(lot.quantity for lot in order.lots) == 5000
    assert len(order.lots) <= 64


def test_shifts_and_hours_hold():
    kind = replace(SMALL, calendar="shift", load_fixed_s=1800)
    warehouses = (store("W", calendar="office"), store("V", calendar="shift"), store("U"))
    instance = short(kind, warehouses=warehouses)
    (transfer,) = sent(instance)
    assert transfer[3] >= 6 * HOUR
    assert transfer[4] >= 8 * HOUR + 120
    assert statuses(solve(instance, QUICK).plan) == ALL_ON_TIME


def test_a_vehicle_that_works_too_long_goes_on_the_next_day():
    kind = replace(TWO, mass_kg=10, number=1, work_s=3 * HOUR)
    instance = short(kind, stock=(come(3), come(2, "V")))
    instance = replace(instance, regions=(*instance.regions[:2], village("C", boxes=0, warehouse="V")))
    assert [one[3] >= DAY for one in sent(instance)] == [False, True]


@pytest.mark.slow
def test_who_would_be_late_does_not_wait_until_goods_can_be_counted_on():
    """Two boxes come after an hour, or after eleven; who waits for the worst is late even as planned."""
    ways = [road("fast", "V", "W", HOUR - 60, delay_max_s=10 * HOUR, delay_back_max_s=0)]
    instance = short(ways=ways, deadline_s=9 * HOUR)
    found = solve(instance, replace(QUICK, guarantee=1))
    assert statuses(found.plan) == ALL_ON_TIME
    safe = found.verdict.robustness
    assert set(safe.guaranteed) & {"A", "B"} == {"A"}  # the own three boxes are for who matters more
    (wait,) = [one for one in safe.worst if one.region == "B"]
    assert wait.received_s >= HOUR + 10 * HOUR


def test_who_has_time_waits_until_goods_can_be_counted_on():
    ways = [road("fast", "V", "W", HOUR - 60, delay_max_s=10 * HOUR, delay_back_max_s=0)]
    found = solve(short(ways=ways), replace(QUICK, guarantee=1))
    assert found.plan.status is Status.GUARANTEED
    last = max(one.load_start_s for one in found.plan.trips if one.origin_id == "W")
    assert last >= HOUR - 60 + 10 * HOUR


def test_an_open_end_stays_there():
    kind = replace(TWO, mass_kg=10, open_end=True, number=4)
    assert len({one[2] for one in sent(short(kind))}) == 2


def test_what_comes_after_the_last_deadline_is_still_sent():
    found = solve(short(deadline_s=HOUR), QUICK)
    assert statuses(found.plan)["C"] == ("on_time", "")
    late = [one for one in found.plan.regions if one.status is RegionStatus.LATE]
    assert len(late) >= 1
    assert all(one.received_s is not None for one in found.plan.regions)
    assert found.verdict.passed


def test_only_what_lets_a_further_region_receive_is_sent():
    # with one more box neither A (3) nor B (2) could receive beside the other
    assert asked(short(stock=(come(3), come(3, "V")))) == []
    few = short(stock=(come(2), come(3, "V")))
    assert [one[2] for one in asked(few)] == [{"box": 1}]  # for A, in place of B
    light = replace(few, regions=(village("A", boxes=3), *few.regions[1:]))
    assert asked(light) == []


def test_with_an_area_others_keep_what_all_their_regions_need():
    found = solve(short(), replace(QUICK, area="B,A"))
    assert [one.id for one in found.plan.components] == ["W", "V"]
    assert found.plan.components[1].regions == ()
    assert [one.status.value for one in found.plan.regions] == ["on_time", "on_time"]
    bare = short(stock=(come(3), come(2, "V")))
    assert asked(bare, regions=bare.regions[:2]) == []


def test_nobody_gives_to_one_from_which_it_receives():
    items = (BOX, SIGN)
    stock = (come(3), come(9, "V"), come(9, item="sign"), come(0, "V", item="sign"))
    instance = short(replace(TWO, modes=(Mode.ROAD,)), stock=stock, items=items)
    edges = [road("wv", "W", "V", HOUR)]
    instance = replace(instance, edges=(*instance.edges, *edges))
    assert [one[:3] for one in asked(instance)] == [("W", "V", {"box": 2})]  # and W gives V no sign
    assert statuses(solve(instance, QUICK).plan)["A"] == ("on_time", "")


def test_who_gives_is_searched_before_who_receives():
    pairs = [Order(giver, taker, (), 1) for giver, taker in ("VW", "WX", "UX")]
    assert phases(pairs, "WXVUZ") == [["V", "U"], ["W"], ["X", "Z"]]
    assert phases([], "WX") == [["W", "X"]]


def test_a_component_without_an_answer_is_not_less_late():
    """A further try of which a search failed must not take the place of one that is late."""
    instance = short(SMALL)
    jobs = {
        name: Job(name, tuple(one for one in instance.regions if one.warehouse == name), 1) for name in "WV"
    }
    state = pipeline.IncumbentPlan(instance, QUICK, jobs)
    assert state.late == (sum(instance.weight_of(one) for one in instance.regions), 0)
    state.hear(Heard("W", straight(instance, "W", jobs["W"].regions), final=True))
    assert state.late < pipeline.IncumbentPlan(instance, QUICK, jobs).late
    other = state.without(["W"])
    other.hear(Heard("W", None, final=True, failure="lost"))
    assert other.late > state.late
    assert "W" not in state.lost


def unnamed(plan):
    """Its transfers, whatever their ids."""
    return [replace(trip, id="") for trip in transfers(plan)]


def test_transfers_stay_where_a_part_is_planned_anew():
    instance = short(SMALL)
    base = solve(instance, QUICK).plan
    again = solve(instance, replace(QUICK, base=base, area="C")).plan
    assert unnamed(again) == unnamed(base)
    assert statuses(again) == ALL_ON_TIME
    other = solve(instance, replace(QUICK, base=base, area="B")).plan
    assert unnamed(other) == unnamed(base)
    assert statuses(other) == ALL_ON_TIME


def test_a_search_goes_on_from_transfers():
    instance = short(SMALL)
    base = solve(instance, QUICK).plan
    assert solve(instance, replace(QUICK, base=base)).plan.cost <= base.cost


@pytest.mark.parametrize("seed", range(3))
def test_what_comes_goes_on_through_hubs(seed):
    bare = chain_world({"transfer"}, seed)
    instance = replace(
        bare,
        warehouses=(*bare.warehouses, store("V")),
        vehicles=(*bare.vehicles, truck("Z", warehouse="V", number=2)),
        edges=(*bare.edges, road("vw", "V", "W", HOUR)),
        stock=(come(len(bare.regions) - 1), come(5, "V")),
    )
    found = solve(instance, QUICK)
    (trip,) = transfers(found.plan)
    assert (trip.vehicle_id, trip.stops[0].node_id, trip.stops[0].items) == ("Z-01", "W", (Goods("box", 1),))
    reference = solve(replace(instance, stock=()), QUICK)
    assert found.verdict.passed
    assert not [one for one in found.plan.regions if one.reason in ("stock", "stock_elsewhere")]
    assert found.plan.regions_on_time == reference.plan.regions_on_time


@pytest.mark.parametrize("late_s", [600, 5400])
def test_a_late_transfer_moves_what_waits_for_it(late_s):
    instance, plan = short(SMALL), good()
    (trip,) = transfers(plan)
    now_s = trip.depart_s + 60
    told = [row("E1", now_s, "delay", trip.vehicle_id, CLOCK, value=f"{late_s // 60}min")]
    events = events_of(told, instance, plan, now_s)
    found = replan(plan, instance, events, now_s, ReplanOptions(effort=1))
    assert found.verdict.passed
    assert found.plan.regions_on_time == 3
    there_s = trip.stops[0].end_s + late_s
    loaded = 0
    for own in sorted(found.plan.trips, key=lambda trip: trip.load_start_s):
        if own.origin_id == "W":
            loaded += own.pieces
            assert loaded <= 3 or own.load_start_s >= there_s


def test_routes_wait_for_what_comes_from_others():
    instance = short(SMALL)
    text = "vehicle,trip,stop,items\nT/1,1,A,\nT/1,1,B,\nU/1,1,W,2 box\nU/1,2,C,\n"
    found = evaluate(instance, routes_from_text(text, instance))
    assert found.verdict.passed
    (own,) = [one for one in found.plan.trips if one.origin_id == "W"]
    assert own.load_start_s == HOUR + 120


# Who cannot send


def test_without_a_surplus_nothing_is_asked_for():
    instance = short(stock=(come(3), come(2, "V")))
    assert asked(instance) == []
    found = solve(instance, QUICK)
    assert found.plan.components[0].proofs == (Proof(ProofKind.STOCK, ("B",), figures={"items": "box"}),)
    assert statuses(found.plan)["B"] == ("undelivered", "stock")


def test_items_without_rows_are_not_sent():
    instance = short(stock=(come(3), come(4, "V", item="sign")), items=(BOX, SIGN))
    assert asked(instance) == []
    assert sent_by_others(World(instance), "W", "box") == ()


@pytest.mark.parametrize(
    "kind", [replace(TWO, modes=(Mode.RIVER,)), replace(TWO, number=0), replace(TWO, mass_kg=5)]
)
def test_a_giver_without_a_vehicle_that_goes_there_leaves_the_proof(kind):
    other = truck("O", warehouse="V", number=1, modes=(Mode.SEA,))
    found = solve(short(kind, other), QUICK)
    assert statuses(found.plan)["B"] == ("undelivered", "stock")
    assert found.plan.components[0].status is Status.IMPOSSIBLE
    assert found.verdict.proven[0] == "B"


def test_a_vehicle_must_come_back():
    one_way = [road("out", "V", "W", 1800, back_s=None)]
    instance = short(ways=one_way)
    edges = tuple(one for one in instance.edges if one.id != "vw")
    instance = replace(instance, edges=edges)
    assert sent(instance) == []
    assert statuses(solve(instance, QUICK).plan)["B"] == ("undelivered", "stock")
    stays = replace(instance, vehicles=(instance.vehicles[0], replace(TWO, open_end=True)))
    assert len(sent(stays)) >= 1


def test_where_the_only_vehicle_has_no_time_nothing_is_proven():
    """It works long enough to bring C something on a day, not to drive to W and back."""
    kind = replace(TWO, number=1, work_s=4300, overnight=Overnight.HOME, calendar="shift")
    found = solve(short(kind), QUICK)
    assert statuses(found.plan)["B"] == ("undelivered", "stock_elsewhere")
    assert found.plan.components[0].proofs == ()
    assert found.plan.components[0].status is Status.LATE
    assert statuses(found.plan)["C"] == ("on_time", "")
    assert found.verdict.passed


# The checker

PLANS = {}


def good():
    if "plan" not in PLANS:
        PLANS["plan"] = solve(short(SMALL), QUICK).plan
    return PLANS["plan"]


def broken(plan, instance=None):
    verdict = check_plan(plan, CLOCK, short(SMALL) if instance is None else instance)
    return {one.rule for one in verdict.violations}


def with_trip(plan=None, **changes):
    """The plan with its transfer changed; `stop` changes its stop."""
    plan = good() if plan is None else plan
    stop = changes.pop("stop", {})
    trips = []
    for trip in plan.trips:
        if trip == transfers(plan)[0]:
            changed = {"stops": (replace(trip.stops[0], **stop),)} | changes
            trips.append(replace(trip, **changed))
        else:
            trips.append(trip)
    return replace(plan, trips=tuple(trips))


def test_the_plan_itself_is_right():
    assert broken(good()) == set()


@pytest.mark.parametrize(
    ("stop", "rules"),
    [
        ({"items": (Goods("box", 3),)}, {"stock", "mass", "volume", "pieces", "service_time"}),
        ({"items": (Goods("box", 1),)}, {"stock", "mass", "volume", "pieces", "service_time"}),
        ({"items": ()}, {"stop_node", "stock", "mass", "volume", "pieces", "service_time"}),
        ({"items": (Goods("box", 1), Goods("box", 1))}, {"stop_node"}),
        ({"items": (Goods("box", 2), Goods("box", 0))}, {"stop_node"}),
        ({"items": (Goods("box", 2), Goods("crate", 1))}, {"stop_node"}),
        ({"start_s": HOUR - 60, "end_s": HOUR + 60}, {"order"}),
        ({"start_s": HOUR + 60, "end_s": HOUR + 180}, {"order"}),
        ({"end_s": HOUR + 60}, {"service_time"}),
        ({"node_id": "U"}, {"stock", "path"}),
        ({"node_id": "V"}, {"stop_node", "path", "stock"}),
        ({"node_id": "C"}, {"stop_node", "path", "stock"}),
    ],
)
def test_a_changed_stop_is_found(stop, rules):
    assert rules <= broken(with_trip(stop=stop))


@pytest.mark.parametrize(
    ("trip", "rule"),
    [
        ({"vehicle_id": "U-03"}, "fleet"),
        ({"dock": 2}, "docks"),
        ({"mass_g": 19_999}, "mass"),
        ({"volume_cm3": 1}, "volume"),
        ({"pieces": 3}, "pieces"),
        ({"cost": 99}, "trip_cost"),
        ({"distance_m": 20_000}, "distance"),
        ({"back": None, "end_s": HOUR + 120}, "path"),
    ],
)
def test_a_changed_trip_is_found(trip, rule):
    assert rule in broken(with_trip(**trip))


def test_a_transfer_that_is_left_out_is_missed():
    plan = replace(good(), trips=tuple(one for one in good().trips if one != transfers(good())[0]))
    assert {"stock", "cost"} <= broken(plan)


def test_loading_before_the_goods_have_come_is_found():
    plan = good()
    last_s = max(one.load_start_s for one in plan.trips if one.origin_id == "W")
    later = with_trip(stop={"start_s": last_s - 119, "end_s": last_s + 1})
    assert "stock" in broken(later)
    at_once = with_trip(stop={"start_s": last_s - 120, "end_s": last_s})
    assert "stock" not in broken(at_once)


def test_deliveries_and_items_do_not_go_together():
    plan = good()
    (own,) = [one for one in plan.trips if one.origin_id == "V" and one != transfers(plan)[0]]
    both = replace(own.stops[0], items=(Goods("box", 1),))
    assert "stop_node" in broken(replace(plan, trips=(*plan.trips[:-1], replace(own, stops=(both,)))))
    given = own.stops[0].deliveries
    assert "stop_node" in broken(with_trip(stop={"deliveries": given}))


def test_unloading_lies_in_the_hours_of_the_warehouse():
    warehouses = (store("W", calendar="office"), store("V"), store("U"))
    assert "warehouse_hours" in broken(good(), short(warehouses=warehouses))


def test_a_warehouse_sends_only_what_it_has_rows_of():
    instance = short(stock=(come(3), come(4, "U")))
    assert "stock" in broken(good(), instance)


# Proofs

STOCK = Proof(ProofKind.STOCK, ("B",), figures={"items": "box"})


def is_proven(instance, proof=STOCK, left_out=("B",)):
    return not flaws(World(instance), proof, ("A", "B"), left_out)


def test_a_proof_of_stock_counts_what_others_could_send():
    assert not is_proven(short())
    assert not is_proven(short(replace(TWO, number=1)))
    assert is_proven(short(stock=(come(3), come(3, "V"))))  # a box is missing all the same
    assert is_proven(short(replace(TWO, number=0)))
    assert is_proven(short(replace(TWO, modes=(Mode.RIVER,))))
    assert is_proven(short(replace(TWO, mass_kg=9)))


def test_a_proof_of_stock_counts_only_what_comes_before_the_last_deadline():
    late = (come(3), come(4, "V", 10 * HOUR))
    proof = replace(STOCK, figures={"items": "box", "before": CLOCK.text(11 * HOUR + 60)})
    assert is_proven(short(stock=late, deadline_s=11 * HOUR + 60), proof)
    proof = replace(STOCK, figures={"items": "box", "before": CLOCK.text(11 * HOUR + 61)})
    assert not is_proven(short(stock=late, deadline_s=11 * HOUR + 61), proof)


def test_what_others_could_send_may_pass_further_warehouses():
    relay = truck("F", warehouse="U", number=1)
    stock = (come(3), come(0, "U"), come(9, "V"))
    instance = short(replace(TWO, modes=(Mode.RIVER,)), relay, stock=stock)
    edges = (
        *instance.edges,
        road("vu", "V", "U", HOUR, mode=Mode.RIVER),
        road("uw", "U", "W", HOUR),
    )
    assert sent_by_others(World(replace(instance, edges=edges)), "W", "box") == ((2 * HOUR + 60, 9),)
    assert sent(replace(instance, edges=edges)) == []  # but nobody does


def test_the_earliest_receipt_counts_what_others_could_send():
    late = (come(3), come(2, available_s=DAY), come(9, "V"))
    some = short(stock=late)
    region = replace(some.regions[0], counts={"boxes": 5, "people": 1})
    instance = replace(some, regions=(region, *some.regions[1:]))
    with_others = earliest_receipt(World(instance), region)
    alone = earliest_receipt(World(replace(instance, stock=late[:2])), region)
    assert (with_others, alone) == (HOUR + 60 + 1800 + 600, DAY + 1800 + 600)


# Files and reports


def test_a_plan_with_items_is_read_as_it_was_written():
    text = plan_to_text(good(), CLOCK)
    assert plan_from_text(text)[0] == good()
    assert '"items": [' in text
    assert '"items": [' not in plan_to_text(replace(good(), trips=()), CLOCK)
    with pytest.raises(InputError):
        plan_from_text(text.replace('"quantity": 2', '"number": 2'))


def test_reports_tell_of_it():
    plan, instance = good(), short()
    (line,) = transshipment_lines(plan, instance)
    assert line == "Between warehouses: 2 Box from Store V to Store W by U-01, unloaded 22 Nov 01:02."
    told = {"trip": transfers(plan)[0].id, "from": "V", "to": "W", "item": "box", "quantity": 2}
    assert transshipment_figures(plan) == [told]
    assert plan_figures(plan, instance, wall_s=1.0, plan_path="")["between_warehouses"] == [told]
    header, *rows = trips_text(plan, CLOCK).splitlines()
    assert header.split(",") == [*TRIP_COLUMNS, *BETWEEN_COLUMNS]
    (row,) = [one.split(",") for one in rows if one.endswith("2 box")]
    assert row[:5] == [transfers(plan)[0].id, "U-01", "V", "1", "W"]
    assert row[8:] == ["20.000", "20.000", "", "", "2 box"]
    table = shown(plan, instance, transfers(plan)[0].id)
    assert table is not None
    assert table.rows[1][-3:] == ("20", "2", "2 box")
    assert len(summary_rows(plan, instance)) == 3


# Any world

_MOMENTS = st.sampled_from([None, None, 600, 9 * HOUR, 20 * HOUR, 31 * HOUR])


@st.composite
def exchanging(draw):
    """Three warehouses with stock of two items, some of them short."""
    names = ("W", "V", "U")
    regions, kinds, edges, stock = [], [], [], []
    for name in names:
        for number in range(draw(st.integers(0 if name != "W" else 1, 2))):
            one = f"{name}{number}"
            regions.append(
                village(
                    one,
                    boxes=draw(st.integers(0, 4)),
                    people=draw(st.integers(0, 9)),
                    warehouse=name,
                    calendar=draw(st.sampled_from(["", "", "office"])),
                )
            )
            edges.append(road("e" + one, name, one, draw(st.sampled_from([600, 3600, 10_000]))))
        for number in range(draw(st.integers(1, 2))):
            kinds.append(_kind(draw, f"K{name}{number}", name))
        least, most = (0, 3) if name == "W" else (0, 12)
        for item in ("box", "sign"):
            for _ in range(draw(st.integers(1, 2)) if draw(st.integers(0, 5)) else 0):
                stock.append(come(draw(st.integers(least, most)), name, draw(_MOMENTS), item))
    for here, there in (("V", "W"), ("V", "U"), ("U", "W")):
        if draw(st.integers(0, 5)):
            back = draw(st.sampled_from(["same", "same", 3000, None]))
            hours = draw(st.sampled_from(["", "", "", "shift", "ferry", "night"]))
            time_s = draw(st.sampled_from([900, 5400]))
            edges.append(road(here + there, here, there, time_s, back_s=back, calendar=hours))
    known = [
        KnownTrip(id="k" + here, from_node=here, to_node=there, time_s=4000, distance_m=9000)
        for here, there in (("V", "W"), ("W", "V"), ("U", "W"))
        if not draw(st.integers(0, 4))
    ]
    warehouses = tuple(
        store(
            one,
            docks=draw(st.integers(1, 2)),
            calendar=draw(st.sampled_from(["", "", "shift", "office"])),
        )
        for one in names
    )
    return world(
        regions,
        kinds,
        edges,
        stock=tuple(stock),
        items=(BOX, SIGN),
        warehouses=warehouses,
        deadline_s=draw(st.sampled_from([10 * HOUR, DAY, 2 * DAY])),
        known_trips=tuple(known),
        calendars=(*CALENDARS, *FERRY),
    )


def _kind(draw, name, warehouse):
    return truck(
        name,
        warehouse=warehouse,
        number=draw(st.sampled_from([1, 2, 3, 3])),
        mass_kg=draw(st.sampled_from([10, 25, 60])),
        pieces=draw(st.sampled_from([None, 2])),
        calendar=draw(st.sampled_from(["", "shift"])),
        overnight=draw(st.sampled_from(Overnight)),
        work_s=draw(st.sampled_from([None, 3 * HOUR, 8 * HOUR])),
        load_fixed_s=draw(st.sampled_from([0, 900])),
        load_piece_s=draw(st.sampled_from([0, 60])),
        unload_piece_s=draw(st.sampled_from([0, 45])),
        open_end=draw(st.integers(0, 3)) == 0,
        price_vehicle=draw(st.sampled_from([0, 1000])),
        price_day=draw(st.sampled_from([0, 700])),
        price_trip=draw(st.sampled_from([0, 50])),
        price_km=draw(st.sampled_from([0, 7])),
        price_hour=draw(st.sampled_from([0, 111])),
    )


def straight(instance, name, regions, **more):
    """A component driven straight and as soon as can be, in place of a search."""
    problem = build_problem(instance, name, regions)
    pool = Pool(problem)
    found = []
    for idx in problem.served:
        trips = pool.add(Route(position, (idx,)) for position in range(len(problem.fleet)))
        found += [one for one in trips if one is not None][:1]
    return outcome(problem, schedule_all(problem, found), **more)


def greedy_orders(instance):
    found = {}
    for name, come in may_come(instance, instance.regions).items():
        mine = [one for one in instance.regions if one.warehouse == name]
        found[name] = straight(seen_by(instance, name, (), come), name, mine, with_latest=True)
    return orders_between(instance, found)


def greedy(instance):
    """A plan with transfers."""
    wanted, come = greedy_orders(instance), []
    names = [*component_ids(instance, instance.regions), *(one.giver for one in wanted)]
    jobs, found = {}, {}
    for name in (one for group in phases(wanted, dict.fromkeys(names)) for one in group):
        mine = tuple(one for one in instance.regions if one.warehouse == name)
        jobs[name] = Job(name, mine, 1)
        view = seen_by(instance, name, wanted, come)
        found[name] = as_transfers(straight(view, name, (*mine, *receivers(view))), view)
        come += arrivals_of(found[name].trips)
    return pipeline.IncumbentPlan(instance, QUICK, jobs, best=found, finished=set(jobs)).plan()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(exchanging())
def test_whatever_is_sent_passes_the_check(instance):
    verdict = check_plan(greedy(instance), instance.clock, instance)
    assert [(one.rule, one.place, one.claimed, one.expected) for one in verdict.violations] == []


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(exchanging())
def test_plans_with_transfers_always_pass_the_check(instance):
    if greedy_orders(instance):
        assert solve(instance, QUICK).verdict.passed  # it raises where the check finds anything


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(exchanging())
def test_givers_keep_what_they_need(instance):
    wanted = greedy_orders(instance)
    for giver in {one.giver for one in wanted}:
        mine = [one for one in instance.regions if one.warehouse == giver]
        for item, (_, amounts) in arrivals(instance, giver).items():
            need = sum(deliverable(World(instance), one).get(item, 0) for one in mine)
            given = sum(
                lot.quantity for one in wanted if one.giver == giver for lot in one.lots if lot.item == item
            )
            assert given <= max(0, amounts[-1] - need)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(exchanging())
def test_nobody_goes_without_who_would_receive_without_transfers(instance):
    wanted = greedy_orders(instance)
    come = [Arrival(one.taker, lot.item, lot.quantity, 0, 0) for one in wanted for lot in one.lots]
    for warehouse in component_ids(instance, instance.regions):
        mine = [one for one in instance.regions if one.warehouse == warehouse]
        after = seen_by(instance, warehouse, (), come)
        was, now = (sum(_weights(one, warehouse, mine)) for one in (instance, after))
        assert now >= was


def _weights(instance, warehouse, mine):
    """Weights of the regions for whom there is enough in stock."""
    chain = build_problem(instance, warehouse, mine)
    stock = {name for proof in chain.proofs if proof.kind is ProofKind.STOCK for name in proof.regions}
    gone = stock | set(chain.lacking)
    return [max(1, one.counts["people"]) for one in mine if one.id not in gone]


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(exchanging())
def test_many_plans_with_transfers_always_pass_the_check(instance):
    if greedy_orders(instance):
        assert solve(instance, QUICK).verdict.passed
