"""Days at two desks: reports out of order, doubled, corrected, contradicted, until only the truth is left.

python benchmarks/replan_day.py PLAN INSTANCE [--days 20] [--reports 60] [--seed 1]

For each day a truth is drawn: how late each trip of the plan is, step by step, what waits for it as late as
it is. Some `--reports` of its facts (loaded, departed, arrived, delivered) are told by two desks whose clocks
differ by two minutes, in any order; some twice by both, some first wrongly and then taken back and told
again, some contradicted by the other desk. At last the false reports are taken back. Then each fact that was
told has to be confirmed at its true moment, and the state of all trips has to be the same as after the true
reports alone, told once and in order. After it a replan has to come with a plan that passes the check.

Rows go to benchmarks/results/replan_day.csv; ends with 1 if a day ends otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from common import append_row, facts, instance_digest, measure, plan_command, say

from planner.base.errors import InputError
from planner.events.adding import add_report
from planner.events.read import read_events
from planner.events.schema import COLUMNS
from planner.instance.read import read_instance
from planner.instance.schema import Instance
from planner.plans.file import read_plan
from planner.plans.model import Plan, Trip
from planner.replanning.state import Known, State, state_of

MINUTE_S = 60
CLOCKS_APART_S = 120
DESKS = ("Sari", "Budi")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is true: what, of which trip, where, and when (seconds from the plan's start)."""

    kind: str
    trip: str
    place: str
    number: int
    at_s: int


def truth_of(plan: Plan, until_s: int, random: Random) -> list[Fact]:
    """What really happens until a moment; what waits for a late trip is at least as late as it."""
    late_at: dict[str, int] = {}  # by vehicle, and by place that goods come from or are loaded at
    found: list[Fact] = []
    for trip in sorted(plan.trips, key=lambda one: (one.load_start_s, one.id)):
        late_s = max(late_at.get(trip.vehicle_id, 0), late_at.get(trip.origin_id, 0))
        late_s += _more(random)
        late_at[trip.origin_id] = max(late_at.get(trip.origin_id, 0), late_s)
        found.append(Fact("loaded", trip.id, trip.origin_id, -1, trip.depart_s + late_s))
        first = trip.stops[0].leg.depart_s if trip.stops else trip.depart_s
        found.append(Fact("departed", trip.id, trip.origin_id, -1, first + late_s))
        for number, stop in enumerate(trip.stops):
            late_s += _more(random)
            found.append(Fact("arrived", trip.id, stop.node_id, number, stop.leg.arrive_s + late_s))
            found.append(Fact("delivered", trip.id, stop.node_id, number, stop.end_s + late_s))
            late_at[stop.node_id] = max(late_at.get(stop.node_id, 0), late_s)
        late_at[trip.vehicle_id] = late_s
    return [one for one in found if one.at_s <= until_s]


def _more(random: Random) -> int:
    return random.choice((0, 0, 0, 0, 0, 0, 3, 8)) * MINUTE_S


class Day:
    """Tells the facts of one day."""

    def __init__(self, plan: Plan, instance: Instance, now_s: int, table: Path, random: Random) -> None:
        self.plan, self.instance, self.now_s, self.table, self.random = plan, instance, now_s, table, random
        self.counts = dict.fromkeys(
            ("told", "twice", "asked", "corrected", "contradicted", "disputed", "late"), 0
        )
        self.false: set[str] = set()
        self.refused: list[Fact] = []
        self.broken: list[str] = []
        table.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")

    def tell(self, fact: Fact, desk: int, *, at_s: int | None = None) -> str:
        """Enter a fact as a desk tells it; its id, or nothing where it is refused."""
        text = self.instance.clock.text
        moment_s = fact.at_s if at_s is None else at_s
        told_s = self.random.randint(min(moment_s, self.now_s), self.now_s)
        cells = {
            "time": text(told_s + CLOCKS_APART_S * desk), "kind": fact.kind, "subject": fact.trip,
            "place": "" if fact.kind == "loaded" else fact.place, "from": text(moment_s), "by": DESKS[desk],
        }  # fmt: skip
        return self._enter(cells)

    def _enter(self, cells: Mapping[str, str]) -> str:
        try:
            new = add_report(self.table, cells, self.instance, self.plan, self.now_s)
        except InputError as error:
            codes = {one.code for one in error.faults}
            self.counts["asked"] += codes == {"E961"}
            return "" if codes != {"E961"} else "told before"
        except Exception as error:
            self.broken.append(f"{cells['kind']}: {type(error).__name__}: {error}")
            return ""
        self.counts["disputed"] += bool(new.disputed)
        return new.event.id

    def take_back(self, name: str) -> None:
        """Take a report back, as the other desk finds out."""
        text = self.instance.clock.text(self.now_s)
        self._enter({"time": text, "kind": "void", "subject": name, "by": DESKS[0]})

    def tell_all(self, told: list[Fact]) -> None:
        """Enter all, in any order, with what goes wrong; then settle it."""
        order = list(told)
        self.random.shuffle(order)
        for fact in order:
            desk, other = self.random.sample((0, 1), 2)
            what = self.random.choice(("", "", "", "twice", "corrected", "contradicted"))
            wrong_s = min(self.now_s, fact.at_s + self.random.choice((-90, -40, 40, 90)) * MINUTE_S)
            if what == "corrected":
                name = self.tell(fact, desk, at_s=wrong_s)
                if name.startswith("E"):
                    self.counts["corrected"] += 1
                    self.take_back(name)
            if what == "contradicted" and self.random.random() < 0.5:
                self._contradict(fact, other, wrong_s)
            name = self.tell(fact, desk)
            self.counts["told"] += bool(name)
            if not name:
                self.refused.append(fact)
            if what == "twice":
                self.counts["twice"] += 1
                self.tell(fact, other)
            elif what == "contradicted":
                self._contradict(fact, other, wrong_s)
        for name in sorted(self.false):
            self.take_back(name)
        for fact in self.refused:  # refused beside what was false, told again now
            self.counts["late"] += bool(self.tell(fact, 0))

    def _contradict(self, fact: Fact, desk: int, wrong_s: int) -> None:
        name = self.tell(fact, desk, at_s=wrong_s)
        if name.startswith("E"):
            self.counts["contradicted"] += 1
            self.false.add(name)


