"""Replans of a plan after generated events: how long, how many regions change, and against solving anew.

python benchmarks/replan.py PLAN INSTANCE [--cases 100] [--anew 10] [--seed 1] [--output FILE]

Each case draws a moment between the first and the last loading of the plan and one to ten events of mixed
kinds (delays, breakdowns, closures, slow roads, more demand, damaged goods, vehicles lost and added, docks)
from its own seed; what it draws is by the share of trips and regions, not by what is easy. The time is that
of the whole command in a fresh process, imports, reading and check included. Some cases are compared with the
whole solved anew, as if nothing had happened yet: regions changed, people called, cost.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from planner.events.schema import COLUMNS  # noqa: E402
from planner.instance.read import read_instance  # noqa: E402
from planner.instance.schema import Instance  # noqa: E402
from planner.plan import Plan, StepKind, Trip  # noqa: E402
from planner.plan_file import read_plan  # noqa: E402

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


def cases(plan_path: Path, folder: Path, number: int, seed: int, anew: int) -> Iterator[dict[str, object]]:
    """A row of results for each case."""
    plan = read_plan(plan_path)
    instance = read_instance(folder)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for case in range(number):
            drawn = draw(plan, instance, seed + case)
            events, output = work / f"{case}.csv", work / f"{case}.json"
            write_events(drawn.rows, events)
            began = time.perf_counter()
            arguments = [
                "replan", str(plan_path), "--events", str(events), "--now", instance.clock.text(drawn.now_s),
                "--instance", str(folder), "--output", str(output), "--json",
            ]  # fmt: skip
            done = _run(arguments)
            wall_s = time.perf_counter() - began
            row: dict[str, object] = {
                "case": case,
                "now": instance.clock.text(drawn.now_s),
                "events": len(drawn.rows),
                "kinds": "+".join(sorted({one["kind"] for one in drawn.rows})),
                "exit": done.returncode,
                "wall_s": round(wall_s, 2),
                "checked": done.returncode in (0, 3),
            }
            if done.returncode in (0, 3):
                figures = json.loads(done.stdout)
                row |= {
                    "status": figures["status"],
                    "on_time": figures["regions_on_time"],
                    "hit": len(figures["regions_hit"]),
                    "changed": len(figures["regions_changed"]),
                    "changed_share": round(len(figures["regions_changed"]) / figures["regions_total"], 5),
                    "called": len(figures["vehicles_called"]) + len(figures["hubs_called"]),
                    "cost": figures["cost"],
                }
                if case < anew:
                    row |= _anew(plan, folder, drawn, work / f"{case}-anew.json", instance)
            else:
                row["error"] = done.stderr.strip().splitlines()[-1][:200] if done.stderr.strip() else ""
            yield row


def _run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    code = "from planner.cli import main\nif __name__ == '__main__': main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


def _anew(plan: Plan, folder: Path, drawn: Draw, output: Path, instance: Instance) -> dict[str, object]:
    """The whole solved anew with the same tables, as one would without a replan."""
    from planner.replan.changes import changes_between

    done = _run(["solve", str(folder), "--output", str(output), "--json", "--time-limit", "45"])
    if done.returncode not in (0, 3):
        return {"anew_exit": done.returncode}
    other = read_plan(output)
    changes = changes_between(plan, other, 1800, instance.clock)
    return {"anew_changed": len(changes.regions), "anew_called": changes.people, "anew_cost": other.cost}


def main() -> None:
    """Run all cases and write their rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plan", type=Path)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--anew", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "replan.csv")
    asked = parser.parse_args()
    rows = []
    for row in cases(asked.plan.resolve(), asked.instance.resolve(), asked.cases, asked.seed, asked.anew):
        rows.append(row)
        print(json.dumps(row), flush=True)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with asked.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    good = [row for row in rows if row["checked"]]
    walls = [float(str(row["wall_s"])) for row in rows]
    shares = [float(str(row["changed_share"])) for row in good]
    print(
        f"{len(good)} of {len(rows)} checked; "
        f"wall: median {statistics.median(walls):.2f} s, worst {max(walls):.2f} s"
    )
    if shares:
        print(f"share of regions changed: median {statistics.median(shares):.4f}, worst {max(shares):.4f}")


if __name__ == "__main__":
    main()
