"""A simulated week: what happens is drawn by chance, reported, and the plan made anew every twelve hours.

python benchmarks/rolling_week.py INSTANCE --area 64.72 [--area …] [--weeks 5] [--every 12]

Truth is drawn from the distributions of ``docs/simulation.md``: each leg of each trip has its own part, days,
areas and rivers theirs, and vehicles break down and are repaired. The first plan is made by ``plan solve``.
Every twelve hours all hand-overs that have taken place are reported with their true times, drivers call who
come to their next stop more than half an hour late (they stand, or the river is slow), and the plan in force
is replanned with two seconds; what is not reported is believed to go as planned. The same
draws hold for the three columns: replanned, the first plan as it is, and a plan made for no late legs. A
checker verifies the whole chain of plans after each step: nothing is delivered twice or lost. Rows go to
benchmarks/results/rolling_week.csv; ends with 1 if the checker rejects any chain.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import append_row, facts, instance_digest, say

from planner.events.schema import Event, EventKind
from planner.instance.read import read_instance
from planner.instance.schema import Instance
from planner.plans.model import Plan
from planner.proof.check import check_plan, facts_of
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan
from planner.simulation.distributions import (
    BREAKDOWNS,
    DAY_AFTER_DAY,
    SHARES,
    relative_delay,
    repair_s,
)
from planner.simulation.hours import NEVER
from planner.simulation.model import LegModel, Model, make_model
from planner.simulation.play import Late, play
from planner.solving.options import SolveOptions
from planner.solving.pipeline import RejectedPlanError, solve

HOUR_S = 3600
SOLVE_S = 30
TOLERANCE_S = 1800


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
    model = make_model(facts_of(plan, instance.clock, instance))
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


def calls(plan: Plan, ends_s: Mapping[tuple[str, int], int], now_s: int) -> list[Event]:
    """What drivers call about: they come to their next stop more than half an hour later than planned."""
    found = []
    for trip in plan.trips:
        free_s = trip.depart_s
        for number, stop in enumerate(trip.stops):
            end_s = ends_s.get((trip.id, number), NEVER)
            if end_s > now_s:
                if free_s <= now_s and stop.end_s + TOLERANCE_S < end_s < NEVER:
                    found.append(
                        Event(
                            id=f"{trip.id}#{stop.node_id}@{now_s}",
                            time_s=now_s,
                            kind=EventKind.DELAY,
                            subject=(trip.id,),
                            until_s=end_s - (stop.end_s - stop.start_s),
                            place=stop.node_id,
                        )
                    )
                break
            free_s = end_s
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
        events += calls(plan, truth.ends_s, now_s)
        options = ReplanOptions(time_limit_s=time_limit_s, seed=seed)
        try:
            result = replan(plan, instance, events, now_s, options, previous=chain[:-1])
        except RejectedPlanError as error:
            say(f"seed {seed}, {instance.clock.text(now_s)}: {error}")
            failed += 1
            break
        verdict = check_plan(result.plan, instance.clock, instance, None, chain)
        failed += bool(verdict.violations)
        changed += len(result.regions_changed)
        plan = result.plan
        chain.append(plan)
    end = played(plan, instance, seed)
    return {"on_time": end.on_time, "replans": len(chain) - 1, "changed": changed, "failed_checks": failed}


def weeks(options: argparse.Namespace, instance: Instance, area: str) -> Iterator[dict[str, object]]:
    """A row for each week of one area."""
    asked = solve(instance, SolveOptions(time_limit_s=SOLVE_S, area=area)).plan
    plain = solve(instance, SolveOptions(time_limit_s=SOLVE_S, area=area, guarantee=0)).plan
    names = {one.area: one.area_name for one in instance.regions}
    for seed in range(1, options.weeks + 1):
        yield {
            "area": area,
            "name": names.get(area, area),
            "seed": seed,
            "time_limit_s": options.time_limit,
            "every_h": options.every,
            "regions": len(asked.regions),
            "gamma": asked.gamma,
            "status": asked.status.value,
            **week(asked, instance, seed, every_h=options.every, time_limit_s=options.time_limit),
            "first_plan": played(asked, instance, seed).on_time,
            "plan_of_gamma_0": played(plain, instance, seed).on_time,
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the weeks of the areas and write their rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instance", type=Path)
    parser.add_argument("--area", action="append", required=True)
    parser.add_argument("--weeks", type=int, default=5)
    parser.add_argument("--every", type=int, default=12)
    parser.add_argument("--time-limit", type=float, default=2.0)
    options = parser.parse_args(arguments)
    instance = read_instance(options.instance)
    same = {"instance": options.instance.name, "instance_digest": instance_digest(options.instance)}
    failed = 0
    for area in options.area:
        for row in weeks(options, instance, area):
            append_row("rolling_week", facts() | same | row)
            say(row)
            failed += int(str(row["failed_checks"]))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
