"""The pipeline end to end: answers, areas, interruption, lost workers, output, repetition, refusals."""

import hashlib
import os
import queue
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings

from planner.base.errors import ExitCode, InputError, RefusedError
from planner.compose.list_scheduling import schedule_all
from planner.compose.solution import Solution
from planner.instance.schema import (
    CalendarRow,
    Chain,
    Closure,
    Decision,
    DecisionRule,
    Escort,
    KnownTrip,
    Node,
    Objective,
    Overnight,
    Stock,
)
from planner.outputs.summary import reason_texts
from planner.plans.file import plan_from_text, plan_to_text
from planner.plans.model import ProofKind, RegionStatus, Status, StopReason
from planner.propose.pool import Pool, direct_routes
from planner.solving import dispatch, incumbent, jobs, pipeline
from planner.solving.options import SolveOptions
from planner.solving.pipeline import RejectedPlanError, is_as_asked, solve
from planner.solving.unsupported import refuse
from tests.worlds import (
    CALENDARS,
    CLOCK,
    DAY,
    HOUR,
    hub,
    outcome,
    problem_of,
    road,
    store,
    truck,
    village,
    world,
    worlds,
)

QUICK = SolveOptions(effort=1, workers=0)
AB = [village("A"), village("B")]
EDGES = [road("a", "W", "A"), road("b", "A", "B")]


def two_stores(**more):
    """Two components: W with A and B, V with C."""
    regions = [*AB, village("C", warehouse="V", area="65")]
    kinds = [truck(), truck("X", warehouse="V")]
    edges = [*EDGES, road("c", "V", "C")]
    return world(regions, kinds, edges, warehouses=(store(), store("V")), **more)


def results(found):
    return {one.region_id: (one.status.value, one.reason) for one in found.plan.regions}


# Answers


def test_everybody_on_time():
    found = solve(two_stores(), QUICK)
    assert found.plan.status is Status.ON_TIME
    assert is_as_asked(found)
    assert results(found) == dict.fromkeys("ABC", ("on_time", ""))
    assert [one.id for one in found.plan.components] == ["W", "V"]
    assert {one.stop_reason for one in found.plan.components} == {StopReason.EFFORT}
    assert len(found.plan.trips) == 2  # A and B together
    assert not found.interrupted


def test_too_few_vehicles_are_late_and_said_to_be_full():
    regions = [village(name, people=people) for name, people in zip("ABCD", (9, 8, 7, 6), strict=True)]
    edges = [road(name, "W", name, 2 * HOUR) for name in "ABCD"]
    instance = world(regions, [truck(mass_kg=10, calendar="shift")], edges, deadline_s=DAY)
    found = solve(instance, QUICK)
    assert found.plan.status is Status.LATE
    assert not is_as_asked(found)
    late = {name: reason for name, (status, reason) in results(found).items() if status == "late"}
    assert late == {"C": "fleet_full", "D": "fleet_full"}  # the lighter two
    assert all(one.received_s is not None for one in found.plan.regions)
    received = {one.region_id: one.received_s for one in found.plan.regions}
    assert min(received["C"], received["D"]) == DAY + 6 * HOUR + 2 * HOUR + 600  # as early as can be


def test_too_few_docks_are_said_to_be_full():
    regions = [village(name) for name in "ABC"]
    edges = [road(name, "W", name, 600) for name in "ABC"]
    kind = truck(mass_kg=10, number=3, load_fixed_s=5 * HOUR)
    found = solve(world(regions, [kind], edges, deadline_s=12 * HOUR), QUICK)
    assert found.plan.status is Status.LATE
    assert sorted(reason for _, reason in results(found).values()) == ["", "", "docks_full"]


def reasons_with(names, drive_s, deadline_s, *, trucks, docks=1):
    """Reasons of who is late where each village needs a load of its own, which takes an hour to load."""
    regions = [village(name, handover_s=0) for name in names]
    edges = [road(name, "W", name, drive_s) for name in names]
    kind = truck(mass_kg=10, number=trucks, load_fixed_s=HOUR)
    made = world(regions, [kind], edges, deadline_s=deadline_s, warehouses=(store(docks=docks),))
    late = [one for one in solve(made, QUICK).plan.regions if one.reason]
    for one in late:
        why, action = reason_texts(one)
        assert ("Add a dock" in action or "Add docks" in action) == ("docks" in one.reason)
        assert ("dd vehicles" in action or "and vehicles" in action) == ("fleet" in one.reason), why
    return [one.reason for one in late]


