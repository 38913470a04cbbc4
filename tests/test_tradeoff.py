"""Plans between the cheapest and the one with the largest smallest margin."""

import json
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.base.text import LANGUAGES, set_language
from planner.cli import main
from planner.instance.digest import digest, table_digests
from planner.instance.read import read_instance
from planner.instance.schema import Closure, Deadline, Stock
from planner.outputs.tradeoff import front_figures, front_lines, front_rows, front_svg
from planner.plans.file import read_plan, write_plan
from planner.plans.model import Component, RegionResult, RegionStatus, Status, StopReason
from planner.proof.check import check_plan
from planner.reasons.outcome import Outcome
from planner.solving import pareto
from planner.solving.options import SolveOptions
from planner.solving.pareto import tightened, tradeoff
from planner.solving.pareto_parts import Choice, Part, Shelf, choices, thinned
from planner.solving.pipeline import solve
from planner.solving.price_of_robustness import best_for_each, steps
from tests.worlds import HOUR, road, store, truck, village, world

TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"
QUICK = SolveOptions(effort=1, workers=0, guarantee=0)


pytestmark = pytest.mark.usefixtures("short_searches")


def fleet(*, fast=True):
    """A slow cheap vehicle (4 h to A), one that takes 2 h and costs more, one of 1 h that costs most."""
    kinds = [truck("slow", speed_percent=50, price_trip=10), truck("usual", price_trip=50)]
    return [*kinds, truck("fast", speed_percent=200, price_trip=90)] if fast else kinds


def one_village(vehicles, **tables):
    edges = [road("a", "W", "A", 2 * HOUR)]
    return world([village("A", handover_s=0)], vehicles, edges, deadline_s=10 * HOUR, **tables)


def found_of(front):
    return [(one.cost, one.margin_s) for one in front.points]


def test_the_front_of_three_vehicles_is_all_there_is():
    instance = one_village(fleet())
    front = tradeoff(instance, QUICK, 6)
    assert found_of(front) == [(10, 6 * HOUR), (50, 8 * HOUR), (90, 9 * HOUR)]
    assert front.bound_s == 9 * HOUR
    assert (front.failed, front.left_out) == (0, ())
    for one in front.points:
        plan = one.result.plan
        assert check_plan(plan, instance.clock, instance).passed
        assert plan.status is Status.ON_TIME
        assert plan.regions[0].deadline_s == 10 * HOUR


def test_two_searches_find_the_ends_or_say_so():
    front = tradeoff(one_village(fleet(fast=False)), QUICK, 2)
    assert found_of(front) == [(10, 6 * HOUR), (50, 8 * HOUR)]


def test_points_that_coincide_are_told_of_once():
    front = tradeoff(one_village([truck("only", price_trip=7)]), QUICK, 5)
    assert found_of(front) == [(7, 8 * HOUR)]
    assert front.runs == 1  # the bound says that there is nothing more to find
    assert any("No dearer plan" in line for line in front_lines(front))


def test_a_dearer_vehicle_that_is_no_faster_is_not_in_the_front():
    kinds = [truck("cheap", price_trip=7), truck("dear", price_trip=9)]
    front = tradeoff(one_village(kinds), QUICK, 4)
    assert found_of(front) == [(7, 8 * HOUR)]


def two_villages(**tables):
    """A, and B that nobody reaches in time."""
    edges = [road("a", "W", "A", 2 * HOUR), road("b", "W", "B", 12 * HOUR)]
    regions = [village("A", handover_s=0), village("B", handover_s=0)]
    kinds = [replace(one, number=2) for one in fleet(fast=False)]
    return world(regions, kinds, edges, deadline_s=10 * HOUR, **tables)


