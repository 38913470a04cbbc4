"""Replans of a plan after drawn reports: is there always a plan, is history kept, is nothing lost, how long.

python benchmarks/replan.py PLAN INSTANCE [--cases 100] [--anew 0] [--seed 1] [--jobs 1] [--quiet-days 0]

A case draws a moment of a kind (before anything, while loading, under way, while handing over, between
trips, after, at the end) and two kinds of reports, so that enough cases have every kind and every pair
(`replan_draws.py`); besides single confirmations, reports told twice, reports taken back and told otherwise.
In one case of three the plan is replanned once more, later, after further reports. Reports are entered one
by one, as ``plan event add`` does, and what is refused there is counted. The replan is the whole command in
a fresh process, imports, reading and check included.

Afterwards a ledger of its own (`replan_ledger.py`), which imports nothing of the program, asks: is any unit
lost or doubled; is what had ended before the reports begin as it was; are stops as they were confirmed; are
components that no report is about as they were. ``plan check`` is asked too, with the plans before.
``--quiet-days N`` replans N times without any report: the same future must come back. ``--anew N`` compares
with the whole solved anew from the tables with the reports applied, as if nothing had been driven yet.

Rows go to benchmarks/results/replans.csv; ends with 1 if a case has no plan or anything is wrong.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement
from math import prod
from pathlib import Path
from random import Random
from typing import Any

import replan_ledger as ledger
from common import append_row, facts, instance_digest, measure, plan_command, say
from replan_draws import PHASES, Drawn, Scene, confirmations, draw, scene_of

from planner.api import check
from planner.base.errors import InputError
from planner.events.adding import add_report
from planner.events.apply import effective
from planner.events.read import read_events
from planner.events.schema import COLUMNS, Event, EventKind
from planner.instance.read import read_instance
from planner.instance.schema import Instance
from planner.instance.write import write_instance
from planner.network.graph import edge_time_s
from planner.plans.file import read_plan
from planner.plans.model import Plan, Trip
from planner.replanning.changes import changes_between

LEDGER = ("goods", "history", "confirmed", "disturbed")
_OF_THREE = 1 / 3
_CODE = re.compile(r"│ [A-Z]\d{3} ")


@dataclass
class Told:
    """What one replan was told.

    Parameters
    ----------
    taken
        Reports that were taken, by id.
    refused
        Codes of the faults of those that were not.
    broken
        What no user may see: exceptions.
    confirmed
        Stops that were confirmed one by one, by the report's id.
    disputed
        Ids of reports of which another one says what cannot be beside them.
    """

    taken: dict[str, Drawn] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    confirmed: dict[str, ledger.Confirmed] = field(default_factory=dict)
    disputed: set[str] = field(default_factory=set)


def pair_of(case: int, seed: int) -> tuple[EventKind, EventKind]:
    """Kinds of a case: all pairs come in turn, in an order drawn from the seed."""
    pairs = list(combinations_with_replacement(EventKind, 2))
    Random(seed).shuffle(pairs)
    return pairs[case % len(pairs)]


def tell(scene: Scene, kinds: Sequence[EventKind], table: Path) -> Told:
    """Enter confirmations, reports of these kinds, doubles and corrections."""
    told, random = Told(), scene.random
    for one in confirmations(scene, random.choice((0, 0, 2, 5))):
        _enter(one, scene, table, told)
    for kind in kinds:
        one = draw(kind, scene)
        if one is None:
            told.refused["nothing"] += 1
            continue
        name = _enter(one, scene, table, told)
        if name and random.random() < _OF_THREE:
            _enter(one, scene, table, told)  # told twice
        if name and kind is not EventKind.VOID and random.random() < _OF_THREE:
            cells = {"time": scene.text(scene.now_s), "kind": EventKind.VOID.value, "subject": name}
            gone = Drawn(cells, one.begins_s, one.vehicles, one.wide, one.warehouses)
            if _enter(gone, scene, table, told):
                again = draw(kind, scene)
                if again is not None:
                    _enter(again, scene, table, told)
    return told


def _enter(one: Drawn, scene: Scene, table: Path, told: Told) -> str:
    """Its id; empty where it is refused."""
    try:
        new = add_report(table, one.cells, scene.instance, scene.plan, scene.now_s)
    except InputError as error:
        told.refused.update({fault.code for fault in error.faults})
        return ""
    except Exception as error:
        told.broken.append(f"{one.cells['kind']}: {type(error).__name__}: {error}")
        return ""
    name = new.event.id
    one = _as_understood(one, new.event, scene)
    told.disputed |= {each.id for pair in new.disputed for each in (pair.event, pair.other)}
    told.taken[name] = one
    scene.told[name] = one
    if one.stop is not None:
        trip, node, at_s = one.stop
        at = ledger.second(scene.text(at_s))
        told.confirmed[name] = ledger.Confirmed(trip, node, at)
    if one.cells["kind"] == EventKind.VOID:
        told.confirmed.pop(one.cells["subject"], None)
    return name


def _as_understood(one: Drawn, event: Event, scene: Scene) -> Drawn:
    """What a report may move, where a vehicle is on another trip by plan than the one it was drawn for.

    A delay told by the trip's id moves the leg that is named, though it should be over by then.
    """
    names = set(event.trip.split("+"))
    meant = [trip for trip in scene.plan.trips if trip.id in names]
    moments = [trip.load_start_s for trip in meant]
    if event.kind is EventKind.DELAY:
        named = [trip for trip in meant if trip.id == one.cells["subject"] and event.stop.isdigit()]
        moments = [_arrives_s(trip, int(event.stop)) for trip in named]
    return replace(one, begins_s=min([one.begins_s, *moments]))


def _arrives_s(trip: Trip, leg: int) -> int:
    """When a leg of a trip should end, the first one being 1."""
    return trip.end_s if leg > len(trip.stops) else trip.stops[leg - 1].leg.arrive_s


def judged(
    old: ledger.Json, new: ledger.Json, told: Told, known: Mapping[str, Any], now: int
) -> dict[str, list[str]]:
    """What the ledger finds, by kind of fault."""
    instance: Instance = known["instance"]
    clock = instance.clock
    begins = [ledger.second(clock.text(one.begins_s)) for one in told.taken.values()]
    wide = [ledger.second(clock.text(one.begins_s)) for one in told.taken.values() if one.wide]
    about: dict[str, int] = {}
    for one in told.taken.values():
        for vehicle in one.vehicles:
            moment = ledger.second(clock.text(one.begins_s))
            about[vehicle] = min(moment, about.get(vehicle, moment))
    concerned: set[str] = set()
    for one in told.taken.values():
        concerned |= {each.id for each in instance.warehouses} if one.warehouses is None else one.warehouses
    homes = {kind.id: kind.warehouse for kind in instance.vehicles}
    return {
        "goods": ledger.lost_or_doubled(
            new,
            known["units"],
            known["homes"],
            known["more"],
            known["less"],
            known["carried"],
        ),
        "history": ledger.changed_history(
            old, new, now, min(begins, default=now), about, wide_s=min(wide, default=None)
        ),
        "confirmed": ledger.changed_confirmed(new, known["confirmed"].values()),
        "disturbed": ledger.disturbed(old, new, concerned, homes),
    }


def one_case(options: argparse.Namespace, case: int, work: Path) -> dict[str, object]:
    """The figures of one case: one replan, or two."""
    random = Random(f"{options.seed} {case}")
    instance = read_instance(options.instance)
    quiet = case >= options.cases
    kinds = () if quiet else pair_of(case, options.seed)
    phase = PHASES[case % len(PHASES)]
    path, table = work / "plan.json", work / "plan.events.csv"
    shutil.copy(options.plan, path)
    table.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    first = ledger.read(path)
    known: dict[str, Any] = {
        "instance": instance, "units": ledger.units_of(first), "confirmed": {}, "more": Counter(),
        "less": Counter(), "carried": {},
        "homes": {one.id: one.warehouse for one in instance.regions},
    }  # fmt: skip
    row: dict[str, object] = {"phase": phase, "kinds": "+".join(kinds) or "none"}
    earlier: list[Path] = []
    now_s = 0
    split = bool(kinds) and random.random() < _OF_THREE
    for number, mine in enumerate([kinds[:1], kinds[1:]] if split else [kinds]):
        known["carried"] = ledger.carried_by(ledger.read(path)) | known["carried"]
        scene = scene_of(read_plan(path), instance, phase, random, from_s=now_s)
        now_s = scene.now_s
        told = tell(scene, mine, table) if kinds else Told()
        for one in told.taken.values():
            known["more"].update(one.more or {})
            known["less"].update(one.less or {})
            if one.cells["kind"] == EventKind.VOID:
                known["confirmed"].pop(one.cells["subject"], None)
        known["confirmed"] |= told.confirmed
        for name in told.disputed:
            known["confirmed"].pop(name, None)
        output = work / f"replan-{number}.json"
        row |= _replanned(options, path, table, earlier, output, instance.clock.text(now_s))
        row["told"], row["now"] = len(told.taken), instance.clock.text(now_s)
        row["refused"] = " ".join(f"{code}:{many}" for code, many in sorted(told.refused.items()))
        row["broken"] = "; ".join(told.broken)[:300]
        if row["checked"] != "passed":
            break
        verdict = check(output, instance, previous=[*earlier, path], events=table)
        row["violations"] = "; ".join(sorted({one.rule for one in verdict.verdict.violations}))
        found = judged(ledger.read(path), ledger.read(output), told, known, ledger.second(str(row["now"])))
        for name, faults in found.items():
            row[name], row[f"{name}_first"] = len(faults), "; ".join(faults[:2])[:300]
        if row["violations"] or any(found.values()):
            break
        earlier.append(path)
        path = output
    row["replans"] = len(earlier)
    row["wrong"] = _wrong(row)
    if options.keep and row["wrong"]:
        shutil.copytree(
            work, options.keep / f"{options.instance.name}-{options.seed}-{case}", dirs_exist_ok=True
        )
    return row


def _wrong(row: Mapping[str, object]) -> str:
    """What is wrong with a case, in one word each; empty: nothing."""
    found = [] if row["checked"] == "passed" else ["no_plan"]
    found += [name for name in ("broken", "violations") if row.get(name)]
    found += [name for name in LEDGER if row.get(name)]
    return "+".join(found)


def _replanned(
    options: argparse.Namespace, path: Path, table: Path, earlier: Sequence[Path], output: Path, now: str
) -> dict[str, object]:
    """The figures of one replan, by the command line alone."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = measure(
        plan_command(
            *("replan", path, "--events", table, "--now", now, "--instance", options.instance),
            *("--output", output, "--force", "--json", "--quiet"),
            *(part for one in earlier for part in ("--previous", one)),
            *(() if options.effort is None else ("--effort", options.effort)),
        )
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = done.figures
    hit, changed = figures.get("regions_hit"), figures.get("regions_changed")
    return {
        "exit_code": done.code,
        "wall_s": f"{done.wall_s:.2f}",
        "cpu_s": f"{after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.2f}",
        "peak_rss_mb": done.peak_rss_mb,
        "checked": "passed" if done.code in (0, 3) and figures else "no",
        "status": figures.get("status", ""),
        "regions": figures.get("regions_total", ""),
        "on_time": figures.get("regions_on_time", ""),
        "hit": "" if hit is None else len(hit),
        "changed": "" if changed is None else len(changed),
        "called": len(figures["vehicles_called"]) + len(figures["hubs_called"]) if figures else "",
        "cost": figures.get("cost", ""),
        "error": "" if figures else _error(done.said),
    }


