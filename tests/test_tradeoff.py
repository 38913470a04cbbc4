"""Plans between the cheapest and the one with the largest smallest margin."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from planner.cli import main
from planner.instance.read import read_instance
from planner.instance.schema import Closure, Deadline
from planner.outputs.tradeoff import front_figures, front_lines, front_rows, front_svg
from planner.plan import Status
from planner.plan_file import read_plan, write_plan
from planner.proof.check import check_plan
from planner.propose import sisr
from planner.solve import SolveOptions
from planner.text import LANGUAGES, set_language
from planner.tradeoff import tightened, tradeoff
from tests.worlds import HOUR, road, store, truck, village, world

TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"
QUICK = SolveOptions(effort=1, workers=0, guarantee=0)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """The engine proposes for a moment only."""
    monkeypatch.setattr(sisr, "_PER_EFFORT", 500)


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


# The command


def call(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(one) for one in arguments])
    return left.value.code or 0


def test_the_command_writes_checked_plans_a_table_and_a_picture(tmp_path, capsys):
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
