"""Routes of people: an export comes back as the same plan, edits are judged as the check judges them."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings

from planner.base.errors import InputError
from planner.cli import main
from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import read_routes, routes_from_text
from planner.instance.read import read_instance
from planner.instance.schema import Chain, Stock
from planner.instance.write import writes_commas
from planner.outputs.tables import deliveries_text, trips_text, write_tables
from planner.plans.file import read_plan
from planner.plans.model import RegionStatus, Status
from planner.proof.check import check_plan
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.chain_worlds import chain_world
from tests.worlds import HOUR, road, store, truck, village, world, worlds

pytestmark = pytest.mark.usefixtures("short_searches")

QUICK = SolveOptions(effort=1, workers=0)
TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def text_of(rows, delimiter=","):
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def evaluated(instance, text, **more):
    found = evaluate(instance, routes_from_text(text, instance), **more)
    again = check_plan(found.plan, instance.clock, instance)
    assert again.violations == found.verdict.violations
    return found


def codes(instance, text):
    with pytest.raises(InputError) as error:
        routes_from_text(text, instance)
    assert all(one.cause and one.action for one in error.value.faults)
    return [(one.code, one.row, one.column) for one in error.value.faults]


@pytest.fixture(scope="module")
def toy():
    return read_instance(TOY)


@pytest.fixture(scope="module")
def toy_plan(toy):
    return solve(toy, QUICK).plan


# An export comes back


def same(plan, found):
    assert found.verdict.violations == ()
    assert found.plan.trips == plan.trips
    assert found.plan.cost == plan.cost
    results = [(result.region_id, result.status, result.received_s) for result in found.plan.regions]
    assert results == [(result.region_id, result.status, result.received_s) for result in plan.regions]


def test_an_unchanged_export_is_the_same_plan(toy, toy_plan):
    text = trips_text(toy_plan, toy.clock)
    same(toy_plan, evaluated(toy, text))
    same(toy_plan, evaluated(toy, "sep=;\n" + text_of(rows_of(text), ";")))
    assert evaluated(toy, text).plan.status is toy_plan.status


def test_an_export_with_commas_comes_back(toy, toy_plan, tmp_path):
    """As a double click wants it where the comma is the decimal sign."""
    local = replace(toy, settings=replace(toy.settings, number_format="id_ID"))
    assert writes_commas(local.settings) and not writes_commas(toy.settings)
    deliveries, trips = write_tables(toy_plan, toy.clock, tmp_path, instance=local)
    text = trips.read_text("utf-8-sig")
    assert trips.read_bytes().startswith(b"\xef\xbb\xbftrip_id;vehicle_id;")
    found = list(csv.DictReader(io.StringIO(deliveries.read_text("utf-8-sig")), delimiter=";"))
    plain = csv.DictReader(io.StringIO(deliveries_text(toy_plan, toy.clock)))  # it has no decimals
    moments = ("load_start", "depart", "arrive", "received", "deadline")
    for mine, its in zip(found, plain, strict=True):
        assert mine.pop("region_name") == toy.place_name_of[its["region_id"]]
        assert mine.pop("origin_name") == toy.place_name_of[its["origin_id"]]
        for name in moments:
            when = datetime.strptime(mine[name], "%Y-%m-%d %H:%M")
            assert when == datetime.fromisoformat(its[name]).replace(tzinfo=None)
        assert {**mine, **{name: its[name] for name in moments}} == its
    head, first = list(csv.reader(io.StringIO(text), delimiter=";"))[:2]
    mass = dict(zip(head, first, strict=True))["mass_kg"]
    assert mass == f"{toy_plan.trips[0].mass_g // 1000},{toy_plan.trips[0].mass_g % 1000:03d}"
    judged = evaluate(local, read_routes(trips, local))
    same(toy_plan, judged)


def comes_back(instance):
    plan = solve(instance, QUICK).plan
    if plan.trips:
        same(plan, evaluated(instance, trips_text(plan, instance.clock)))


@settings(max_examples=8, deadline=None)
@given(worlds())
def test_every_export_is_the_same_plan(instance):
    comes_back(instance)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(worlds())
def test_every_export_of_many_worlds_is_the_same_plan(instance):
    comes_back(instance)


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(one, marks=pytest.mark.slow) for one in range(3, 24))])
def test_exports_of_chains_come_back(seed):
    features = (
        {"transfer", "types", "hours", "edge_hours", "anywhere"} if seed % 2 else {"stop", "via", "work"}
    )
    instance = chain_world(features, seed, chain=(Chain.REQUIRED, Chain.ALLOWED)[seed // 2 % 2])
    comes_back(instance)


def test_exports_with_transfers_between_warehouses_come_back():
    regions = [village("A"), village("B", warehouse="V")]
    edges = [road("a", "W", "A"), road("b", "V", "B"), road("c", "W", "V")]
    kinds = [truck(number=3), truck("X", warehouse="V")]
    stock = (Stock(warehouse="W", item="box", quantity=5), Stock(warehouse="V", item="box", quantity=0))
    instance = world(regions, kinds, edges, warehouses=(store(), store("V")), stock=stock)
    plan = solve(instance, QUICK).plan
    assert any(stop.items for trip in plan.trips for stop in trip.stops)
    same(plan, evaluated(instance, trips_text(plan, instance.clock)))


# Edits


def swapped(rows, trip, how):
    """The first two stops of a trip the other way round, as people do it."""
    mine = [row for row in rows if row["trip_id"] == trip]
    first, second = mine[1], mine[2]
    if how == "typed over":
        first["node_id"], second["node_id"] = second["node_id"], first["node_id"]
        return rows
    one, two = rows.index(first), rows.index(second)
    rows[one], rows[two] = second, first
    first["stop_index"], second["stop_index"] = second["stop_index"], first["stop_index"]
    if how == "without numbers":
        for row in mine:
            row["stop_index"] = ""
    return rows


@pytest.mark.parametrize("how", ["typed over", "moved", "without numbers"])
def test_two_stops_swapped(toy, toy_plan, how):
    trip = next(one for one in toy_plan.trips if len(one.stops) > 1)
    text = text_of(swapped(rows_of(trips_text(toy_plan, toy.clock)), trip.id, how))
    found = evaluated(toy, text)
    [mine] = [one for one in found.plan.trips if one.id == trip.id]
    nodes = [stop.node_id for stop in trip.stops]
    assert [stop.node_id for stop in mine.stops] == [nodes[1], nodes[0], *nodes[2:]]
    assert mine.load_start_s == trip.load_start_s
    assert {item for stop in mine.stops for item in stop.deliveries} == {
        item for stop in trip.stops for item in stop.deliveries
    }
    assert all({item.region_id for item in stop.deliveries} == {stop.node_id} for stop in mine.stops)
    verdict = check_plan(found.plan, toy.clock, toy)
    assert found.plan.cost == verdict.figures.cost
    assert {one.rule for one in verdict.violations} <= {
        "overnight",
        "vehicle_shift",
        "work_limit",
        "vehicle_overlap",
    }


def test_a_stop_moved_to_another_trip_takes_its_goods_along(toy, toy_plan):
    rows = rows_of(trips_text(toy_plan, toy.clock))
    vans = [one for one in toy_plan.trips if one.vehicle_type == "van"]
    from_trip, to_trip = next(one for one in vans if len(one.stops) > 1), vans[-1]
    if to_trip is from_trip:
        to_trip = vans[0]
    moved = next(row for row in rows if row["trip_id"] == from_trip.id and row["stop_index"] == "1")
    rows.remove(moved)
    moved |= {"trip_id": to_trip.id, "vehicle_id": to_trip.vehicle_id, "stop_index": "1"}
    for row in rows:
        if row["trip_id"] == to_trip.id and row["stop_index"] != "0":
            row["stop_index"] = str(int(row["stop_index"]) + 1)
    at = next(n for n, row in enumerate(rows) if row["trip_id"] == to_trip.id) + 1
    rows.insert(at, moved)
    found = evaluated(toy, text_of(rows))
    [mine] = [one for one in found.plan.trips if one.id == to_trip.id]
    assert mine.stops[0].node_id == moved["node_id"]
    assert sum(item.units for item in mine.stops[0].deliveries) > 0


def test_a_start_that_breaks_rules_is_kept_and_named(toy, toy_plan):
    rows = rows_of(trips_text(toy_plan, toy.clock))
    rows[0]["start"] = "2025-03-03T05:00:00+03:00"  # the store opens at 8
    found = evaluated(toy, text_of(rows))
    rules = {one.rule for one in found.verdict.violations}
    assert {"warehouse_hours", "vehicle_shift"} <= rules
    assert found.plan.trips[0].load_start_s == 5 * HOUR
    amounts = [one.amount for one in found.verdict.violations if one.rule == "warehouse_hours"]
    assert amounts
    assert min(amounts) > 0


def test_rules_are_broken_as_asked_and_never_prevent_a_plan(toy):
    """Too much on one boat, to a place without a river, by a vehicle that there is not."""
    text = "vehicle,trip,order,stop\nboat/7,1,1,elm\nboat/7,1,2,gum\nboat/7,1,3,ash\nboat/7,1,4,birch\n"
    found = evaluated(toy, text)
    rules = {one.rule for one in found.verdict.violations}
    assert {"fleet", "pieces", "modes"} <= rules
    assert found.plan.trips[0].vehicle_id == "boat-07"
    assert {one.reason for one in found.plan.regions if one.status is RegionStatus.UNDELIVERED} == {
        "not_in_routes"
    }


def test_a_place_without_any_way():
    instance = world([village("A"), village("B")], [truck()], [road("a", "W", "A")])
    found = evaluated(instance, "vehicle,stop\nT,A\nT,B\n")
    assert "path" in {one.rule for one in found.verdict.violations}
    assert [stop.node_id for stop in found.plan.trips[0].stops] == ["A", "B"]


# Lists


def test_a_plain_list_by_names(toy):
    text = (
        "Kendaraan;Perjalanan;Urutan;Tempat\n"
        "van/1;1;1;Elm hospital\nvan/1;1;2;fig clinic\n"
        "van/2;1;1;ash\nvan/2;1;2;birch\n"
        "van/1;2;1;cedar\nboat;1;1;gum\nboat;1;2;holly\n"
    )
    found = evaluated(toy, text)
    assert found.verdict.violations == ()
    assert [one.vehicle_id for one in found.plan.trips] == ["van-01", "van-02", "van-01", "boat-01"]
    starts = [one.load_start_s for one in found.plan.trips]
    assert starts[0] == 8 * HOUR  # as early as the store and its one dock allow
    assert starts[2] >= found.plan.trips[0].end_s
    assert all(one.received_s is not None for one in found.plan.regions)
    assert found.plan.trips[0].pieces == 10


def test_vehicles_of_a_type_take_turns():
    instance = world(
        [village(name) for name in "ABC"],
        [truck(number=2, calendar="shift")],
        [road(name, "W", name) for name in "ABC"],
        warehouses=(store(docks=2),),
    )
    found = evaluated(instance, "vehicle,trip,stop\nT,1,A\nT,2,B\nT,3,C\n")
    assert [one.vehicle_id for one in found.plan.trips] == ["T-01", "T-02", "T-01"]
    assert found.verdict.violations == ()
    assert found.plan.status is Status.ON_TIME


def test_a_region_on_several_trips_is_filled_up():
    instance = world([village("A", boxes=7)], [truck(number=2)], [road("a", "W", "A")])
    found = evaluated(instance, "vehicle,trip,stop\nT/1,1,A\nT/2,1,A\n")
    assert [one.pieces for one in found.plan.trips] == [5, 2]  # a truck holds five
    assert found.verdict.violations == ()
    found = evaluated(instance, "vehicle,trip,stop,units\nT/1,1,A,3\nT/2,1,A,4\n")
    assert [one.pieces for one in found.plan.trips] == [3, 4]
    assert found.verdict.violations == ()


def test_more_units_than_a_region_needs_are_said_to_be_too_many():
    instance = world([village("A", boxes=3)], [truck(number=2)], [road("a", "W", "A")])
    for units, surplus in ((2, 2), (5, 5)):
        found = evaluated(instance, f"vehicle,trip,stop,units\nT/1,1,A,3\nT/2,1,A,{units}\n")
        told = [one for one in found.verdict.violations if one.rule == "exactly_once"]
        assert sum(one.amount for one in told) == surplus
        assert all(f"{one.amount} units too many" in one.text for one in told)
        assert {one.rule for one in found.verdict.violations} == {"exactly_once"}
        assert [one.pieces for one in found.plan.trips] == [3, units]


def test_two_vehicles_at_one_dock_are_told_of_once():
    kinds, edges = [truck(number=2, load_fixed_s=600)], [road(name, "W", name) for name in "AB"]
    instance = world([village("A"), village("B")], kinds, edges)
    start = "2024-11-22T08:00+08:00"
    found = evaluated(instance, f"vehicle,stop,load_start\nT/1,A,{start}\nT/2,B,{start}\n")
    [broken] = [violation for violation in found.verdict.violations if violation.rule == "docks"]
    assert "this dock is free only from" in broken.text


def test_a_moment_of_loading_inside_a_trip_is_a_fault(toy):
    start, other = "2025-03-03T08:00+03:00", "2025-03-03T09:00+03:00"
    head = "vehicle,trip,order,stop,load_start\n"
    inside = f"{head}van/1,1,1,elm,{{}}\nvan/1,1,2,fig,{{}}\n"
    assert codes(toy, inside.format("", start)) == [("V234", 3, "load_start")]
    assert codes(toy, inside.format(start, other)) == [("V234", 3, "load_start")]
    for rows in ((start, ""), (start, start)):
        [trip] = routes_from_text(inside.format(*rows), toy)
        assert trip.load_start_s == 8 * HOUR


def test_trips_from_hubs_wait_for_their_goods():
    instance = chain_world({"transfer", "types"}, 3)
    plan = solve(instance, QUICK).plan
    rows = rows_of(trips_text(plan, instance.clock))
    for row in rows:
        row |= {"start": "", "consignments": "", "dock": ""}
    found = evaluated(instance, text_of(rows))
    assert not {one.rule for one in found.verdict.violations} & {
        "transfer",
        "chain",
        "exactly_once",
        "stop_node",
    }
    served = {result.region_id for result in plan.regions if result.received_s is not None}
    assert {one.region_id for one in found.plan.regions if one.received_s is not None} == served


def test_routes_of_one_warehouse_are_for_its_regions():
    regions = [village("A", area="1"), village("B", warehouse="V", area="2"), village("C", area="2")]
    edges = [road("a", "W", "A"), road("b", "V", "B"), road("c", "W", "C")]
    kinds = [truck(), truck("X", warehouse="V")]
    instance = world(regions, kinds, edges, warehouses=(store(), store("V")))
    found = evaluated(instance, "vehicle,stop\nT,A\n")
    assert [one.region_id for one in found.plan.regions] == ["A", "C"]
    assert found.plan.options["area"] == "1,C"
    assert [one.region_id for one in evaluated(instance, "vehicle,stop\nT,A\n", area="1").plan.regions] == [
        "A"
    ]


def test_late_routes_say_which_trips():
    instance = world([village("A")], [truck()], [road("a", "W", "A")], deadline_s=HOUR)
    found = evaluated(instance, "vehicle,stop,load_start\nT,A,2024-11-22T05:00+08:00\n")
    [result] = found.plan.regions
    assert (result.status, result.reason, result.params) == (
        RegionStatus.LATE,
        "late_in_routes",
        {"trips": "W/001"},
    )
    assert found.plan.status is Status.LATE


# Faults


HEAD = "vehicle,trip,order,stop\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [("V221", None, None)]),
        (HEAD, [("V221", None, None)]),
        ("vehicle,order\nvan,1\n", [("V224", 1, None)]),
        (HEAD + "lorry,1,1,elm\n", [("V201", 2, "vehicle")]),
        (HEAD + "van,1,1,elmo\n", [("V201", 2, "stop")]),
        (HEAD + "van,1,1,elm\nvan,1,1,fig\n", [("V230", 3, "order")]),
        (HEAD + "van,1,2,elm\nvan,1,1,fig\n", [("V230", 3, "order")]),
        (HEAD + "van,1,one,elm\n", [("V226", 2, "order")]),
        (HEAD + "van,1,1,\n,1,2,fig\n", [("V225", 2, "stop"), ("V225", 3, "vehicle")]),
        (HEAD + "van,1,1,store\n", [("V228", 2, "stop")]),
        (HEAD + "van,1,1,elm\nvan,1,2,store\nvan,1,3,fig\n", [("V231", 3, "stop")]),
        ("vehicle,stop,colour\nvan,elm,red\n", [("V222", 1, None)]),
        ("vehicle,vehicle_id,stop\nvan,van,elm\n", [("V223", 1, None)]),
        ("vehicle,stop,load_start\nvan,elm,8 o'clock\n", [("I209", 2, "load_start")]),
        ("vehicle,stop,load_start\nvan,elm,08:00\n", [("I209", 2, "load_start")]),
        ("vehicle;stop;load_start\nvan;elm;04/03/2025 08.00\n", [("X319", 2, "load_start")]),
        ("vehicle;stop;load_start\nvan;elm;2025-03-03\n", [("X320", 2, "load_start")]),
        ("vehicle,stop,load_start\nvan,elm,2025-04-03T08:00+03:00\n", [("V209", 2, "load_start")]),
        ("vehicle,stop,origin\nvan,elm,elm2\n", [("V227", 2, "origin")]),
        ("vehicle,stop,consignments\nvan,elm,elm/main/1:1-9\n", [("V232", 2, "consignments")]),
        ("vehicle,stop,units\nvan,elm,0\n", [("V226", 2, "units")]),
    ],
)
def test_faults_of_routes(toy, text, found):
    assert codes(toy, text) == found


@pytest.mark.parametrize("text", ["03/03/2025 08.30", "2025-03-03 08:30", "2025-03-03T08:30+03:00"])
def test_moments_as_spreadsheets_write_them(toy, text):
    (trip,) = routes_from_text(f"kendaraan;tempat;mulai\nvan/1;elm;{text}\n", toy)
    assert trip.load_start_s == 8 * HOUR + HOUR // 2


def test_a_trip_with_two_vehicles(toy, toy_plan):
    rows = rows_of(trips_text(toy_plan, toy.clock))
    rows[1]["vehicle_id"] = "van-02" if rows[0]["vehicle_id"] == "van-01" else "van-01"
    assert codes(toy, text_of(rows)) == [("V229", 3, "vehicle_id")]


def test_unknown_names_come_with_the_nearest(toy):
    with pytest.raises(InputError) as error:
        routes_from_text(HEAD + "van,1,1,Elm hospitl\n", toy)
    assert "Elm hospital (elm)" in error.value.faults[0].action


def test_the_command(tmp_path, capsys, toy, toy_plan):
    routes = tmp_path / "trips.csv"
    routes.write_text(trips_text(toy_plan, toy.clock), encoding="utf-8")

    def call(*words):
        with pytest.raises(SystemExit) as leaving:
            main([str(word) for word in words])
        return leaving.value.code

    assert call("evaluate", routes, "--instance", TOY) == 0
    assert "keep every rule" in capsys.readouterr().out
    written = tmp_path / "trips.evaluated.json"
    assert read_plan(written).trips == toy_plan.trips
    assert call("check", written, "--instance", TOY) == 0
    assert call("evaluate", routes, "--instance", TOY) == 2  # it is there already
    capsys.readouterr()
    routes.write_text(HEAD + "boat,1,1,elm\n", encoding="utf-8")
    assert call("evaluate", routes, "--instance", TOY, "--json", "--force") == 4
    figures = json.loads(capsys.readouterr().out)
    assert {one["rule"] for one in figures["violations"]} >= {"modes"}
    assert call("check", written, "--instance", TOY) == 4
    assert call("evaluate", tmp_path / "none.csv", "--instance", TOY) == 2