def _error(said: Sequence[tuple[float, str]]) -> str:
    """What a command said that ended without a plan: codes of faults with their places, else its words."""
    lines = [line for _, line in said]
    found = [" ".join(line.replace("│", " ").split()) for line in lines if _CODE.match(line)]
    return " / ".join(found or lines)[:400]


def solved_anew(plan: Plan, folder: Path, work: Path) -> Mapping[str, object]:
    """The tables with the reports applied, solved anew: what that changes for people."""
    instance = read_instance(folder)
    told = read_events(work / "plan.events.csv", instance, plan)
    write_instance(work / "tables", _as_tables(effective(instance, told)))
    output = work / "anew.json"
    done = measure(plan_command("solve", work / "tables", "--output", output, "--json", "--quiet"))
    if done.code not in (0, 3):
        return {"anew_exit_code": done.code}
    other, new = read_plan(output), read_plan(max(work.glob("replan-*.json")))
    changes = changes_between(plan, other, 1800, instance.clock)
    return {
        "anew_exit_code": done.code,
        "anew_wall_s": f"{done.wall_s:.1f}",
        "anew_on_time": other.regions_on_time,
        "anew_changed": len(changes.regions),
        "anew_called": changes.people,
        "anew_cost": other.cost,
        "all_changed": len(changes_between(plan, new, 1800, instance.clock).regions),
    }