def state(plan: Plan, instance: Instance, table: Path, now_s: int) -> State:
    """What is known and expected by the reports of a table."""
    return state_of(plan, instance, read_events(table, instance, plan, now_s), now_s)


def untrue(seen: State, told: list[Fact]) -> Iterator[str]:
    """Facts that were told and are not known, or are known otherwise."""
    trips = {one.planned.id: one for one in seen.trips}
    for fact in told:
        one = trips[fact.trip]
        known = {"loaded": one.loaded, "departed": one.departed}.get(fact.kind)
        if known is None and fact.kind == "delivered":
            known = one.stops[fact.number]
        if known not in (None, Known.CONFIRMED):
            yield f"{fact.trip}: {fact.kind} {fact.place} is {known}"
        at_s = _moment(one.trip, fact)
        if at_s != fact.at_s:
            yield f"{fact.trip}: {fact.kind} {fact.place} at {at_s}, in truth at {fact.at_s}"


def _moment(trip: Trip, fact: Fact) -> int:
    if fact.kind == "loaded":
        return trip.depart_s
    if fact.kind == "departed":
        return trip.stops[0].leg.depart_s
    stop = trip.stops[fact.number]
    return stop.leg.arrive_s if fact.kind == "arrived" else stop.end_s


def one_day(options: argparse.Namespace, seed: int, work: Path) -> dict[str, object]:
    """The figures of one day."""
    random = Random(f"day {seed}")
    plan, instance = read_plan(options.plan), read_instance(options.instance)
    ends = sorted(one.end_s for one in plan.trips)
    now_s = random.randint(ends[len(ends) // 4], ends[-1])
    every = truth_of(plan, now_s - MINUTE_S, random)
    told = random.sample(every, min(options.reports, len(every)))
    day = Day(plan, instance, now_s, work / "plan.events.csv", random)
    day.tell_all(told)
    clean = Day(plan, instance, now_s, work / "clean.events.csv", random)
    for fact in sorted(told, key=lambda one: (one.at_s, one.number)):
        clean.tell(fact, 0)
    seen, right = (state(plan, instance, one.table, now_s) for one in (day, clean))
    wrong = list(untrue(seen, told))
    unlike = [
        one.planned.id
        for one, other in zip(seen.trips, right.trips, strict=True)
        if replace(one, last_report_s=None) != replace(other, last_report_s=None)
    ]
    done = measure(
        plan_command(
            *("replan", options.plan, "--events", day.table, "--now", instance.clock.text(now_s)),
            *("--instance", options.instance, "--output", work / "replan.json", "--json", "--quiet"),
        )
    )
    return {
        "seed": seed,
        "now": instance.clock.text(now_s),
        **day.counts,
        "facts": len(told),
        "untrue": len(wrong),
        "untrue_first": "; ".join(wrong[:2])[:300],
        "unlike": len(unlike),
        "unlike_first": " ".join(unlike[:3]),
        "broken": "; ".join(day.broken)[:300],
        "exit_code": done.code,
        "wall_s": f"{done.wall_s:.2f}",
        "error": "" if done.figures else " ".join(line for _, line in done.said)[:300],
    }


def main() -> int:
    """Tell all days and write their rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plan", type=Path)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--reports", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-rows", action="store_true", help="write no rows of results")
    options = parser.parse_args()
    options.plan, options.instance = options.plan.resolve(), options.instance.resolve()
    bad = 0
    for seed in range(options.seed, options.seed + options.days):
        with tempfile.TemporaryDirectory() as name:
            row = one_day(options, seed, Path(name))
        known = facts() | {"instance": options.instance.name, "digest": instance_digest(options.instance)}
        if not options.no_rows:
            append_row("replan_day", known | row)
        wrong = bool(row["untrue"] or row["unlike"] or row["broken"] or row["exit_code"] not in (0, 3))
        bad += wrong
        say(*(f"{key} {value}" for key, value in row.items() if value not in ("", 0)))
    say(f"{options.days} days, {bad} that end otherwise than in truth")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