@pytest.mark.parametrize("trucks", [2, 5])
def test_docks_are_named_where_no_number_of_vehicles_would_help(trucks):
    """One dock loads at 0 and at 1: too late for the second village, though a truck waits for it."""
    assert reasons_with("AB", 2 * HOUR, 3 * HOUR + 1800, trucks=trucks) == ["docks_full"]
    assert reasons_with("AB", 2 * HOUR, 3 * HOUR + 1800, trucks=trucks, docks=2) == []


@pytest.mark.parametrize(
    "trucks, docks, reasons",
    [(2, 1, ["fleet_docks_full"]), (3, 1, ["docks_full"]), (2, 3, ["fleet_full"]), (3, 3, [])],
)
def test_both_are_named_where_only_both_would_help(trucks, docks, reasons):
    """Who loads at 2 comes at 3:30, too late: by then one dock has loaded two, and two trucks are back."""
    assert reasons_with("ABC", 1800, 3 * HOUR + 1800, trucks=trucks, docks=docks) == reasons


def test_vehicles_are_named_where_docks_would_not_help():
    late = reasons_with("ABCD", 2 * HOUR, 6 * HOUR + 1800, trucks=1)
    assert set(late) == {"fleet_full"}
    assert reasons_with("ABCD", 2 * HOUR, 6 * HOUR + 1800, trucks=4) == []


@pytest.mark.parametrize("seed", [9, 13, 30, 33, 58, 62, 72, 88])
def test_more_of_what_is_named_brings_more_in_time(seed):
    random = Random(seed)
    names = "ABCDE"[: random.randint(3, 5)]
    regions = [village(name, handover_s=0, people=9 - at) for at, name in enumerate(names)]
    edges = [road(name, "W", name, random.choice([1800, 3600, 7200])) for name in names]
    sizes = [(random.choice([10, 20]), random.randint(1, 2), random.choice([0, 1800, 7200])) for _ in "TS"]
    fleet = [
        truck(name, mass_kg=mass_kg, number=number, load_fixed_s=load_s)
        for name, (mass_kg, number, load_s) in zip("TS", sizes, strict=True)
    ]
    made = world(regions, fleet, edges, deadline_s=random.randint(4, 16) * 1800)

    def late(instance):
        return {one.region_id: one for one in solve(instance, QUICK).plan.regions if one.reason}

    def weight(regions):
        return sum(one.counts["people"] for one in made.regions if one.id in regions)

    now = late(made)
    for one in now.values():
        more = made
        if "docks" in one.reason:
            more = replace(more, warehouses=(store(docks=20),))
        if "fleet" in one.reason:
            kinds = [replace(kind, number=9) if kind.id == one.params["vehicle"] else kind for kind in fleet]
            more = replace(more, vehicles=tuple(kinds))
        assert more is made or weight(late(more)) < weight(now)


def test_a_proof_and_a_plan_for_all_others():
    edges = [*EDGES, road("c", "B", "C")]
    closures = (Closure(id="x", edge="c"),)
    found = solve(world([*AB, village("C")], [truck()], edges, closures=closures), QUICK)
    assert found.plan.status is Status.IMPOSSIBLE
    (component,) = found.plan.components
    assert [(one.kind, one.regions, one.edges) for one in component.proofs] == [
        (ProofKind.CUT, ("C",), ("c",))
    ]
    assert results(found) == {"A": ("on_time", ""), "B": ("on_time", ""), "C": ("undelivered", "cut")}
    assert found.verdict.proven == ("C",)


def test_a_region_that_can_only_be_late_is_delivered_all_the_same():
    edges = [road("a", "W", "A"), road("b", "W", "B", 10 * HOUR)]
    found = solve(world(AB, [truck()], edges, deadline_s=9 * HOUR), QUICK)
    assert found.plan.status is Status.IMPOSSIBLE
    assert results(found) == {"A": ("on_time", ""), "B": ("late", "earliest_arrival")}


