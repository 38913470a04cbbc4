"""Replans of a plan after generated events: how long, how many regions change, and against solving anew.

python benchmarks/replan.py PLAN INSTANCE [--cases 100] [--anew 10] [--seed 1]

Each case draws a moment between the first and the last loading of the plan and one to ten events of mixed
kinds (delays, breakdowns, closures, slow roads, more demand, damaged goods, vehicles lost and added, docks)
from its own seed; what it draws is by the share of trips and regions, not by what is easy. The time is that
of the whole command in a fresh process, imports, reading and check included. Some cases are compared with the
whole solved anew from the tables with the reports applied, as if nothing had been driven yet: regions
changed, people called, cost. Rows go to benchmarks/results/replan.csv; ends with 1 if a case was not checked.
"""

from __future__ import annotations

import argparse
import csv
import resource
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from common import append_row, facts, instance_digest, measure, plan_command, say

from planner.events.apply import effective
from planner.events.read import read_events
from planner.events.schema import COLUMNS
from planner.instance.read import read_instance
from planner.instance.schema import Instance
from planner.instance.write import write_instance
from planner.plans.file import read_plan
from planner.plans.model import Plan, StepKind, Trip
from planner.replanning.changes import changes_between

KINDS = (
    ("delay", 40), ("breakdown", 10), ("closure", 10), ("speed", 5), ("demand", 8), ("damaged", 8),
    ("vehicle_lost", 6), ("vehicle_added", 4), ("dock", 4), ("missing", 5),
)  # fmt: skip
MOST_EVENTS = 10


@dataclass(frozen=True)
class Draw:
    """A case: the moment and its events as rows of the table."""

    now_s: int
    rows: tuple[dict[str, str], ...]


