"""Benchmark files: read as problems, solutions written and verified, engines run on them."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tiny_sets

from planner.base.errors import InputError
from planner.base.text import LANGUAGES, set_language
from planner.benchmark import read, run
from planner.benchmark.conventions import CONVENTIONS, convention_of, set_class
from planner.benchmark.files import find_files, parse_text, read_file
from planner.benchmark.generate import LARGEST, cvrp_text, vrptw_text
from planner.benchmark.read import read_instance
from planner.benchmark.solution import integer_cost, num_missing, solution_text
from planner.benchmark.verify import verify
from planner.cli import main
from planner.cli.bench import command
from planner.network.plane import PlaneTravel, RoundingRule
from planner.problem.problem import Proposal, Route
from planner.problem.trip_times import schedule_trip
from planner.problem.visits import visits
from planner.propose.engines import ENGINES
from planner.propose.sisr.kernel.arrays import FAR

KINDS = tiny_sets.KINDS


def instance_of(kind: str):
    return read_instance(parse_text(KINDS[kind][1], "tiny"))


def judged(kind: str, solution: str, text: str = ""):
    return verify(parse_text(text or KINDS[kind][1], "tiny"), KINDS[kind][0], solution)


def rules(verdict) -> dict[str, int]:
    """Broken rules with their amounts, the largest one where there are several."""
    found: dict[str, int] = {}
    for one in verdict.broken:
        found[one.rule] = max(found.get(one.rule, 0), one.amount)
    return found


def codes(text: str) -> set[str]:
    with pytest.raises(InputError) as raised:
        read_instance(parse_text(text, "tiny"))
    assert all(fault.cause and fault.action for fault in raised.value.faults)
    return {fault.code for fault in raised.value.faults}


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("kind", KINDS)
def test_the_class_follows_from_the_content(kind):
    file = parse_text(re.sub(r"TYPE : [A-Z]+\n", "TYPE : OTHER\n", KINDS[kind][1]), "tiny")
    assert (set_class(file), convention_of(file).name) == (kind, KINDS[kind][0])


def test_another_mixture_is_called_as_it_says():
    windows = "TIME_WINDOW_SECTION\n1 0 9\n2 0 9\n3 0 9\n4 0 9\n"
    text = changed(tiny_sets.MIXED_FLEET, "DEPOT_SECTION", windows + "DEPOT_SECTION")
    file = parse_text(text.replace("TYPE : HFVRP", "TYPE : HFVRPTW"), "tiny")
    assert (set_class(file), convention_of(file).name) == ("HFVRPTW", "exact/1000")


def test_cvrp_as_a_problem():
    problem = instance_of("CVRP").problem
    (kind,) = problem.fleet
    assert (kind.number, kind.mass_g, kind.max_trips, kind.prices.km) == (4, 10, 1, 1000)
    assert problem.places == ("0", "1", "2", "3", "4")
    assert [one.mass_g for one in problem.consignments] == [4, 6, 5, 5]
    assert kind.distances(range(5), range(5))[0].tolist() == [0, 5, 10, 5, 1]
    assert not kind.times(range(5), range(5)).any()
    assert schedule_trip(problem, kind, visits(problem, (0, 1, 2, 3)), 0) is not None  # the horizon is far


def test_windows_hold_for_the_start_and_their_last_moment_counts():
    problem = instance_of("VRPTW").problem
    (kind,) = problem.fleet
    assert (kind.number, problem.handover_s.tolist()) == (2, [20] * 4)
    assert problem.region_openings[0].starts(20) == [(90, 120)]
    trip = schedule_trip(problem, kind, visits(problem, (0, 1)), 0)
    assert trip.services == ((90, 110), (160, 180))
    assert trip.end_s == 280
    assert problem.origins[0].openings.starts(0) == [(0, 400)]


@pytest.mark.parametrize(("closes", "late"), [(28, 0), (27, 10)])
def test_a_vehicle_is_home_at_the_last_moment_or_too_late(closes, late):
    text = changed(tiny_sets.SOLOMON, "         40 ", f"         {closes} ")
    problem = read_instance(parse_text(text, "tiny")).problem
    assert (schedule_trip(problem, problem.fleet[0], visits(problem, (0, 1)), 0) is None) == bool(late)
    assert rules(judged("VRPTW", tiny_sets.SOLOMON_SOLUTION, text)).get("closing", 0) == late


@pytest.mark.parametrize(("due", "late"), [(16, 0), (15, 10)])
def test_a_service_starts_at_the_last_moment_or_too_late(due, late):
    text = changed(tiny_sets.SOLOMON, " 17 ", f" {due} ")
    problem = read_instance(parse_text(text, "tiny")).problem
    assert (schedule_trip(problem, problem.fleet[0], visits(problem, (0, 1)), 0) is None) == bool(late)
    assert rules(judged("VRPTW", tiny_sets.SOLOMON_SOLUTION, text)).get("window", 0) == late


def test_depots_have_vehicles_of_their_own():
    instance = instance_of("MDVRPTW")
    assert instance.vehicles == ((0,), (1, 2))
    found = [(kind.origin, kind.number, kind.max_trip_s) for kind in instance.problem.fleet]
    assert found == [(0, 1, 22_000), (1, 2, 22_000)]
    assert (len(instance.problem.origins), instance.problem.num_regions) == (2, 3)


def test_types_have_prices_of_their_own():
    small, large = instance_of("HFVRP").problem.fleet
    assert (small.prices.trip, small.prices.km, small.mass_g) == (100_000, 2000, 5)
    assert (large.prices.trip, large.prices.km, large.number) == (300_000, 3000, 2)
    assert small.serves.tolist() == [True, False, True]


def test_trips_and_releases():
    problem = instance_of("MTVRPTWR").problem
    assert problem.fleet[0].max_trips is None
    assert [one.release_s for one in problem.consignments] == [10, 0, 260, 0]
    text = changed(tiny_sets.MANY_TRIPS, "SERVICE_TIME", "VEHICLES_MAX_RELOADS : 2\nSERVICE_TIME")
    assert read_instance(parse_text(text, "tiny")).problem.fleet[0].max_trips == 3


def test_the_vehicle_of_many_trips_is_paid_once():
    text = changed(tiny_sets.MANY_TRIPS, "SERVICE_TIME", "VEHICLES_FIXED_COST : 7\nSERVICE_TIME")
    instance = read_instance(parse_text(text, "tiny"))
    proposals = [Proposal(Route(0, (0, 1)), 0, 10), Proposal(Route(0, (2, 3)), 0, 260)]
    assert integer_cost(instance.problem, proposals) == 470
    assert verify(instance.file, "dimacs/10", solution_text(instance, proposals)).cost == 470


def test_a_convention_may_be_asked_for():
    problem = read_instance(parse_text(tiny_sets.CVRP, "tiny"), CONVENTIONS["exact"]).problem
    assert problem.fleet[0].distance_between(0, 4) == 1414


def test_a_matrix_in_the_file():
    text = changed(tiny_sets.CVRP, "EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : LOWER_ROW")
    head, _, rest = text.partition("NODE_COORD_SECTION")
    matrix = "EDGE_WEIGHT_SECTION\n5\n10 5\n5 7 11\n1 4 9 5\n"
    text = head + matrix + "DEMAND_SECTION" + rest.partition("DEMAND_SECTION")[2]
    instance = read_instance(parse_text(text, "tiny"))
    assert instance.problem.fleet[0].distance_between(2, 3) == 11
    assert verify(instance.file, "round", tiny_sets.CVRP_SOLUTION).cost == 31


def test_large_instances_keep_no_matrices():
    instance = read_instance(parse_text(cvrp_text(2500, 1), "large"))
    assert isinstance(instance.problem.fleet[0].travel, PlaneTravel)


REFUSED = {
    "prizes": ("CVRP", "DEPOT_S", "PRIZE_SECTION\n1 0\n2 1\n3 1\n4 1\n5 1\nDEPOT_S", "B804"),
    "backhauls": ("CVRP", "DEPOT_S", "BACKHAUL_SECTION\n1 0\n2 1\n3 1\n4 1\n5 1\nDEPOT_S", "B804"),
    "other lengths": ("CVRP", "EUC_2D", "CEIL_2D", "B804"),
    "allowed": ("HFVRP", "DEPOT_S", "VEHICLES_ALLOWED_CLIENTS_SECTION\n1 2\n2 3\n3 4\nDEPOT_S", "B804"),
    "anything": ("CVRP", "CAPACITY", "DISTANCE : 30\nCAPACITY", "B804"),
    "two reload depots": ("MTVRPTWR", "SECTION\n1 1\nDEPOT", "SECTION\n1 1 1\nDEPOT", "B804"),
    "words": ("CVRP", "2\t4\n3\t6\n", "2\tmany\n3\t6\n", "B804"),
    "no demand": ("CVRP", "DEMAND", "BURDEN", "B804"),
    "no dimension": ("CVRP", "DIMENSION : 5", "DIMENSION : ", "B802"),
    "cut off": ("CVRP", "5\t5\nDEPOT_SECTION\n1\n-1\nEOF\n", "5\t5\n", "B802"),
    "rows": ("CVRP", "5\t5\nDEPOT", "DEPOT", "B805"),
    "fewer vehicles": ("HFVRP", "VEHICLES : 3", "VEHICLES : 2", "B805"),
    "depot elsewhere": ("CVRP", "DEPOT_SECTION\n1\n", "DEPOT_SECTION\n3\n", "B806"),
    "fractions": ("CVRP", "2\t4\n3\t6\n", "2\t4.5\n3\t6\n", "B807"),
    "negative": ("CVRP", "2\t4\n3\t6\n", "2\t-4\n3\t6\n", "B807"),
    "cost of a fraction": ("HFVRP", "1 2\n2 3\n", "1 2.5\n2 3\n", "B807"),
    "no such depot": ("MDVRPTW", "3\t2\nDEPOT", "3\t3\nDEPOT", "B808"),
    "reloads elsewhere": ("MTVRPTWR", "SECTION\n1 1\nDEPOT", "SECTION\n1 2\nDEPOT", "B808"),
    "long days of trips": ("MTVRPTWR", "CAPACITY", "VEHICLES_MAX_DURATION : 9\nCAPACITY", "B809"),
    "fractions of Solomon's": ("VRPTW", " 17 ", " 17.5 ", "B807"),
    "too heavy": ("CVRP", "2\t4\n3\t6\n", "2\t11\n3\t6\n", "B810"),
    "no capacity": ("CVRP", "CAPACITY : 10\n", "", "B802"),
    "two capacities": ("CVRP", "CAPACITY : 10\n", "CAPACITY : 10\nCAPACITY : 20\n", "B824"),
    "cut off in a row": ("MTVRPTWR", "4 30 31\n5 0 50\n", "4 30\n5 0 50\n", "B804"),
    "release at a depot": ("MTVRPTWR", "RELEASE_TIME_SECTION\n1 0\n", "RELEASE_TIME_SECTION\n1 4\n", "B823"),
    "negative fixed cost": ("HFVRP", "1 100\n2 300\n", "1 -100\n2 300\n", "B825"),
    "no duration": ("MDVRPTW", "DURATION : 22", "DURATION : 0", "B825"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_planned_is_refused(name, language):
    kind, old, new, expected = REFUSED[name]
    set_language(language)
    try:
        assert expected in codes(changed(KINDS[kind][1], old, new))
    finally:
        set_language("en")


def test_every_bad_line_of_solomons_is_told_with_its_row():
    text = tiny_sets.SOLOMON.replace(" 17 ", " 17.5 ").replace(" 30 ", " 30.5 ")
    with pytest.raises(InputError) as raised:
        parse_text(text, "x")
    lines = text.splitlines()
    bad = [row for row, line in enumerate(lines, start=1) if ".5 " in line]
    assert [(fault.code, fault.row) for fault in raised.value.faults] == [("B807", row) for row in bad]
    assert len(bad) == 2


@pytest.mark.parametrize("text", ["", "Hello", "DIMENSION : 3\nX_SECTION\nA : 1\n", tiny_sets.SOLOMON[:150]])
def test_what_is_no_benchmark_file(text):
    assert codes(text) == {"B801"}


def test_files_are_found_in_folders_below_folders(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.vrp").write_text(tiny_sets.CVRP)
    (tmp_path / "a" / "y.txt").write_text(tiny_sets.SOLOMON)
    (tmp_path / "a" / "README.txt").write_text("DIMENSION of things")
    (tmp_path / "a" / "x.sol").write_text(tiny_sets.CVRP_SOLUTION)
    assert [one.name for one in find_files([tmp_path])] == ["x.vrp", "y.txt"]
    named = tmp_path / "a" / "README.txt"
    assert find_files([named, named]) == [named]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as raised:
        find_files([tmp_path / "none", tmp_path / "empty"])
    assert {fault.code for fault in raised.value.faults} == {"B800", "B803"}
    with pytest.raises(InputError, match="B801"):
        read_file(named)
    (tmp_path / "bytes.vrp").write_bytes(b"DIMENSION: \xff _SECTION")
    with pytest.raises(InputError, match="B816"):
        read_file(tmp_path / "bytes.vrp")


def backwards(text: str) -> str:
    """The same instance, the rows of each section (but for the depots) in the opposite order."""
    found: list[str] = []
    rows: list[str] = []
    section = ""
    for line in [*text.splitlines(), "EOF"]:
        numbered = re.fullmatch(r"\s*\d+(\s+\S+)+", line) and section not in ("", "DEPOT_SECTION")
        if numbered:
            rows.insert(0, line)
            continue
        section = line.strip() if "_SECTION" in line else section
        section = "CUSTOMER" if line.startswith("CUSTOMER") else section
        found += [*rows, line]
        rows = []
    return "\n".join(found[:-1]) + "\n"


@pytest.mark.parametrize("kind", KINDS)
def test_rows_go_by_their_numbers(kind):
    text = backwards(KINDS[kind][1])
    assert text != KINDS[kind][1]
    one, other = parse_text(KINDS[kind][1], "tiny").fields, parse_text(text, "tiny").fields
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)
    verdict = judged(kind, KINDS[kind][2], text)
    assert (verdict.broken, verdict.cost) == ((), KINDS[kind][3])


NUMBERED = {
    "twice": ("CVRP", "3\t6\t8", "2\t6\t8", "NODE_COORD_SECTION"),
    "from 0": ("CVRP", "4\t5\n5\t5\nDEPOT", "4\t5\n0\t5\nDEPOT", "DEMAND_SECTION"),
    "no number": ("MIXED", "1 5\n2 10", "x 5\n2 10", "CAPACITY_SECTION"),
    "Solomon's": ("VRPTW", "    3      -3", "    2      -3", "CUSTOMER"),
}


@pytest.mark.parametrize("name", NUMBERED)
def test_rows_without_their_number_are_refused(name):
    kind, old, new, column = NUMBERED[name]
    with pytest.raises(InputError) as raised:
        parse_text(changed(KINDS["HFVRP" if kind == "MIXED" else kind][1], old, new), "tiny")
    assert [(one.code, one.column) for one in raised.value.faults] == [("B813", column)]


@pytest.mark.parametrize(
    ("old", "new", "code", "row", "column", "value"),
    [
        ("CAPACITY", "VEHICLES : many\nCAPACITY", "B815", 6, "VEHICLES", "many"),
        ("CAPACITY", "VEHICLES : -2\nCAPACITY", "B815", 6, "VEHICLES", "-2"),
        ("CAPACITY", "VEHICLES : 0\nCAPACITY", "B815", 6, "VEHICLES", "0"),
        ("4\t-3\t4", "4\tnan\t4", "B814", 11, "NODE_COORD_SECTION", "nan"),
        ("4\t-3\t4", "4\t-3\t-inf", "B814", 11, "NODE_COORD_SECTION", "-inf"),
        ("CAPACITY : 10", "CAPACITY : inf", "B814", 6, "CAPACITY", "inf"),
        ("4\t-3\t4", "4\t-1e999\t4", "B814", 11, "NODE_COORD_SECTION", "-1e999"),
    ],
)
def test_numbers_that_are_none_are_told_with_their_line(old, new, code, row, column, value):
    with pytest.raises(InputError) as raised:
        parse_text(changed(tiny_sets.CVRP, old, new), "tiny")
    (fault,) = raised.value.faults
    assert (fault.code, fault.row, fault.column, fault.value) == (code, row, column, value)
    assert value in fault.cause
    assert parse_text(changed(tiny_sets.CVRP, "(by hand)", "nan and inf"), "tiny").num_places == 5


def test_lengths_that_the_search_would_cut_off_are_refused():
    assert read._FAR == FAR
    text = changed(tiny_sets.MANY_DEPOTS, "5\t3\t4", "5\t300000\t400000")
    with pytest.raises(InputError) as raised:
        read_instance(parse_text(text, "tiny"))
    (fault,) = raised.value.faults
    assert (fault.code, fault.value) == ("B818", "500,000,000")
    assert read_instance(parse_text(text, "tiny"), CONVENTIONS["round"]).problem.num_regions == 3
    assert codes(changed(text, "400000", "1e300")) == {"B818"}
    assert codes(changed(text, "400000", "1e308").replace("6\t8", "6\t-1e308")) == {"B818"}


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("MDVRPTW", "5\t57\t69", "5\t57\t400000"),
        ("MTVRPTWR", "4 26", "4 40000000"),
        ("MTVRPTWR", "SERVICE_TIME : 2", "SERVICE_TIME : 40000000"),
        ("CVRP", "CAPACITY : 10", "CAPACITY : 1e30"),
    ],
)
def test_times_and_loads_that_are_too_large_are_refused(kind, old, new):
    assert codes(changed(KINDS[kind][1], old, new)) == {"B819"}


def test_vehicles_of_several_depots_have_a_place():
    text = changed(tiny_sets.MANY_DEPOTS, "VEHICLES_DEPOT_SECTION\n1\t1\n2\t2\n3\t2\n", "")
    assert codes(text) == {"B820"}


def test_windows_the_wrong_way_round_and_service_at_a_depot_are_refused():
    windows = "TIME_WINDOW_SECTION\n1 {} 0\n2 0 9\n3 0 9\n4 9 {}\n5 0 9\n"
    service = "SERVICE_TIME_SECTION\n1 {}\n2 1\n3 1\n4 1\n5 1\n"
    for begins, ends, takes, expected in (
        (5, 8, 0, ["B822", "B822"]),
        (0, 8, 3, ["B822", "B823"]),
        (0, 9, 3, ["B823"]),
    ):
        text = tiny_sets.CVRP.replace("DEPOT_SECTION", windows.format(begins, ends) + "DEPOT_SECTION")
        text = text.replace("DEPOT_SECTION", service.format(takes) + "DEPOT_SECTION", 1)
        with pytest.raises(InputError) as raised:
            read_instance(parse_text(text, "tiny"))
        assert [fault.code for fault in raised.value.faults] == expected


def test_a_vehicle_that_reloads_nowhere_makes_one_trip():
    text = changed(tiny_sets.MANY_TRIPS, "RELOAD_DEPOT_SECTION\n1 1\n", "RELOAD_DEPOT_SECTION\n1 0\n")
    problem = read_instance(parse_text(text, "tiny")).problem
    assert [kind.max_trips for kind in problem.fleet] == [1]


def test_customers_that_are_in_time_by_way_of_others_alone_are_served():
    # In tenths and cut off: 2 is 221 away, and 31 + 189 by way of 1; it closes at 220.
    head = tiny_sets.SOLOMON[: tiny_sets.SOLOMON.index("    0 ")]
    rows = "0 0 0 0 0 100 0\n1 1 3 4 0 100 0\n2 7 21 4 0 {} 0\n"
    for closes, serves in ((22, [True, True]), (21, [True, False])):
        problem = read_instance(parse_text(head + rows.format(closes), "tiny")).problem
        assert problem.fleet[0].serves.tolist() == serves


def test_lengths_of_decimal_coordinates_that_are_whole_stay_whole():
    ways = PlaneTravel(np.array([107.7, 60.5]), np.array([162.2, 73.7]), RoundingRule.TRUNCATED, scale=10)
    assert ways.pair(0, 1) == ways.block([0], [1])[0, 0] == 1003  # 100.3 = sqrt(47.2² + 88.5²)


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(one) for one in arguments])
    return left.value.code or 0


@pytest.fixture
def here(monkeypatch):
    """Runs for a moment in this process: one of its own takes longer to start than they take."""

    def run_here(path, seed, options):
        told: list[dict] = []
        answer = SimpleNamespace(send=told.append, close=lambda: None)
        run._child(path, seed, replace(options, time_limit_s=0.1), answer)
        return told[0] | {"seconds": options.time_limit_s}

    monkeypatch.setattr(run, "_in_own_process", run_here)
    monkeypatch.setattr(run, "signal", SimpleNamespace(signal=lambda *_: None, SIGINT=None, SIG_IGN=None))


def test_broken_files_of_a_folder_are_told_of(tmp_path, capsys, here):
    good = tiny_sets.CVRP
    (tmp_path / "bom.vrp").write_text(good, "utf-8-sig")
    assert call("bench", tmp_path / "bom.vrp", "--time-limit", 1) == 0
    broken = {
        "cut.vrp": good[:60].encode(),
        "empty.vrp": b"",
        "wide.vrp": good.encode("utf-16"),
        "picture.vrp": b"\x89PNG" + good.encode() + b"\0",
        "wide.txt": tiny_sets.SOLOMON.encode("utf-16-le"),
    }
    folder = tmp_path / "broken"
    folder.mkdir()
    for name, content in broken.items():
        (folder / name).write_bytes(content)
    (folder / "wide.txt").rename(folder / "solomon.txt")
    capsys.readouterr()
    assert call("bench", folder, "--time-limit", 1, "--json") == 2
    rows = {row["instance"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    found = {name: row["note"].split()[0] for name, row in rows.items()}
    assert found == {"cut": "B801", "empty": "B801", "picture": "B816", "solomon": "B816", "wide": "B816"}
    assert "UTF-16" in rows["wide"]["note"]
    (folder / "good.vrp").write_text(good, "utf-8")
    assert call("bench", folder, "--time-limit", 1, "--json") == 3
    rows = {row["instance"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["good"].keys() == rows["wide"].keys()
    assert (rows["wide"]["read_s"], rows["wide"]["search_s"]) == (None, None)
    assert (rows["wide"]["refused"], rows["good"]["refused"]) == (True, False)


# ---------------------------------------------------------------- the verifier


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_solution_passes(kind):
    verdict = judged(kind, KINDS[kind][2])
    assert verdict.broken == ()
    assert verdict.cost == KINDS[kind][3]
    assert float(verdict.published) == instance_of(kind).convention.published(verdict.cost)


# What is changed in which solution, and every rule that it breaks, with the largest amount.
SOLUTIONS = {
    "dropped": ("CVRP", "3 4", "3", {"missing": 1}),
    "doubled": ("CVRP", "3 4", "3 4 4", {"twice": 1, "capacity": 5}),
    "in two routes": ("CVRP", "#2: 3 4", "#2: 3 4\nRoute #3: 4", {"twice": 1}),
    "unknown": ("CVRP", "3 4", "3 4 9", {"unknown": 1}),
    "overloaded": ("CVRP", "1 2\nRoute #2: 3 4", "1 2 3\nRoute #2: 4", {"capacity": 5}),
    "swapped": ("CVRP", "1 2\nRoute #2: 3 4", "1 3\nRoute #2: 2 4", {"capacity": 1}),
    "stated less": ("CVRP", "Cost 31", "Cost 30", {}),
    "stated in words": ("CVRP", "Cost 31", "Cost little", {}),
    "unreadable": ("CVRP", "3 4", "3 x", {"unreadable": 1, "missing": 1}),
    "no number": ("CVRP", "Route #2: 3 4", "Route two", {"unreadable": 1, "missing": 1}),
    "depot on the way": ("CVRP", "1 2", "1 0 2", {"reload": 1}),
    "late": ("VRPTW", "#1: 1 2", "#1: 2 1", {"window": 50}),
    "too many": ("VRPTW", "4 3", "4\nRoute #3: 3", {"fleet": 1}),
    "of another depot": ("MDVRPTW", "#1: 2\nRoute #2: 3 4", "#1: 3 4\nRoute #2: 2", {"duration": 2000}),
    "no such vehicle": ("MDVRPTW", "Route #1: 2", "Route #4: 2", {"fleet": 1}),
    "one vehicle twice": ("MDVRPTW", "Route #1: 2", "Route #2: 2", {"fleet": 1}),
    "too small": ("HFVRP", "#1: 3\nRoute #2: 1 2", "#1: 1 2\nRoute #2: 3", {"capacity": 5}),
    "dearer": ("HFVRP", "#1: 3\n", "#3: 3\n", {}),
    "trips swapped": ("MTVRPTWR", "1 2 0 3 4", "3 4 0 1 2", {"window": 390}),
    "order swapped": ("MTVRPTWR", "3 4", "4 3", {"window": 120}),
    "two vehicles": ("MTVRPTWR", "1 2 0 3 4", "1 2\nRoute #2: 3 4", {"fleet": 1}),
    "one trip": ("MTVRPTWR", "1 2 0 3 4", "1 2 3 4", {"capacity": 10, "window": 200}),
}
SAME_COST = {
    "doubled",
    "unknown",
    "late",
    "no such vehicle",
    "trips swapped",
    "order swapped",
    "two vehicles",
}


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_changed_solution_fails(name):
    kind, old, new, expected = SOLUTIONS[name]
    found = rules(judged(kind, changed(KINDS[kind][2], old, new)))
    assert found == expected | ({} if name in SAME_COST else {"stated_cost": 1})


# What is changed in which instance, so that its good solution is just no longer one.
INSTANCES = {
    "capacity": ("CVRP", "CAPACITY : 10", "CAPACITY : 9", {"capacity": 1}),
    "window": ("VRPTW", " 17 ", " 15 ", {"window": 10}),
    "cut off": ("MTVRPTWR", "3 0 18", "3 0 12.99", {"window": 1}),
    "closing": ("MTVRPTWR", "1 0 50", "1 0 49.9", {"closing": 1}),
    "service": ("MTVRPTWR", "SERVICE_TIME : 2", "SERVICE_TIME : 2.1", {"closing": 2}),
    "duration": ("MDVRPTW", "DURATION : 22", "DURATION : 21.999", {"duration": 1}),
    "release": ("MTVRPTWR", "4 26", "4 26.1", {"window": 1}),
    "reload": ("MTVRPTWR", "SERVICE_TIME", "VEHICLES_MAX_RELOADS : 0\nSERVICE_TIME", {"reload": 1}),
    "no reload": ("MTVRPTWR", "VEHICLES_RELOAD_DEPOT_SECTION\n1 1\n", "", {"reload": 1}),
    "fleet": ("VRPTW", "  2         10", "  1         10", {"fleet": 1}),
    "length": ("CVRP", "CAPACITY", "VEHICLES_MAX_DISTANCE : 19\nCAPACITY", {"distance": 1}),
}


@pytest.mark.parametrize("name", INSTANCES)
def test_a_good_solution_of_a_harder_instance_fails(name):
    kind, old, new, expected = INSTANCES[name]
    found = rules(judged(kind, KINDS[kind][2], changed(KINDS[kind][1], old, new)))
    assert found == expected


@pytest.mark.parametrize(("begins", "duration"), [(57, 22), (67, 22), (68, 23), (69, 24)])
def test_the_least_duration_of_a_round(begins, duration):
    """At 3 from 50 to 60: the vehicle leaves as late as helps, and waits only where that is not enough."""
    text = changed(tiny_sets.MANY_DEPOTS, "5\t57\t69", f"5\t{begins}\t69")
    for limit, broken in ((duration, {}), (duration - 1, {"duration": 1000})):
        harder = changed(text, "DURATION : 22", f"DURATION : {limit}")
        assert rules(judged("MDVRPTW", tiny_sets.MANY_DEPOTS_SOLUTION, harder)) == broken


@pytest.mark.parametrize(
    ("kind", "stated"),
    [("VRPTW", "31.4"), ("VRPTW", "314"), ("VRPTW", "31"), ("HFVRP", "4.80"), ("HFVRP", "480000.0")],
)
def test_costs_may_be_stated_in_either_unit(kind, stated):
    solution = re.sub(r"Cost:? \S+", f"Cost: {stated}", KINDS[kind][2])
    assert judged(kind, solution).feasible
    assert judged(kind, re.sub(r"Cost.*\n", "", solution)).feasible


@pytest.mark.parametrize("name", CONVENTIONS)
def test_verifier_and_problem_agree_on_every_length(name):
    rng = random.Random(5)
    scale = rng.choice([1, 1000])
    places = [(rng.randint(-90_000, 90_000) / scale, rng.randint(-90_000, 90_000) / scale) for _ in range(60)]
    rows = "\n".join(f"{number} {x} {y}" for number, (x, y) in enumerate(places, start=1))
    loads = "\n".join(f"{number} 0" for number in range(1, 61))
    text = (
        "DIMENSION: 60\nEDGE_WEIGHT_TYPE: EUC_2D\nCAPACITY: 1\n"
        f"NODE_COORD_SECTION\n{rows}\nDEMAND_SECTION\n{loads}\nDEPOT_SECTION\n1\nEOF\n"
    )
    instance = read_instance(parse_text(text, "x"), CONVENTIONS[name])
    for _ in range(20):
        order = rng.sample(range(59), 59)
        proposals = [Proposal(Route(0, tuple(part))) for part in (order[:20], order[20:21], order[21:])]
        solution = solution_text(instance, proposals)
        verdict = verify(instance.file, instance.convention.name, solution)
        assert verdict.feasible
        assert verdict.cost == integer_cost(instance.problem, proposals)


def test_tenths_are_cut_off_as_they_stand():
    values = [one / 10 for one in range(100_000)]
    assert (CONVENTIONS["dimacs"].whole(values) == np.arange(100_000)).all()
    thousandths = [one / 1000 for one in range(100_000)]
    assert (CONVENTIONS["exact"].whole(thousandths) == np.arange(100_000)).all()


# ---------------------------------------------------------------- solution files

PROPOSALS = {
    "CVRP": [Proposal(Route(0, (0, 1))), Proposal(Route(0, (2, 3)))],
    "VRPTW": [Proposal(Route(0, (0, 1)), 0, 0), Proposal(Route(0, (3, 2)), 1, 0)],
    "MDVRPTW": [Proposal(Route(1, (1, 2))), Proposal(Route(0, (0,)))],
    "HFVRP": [Proposal(Route(1, (0, 1)), 0), Proposal(Route(0, (2,)), 0)],
    "MTVRPTWR": [Proposal(Route(0, (2, 3)), 0, 260), Proposal(Route(0, (0, 1)), 0, 10)],
}


@pytest.mark.parametrize("kind", KINDS)
def test_solutions_have_the_form_of_their_set(kind):
    instance = instance_of(kind)
    assert solution_text(instance, PROPOSALS[kind]) == KINDS[kind][2]
    assert integer_cost(instance.problem, PROPOSALS[kind]) == KINDS[kind][3]
    assert num_missing(instance.problem, PROPOSALS[kind][1:]) == len(PROPOSALS[kind][0].route.consignments)


def test_vehicles_that_do_not_exist_are_shown_to_the_verifier():
    instance = instance_of("HFVRP")
    proposals = [Proposal(Route(0, (2,)), 0), Proposal(Route(0, (0,)), 1), Proposal(Route(1, (1,)), 0)]
    text = solution_text(instance, proposals)
    assert text.splitlines()[:4] == ["Route #1: 3", "Route #2: 2", "Route #3:", "Route #4: 1"]
    assert "fleet" in rules(verify(instance.file, instance.convention.name, text))


def test_trips_without_a_vehicle_have_one_of_their_own():
    instance = instance_of("VRPTW")
    proposals = [Proposal(Route(0, (0,))), Proposal(Route(0, (1,)), 0), Proposal(Route(0, (3,)))]
    assert solution_text(instance, proposals).splitlines()[:3] == [
        "Route #1: 2",
        "Route #2: 1",
        "Route #3: 4",
    ]


# ---------------------------------------------------------------- random instances


@pytest.mark.parametrize("make", [cvrp_text, vrptw_text])
def test_random_instances_are_the_same_for_a_seed_and_can_be_served(make):
    assert make(50, 3) == make(50, 3) != make(50, 4)
    instance = read_instance(parse_text(make(300, 3), "random"))
    assert instance.set_class == {"cvrp_text": "CVRP", "vrptw_text": "VRPTW"}[make.__name__]
    assert instance.problem.fleet[0].serves.all()
    alone = [Proposal(Route(0, (idx,))) for idx in range(300)]
    verdict = verify(instance.file, instance.convention.name, solution_text(instance, alone))
    assert verdict.feasible
    places = parse_text(make(300, 3), "random").fields["node_coord"].tolist()
    assert len({tuple(place) for place in places}) == 301


@pytest.mark.parametrize("number", [0, LARGEST + 1])
def test_random_instances_have_a_size(number):
    with pytest.raises(ValueError, match="customers"):
        cvrp_text(number, 1)


# ---------------------------------------------------------------- running


@pytest.fixture
def sets(tmp_path) -> Path:
    folder = tmp_path / "kumpulan soal é"
    for kind, (_, text, _, _) in KINDS.items():
        (folder / kind).mkdir(parents=True)
        (folder / kind / f"{kind}1.{'txt' if kind == 'VRPTW' else 'vrp'}").write_text(text, "utf-8")
    lines = [f'{kind},{kind}1,,{cost / 10},"{rule}",x' for kind, (rule, _, _, cost) in KINDS.items()]
    lines[0] = "CVRP,CVRP1,,25,round,x"
    lines[3] = 'HFVRP,HFVRP1,,4.8,"exact/1000, costs/100",x'
    (folder / "bks.csv").write_text(
        "\n".join(["class,instance,n,bks,convention,source", *lines, ""]), "utf-8"
    )
    return folder


def options(**given: object) -> run.BenchOptions:
    return run.BenchOptions(**({"engine": "ortools", "time_limit_s": 0.3} | given))


def test_one_run_in_this_process(sets, tmp_path):
    row = run.run_once(sets / "HFVRP" / "HFVRP1.vrp", 2, options(solutions=tmp_path / "s", history=True))
    assert (row["class"], row["n"], row["feasible"], row["cost"]) == ("HFVRP", 3, True, 4.8)
    assert row["history"][-1][1] == 4.8
    assert (tmp_path / "s" / "HFVRP1.2.sol").read_text().endswith("\nRoute #3:\nCost: 480000\n")


def test_rows_of_a_folder(sets, tmp_path, capsys):
    asked = ("bench", sets / "CVRP", "--time-limit", 1, "--seeds", "1,2", "--json")
    assert call(*asked, "--solutions", tmp_path / "s") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(row["instance"], row["seed"]) for row in rows] == [("CVRP1", 1), ("CVRP1", 2)]
    wanted = "class instance n seed seconds cost bks gap_percent feasible wall_s peak_rss_mb"
    for row in rows:
        assert set(wanted.split()) <= set(row)
        assert row["feasible"] is True
        assert row["wall_s"] > 0
        assert (row["engine"], row["workers"]) == ("sisr", 1)
    assert (rows[0]["cost"], rows[0]["bks"], rows[0]["gap_percent"]) == (31, 25, 24.0)
    assert sorted(one.name for one in (tmp_path / "s").iterdir()) == ["CVRP1.1.sol", "CVRP1.2.sol"]


def test_a_run_without_solution_is_counted_apart(sets, capsys, here):
    (sets / "CVRP" / "few.vrp").write_text(
        changed(tiny_sets.CVRP, "CAPACITY", "VEHICLES : 1\nCAPACITY"), "utf-8"
    )
    assert call("--lang", "id", "bench", sets / "CVRP", "--time-limit", 1) == 3
    set_language("en")
    shown = capsys.readouterr()
    assert "24.00" in shown.out
    assert re.search(r"CVRP\W+2\W+1\W+24.00", shown.out)
    assert "missing" in shown.out
    assert "few" in shown.err


@pytest.mark.parametrize(
    ("work", "note"),
    [("die", "process ended with 7"), ("fail", "RuntimeError: the engine broke"), ("sleep", "no answer")],
)
def test_a_run_that_breaks_says_so_and_the_next_one_goes_on(sets, monkeypatch, work, note):
    path, heard = sets / "CVRP" / "CVRP1.vrp", []
    monkeypatch.setattr(run, "_child", getattr(tiny_sets, work))
    monkeypatch.setattr(run, "_START_S", 0.5 if work == "sleep" else 60)
    rows = run.run_all([(path, 1), (path, 2)], options(time_limit_s=0.05), {}, heard.append)
    assert len(heard) == 2
    for row in rows:
        assert note in row["note"]
        assert (row["feasible"], row["cost"], row["instance"]) == (False, None, "CVRP1")


def test_an_instance_that_is_refused_has_a_row(sets, capsys, here):
    path = sets / "CVRP" / "odd.vrp"
    path.write_text(changed(tiny_sets.CVRP, "CAPACITY", "DISTANCE : 3\nCAPACITY"), "utf-8")
    assert call("bench", path, sets / "CVRP" / "CVRP1.vrp", "--time-limit", 1, "--json") == 3
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert ("B804" in rows[0]["note"], rows[1]["feasible"]) == (True, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_bad_usage_is_told(sets, tmp_path, capsys, language):
    file = sets / "CVRP" / "CVRP1.vrp"
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "long.csv").write_text(f"class,instance,bks,convention\na,{'x' * 200_000},1,b\n", "utf-8")
    (tmp_path / "latin.csv").write_bytes(b"class,instance,bks,convention\na,\xff,1,b\n")
    (tmp_path / "CVRP1.vrp").write_text(tiny_sets.CVRP, "utf-8")
    for asked, code in [
        ([tmp_path / "none"], "B800"),
        ([file, "--bks", tmp_path / "none.csv"], "B800"),
        ([file, "--bks", tmp_path / "bad.csv"], "B811"),
        ([file, tmp_path / "CVRP1.vrp"], "B812"),
        ([file, "--bks", tmp_path / "long.csv"], "B811"),
        ([file, "--bks", tmp_path / "latin.csv"], "B811"),
        ([file, "--solutions", file], "C704"),
        ([file, "--solutions", file / "below"], "B821"),
        ([file, "--seeds", "1,x"], "--seeds"),
        ([file, "--seeds", "1,1"], "--seeds"),
        ([file, "--seeds", "-1"], "--seeds"),
        ([], "PATHS"),
    ]:
        assert call("--lang", language, "bench", *asked) == 2
        shown = capsys.readouterr()
        assert code in shown.err
        assert not shown.out


def test_every_engine_may_be_asked_for():
    (option,) = (one for one in command().params if one.name == "engine")
    assert tuple(option.type.choices) == tuple(ENGINES)


def test_best_known_costs_hold_for_their_convention_alone(sets, capsys, here):
    asked = ("bench", sets / "CVRP", "--time-limit", 1, "--convention", "exact", "--json")
    assert call(*asked) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["bks"], row["gap_percent"], row["convention"]) == (None, None, "exact/1000")
    assert row["cost"] == 31.414
    assert row["note"] == "best known cost is for convention round"


def test_best_known_costs_hold_for_their_number_of_customers_alone(sets, tmp_path, capsys, here):
    (tmp_path / "b.csv").write_text("class,instance,n,bks,convention\nCVRP,CVRP1,999,1,round\n")
    assert call("bench", sets / "CVRP", "--bks", tmp_path / "b.csv", "--time-limit", 1, "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["bks"], row["gap_percent"]) == (None, None)
    assert row["note"] == "best known cost is for 999 customers"
    number = row["n"]
    (tmp_path / "b.csv").write_text(f"class,instance,n,bks,convention\nCVRP,CVRP1,{number},1,round\n")
    assert call("bench", sets / "CVRP", "--bks", tmp_path / "b.csv", "--time-limit", 1, "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["bks"], row["note"]) == (1.0, "")


@pytest.mark.parametrize("value", ["0", "-0.0", "-5", "nan", "inf", "1e999", "", "many"])
def test_a_best_known_cost_is_a_number_above_0(sets, tmp_path, capsys, value):
    (tmp_path / "b.csv").write_text(f"class,instance,bks,convention\nx,y,1,round\nCVRP,CVRP1,{value},round\n")
    assert call("bench", sets / "CVRP", "--bks", tmp_path / "b.csv") == 2
    shown = capsys.readouterr()
    assert "B817" in shown.err
    assert not shown.out
    with pytest.raises(InputError) as raised:
        run.best_known(tmp_path / "b.csv")
    assert [(one.code, one.row, one.column) for one in raised.value.faults] == [("B817", 3, "bks")]


@pytest.mark.parametrize(
    ("known", "note"),
    [
        ({("CVRP", "other"): run.KnownCost(3.0, "round")}, "no best known cost in the list"),
        ({("VRPTW", "x"): run.KnownCost(3.0, "round")}, "best known cost is for class VRPTW"),
        ({("CVRP", "x"): run.KnownCost(3.0, "rund")}, "best known cost is for convention rund"),
        ({("CVRP", "x"): run.KnownCost(3.0, "round", 4)}, "best known cost is for 4 customers"),
        ({("CVRP", "x"): run.KnownCost(30.0, "round")}, ""),
        ({("CVRP", "x"): run.KnownCost(30.0, "round", 3)}, ""),
        ({}, ""),
    ],
)
def test_why_there_is_no_gap_is_told(known, note):
    row = {"class": "CVRP", "instance": "x", "n": 3, "convention": "round", "feasible": True, "cost": 33}
    row["note"] = ""
    run._compare(row, known)
    assert row["note"] == note
    assert row.get("gap_percent") == (None if note or not known else 10.0)


def test_one_is_counted_as_one(sets, capsys, here):
    assert call("--lang", "en", "bench", sets / "CVRP", "--time-limit", 1, "--json") == 0
    assert "on 1 instance, 1 run of 1 s" in capsys.readouterr().err


# ---------------------------------------------------------------- against another reading

FORMS = {"round": "round", "dimacs/10": "dimacs", "exact/1000": "exact", "exact/1000, costs/100": "exact"}


def vrplib_text() -> str:
    """The instance in Solomon's form in the only one that PyVRP reads."""
    rows = [
        line.split() for line in tiny_sets.SOLOMON.splitlines() if re.match(r"\s+\d+(\s+-?\d+){6}$", line)
    ]
    lines = ["TYPE: VRPTW", "DIMENSION: 5", "VEHICLES: 2", "CAPACITY: 10", "EDGE_WEIGHT_TYPE: EUC_2D"]
    sections = {"NODE_COORD": (1, 2), "DEMAND": (3,), "TIME_WINDOW": (4, 5), "SERVICE_TIME": (6,)}
    for name, columns in sections.items():
        lines.append(f"{name}_SECTION")
        lines += [" ".join([str(int(row[0]) + 1), *(row[column] for column in columns)]) for row in rows]
    return "\n".join([*lines, "DEPOT_SECTION", "1", "-1", "EOF", ""])


@pytest.mark.parametrize("kind", KINDS)
def test_pyvrp_reads_the_same(kind, tmp_path):
    """Its solutions are feasible here, at the same cost (only where it is installed)."""
    pyvrp = pytest.importorskip("pyvrp")
    from pyvrp.cli import write_solution
    from pyvrp.stop import MaxIterations

    path = tmp_path / "x.vrp"
    path.write_text(vrplib_text() if kind == "VRPTW" else KINDS[kind][1], "utf-8")
    data = pyvrp.read(path, FORMS[KINDS[kind][0]])
    result = pyvrp.solve(data, MaxIterations(50), seed=1, display=False)
    assert result.is_feasible()
    write_solution(tmp_path / "x.sol", data, result)
    verdict = judged(kind, (tmp_path / "x.sol").read_text("utf-8"))
    assert verdict.broken == ()
    assert verdict.cost == result.cost() == KINDS[kind][3]