def test_too_little_stock_leaves_the_lightest_out():
    stock = (Stock(warehouse="W", item="box", quantity=1),)
    found = solve(
        world([village("A", people=2), village("B", people=5)], [truck()], EDGES, stock=stock), QUICK
    )
    assert results(found) == {"A": ("undelivered", "stock"), "B": ("on_time", "")}


def test_a_bound_is_given_only_where_everybody_receives():
    problem = problem_of(world(AB, [truck()], EDGES))
    nobody = outcome(problem, Solution(problem, ()), stop_reason=StopReason.EFFORT, lower_bound=5)
    assert nobody.component.lower_bound is None
    trips = [one for one in Pool(problem).add(direct_routes(problem)) if one is not None]
    everybody = schedule_all(problem, trips)
    found = outcome(problem, everybody, stop_reason=StopReason.EFFORT, lower_bound=5)
    assert found.component.lower_bound == 5
    needless = problem_of(world([village("A", boxes=0)], [truck()], EDGES[:1]))
    nothing = outcome(needless, Solution(needless, ()), stop_reason=StopReason.COMPLETE, lower_bound=0)
    assert nothing.component.lower_bound == 0


def test_nothing_found_and_nothing_proven():
    kind = truck(calendar="shift", overnight=Overnight.STOP)
    edges = [road("a", "W", "A", 13 * HOUR)]  # with a pause on the way it would be in time
    found = solve(world(AB[:1], [kind], edges), QUICK)
    assert found.plan.status is Status.NOT_FOUND
    assert results(found) == {"A": ("undelivered", "no_trip")}


def test_a_component_without_a_plan_leaves_the_others_theirs():
    instance = two_stores()
    kinds = [instance.vehicles[0], truck("X", warehouse="V", calendar="shift", overnight=Overnight.STOP)]
    edges = [*EDGES, road("c", "V", "C", 13 * HOUR)]
    found = solve(replace(instance, vehicles=tuple(kinds), edges=tuple(edges)), QUICK)
    assert [one.status for one in found.plan.components] == [Status.ON_TIME, Status.NOT_FOUND]
    assert found.plan.status is Status.NOT_FOUND
    assert len(found.plan.trips) == 1


def test_where_nothing_is_to_be_delivered_everybody_is_on_time():
    found = solve(world([village("A", boxes=0)], [truck()], []), QUICK)
    assert (found.plan.status, found.plan.cost, found.plan.trips) == (Status.ON_TIME, 0, ())
    assert found.plan.components[0].stop_reason is StopReason.COMPLETE


def test_a_search_by_effort_ends_where_no_neighbour_is_left():
    kind = truck(calendar="shift", overnight=Overnight.STOP, speed_percent=130, pieces=2)
    edges = [road("a", "W", "A", 20_000, back_s=HOUR)]
    instance = world(AB[:1], [kind], edges, deadline_s=8 * HOUR, warehouses=(store(calendar="office"),))
    assert solve(instance, QUICK).plan.regions[0].status is RegionStatus.LATE


@settings(max_examples=10, deadline=None)
@given(worlds())
def test_no_search_fails_and_no_plan_is_rejected(instance):
    found = solve(instance, QUICK)  # raises where the check rejects it
    assert {one.reason for one in found.plan.regions}.isdisjoint(
        {"search_failed", "worker_lost", "not_searched"}
    )
    assert found.verdict.status is found.plan.status
    assert dict(found.verdict.components) == {one.id: one.status for one in found.plan.components}


# Areas


@pytest.mark.parametrize(("area", "names"), [("", "ABC"), ("65", "C"), ("A", "A"), ("A, 65", "AC")])
def test_an_area_alone_is_planned(area, names):
    found = solve(two_stores(), replace(QUICK, area=area))
    assert "".join(one.region_id for one in found.plan.regions) == names
    assert found.plan.status is Status.ON_TIME
    assert found.plan.options["area"] == area


def test_an_unknown_area_is_refused():
    with pytest.raises(InputError) as error:
        solve(two_stores(), replace(QUICK, area="A,nowhere,65"))
    assert [(one.code, one.value) for one in error.value.faults] == [("C701", "nowhere")]
    assert error.value.exit_code is ExitCode.BAD_INPUT


# Interruption


