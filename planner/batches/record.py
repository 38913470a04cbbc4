"""What is kept of one run, ready to be written: a row for each component, and who is not on time."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from planner.base.version import __version__
from planner.batches.task import FORMAT, Task
from planner.instance.schema import Instance
from planner.plans.model import Plan, ProofKind, ReasonCode, RegionStatus, Trip
from planner.proof.verdict import Verdict

__all__ = ["kept_record", "result_record", "versions", "weight_of"]


def weight_of(instance: Instance, region: str) -> int:
    """By how much a region matters; one whose count is 0 weighs 1."""
    return instance.weight_of(instance.region_of[region])


def versions() -> dict[str, str]:
    """Versions of what makes plans."""
    found = {"planner": __version__, "python": platform.python_version()}
    for name in ("ortools", "numba", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def result_record(
    task: Task, instance: Instance, plan: Plan, verdict: Verdict, **more: object
) -> dict[str, Any]:
    """The content of a result file.

    Parameters
    ----------
    task
        The run.
    instance
        The changed instance.
    plan, verdict
        The checked plan.
    more
        Further figures: seconds it took, attempts.
    """
    not_guaranteed = set(verdict.robustness.not_guaranteed)
    return {
        "format": FORMAT,
        "key": task.key,
        "changes": list(task.changes),
        "area": task.area,
        "mode": task.mode.value,
        "instance_digest": plan.instance_digest,
        "options": dict(plan.options),
        "status": plan.status.value,
        "gamma": plan.gamma,
        "currency": plan.currency,
        "cost": plan.cost,
        "lower_bound": plan.lower_bound,
        "smallest_margin_s": plan.smallest_margin_s,
        "vehicles_used": plan.vehicles_used,
        "checked": verdict.passed,
        "stretch": {
            "percent": verdict.robustness.stretch.percent,
            "minutes": verdict.robustness.stretch.minutes,
        },
        "components": _components(instance, plan, not_guaranteed),
        "regions": _regions(instance, plan, not_guaranteed),
        "cut_off": _cut_off(plan),
        "fleet": _fleet(instance, plan),
        "versions": versions(),
        **more,
    }


def _cut_off(plan: Plan) -> list[str]:
    """Regions without any way: proven for all vehicles of the warehouse together, or found for one leg's."""
    proofs = (proof for one in plan.components for proof in one.proofs if proof.kind is ProofKind.CUT)
    proven = {name for proof in proofs for name in proof.regions}
    return sorted(proven | {one.region_id for one in plan.regions if one.reason is ReasonCode.LEG_NO_WAY})


def _components(instance: Instance, plan: Plan, not_guaranteed: set[str]) -> list[dict[str, Any]]:
    results = {one.region_id: one for one in plan.regions}
    rows = []
    for one in plan.components:
        mine = [results[name] for name in one.regions]
        trips = [trip for trip in plan.trips if _owner(instance, trip) == one.id]
        margins = [result.margin_s for result in mine if result.margin_s is not None]
        number = {status: sum(result.status is status for result in mine) for status in RegionStatus}
        rows.append(
            {
                "id": one.id,
                "status": one.status.value,
                "stop_reason": one.stop_reason.value,
                "regions": len(mine),
                "on_time": number[RegionStatus.ON_TIME],
                "late": number[RegionStatus.LATE],
                "undelivered": number[RegionStatus.UNDELIVERED],
                "weight": sum(weight_of(instance, name) for name in one.regions),
                "weight_not_on_time": sum(
                    weight_of(instance, result.region_id)
                    for result in mine
                    if result.status is not RegionStatus.ON_TIME
                ),
                "not_guaranteed": sum(name in not_guaranteed for name in one.regions),
                "cost": one.cost,
                "lower_bound": one.lower_bound,
                "smallest_margin_s": min(margins, default=None),
                "vehicles": len({trip.vehicle_id for trip in trips}),
                "trips": len(trips),
                "distance_m": sum(trip.distance_m for trip in trips),
            }
        )
    return rows


def _owner(instance: Instance, trip: Trip) -> str:
    """Warehouse whose vehicle drives a trip."""
    return instance.vehicle_type_of[trip.vehicle_type].warehouse


def _regions(instance: Instance, plan: Plan, not_guaranteed: set[str]) -> list[dict[str, Any]]:
    """Regions that are not on time, or not guaranteed to be."""
    return [
        {
            "id": one.region_id,
            "status": one.status.value,
            "margin_s": one.margin_s,
            "weight": weight_of(instance, one.region_id),
            "guaranteed": one.region_id not in not_guaranteed,
            "reason": str(one.reason),
        }
        for one in plan.regions
        if one.status is not RegionStatus.ON_TIME or one.region_id in not_guaranteed
    ]


def _fleet(instance: Instance, plan: Plan) -> list[dict[str, Any]]:
    """Of each vehicle type with a trip: how many there are, how many drive, and how long."""
    rows = []
    for kind in instance.vehicles:
        mine = [trip for trip in plan.trips if trip.vehicle_type == kind.id]
        if mine:
            used = len({trip.vehicle_id for trip in mine})
            paid_s = sum(trip.paid_s for trip in mine)
            rows.append({"id": kind.id, "number": kind.number, "used": used, "paid_s": paid_s})
    return rows


def kept_record(instance: Instance, on_time: Mapping[str, bool], planned: Sequence[str]) -> dict[str, Any]:
    """What becomes of a plan that is kept as it is.

    Parameters
    ----------
    instance
        The changed instance.
    on_time
        Whether each region is still on time.
    planned
        Regions that the plan has on time for the instance as it was.
    """
    broken = [name for name in planned if name in on_time and not on_time[name]]
    return {
        "broken": [{"id": name, "weight": weight_of(instance, name)} for name in broken],
        "weight": sum(weight_of(instance, name) for name in broken),
    }