def test_who_is_late_anyway_does_not_count_and_keeps_his_deadline_and_proof():
    instance = two_villages()
    front = tradeoff(instance, QUICK, 4)
    assert front.left_out == ("B",)
    assert {one.margin_s for one in front.points} == {6 * HOUR, 8 * HOUR}
    for one in front.points:
        plan = one.result.plan
        assert plan.status is Status.IMPOSSIBLE
        assert [(row.region_id, row.reason) for row in plan.regions if row.reason] == [
            ("B", "earliest_arrival")
        ]
        assert check_plan(plan, instance.clock, instance).passed
    assert any("Regions that are not on time" in line for line in front_lines(front))


def test_where_nobody_is_on_time_there_is_one_plan_without_a_margin():
    closed = one_village(fleet(), closures=(Closure(id="c", edge="a"),))
    front = tradeoff(closed, QUICK, 3)
    assert [one.margin_s for one in front.points] == [None]
    assert front_rows(front, closed, ["p.json"])[0][3] == ""
    assert "<svg" in front_svg(front, closed)


def test_an_area_is_searched_alone():
    regions = [village("A", handover_s=0, area="x"), village("C", warehouse="V", area="y", handover_s=0)]
    kinds = [*fleet(), truck("X", warehouse="V", price_trip=1000)]
    edges = [road("a", "W", "A", 2 * HOUR), road("c", "V", "C", HOUR)]
    instance = world(regions, kinds, edges, deadline_s=10 * HOUR, warehouses=(store(), store("V")))
    front = tradeoff(instance, replace(QUICK, area="x"), 6)
    assert found_of(front) == [(10, 6 * HOUR), (50, 8 * HOUR), (90, 9 * HOUR)]
    for one in front.points:
        assert [row.region_id for row in one.result.plan.regions] == ["A"]


def test_deadlines_are_earlier_for_the_regions_named_only():
    rows = (Deadline(place="A", deadline_s=9 * HOUR, not_before_s=HOUR),)
    hard = tightened(two_villages(deadlines=rows), {"A"}, HOUR)
    assert [(row.place, row.deadline_s, row.not_before_s) for row in hard.deadlines] == [
        ("A", 8 * HOUR, HOUR)
    ]
    hard = tightened(two_villages(), {"B"}, HOUR)
    assert [(row.place, row.deadline_s) for row in hard.deadlines] == [("B", 9 * HOUR)]


def test_what_is_guaranteed_stays_guaranteed():
    instance = one_village(fleet())
    edges = tuple(replace(one, delay_max_s=7 * HOUR) for one in instance.edges)
    front = tradeoff(replace(instance, edges=edges), replace(QUICK, guarantee=1), 6)
    assert {one.result.plan.status for one in front.points} == {Status.GUARANTEED}
    assert found_of(front) == [(50, 8 * HOUR), (90, 9 * HOUR)]  # the slow one may take 11 h


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_picture_is_well_formed_and_tells_every_plan(code):
    front = tradeoff(one_village(fleet()), QUICK, 6)
    instance = one_village(fleet())
    set_language(code)
    try:
        text = front_svg(front, instance)
        figures = front_figures(front, ["a", "b", "c"], picture="p.svg")
    finally:
        set_language("en")
    root = ElementTree.fromstring(text)
    name = "{http://www.w3.org/2000/svg}"
    dots = [one for one in root.iter(f"{name}circle") if one.get("class") == "point"]
    assert len(dots) == 3
    across = [float(one.get("cx")) for one in dots]
    up = [float(one.get("cy")) for one in dots]
    assert across == sorted(across)
    assert up == sorted(up, reverse=True)
    for x, y in zip(across, up, strict=True):
        assert 0 < x < 900
        assert 0 < y < 520
    assert [one["smallest_margin_s"] for one in figures["points"]] == [6 * HOUR, 8 * HOUR, 9 * HOUR]
    assert text == front_svg(front, instance) or code == "id"


# What all runs together make