def test_ctrl_c_in_progress_gives_the_best_so_far(tmp_path):
    heard = []

    def stop(progress):
        heard.append(progress)
        raise KeyboardInterrupt

    output = tmp_path / "plan.json"
    found = solve(two_stores(), QUICK, output=output, on_progress=stop)
    assert found.interrupted
    assert len(heard) == 1
    by_name = {one.id: one for one in found.plan.components}
    first = heard[0].component
    (other,) = set(by_name) - {first}
    assert by_name[first].stop_reason is StopReason.INTERRUPTED
    assert by_name[first].status is Status.ON_TIME
    assert (by_name[other].stop_reason, by_name[other].status) == (StopReason.NOT_STARTED, Status.NOT_FOUND)
    names = set(by_name[other].regions)
    assert {reason for name, (_, reason) in results(found).items() if name in names} == {"not_searched"}
    assert plan_from_text(output.read_text(encoding="utf-8"))[0] == found.plan


def test_ctrl_c_before_anything_was_found_still_gives_a_checked_plan():
    instance = two_stores()
    regions = (*instance.regions, village("N", boxes=0), village("M", boxes=0, warehouse="U"))
    instance = replace(instance, regions=regions, warehouses=(*instance.warehouses, store("U")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "run_jobs", interrupt)
        found = solve(instance, QUICK)
    assert found.interrupted
    assert found.plan.status is Status.NOT_FOUND
    assert results(found)["A"] == ("undelivered", "not_searched")
    assert results(found)["N"] == results(found)["M"] == ("on_time", "")


def interrupt(*_, **__):
    raise KeyboardInterrupt


def test_ctrl_c_while_waiting_for_processes_ends_them(monkeypatch):
    monkeypatch.setattr(pipeline.IncumbentWriter, "tick", interrupt)
    found = solve(two_stores(), SolveOptions(time_limit_s=60, workers=2))
    assert found.interrupted
    assert found.wall_s < 30


# Processes


def test_on_processes_everybody_is_on_time_too(tmp_path):
    seen = []
    output = tmp_path / "Pläne für morgen" / "plan.json"
    options = SolveOptions(time_limit_s=4, workers=2)
    found = solve(two_stores(), options, output=output, on_progress=seen.append)
    assert found.plan.status is Status.ON_TIME
    assert {one.component for one in seen if one.final} == {"W", "V"}
    assert plan_from_text(output.read_text(encoding="utf-8"))[0] == found.plan


def killing(monkeypatch, times):
    """Worker processes that search W are killed right after their start, so many times."""
    start, killed = dispatch._Parent._start, []

    def start_and_kill(parent, lane):
        start(parent, lane)
        if "W" in parent._open[lane] and len(killed) < times:
            process = parent._processes[lane]
            os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            killed.append(process.pid)

    monkeypatch.setattr(dispatch._Parent, "_start", start_and_kill)
    return killed


def test_a_killed_worker_is_replaced(monkeypatch):
    killed = killing(monkeypatch, 1)
    found = solve(two_stores(), SolveOptions(effort=1, workers=2))
    assert len(killed) == 1
    assert found.plan.status is Status.ON_TIME
    assert {one.stop_reason for one in found.plan.components} == {StopReason.EFFORT}


def test_a_worker_killed_twice_is_reported_and_the_others_are_kept(monkeypatch):
    killed = killing(monkeypatch, 2)
    found = solve(two_stores(), SolveOptions(effort=1, workers=2))
    assert len(killed) == 2
    assert [one.status for one in found.plan.components] == [Status.NOT_FOUND, Status.ON_TIME]
    lost = ("undelivered", "worker_lost")
    assert results(found) == {"A": lost, "B": lost, "C": ("on_time", "")}


def test_what_a_worker_said_just_before_its_end_is_heard():
    said = [None, dispatch.Heard("W", None, final=True), None]  # nothing in time, then its last words

    class Said:
        def get(self, timeout):
            if len(said) == 3:
                said.pop(0)
                raise queue.Empty
            return said.pop(0)

    class Ended:
        def is_alive(self):
            return False

        def join(self):
            pass

    heard = []
    job = dispatch.Job("W", (), 1)
    parent = dispatch._Parent(world(AB, [truck()], EDGES), [[job]], None, None, heard.append, lambda: None)
    parent._processes[0], parent._queues[0] = Ended(), Said()
    parent._hear(0)
    parent._hear(0)
    assert [one.warehouse_id for one in heard] == ["W"]
    assert parent._processes == {}


def test_a_search_that_fails_costs_its_own_component_only(monkeypatch):
    search = jobs.ComponentSearch

    def failing(instance, warehouse_id, *args, **more):
        if warehouse_id == "W":
            raise ValueError("a fault of the program")
        return search(instance, warehouse_id, *args, **more)

    monkeypatch.setattr(jobs, "ComponentSearch", failing)
    found = solve(two_stores(), QUICK)
    failed = ("undelivered", "search_failed")
    assert results(found) == {"A": failed, "B": failed, "C": ("on_time", "")}


def test_who_waits_on_the_way_back_sets_out_no_earlier_than_he_must():
    """Out by the detour to be there by 09:00, back by the short road, which is flooded until 10:00."""
    edges = [road("es", "W", "A", 3600), road("el", "W", "A", 9000, length_m=40_000)]
    instance = world(
        [village("A", handover_s=0)],
        [truck(price_trip=100, price_km=1, price_hour=10)],
        edges,
        deadline_s=9 * HOUR,
        closures=(Closure(id="c", edge="es", until_s=10 * HOUR),),
    )
    plan = solve(instance, QUICK).plan
    assert plan.cost == 100 + 40 + 10 + 45  # km, and hours from 06:30 to 11:00
    assert [one.load_start_s for one in plan.trips] == [6 * HOUR + 1800 - 1]


# Output


def test_on_the_way_and_at_the_end_the_file_holds_a_whole_plan(monkeypatch, tmp_path):
    monkeypatch.setattr(incumbent, "_WRITE_EVERY_S", 0)
    output, seen = tmp_path / "plan.json", []

    def read(_):
        if output.exists():
            seen.append(plan_from_text(output.read_text(encoding="utf-8"))[0])

    found = solve(two_stores(), SolveOptions(time_limit_s=4, workers=1), output=output, on_progress=read)
    assert seen
    assert all(one.status in Status for one in seen)
    assert plan_from_text(output.read_text(encoding="utf-8"))[0] == found.plan
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_a_plan_is_written_and_told_as_soon_as_it_is_complete_and_as_soon_as_it_is_promised(tmp_path):
    output, seen, on_disk = tmp_path / "plan.json", [], []

    def tell(written):
        seen.append(written)
        on_disk.append(plan_from_text(output.read_text(encoding="utf-8"))[0])

    instance = replace(two_stores(), vehicles=tuple(replace(one, gamma=1) for one in two_stores().vehicles))
    options = SolveOptions(time_limit_s=4, workers=1)
    found = solve(instance, options, output=output, on_written=tell)
    assert [one.plan for one in seen] == on_disk
    assert Status.GUARANTEED in {one.plan.status for one in seen}
    assert found.plan.status is Status.GUARANTEED
    assert all(0 < one.after_s <= found.wall_s for one in seen)


def test_a_rejected_plan_is_not_written_over_an_accepted_one(monkeypatch, tmp_path):
    output = tmp_path / "plan.json"
    solve(two_stores(), QUICK, output=output)
    before = output.read_text(encoding="utf-8")
    real = incumbent.checked

    def wrong(plan, *others):
        return real(replace(plan, cost=plan.cost + 1), *others)

    monkeypatch.setattr(incumbent, "checked", wrong)
    with pytest.raises(RejectedPlanError) as error:
        solve(two_stores(), QUICK, output=output)
    assert error.value.exit_code is ExitCode.CHECK_FAILED
    assert {one.rule for one in error.value.violations} == {"cost"}
    assert output.read_text(encoding="utf-8") == before


# Repetition


def many(seed_of_prices=0):
    """A component in which much can be done differently."""
    regions = [village(f"R{idx}", boxes=1 + idx % 3, people=idx) for idx in range(9)]
    edges = [
        road(f"w{idx}", "W", f"R{idx}", 900 + 311 * idx % 2000, length_m=9000 + 700 * idx) for idx in range(9)
    ]
    edges += [road(f"x{idx}", f"R{idx}", f"R{(idx * 4 + 1) % 9}", 700 + 97 * idx) for idx in range(9)]
    more = {"calendar": "shift", "price_day": 5000, "price_km": 90, "price_trip": 100, "load_fixed_s": 600}
    kinds = [truck("K0", mass_kg=40, number=2, **more), truck("K1", mass_kg=70, work_s=6 * HOUR, **more)]
    return world(
        regions, kinds, edges, warehouses=(store(docks=1),), settings={"name": f"many {seed_of_prices}"}
    )


def print_digest():
    """For the other process."""
    print(digest_of(solve(many(), replace(QUICK, seed=7))))


def digest_of(found):
    return hashlib.sha256(plan_to_text(found.plan, CLOCK).encode()).hexdigest()


def test_the_same_seed_and_effort_give_the_same_plan_in_another_process_too():
    first, second = (digest_of(solve(many(), replace(QUICK, seed=7))) for _ in range(2))
    assert first == second
    run = subprocess.run(
        [sys.executable, "-c", "from tests.test_solve import print_digest; print_digest()"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[1],
        env=os.environ | {"PYTHONHASHSEED": "12345"},
    )
    assert run.stdout.strip() == first, run.stderr


def test_on_processes_an_effort_gives_the_same_plan_as_without():
    alone = solve(many(), QUICK)
    others = solve(many(), replace(QUICK, workers=1))
    assert others.plan.trips == alone.plan.trips


# Refusals


def _known_trip(name, here, there):
    return KnownTrip(id=name, from_node=here, to_node=there, time_s=1, distance_m=1)


BEFORE = Decision(id="D", subject="A", rule=DecisionRule.BEFORE, value="B")
REFUSED = {
    "R601": ({"escorts": (Escort(id="E", warehouse="W"),)}, "escorts", 2, "E"),
    "R602": ({"decisions": (BEFORE,)}, "decisions", 2, "before"),
    "R607": ({"settings": {"objective": Objective.VEHICLES}}, "plan.toml", None, "vehicles"),
    "R610": (
        {
            "hubs": (hub("J"),),
            "nodes": (Node(id="N", lat=0.0, lon=117.0),),
            "known_trips": (_known_trip("k", "J", "A"), _known_trip("l", "A", "N")),
        },
        "known_trips",
        3,
        "N",
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_not_obeyed_is_refused_with_its_place(code):
    more, table, row, value = REFUSED[code]
    tables = {k: v for k, v in more.items() if k not in {"edges", "vehicles"}}
    instance = world(AB, more.get("vehicles", [truck()]), more.get("edges", EDGES), **tables)
    with pytest.raises(RefusedError) as error:
        solve(instance, QUICK)
    assert [(one.code, one.table, one.row, one.value) for one in error.value.faults] == [
        (code, table, row, value)
    ]
    assert error.value.exit_code is ExitCode.BAD_INPUT
    assert error.value.faults[0].cause
    assert error.value.faults[0].action


def test_everything_refused_is_told_together():
    with pytest.raises(RefusedError) as error:
        refuse(
            world(
                AB,
                [truck()],
                EDGES,
                settings={"objective": Objective.VEHICLES},
                decisions=(BEFORE,),
            )
        )
    assert [one.code for one in error.value.faults] == ["R602", "R607"]


@pytest.mark.parametrize(
    "more",
    [
        {"settings": {"guarantee": 0, "chain": Chain.NONE}},
        {"closures": (Closure(id="c", edge="b"),)},
        {"closures": (Closure(id="c", edge="b", from_s=3 * DAY),)},
        {"closures": (Closure(id="c", edge="b", from_s=-HOUR, until_s=0),)},
        {"closures": (Closure(id="c", edge="a", from_s=HOUR, until_s=2 * HOUR),)},
        {"edges": (EDGES[0], replace(EDGES[1], calendar="shift"))},
        {"edges": (EDGES[0], replace(EDGES[1], calendar="always"))},
        {"stock": (Stock(warehouse="W", item="box", quantity=9, available_s=HOUR),)},
        {"known_trips": (_known_trip("k", "W", "A"), _known_trip("l", "B", "A"))},
        {"hubs": (replace(hub("J"), calendar="shift"),)},
    ],
)
def test_what_is_obeyed_is_not_refused(more):
    always = CalendarRow(calendar="always", opens_s=0, closes_s=24 * HOUR)
    tables = {k: v for k, v in more.items() if k not in {"edges", "vehicles"}}
    tables |= {"calendars": (*CALENDARS, always)}
    refuse(world(AB, more.get("vehicles", [truck(gamma=0)]), more.get("edges", EDGES), **tables))
