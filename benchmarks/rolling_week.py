"""A simulated week: what happens is drawn by chance, reported, and the plan made anew every twelve hours.

python benchmarks/rolling_week.py INSTANCE --area 64.72 [--area …] [--weeks 5] [--every 12] [--output FILE]

Truth is drawn from the distributions of ``docs/simulation.md``: each leg of each trip has its own part, days,
areas and rivers theirs, and vehicles break down and are repaired. The first plan is made by ``plan solve``.
Every twelve hours all hand-overs that have taken place are reported with their true times, and the plan in
force is replanned with two seconds; what is under way and not reported is believed to go as planned. The same
draws hold for the three columns: replanned, the first plan as it is, and a plan made for no late legs. A
checker verifies the whole chain of plans after each step; nothing is delivered twice or lost.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from planner.events.schema import Event, EventKind  # noqa: E402
from planner.instance.read import read_instance  # noqa: E402
from planner.instance.schema import Instance  # noqa: E402
from planner.plan import Plan  # noqa: E402
from planner.proof.check import check_plan, reckoning_of  # noqa: E402
from planner.replan.again import ReplanOptions, replan  # noqa: E402
from planner.simulate.distributions import (  # noqa: E402
    BREAKDOWNS,
    DAY_AFTER_DAY,
    SHARES,
    relative_delay,
    repair_s,
)
from planner.simulate.hours import NEVER  # noqa: E402
from planner.simulate.model import LegModel, Model, make_model  # noqa: E402
from planner.simulate.play import Late, play  # noqa: E402
from planner.solve import SolveOptions, solve  # noqa: E402

HOUR_S = 3600


class Truth:
    """What is true in one week: the same for the same seed, whatever plan is driven.

    Parameters
    ----------
    seed
        Of the week.
    model, plan
        The plan that is played.
    """

    def __init__(self, seed: int, model: Model, plan: Plan) -> None:
        self._seed = seed
        self._of = {
            id(leg): (plan.trips[trip.number].id, number)
            for trip in model.trips
            for number, leg in enumerate(trip.legs)
        }
        random = np.random.default_rng([seed, 1])
        self._stage = float(random.standard_normal())
        days = random.standard_normal((model.num_days + 1, model.num_areas + 1))
        for day in range(1, len(days)):
            days[day] = DAY_AFTER_DAY * days[day - 1] + math.sqrt(1 - DAY_AFTER_DAY**2) * days[day]
        self._weather = (days[:, 1:] + days[:, :1]) * math.sqrt(0.5)

    def of(self, leg: LegModel) -> Late:
        """Lateness of a leg, in one run."""
        trip, number = self._of[id(leg)]
        own = np.random.default_rng([self._seed, number, *trip.encode()])
        score, whether, how_long = float(own.standard_normal()), own.random(), own.random()
        relative = {}
        for mode in sorted(leg.way.modes):
            shares = SHARES[mode]
            total = (
                math.sqrt(shares.own) * score + math.sqrt(shares.weather) * self._weather[leg.day, leg.area]
            )
            total += math.sqrt(shares.stage) * self._stage
            relative[mode] = relative_delay(np.array([total]))
        expected = {
            mode: time_s / HOUR_S / BREAKDOWNS[mode].every_h for mode, time_s in leg.way.time_of.items()
        }
        repair = None
        if expected and whether < -math.expm1(-sum(expected.values())):
            mode = max(expected, key=lambda one: expected[one])
            repair = np.rint(repair_s(BREAKDOWNS[mode], np.array([how_long]))).astype(np.int64)
        return Late(relative, repair)


@dataclass(frozen=True)
class Played:
    """When each service ends in truth: by trip and stop."""

    ends_s: Mapping[tuple[str, int], int]
    on_time: int


def played(plan: Plan, instance: Instance, seed: int) -> Played:
    """A plan as it goes in one week."""
    model = make_model(reckoning_of(plan, instance.clock, instance))
    truth = Truth(seed, model, plan)
    late: set[int] = set()
    ends: dict[tuple[str, int], int] = {}
    for served in play(model, truth, 1):
        end_s = int(served.ends_s[0])
        ends[plan.trips[served.trip].id, served.stop] = end_s
        deadline_s = served.service.deadline_s
        if deadline_s is not None and end_s >= deadline_s:
            late.update(served.service.regions)
    good = sum(delivered and number not in late for number, delivered in enumerate(model.delivered))
    return Played(ends, good)


def reports(plan: Plan, ends_s: Mapping[tuple[str, int], int], known: set[str], now_s: int) -> list[Event]:
    """What has taken place and was not reported yet."""
    found = []
    for trip in plan.trips:
        for number, stop in enumerate(trip.stops):
            end_s = ends_s.get((trip.id, number), NEVER)
            name = f"{trip.id}#{stop.node_id}"
            if end_s <= now_s and name not in known and (stop.deliveries or stop.items):
                known.add(name)
                found.append(
                    Event(
                        id=name,
                        time_s=now_s,
                        kind=EventKind.DELIVERED,
                        subject=(trip.id,),
                        from_s=end_s,
                        place=stop.node_id,
                    )
                )
    return found


def week(
    first: Plan, instance: Instance, seed: int, *, every_h: int, time_limit_s: float
) -> dict[str, object]:
    """One week with replanning: regions on time, replans, changes."""
    plan, chain, events, known = first, [first], [], set[str]()
    start = min(trip.load_start_s for trip in first.trips) // (12 * HOUR_S) * (12 * HOUR_S)
    last = max(one.deadline_s for one in first.regions)
    changed = failed = 0
    now_s = start
    while now_s < last:
        now_s += every_h * HOUR_S
        truth = played(plan, instance, seed)
        events += reports(plan, truth.ends_s, known, now_s)
        options = ReplanOptions(time_limit_s=time_limit_s, seed=seed)
        result = replan(plan, instance, events, now_s, options, previous=chain[:-1])
        verdict = check_plan(result.plan, instance.clock, instance, None, chain)
        failed += bool(verdict.violations)
        changed += len(result.regions_changed)
        plan = result.plan
        chain.append(plan)
    end = played(plan, instance, seed)
    return {"on_time": end.on_time, "replans": len(chain) - 1, "changed": changed, "failed_checks": failed}


def rows(
    instance: Instance, area: str, weeks: int, every_h: int, time_limit_s: float
) -> list[dict[str, object]]:
    """All weeks of one area."""
    found = []
    asked = solve(instance, SolveOptions(time_limit_s=30, area=area)).plan
    plain = solve(instance, SolveOptions(time_limit_s=30, area=area, guarantee=0)).plan
    for seed in range(1, weeks + 1):
        row: dict[str, object] = {
            "area": area,
            "seed": seed,
            "regions": len(asked.regions),
            "gamma": asked.gamma,
        }
        row |= week(asked, instance, seed, every_h=every_h, time_limit_s=time_limit_s)
        row["first_plan"] = played(asked, instance, seed).on_time
        row["plan_of_gamma_0"] = played(plain, instance, seed).on_time
        found.append(row)
        print(row, flush=True)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the weeks of the areas and write their rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instance", type=Path)
    parser.add_argument("--area", action="append", required=True)
    parser.add_argument("--weeks", type=int, default=5)
    parser.add_argument("--every", type=int, default=12)
    parser.add_argument("--time-limit", type=float, default=2.0)
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "rolling_week.csv")
    asked = parser.parse_args(arguments)
    instance = read_instance(asked.instance)
    found = [
        row for area in asked.area for row in rows(instance, area, asked.weeks, asked.every, asked.time_limit)
    ]
    with asked.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    for area in asked.area:
        mine = [row for row in found if row["area"] == area]
        total = sum(int(str(row["regions"])) for row in mine)
        shares = {
            name: sum(int(str(row[name])) for row in mine) / total
            for name in ("on_time", "first_plan", "plan_of_gamma_0")
        }
        print(area, {name: f"{100 * share:.2f} %" for name, share in shares.items()})


if __name__ == "__main__":
    main()