def two_warehouses():
    """A from W and C from V, each with three vehicles of its own, C an hour further away."""
    regions = [village("A", handover_s=0), village("C", warehouse="V", handover_s=0)]
    others = [replace(one, id=f"v-{one.id}", warehouse="V", price_trip=one.price_trip + 5) for one in fleet()]
    edges = [road("a", "W", "A", 2 * HOUR), road("c", "V", "C", 3 * HOUR)]
    return world(regions, [*fleet(), *others], edges, deadline_s=10 * HOUR, warehouses=(store(), store("V")))


def undominated(pairs):
    """Of costs and margins those of which none is both dearer and tighter than another."""
    found = []
    for cost, margin_s in sorted(pairs, key=lambda one: (one[0], -one[1])):
        if not found or margin_s > found[-1][1]:
            found.append((cost, margin_s))
    return found


def test_each_component_takes_its_cheapest_vehicle_for_each_margin():
    near = [(10, 6 * HOUR), (50, 8 * HOUR), (90, 9 * HOUR)]
    far = [(15, 4 * HOUR), (55, 7 * HOUR), (95, 8 * HOUR + HOUR // 2)]
    everything = undominated((a + b, min(x, y)) for a, x in near for b, y in far)
    assert found_of(tradeoff(two_warehouses(), QUICK, 8)) == everything
    assert len(everything) == 5


def test_warehouses_that_send_each_other_goods_are_taken_together():
    kinds = [truck("T", price_trip=10), truck("F", price_trip=50, speed_percent=200)]
    other = truck("U", warehouse="V", number=2, price_trip=1)
    edges = [road("wa", "W", "A", 2 * HOUR), road("vc", "V", "C"), road("vw", "V", "W", HOUR)]
    regions = [village("A", boxes=3, handover_s=0), village("C", boxes=2, warehouse="V", handover_s=0)]
    stock = (Stock(warehouse="W", item="box", quantity=2), Stock(warehouse="V", item="box", quantity=4))
    stores = (store(), store("V"))
    instance = world(regions, [*kinds, other], edges, deadline_s=10 * HOUR, stock=stock, warehouses=stores)
    front = tradeoff(instance, QUICK, 5)
    assert len(front.points) >= 2
    for one in front.points:
        assert one.result.plan.regions_on_time == 2
        sent = [stop for trip in one.result.plan.trips for stop in trip.stops if stop.node_id == "W"]
        assert [row.quantity for stop in sent for row in stop.items] == [1]
        assert check_plan(one.result.plan, instance.clock, instance).passed


def test_a_margin_in_the_worst_case_is_what_a_search_asks_for():
    instance = one_village(fleet())
    edges = tuple(replace(one, delay_max_s=3 * HOUR) for one in instance.edges)
    front = tradeoff(replace(instance, edges=edges), replace(QUICK, guarantee=1), 6)
    assert found_of(front) == [(10, 6 * HOUR), (50, 8 * HOUR), (90, 9 * HOUR)]  # 3, 5 and 6 h at worst


@pytest.mark.parametrize("seed", range(6))
def test_the_front_of_a_tiny_world_is_that_of_all_its_plans(seed):
    """Two villages, each with a vehicle to itself: every pair of vehicle types is a plan."""
    draw = Random(seed)
    kinds = [
        truck(f"k{number}", number=2, mass_kg=10, speed_percent=percent, price_trip=10 * draw.randint(1, 9))
        for number, percent in enumerate((50, 75, 100, 200))
    ]
    edges = [road(name, "W", name.upper(), draw.choice((2, 3, 4)) * HOUR) for name in "ab"]
    instance = world([village(one, handover_s=0) for one in "AB"], kinds, edges, deadline_s=10 * HOUR)

    def margin_s(kind, edge):
        return 10 * HOUR - edge.time_s * 100 // kind.speed_percent

    everything = undominated(
        (one.price_trip + other.price_trip, min(margin_s(one, edges[0]), margin_s(other, edges[1])))
        for one in kinds
        for other in kinds
    )
    assert found_of(tradeoff(instance, QUICK, 12)) == everything


def test_the_front_has_what_other_searches_find():
    """The usual one, and the row of plans that withstand more and more late legs."""
    instance = one_village(fleet())
    edges = tuple(replace(one, delay_max_s=7 * HOUR) for one in instance.edges)
    instance = replace(instance, edges=edges)
    front = found_of(tradeoff(instance, QUICK, 6))
    others = [solve(instance, QUICK).plan, *(one.result.plan for one in steps(instance, QUICK))]
    assert len({one.cost for one in others}) == 2
    for plan in others:
        assert any(cost <= plan.cost and margin_s >= plan.smallest_margin_s for cost, margin_s in front)


def late_world(seed):
    """Two villages, each with a vehicle to itself, and ways that may be late."""
    draw = Random(f"late {seed}")
    kinds = [
        truck(f"k{number}", number=2, mass_kg=10, speed_percent=percent, price_trip=10 * draw.randint(1, 9))
        for number, percent in enumerate((50, 75, 100, 200))
    ]
    edges = [
        replace(
            road(name, "W", name.upper(), draw.choice((2, 3)) * HOUR),
            delay_max_s=draw.randint(0, 4) * HOUR,
            delay_back_max_s=draw.randint(0, 4) * HOUR,
        )
        for name in "ab"
    ]
    return world([village(one, handover_s=0) for one in "AB"], kinds, edges, deadline_s=10 * HOUR)


def covers(front, plans):
    """Whether of each plan there is one in the front that is neither dearer nor tighter."""
    return all(
        any(cost <= plan.cost and margin_s >= plan.smallest_margin_s for cost, margin_s in front)
        for plan in plans
    )


@pytest.mark.parametrize("guarantee", [0, 1])
@pytest.mark.parametrize("seed", range(2))
def test_as_many_searches_find_at_least_what_the_row_of_late_legs_has(seed, guarantee):
    instance = late_world(seed)
    taken = list(steps(instance, QUICK))
    front = found_of(tradeoff(instance, replace(QUICK, guarantee=guarantee), max(2, len(taken))))
    rows = [one for one in best_for_each(taken) if one.is_good and one.late_legs >= guarantee]
    assert covers(front, [one.result.plan for one in rows])


def test_so_it_is_where_no_margin_that_is_asked_for_leads_to_it(monkeypatch):
    """The second truck withstands a late leg; margins halfway are those of the third and the last."""
    kinds = [
        truck(f"k{percent}", speed_percent=percent, price_trip=price)
        for percent, price in ((25, 10), (29, 20), (40, 40), (100, 60))
    ]
    instance = one_village(kinds)
    late = tuple(replace(one, delay_max_s=3 * HOUR) for one in instance.edges)
    instance = replace(instance, edges=late)
    rows = best_for_each(list(steps(instance, QUICK)))
    plans = [one.result.plan for one in rows if one.is_good]
    assert [one.cost for one in plans] == [10, 20, 20]
    assert covers(found_of(tradeoff(instance, QUICK, len(plans))), plans)
    monkeypatch.setattr(pareto, "_has_delays", lambda _: False)
    assert not covers(found_of(tradeoff(instance, QUICK, len(plans))), plans)


def test_every_other_search_asks_for_one_more_late_leg_until_that_cannot_be_had():
    told = []
    tradeoff(late_world(2), QUICK, 9, on_run=lambda _, wish: told.append(wish))
    legs = [one.late_legs for one in told]
    assert legs[0] is None
    asked = [one for one in legs if one is not None]
    assert asked == list(range(1, 1 + len(asked)))
    assert asked
    assert legs[2] == 1
    told.clear()
    tradeoff(one_village(fleet()), QUICK, 9, on_run=lambda _, wish: told.append(wish))
    assert {one.late_legs for one in told} == {None}  # nothing can be late there


def test_what_a_search_tells_on_its_way_belongs_to_the_front(monkeypatch):
    instance = one_village(fleet())

    def telling(given, options, *, on_outcome, cancelled, **_):
        """As `solve`, but the dearest plan is heard of first."""
        fastest = replace(given, vehicles=given.vehicles[-1:])
        dear = solve(fastest, QUICK).plan
        on_outcome(Outcome(dear.components[0], dear.trips, dear.regions))
        return solve(given, replace(QUICK, base=options.base, base_stays=options.base_stays))

    monkeypatch.setattr(pareto, "solve", telling)
    front = tradeoff(instance, SolveOptions(time_limit_s=60, workers=0, guarantee=0), 2)
    assert found_of(front)[0] == (10, 6 * HOUR)
    assert found_of(front)[-1] == (90, 9 * HOUR)
    for one in front.points:
        assert check_plan(one.result.plan, instance.clock, instance).passed


def test_the_time_limit_holds_for_all_searches_together(monkeypatch):
    instance = two_warehouses()

    def slow(given, options, *, on_outcome, cancelled, **_):
        """As `solve`, but it does not end by itself."""
        found = solve(given, replace(QUICK, base=options.base, base_stays=options.base_stays))
        for one in found.plan.components:
            trips = tuple(trip for trip in found.plan.trips if trip.id.startswith(f"{one.id}/"))
            regions = tuple(row for row in found.plan.regions if row.region_id in one.regions)
            on_outcome(Outcome(one, trips, regions))
        while not cancelled():
            time.sleep(0.01)
        return replace(found, interrupted=True)

    monkeypatch.setattr(pareto, "solve", slow)
    began = time.monotonic()
    front = tradeoff(instance, SolveOptions(time_limit_s=4, workers=0, guarantee=0), 20)
    assert time.monotonic() - began < 8
    assert front.points[0].cost == 25
    assert front.runs < 20
    assert front.not_run == 20 - front.runs
    assert any(f"the time was too short: {front.not_run}" in line for line in front_lines(front))


def test_who_is_late_without_a_proof_is_searched_for_again(monkeypatch):
    instance = two_warehouses()
    told = []

    def hurried(given, options, **_):
        """As `solve`, but the first search leaves C where it is."""
        if told == [(1, 0)]:
            given = replace(given, vehicles=tuple(one for one in given.vehicles if one.warehouse == "W"))
            found = solve(given, QUICK)
            plan = replace(
                found.plan,
                instance_digest=digest(instance),
                instance_tables=table_digests(instance),
                components=tuple(
                    replace(one, proofs=(), status=_unproven(one)) for one in found.plan.components
                ),
                status=Status.NOT_FOUND,
            )
            return replace(found, plan=plan)
        return solve(given, options)

    monkeypatch.setattr(pareto, "solve", hurried)
    front = tradeoff(instance, QUICK, 4, on_run=lambda number, wish: told.append((number, wish.earlier_s)))
    assert told[:2] == [(1, 0), (2, 0)]
    assert front.left_out == ()
    assert found_of(front)[0] == (25, 4 * HOUR)


def _unproven(component):
    return Status.NOT_FOUND if component.proofs else component.status


# Choices


def part(name, cost, margin_s):
    """A part of one region."""
    result = RegionResult(name, RegionStatus.ON_TIME, 100_000 - margin_s, 100_000)
    component = Component(name, Status.ON_TIME, StopReason.EFFORT, (name,), cost, None)
    return Part((component,), (), (result,))


def shelf_of(name, pairs):
    shelf = Shelf(part(name, *pairs[0]))
    for pair in pairs[1:]:
        shelf.add(part(name, *pair))
    return shelf


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=4), max_size=4)
)
def test_choices_are_all_that_is_not_dominated(rows):
    shelves = [shelf_of(f"c{number}", row) for number, row in enumerate(rows)]
    made = [(sum(cost for cost, _ in each), min(m for _, m in each)) for each in product(*rows) if each]
    assert [(one.cost, one.margin_s) for one in choices(shelves)] == (undominated(made) or [(0, None)])


