"""Plans made false in some seventy ways, each still a well-formed file with a digest that fits.

A forger changes one thing and may then make every claim that follows from it true again (costs, receipts,
answers: `consistent`), so that only what nobody can do is left to be found. `tests/physics.py` judges what is
left by arithmetic of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from random import Random
from typing import Any

from forged_kinds import HOUR, KINDS, Draft
from replans import replanned, row

from planner.base.errors import InputError
from planner.instance.schema import Instance
from planner.plans import model
from planner.plans.file import plan_digest, plan_from_text, plan_to_text
from planner.plans.model import Plan, Status
from planner.proof.check import ancestry_of, check_plan, checked, facts_of
from planner.proof.costs import own_paid_s, total_cost, trip_cost
from planner.proof.evidence import Ancestry
from planner.proof.rules.answer import component_status
from planner.proof.rules.cost import component_trips


@dataclass
class Case:
    """A true plan with what the check may know beside it."""

    name: str
    plan: Plan
    instance: Instance
    previous: tuple[Plan, ...] = ()

    @cached_property
    def before(self) -> Ancestry:
        """The plans before it, each checked once for all forgeries."""
        return ancestry_of(self.plan, self.previous, self.instance.clock, self.instance)


def cases_of(name: str, plan: Plan, instance: Instance, moments: int = 3) -> Iterator[Case]:
    """A plan, replans of it at some moments (as planned, and with a trip that left late), and of these."""
    yield Case(name, plan, instance)
    ends = sorted(trip.end_s for trip in plan.trips)
    for number in range(moments):
        now_s = max(1, ends[len(ends) * number // moments] - HOUR // 4)
        calm = replanned(plan, instance, (), now_s)
        yield Case(f"{name}, replan {number}", calm, instance, (plan,))
        under_way = [trip for trip in plan.trips if trip.depart_s + 600 <= now_s]
        if not under_way:
            continue
        trip = under_way[-1]
        told = row("E1", now_s, "departed", trip.id, instance.clock, from_time=trip.depart_s + 600)
        late = replanned(plan, instance, (told,), now_s)
        if check_plan(late, instance.clock, instance, previous=(plan,)).passed:
            yield Case(f"{name}, late {number}", late, instance, (plan,))
            again = replanned(late, instance, (told,), now_s + HOUR)
            yield Case(f"{name}, again {number}", again, instance, (plan, late))


# ---------------------------------------------------------------- plans that can be changed


def draft_of(plan: Plan) -> Draft:
    """A plan as nested dicts and lists."""
    return _loose(asdict(plan))


def _loose(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _loose(one) for key, one in value.items()}
    return [_loose(one) for one in value] if isinstance(value, list | tuple) else copy.copy(value)


def plan_of(draft: Draft) -> Plan:
    """The plan of a draft."""
    replan = draft["replan"]
    return Plan(
        **draft
        | {
            "components": tuple(
                model.Component(**one | {"regions": tuple(one["regions"]), "proofs": _proofs(one["proofs"])})
                for one in draft["components"]
            ),
            "trips": tuple(_trip(one) for one in draft["trips"]),
            "regions": tuple(model.RegionResult(**one) for one in draft["regions"]),
            "replan": None
            if replan is None
            else model.Replan(
                **replan
                | {
                    "events": tuple(model.EventRow(**one) for one in replan["events"]),
                    "moved": tuple(model.Moved(**one | {"to": tuple(one["to"])}) for one in replan["moved"]),
                }
            ),
        }
    )


def _proofs(rows: list[Draft]) -> tuple[model.Proof, ...]:
    return tuple(
        model.Proof(**one | {"regions": tuple(one["regions"]), "edges": tuple(one["edges"])}) for one in rows
    )


def _leg(one: Draft | None) -> model.Leg | None:
    return None if one is None else model.Leg(**one | {"path": tuple(model.Step(**it) for it in one["path"])})


def _deliveries(rows: list[Draft]) -> tuple[model.Delivery, ...]:
    return tuple(model.Delivery(**one) for one in rows)


def _goods(rows: list[Draft]) -> tuple[model.Goods, ...]:
    return tuple(model.Goods(**one) for one in rows)


def _trip(one: Draft) -> model.Trip:
    stops = tuple(
        model.Stop(
            **stop
            | {
                "leg": _leg(stop["leg"]),
                "deliveries": _deliveries(stop["deliveries"]),
                "items": _goods(stop["items"]),
                "fetched": _deliveries(stop["fetched"]),
            }
        )
        for stop in one["stops"]
    )
    broken = one["broken"]
    if broken is not None:
        more = {"deliveries": _deliveries(broken["deliveries"]), "items": _goods(broken["items"])}
        broken = model.Broken(**broken | more | {"leg": _leg(broken["leg"])})
    return model.Trip(**one | {"stops": stops, "back": _leg(one["back"]), "broken": broken})


def consistent(plan: Plan, instance: Instance) -> Plan:
    """The plan with all claims that follow from its trips made true, the answer as good as it may be."""
    seen = facts_of(plan, instance.clock, instance)
    trips = tuple(
        view.trip
        if view.kind is None
        else replace(
            view.trip,
            mass_g=view.load.mass_g,
            volume_cm3=view.load.volume_cm3,
            pieces=view.load.pieces,
            paid_s=own_paid_s(seen, view, view.kind),
            cost=trip_cost(seen, view, view.kind),
        )
        for view in seen.trips
    )
    regions = []
    for one in plan.regions:
        region = instance.region_of.get(one.region_id)
        if region is None:
            regions.append(one)
            continue
        status, late = seen.status(region), seen.status(region) != "on_time"
        result = replace(
            one,
            status=status,
            received_s=seen.received[region.id] if seen.world.kit.needs(region) else None,
            reason=(one.reason or model.ReasonCode.NOT_DETERMINED) if late else "",
            deadline_s=seen.world.deadline_s(region),
        )
        regions.append(result)
    plan = replace(plan, trips=trips, regions=tuple(regions))
    seen = facts_of(plan, instance.clock, instance)
    components = []
    for idx, one in enumerate(plan.components):
        status = component_status(seen, idx)
        status = Status.ON_TIME if status is Status.GUARANTEED else status
        cost = total_cost(seen, component_trips(seen, one))
        bound = None if status not in (Status.ON_TIME, Status.LATE) else one.lower_bound
        components.append(replace(one, status=status, cost=cost, lower_bound=bound))
    worst = Status.worst_of((one.status for one in components), default=Status.ON_TIME)
    plan = replace(plan, components=tuple(components), status=worst, cost=total_cost(seen, seen.trips))
    return checked(plan, instance.clock, instance)[0]


# ---------------------------------------------------------------- a forged plan, and what the check answers


@dataclass(frozen=True)
class Forged:
    """A forged plan as the check reads it, what it answers, and with which plans before it."""

    kind: str
    case: str
    plan: Plan | None
    answer: str
    consistent: bool
    compared: bool


def forged(case: Case, kind: str, seed: int) -> Forged | None:
    """One forgery of a case; None where the kind does not fit it. The same seed gives the same one."""
    random = Random(f"{case.name} {kind} {seed}")
    draft = draft_of(case.plan)
    try:
        if not KINDS[kind](draft, random, case.instance):
            return None
    except (IndexError, OverflowError):
        return None
    truthful, compared = random.random() < 0.6, bool(case.previous) and random.random() < 0.6
    plan = plan_of(draft)
    clock = case.instance.clock
    try:
        if truthful:
            plan = consistent(plan, case.instance)
        plan, own = plan_from_text(plan_to_text(plan, clock))
    except (InputError, OverflowError):
        return Forged(kind, case.name, None, "unreadable", truthful, compared)
    if plan_digest(plan, own) == plan_digest(case.plan, clock):
        return None  # nothing was changed
    before = case.before if compared else ()
    verdict = check_plan(plan, own, case.instance, previous=before)
    answer = verdict.answer.value if verdict.passed else "refused"
    return Forged(kind, case.name, plan, answer, truthful, compared)