def draw(plan: Plan, instance: Instance, seed: int) -> Draw:
    """One case; the same seed gives the same one."""
    random = Random(seed)
    starts = sorted(trip.load_start_s for trip in plan.trips)
    now_s = random.randrange(starts[0], starts[-1] * 9 // 10 + starts[0] // 10) // 60 * 60
    number = random.randint(1, MOST_EVENTS)
    names, weights = zip(*KINDS, strict=True)
    rows: list[dict[str, str]] = []
    seen: set[tuple[str, str]] = set()
    for position, kind in enumerate(random.choices(names, weights, k=number)):
        row = _row(kind, plan, instance, now_s, random)
        about = kind in ("breakdown", "vehicle_lost", "delay")
        key = ("vehicle" if about else kind, "" if row is None else row["subject"])
        if row is not None and key not in seen:
            seen.add(key)
            rows.append({"id": f"b{position:02d}", "time": instance.clock.text(now_s), "kind": kind, **row})
            if kind == "demand":  # what is added must come from somewhere
                warehouse = instance.region_of[row["subject"]].warehouse
                more = {"time": instance.clock.text(now_s), "kind": "stock", "subject": warehouse}
                rows += [
                    {"id": f"b{position:02d}-{one.id}", **more, "item": one.id, "value": "1000"}
                    for one in instance.items
                    if any(row.item == one.id and row.warehouse == warehouse for row in instance.stock)
                ]
    return Draw(now_s, tuple(rows))


def _row(  # noqa: C901, PLR0911 - one kind after another
    kind: str, plan: Plan, instance: Instance, now_s: int, random: Random
) -> dict[str, str] | None:
    under_way = [trip for trip in plan.trips if trip.depart_s < now_s < trip.end_s]
    ahead = [trip for trip in plan.trips if trip.load_start_s >= now_s]
    vehicles = sorted({trip.vehicle_id for trip in (*under_way, *ahead)})
    if kind == "delay" and (under_way or ahead):
        trip = random.choice(under_way or ahead)
        return {"subject": trip.vehicle_id, "value": f"{random.randint(2, 24) * 10}min"}
    if kind == "breakdown" and under_way:
        taken = random.choice(under_way)
        return {"subject": taken.vehicle_id}
    if kind == "closure" and ahead:
        edges = _edges(random.choice(ahead))
        if edges:
            until = instance.clock.text(now_s + random.randint(2, 12) * 3600)
            return {"subject": random.choice(edges), "until": until}
    if kind == "speed" and ahead:
        edges = _edges(random.choice(ahead))
        if edges:
            return {"subject": random.choice(edges), "value": str(random.choice((50, 70, 80)))}
    if kind in ("damaged", "missing", "demand"):
        region = random.choice(instance.regions)
        if kind == "demand":
            return {"subject": region.id, "value": "1"}
        items = [one.id for one in instance.items if one.per == instance.settings.unit]
        return {"subject": region.id, "value": "1", "item": random.choice(items)}
    if kind == "vehicle_lost" and vehicles:
        return {"subject": random.choice(vehicles)}
    if kind == "vehicle_added":
        return {"subject": random.choice(instance.vehicles).id, "value": "1"}
    if kind == "dock":
        place = random.choice(
            [one for one in (*instance.warehouses, *instance.hubs) if one.docks > 1] or [None]
        )
        if place is not None:
            until = instance.clock.text(now_s + random.randint(2, 12) * 3600)
            return {"subject": place.id, "value": str(place.docks - 1), "until": until}
    return None


def _edges(trip: Trip) -> list[str]:
    legs = [stop.leg for stop in trip.stops]
    return sorted({step.ref for leg in legs for step in leg.path if step.kind is not StepKind.KNOWN})


def write_events(rows: Sequence[dict[str, str]], path: Path) -> None:
    """The table of a case."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)


def one_case(plan_path: Path, folder: Path, drawn: Draw, work: Path) -> dict[str, object]:
    """The figures of one replan, by the command line alone."""
    clock = read_instance(folder).clock
    events, output = work / "events.csv", work / "replan.json"
    write_events(drawn.rows, events)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = measure(
        plan_command(
            *("replan", plan_path, "--events", events, "--now", clock.text(drawn.now_s)),
            *("--instance", folder, "--output", output, "--force", "--json", "--quiet"),
        )
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = done.figures
    hit, changed = figures.get("regions_hit"), figures.get("regions_changed")
    return {
        "now": clock.text(drawn.now_s),
        "events": len(drawn.rows),
        "kinds": "+".join(sorted({one["kind"] for one in drawn.rows})),
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
        "error": "" if figures or not done.said else done.said[-1][1][:200],
    }


def solved_anew(plan: Plan, folder: Path, work: Path) -> Mapping[str, object]:
    """The tables with the reports applied, solved anew: what that changes for people."""
    instance = read_instance(folder)
    told = read_events(work / "events.csv", instance, plan)
    write_instance(work / "tables", effective(instance, told))
    output = work / "anew.json"
    done = measure(plan_command("solve", work / "tables", "--output", output, "--json", "--quiet"))
    if done.code not in (0, 3):
        return {"anew_exit_code": done.code}
    other = read_plan(output)
    changes = changes_between(plan, other, 1800, instance.clock)
    return {
        "anew_exit_code": done.code,
        "anew_wall_s": f"{done.wall_s:.1f}",
        "anew_on_time": other.regions_on_time,
        "anew_changed": len(changes.regions),
        "anew_called": changes.people,
        "anew_cost": other.cost,
        "all_changed": len(
            changes_between(plan, read_plan(work / "replan.json"), 1800, instance.clock).regions
        ),
    }


def cases(options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """A row of results for each case."""
    plan, instance = read_plan(options.plan), read_instance(options.instance)
    same = {
        "instance": options.instance.name,
        "instance_digest": instance_digest(options.instance),
        "plan_status": plan.status.value,
        "plan_cost": plan.cost,
    }
    for case in range(options.cases):
        drawn = draw(plan, instance, options.seed + case)
        with tempfile.TemporaryDirectory() as name:
            row = one_case(options.plan, options.instance, drawn, Path(name))
            if case < options.anew and row["checked"] == "passed":
                row |= solved_anew(plan, options.instance, Path(name))
        yield facts() | same | {"seed": options.seed + case} | row


def main() -> int:
    """Run all cases and write their rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plan", type=Path)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--anew", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.plan, options.instance = options.plan.resolve(), options.instance.resolve()
    rows = []
    for row in cases(options):
        rows.append(row)
        append_row("replan", row)
        shown = ("seed", "kinds", "wall_s", "cpu_s", "status", "on_time", "hit", "changed")
        say(*(row[name] for name in shown))
    walls = [float(str(row["wall_s"])) for row in rows]
    good = sum(row["checked"] == "passed" for row in rows)
    median = statistics.median(walls)
    say(f"{good} of {len(rows)} checked; wall: median {median:.2f} s, worst {max(walls):.2f} s")
    return int(good < len(rows))


if __name__ == "__main__":
    sys.exit(main())