def _as_tables(instance: Instance) -> Instance:
    """The tables with the speeds that reports tell of types in the columns that there are."""
    return replace(
        instance,
        vehicles=tuple(
            replace(one, speed_percent=max(1, one.speed_percent * prod(one.told_percents) // scale))
            for one in instance.vehicles
            for scale in (100 ** len(one.told_percents),)
        ),
        edges=tuple(
            replace(one, time_s=edge_time_s(one.time_s, 100, one.told_percents)) for one in instance.edges
        ),
    )


def case_row(options: argparse.Namespace, case: int) -> dict[str, object]:
    """One case in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        row = one_case(options, case, Path(name))
        if case < options.anew and row["checked"] == "passed":
            row |= solved_anew(read_plan(options.plan), options.instance, Path(name))
    return {"seed": options.seed, "case": case} | row


def rows_of(options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """A row of results for each case, in order."""
    plan = read_plan(options.plan)
    same = facts() | {
        "instance": options.instance.name,
        "instance_digest": instance_digest(options.instance),
        "plan_status": plan.status.value,
        "plan_cost": plan.cost,
    }
    numbers = range(options.first, options.cases + options.quiet_days)
    if options.jobs == 1:
        yield from (same | case_row(options, case) for case in numbers)
        return
    with ProcessPoolExecutor(options.jobs) as pool:
        for row in pool.map(case_row, [options] * len(numbers), numbers):
            yield same | row


def _firsts(row: Mapping[str, object]) -> list[object]:
    """The first faults of a case, in words."""
    names = ("broken", "violations", *(f"{name}_first" for name in LEDGER))
    return [row[name] for name in names if row.get(name)]


def main() -> int:
    """Run all cases and write their rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plan", type=Path)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--quiet-days", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--anew", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="cases at once; seconds count with one only")
    parser.add_argument("--effort", type=int, help="as of plan replan; in place of its time limit")
    parser.add_argument("--keep", type=Path, help="folder for the files of cases with something wrong")
    parser.add_argument("--no-rows", action="store_true", help="write no rows of results")
    options = parser.parse_args()
    options.plan, options.instance = options.plan.resolve(), options.instance.resolve()
    rows = []
    for row in rows_of(options):
        rows.append(row)
        if not options.no_rows:
            append_row("replans", row)
        shown = ("case", "phase", "kinds", "wall_s", "cpu_s", "status", "on_time", "hit", "changed", "wrong")
        say(*(row.get(name, "") for name in shown), row["error"], *_firsts(row))
    walls = [float(str(row["wall_s"])) for row in rows]
    wrong = Counter(name for row in rows for name in str(row["wrong"]).split("+") if name)
    replans = sum(int(str(row["replans"])) for row in rows)
    say(f"{len(rows)} cases, {replans} replans; wrong: {dict(wrong) or 'nothing'}")
    say(f"wall: median {statistics.median(walls):.2f} s, worst {max(walls):.2f} s")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