@given(st.sets(st.integers(1, 50), min_size=1), st.data())
def test_thinning_keeps_the_ends_and_loses_the_smallest_rectangle_first(margins, data):
    costs = sorted(data.draw(st.sets(st.integers(1, 99), min_size=len(margins), max_size=len(margins))))
    front = [Choice((part("A", cost, m),), m) for cost, m in zip(costs, sorted(margins), strict=True)]
    order = list(thinned(front))
    assert sorted(order, key=front.index) == front
    assert order[:2] == ([front[0], front[-1]] if len(front) > 1 else front)


def test_a_part_in_which_somebody_fares_worse_is_not_taken():
    shelf = shelf_of("A", [(5, 50)])
    late = replace(part("A", 1, 90), regions=(RegionResult("A", RegionStatus.LATE, 100_600, 100_000),))
    assert not shelf.takes(late)
    assert shelf.has_better(part("A", 5, 50))
    assert not shelf.has_better(part("A", 4, 40))
    shelf = Shelf(late)
    shelf.add(part("A", 9, 10))
    assert shelf.parts == [part("A", 9, 10)]  # who was late is not any more


# The command


def call(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(one) for one in arguments])
    return left.value.code or 0


def test_the_command_writes_checked_plans_a_table_and_a_picture(tmp_path, capsys, no_workers):
    output = tmp_path / "toy.json"
    asked = ("solve", TOY, "--tradeoff", "cost,margin", "--points", "3", "--effort", "1", "--output", output)
    assert call(*asked, "--json") == 0
    told = capsys.readouterr()
    assert "3 searches, each as long as effort 1 takes" in told.err
    assert "Search 3 of 3" in told.err
    figures = json.loads(told.out)["tradeoff"]
    assert figures["runs"] == 3
    instance = read_instance(TOY)
    costs, margins = [], []
    for point in figures["points"]:
        plan = read_plan(Path(point["plan_path"]))
        assert check_plan(plan, instance.clock, instance).passed
        assert (plan.cost, plan.smallest_margin_s) == (point["cost"], point["smallest_margin_s"])
        costs.append(plan.cost)
        margins.append(plan.smallest_margin_s)
    assert costs == sorted(set(costs))
    assert margins == sorted(set(margins))
    assert len(costs) >= 2
    ElementTree.parse(figures["picture_path"])
    assert not output.exists()
    assert call(*asked) == 2  # what is there stays
    assert "C702" in capsys.readouterr().err
    assert call(*asked, "--force", "--quiet") == 0
    shown = capsys.readouterr().out
    assert "smallest margin" in shown
    assert "Picture:" in shown


def test_options_that_do_not_go_together_are_refused(tmp_path, capsys):
    assert call("solve", TOY, "--points", "3") == 2
    assert "--points says how many searches" in capsys.readouterr().err
    assert call("solve", TOY, "--tradeoff", "cost,margin", "--guarantee", "auto") == 2
    assert "--guarantee auto" in capsys.readouterr().err
    assert call("solve", TOY, "--tradeoff", "cost,margin", "--base", tmp_path / "p.json") == 2
    assert "does not go with --base" in capsys.readouterr().err
    assert call("solve", TOY, "--tradeoff", "cost,margin", "--area", "moon") == 2
    assert "C701" in capsys.readouterr().err
    assert call("solve", TOY, "--tradeoff", "cost") == 2
    assert "cost,margin" in capsys.readouterr().err
    assert call("solve", TOY, "--tradeoff", "cost,margin", "--points", "1") == 2
    capsys.readouterr()


def test_a_plan_of_a_front_can_be_written_and_read(tmp_path):
    front = tradeoff(one_village(fleet()), QUICK, 3)
    instance = one_village(fleet())
    for one in front.points:
        write_plan(one.result.plan, instance.clock, tmp_path / "p.json")
        assert read_plan(tmp_path / "p.json") == one.result.plan
