"""A few tiny runs in which every rule of the register is at stake, and what they call."""

import sys
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.instance.schema import (
    Chain,
    Closure,
    Deadline,
    Decision,
    DecisionRule,
    KnownTrip,
    Outage,
    Split,
    Stock,
)
from planner.plans.file import read_claims
from planner.proof.check import check_plan
from planner.proof.verdict import Verdict
from planner.propose.sisr import engine
from planner.replanning.pipeline import ReplanOptions, replan
from planner.solving.pipeline import SolveOptions, solve
from tests import hub_plan
from tests.chain_worlds import chain_world
from tests.worlds import HOUR, road, store, truck, village, world

QUICK = SolveOptions(effort=1, workers=0)
AREAS = {"A": "1", "B": "1", "C": "2", "D": "2", "E": "3"}
PRICES = {"price_trip": 1000, "price_km": 10, "price_day": 5}


@dataclass(frozen=True)
class Run:
    """What a run called, and what the check says of its plan."""

    name: str
    called: frozenset
    verdict: Verdict

    def judges(self, rule):
        """Whether the check had anything to judge by a rule."""
        return self.verdict.rules[rule].cases > 0


def watched(name, run):
    """What a run calls, as code."""
    called = set()

    def hear(frame, event, _):
        if event == "call":
            called.add(frame.f_code)

    sys.setprofile(hear)
    try:
        found = run()
    finally:
        sys.setprofile(None)
    return found, Run(name, frozenset(called), found.verdict)


def plain(*decisions, **more):
    """Five villages in reach of two trucks, with hours, a closure, a known trip and limits of work."""
    edges = [
        *(road(f"w{name}", "W", name, 1200 * (at + 1)) for at, name in enumerate(AREAS)),
        road("AB", "A", "B", 600),
        road("CD", "C", "D", 600),
    ]
    tables = {
        "warehouses": (store(docks=1, calendar="shift"),),
        "closures": (Closure(id="c", edge="wA", from_s=0, until_s=9 * HOUR),),
        "deadlines": (Deadline(place="A", release_s=HOUR),),
        "known_trips": (KnownTrip(id="k", from_node="A", to_node="C", time_s=900, distance_m=5000),),
        "decisions": decisions,
    } | more
    kind = truck(number=2, mass_kg=20, calendar="shift", work_s=9 * HOUR, **PRICES)
    regions = [village(name, area=area, split=Split.SAME_DAY) for name, area in AREAS.items()]
    return world(regions, [kind], edges, **tables)


def decided(number, rule, subject, value=""):
    return Decision(id=f"D{number}", rule=DecisionRule(rule), subject=subject, value=value)


@cache
def runs():
    """All runs, each once."""
    proposed, engine._PER_EFFORT = engine._PER_EFFORT, 300
    try:
        return tuple(_runs())
    finally:
        engine._PER_EFFORT = proposed


def _runs():
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        first, run = watched("plain", lambda: solve(plain(), replace(QUICK, guarantee=1), output=path))
        plan, clock, claims = read_claims(path)
    yield replace(run, verdict=check_plan(plan, clock, plain(), claims))  # with what only a file says
    decisions = (
        decided(1, "use", "A", "T"),
        decided(2, "never_use", "B", "T-02"),
        decided(3, "day", "C", "2024-11-22"),
        decided(4, "depart_at", "T", "08:00+10:00+13:00"),
        decided(5, "together", "C", "D"),
        decided(6, "leave_out", "E"),
    )
    yield watched("decisions", lambda: solve(plain(*decisions), QUICK))[1]
    area = replace(QUICK, base=first.plan, area="2")
    yield watched("area", lambda: solve(plain(decided(1, "keep", "A")), area))[1]
    short = plain(
        deadline_s=10 * HOUR,
        outages=(Outage(id="o", subject="T-02", from_s=0, until_s=9 * HOUR),),
        stock=(
            Stock(warehouse="W", item="box", quantity=3),
            Stock(warehouse="W", item="box", quantity=1, available_s=8 * HOUR),
        ),
    )
    yield watched("short", lambda: solve(short, QUICK))[1]
    for chain in (Chain.REQUIRED, Chain.ALLOWED):
        hubs = chain_world(("transfer", "via", "docks", "storage", "hub_deadline"), 1, chain=chain)
        yield watched(f"hubs {chain.value}", partial(solve, hubs, QUICK))[1]
    stands = Event(id="e", time_s=25_600, kind=EventKind.BREAKDOWN, subject=("TRUCK-01",), from_s=25_600)
    instance, plan = with_two_trucks()
    yield watched("replan", lambda: replan(plan, instance, (stands,), 25_600, ReplanOptions(effort=1)))[1]


def with_two_trucks():
    """The plan with one hub, and a second truck that may fetch what the first one has aboard."""
    kinds = tuple(replace(one, number=2) for one in hub_plan.INSTANCE.vehicles)
    instance = replace(hub_plan.INSTANCE, vehicles=kinds)
    return instance, replace(hub_plan.PLAN, instance_digest=digest(instance))
