"""The work of one run, in the process that does it: change, plan or keep, check, write."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError, PlannerError, Severity
from planner.base.files import write_text
from planner.batches.apply import apply_changes, changed_instance, parse_changes
from planner.batches.losses import dock_name
from planner.batches.record import kept_record, result_record
from planner.batches.task import Mode, Task, files_digest, plan_path, result_path
from planner.batches.tries import best_of
from planner.building.echelons import build_echelons
from planner.building.places import component_ids, component_of, regions_in_area
from planner.building.stations import Given
from planner.instance.digest import digest, table_digests
from planner.instance.read import RawInstance, raw_instance
from planner.instance.schema import Instance
from planner.plans.file import read_plan, write_plan
from planner.plans.model import Plan, ReasonCode, RegionStatus, Status, StopReason, Trip
from planner.proof.check import checked
from planner.proof.verdict import Verdict
from planner.reasons.outcome import outcome_of
from planner.search.warm_start import given_of, solution_of
from planner.solving.dispatch import Heard
from planner.solving.incumbent import IncumbentPlan
from planner.solving.options import SolveOptions
from planner.solving.phases import job_of
from planner.solving.pipeline import RejectedPlanError, planned_regions
from planner.transshipment.orders import orders_of, phases

__all__ = ["OtherInputsError", "SearchFailedError", "perform"]


class OtherInputsError(PlannerError):
    """The files of the instance are not what they were when the batch was prepared."""


class SearchFailedError(PlannerError):
    """The search of a component failed (its text says how), or none was done (no text)."""


def perform(task: Task, attempt: int) -> None:
    """Do a run and write its plan and, last of all, its result.

    Raises
    ------
    InputError
        Where the instance cannot be read or meant with the changes.
    OtherInputsError
        Where the files were changed after the batch was prepared.
    SearchFailedError, CheckFailedError
        Where the program fails.
    """
    began, worked = time.monotonic(), time.process_time()
    if files_digest(Path(task.folder)) != task.files:
        raise OtherInputsError(task.folder)
    instance, guarantee, seed = _instance(task)
    base = _base(task.base)
    search = task.search
    options = SolveOptions(
        time_limit_s=search.time_limit_s,
        effort=search.effort,
        seed=search.seed if seed is None else seed,
        engine=search.engine,
        workers=0,
        area=task.area,
        guarantee=search.guarantee if guarantee is None else guarantee,
        base=base if task.from_base else None,
        base_stays=False,
        changes=task.changes,
    )
    more: dict[str, Any] = {"attempt": attempt}
    if task.mode is Mode.KEEP:
        assert base is not None
        plan, verdict = _renamed_plan(task, instance, base, options)
    else:
        kept = None
        if base is not None:
            more["kept"], kept = _kept(instance, base, options)
        found = best_of(instance, options, seeds=search.seeds, kept=kept, refuse=_refuse_failed)
        plan, verdict = found.plan, found.verdict
        more |= {"tries": list(found.tries), "is_kept": found.is_kept}
    more["cpu_s"] = round(time.process_time() - worked, 3)
    more["wall_s"] = round(time.monotonic() - began, 3)
    output = Path(task.output)
    write_plan(plan, instance.clock, plan_path(output, task.key))
    record = result_record(task, instance, plan, verdict, **more)
    write_text(result_path(output, task.key), json.dumps(record, ensure_ascii=False, indent=1) + "\n")


@lru_cache(maxsize=2)
def _raw(folder: str, _files: str) -> RawInstance:
    return raw_instance(Path(folder))


@lru_cache(maxsize=2)
def _base(path: str) -> Plan | None:
    return read_plan(Path(path)) if path else None


def _instance(task: Task) -> tuple[Instance, int | None, int | None]:
    changes, faults = parse_changes(task.changes, task.name)
    applied = apply_changes(_raw(task.folder, task.files), changes, Fault("", task.name))
    instance, more = changed_instance(applied, task.name)
    errors = [one for one in (*faults, *more) if one.severity is Severity.ERROR]
    if errors or instance is None:
        raise InputError(errors)
    return instance, applied.guarantee, applied.seed


def _refuse_failed(plan: Plan) -> None:
    """Raise where a component has no answer because its search failed."""
    failed = [one for one in plan.regions if one.reason is ReasonCode.SEARCH_FAILED]
    said = {one.params.get("what", one.reason) for one in failed}
    if said or any(one.stop_reason is StopReason.NOT_STARTED for one in plan.components):
        raise SearchFailedError("; ".join(sorted(said)))


def _kept(
    instance: Instance, base: Plan, options: SolveOptions
) -> tuple[dict[str, Any], tuple[Plan, Verdict] | None]:
    """What becomes of the base plan if nothing is planned anew: its trips go as they did, or as soon after.

    Returns
    -------
    tuple
        Who is not on time any more; and the plan that it is then, checked; None where it breaks a rule.

    Notes
    -----
    A trip that the changed instance does not allow is left out, with all it carries; no vehicle does the work
    of another, beyond what `planner.search.warm_start.solution_of` moves.
    """
    planned = [one.region_id for one in base.regions if one.status is RegionStatus.ON_TIME]
    on_time: dict[str, bool] = {}
    regions = planned_regions(instance, options.area)
    jobs = {name: job_of(instance, name, regions, base, None) for name in component_ids(instance, regions)}
    state = IncumbentPlan(instance, replace(options, base=None), jobs, orders=orders_of(instance, base))
    for group in phases(state.orders, jobs):
        for job in state.jobs_of(group):
            view = job.view or instance
            sending = [one.id for one in job.trips if any(stop.items for stop in one.stops)]
            given = Given(runs=given_of(job.trips, sending, ()).runs)
            echelons = build_echelons(view, job.warehouse_id, job.regions, options.guarantee, given)
            kept = solution_of(echelons, job.trips).solution
            outcome = outcome_of(kept, stop_reason=StopReason.COMPLETE, lower_bound=None)
            state.hear(Heard(job.warehouse_id, outcome, final=True))
            for region in jobs[job.warehouse_id].regions:
                number, stop = echelons.regions[region.id]
                problem = echelons.each[number].problem
                got = kept.received[region.id]
                due_s = problem.region_deadlines[stop]
                on_time[region.id] = not problem.consignments_of[stop] or (
                    got.received_s is not None and got.received_s < due_s and got.hub_over_s <= 0
                )
    plan, verdict = checked(state.plan(), instance.clock, instance)
    return kept_record(instance, on_time, planned), None if verdict.violations else (plan, verdict)


def _renamed_plan(task: Task, instance: Instance, base: Plan, options: SolveOptions) -> tuple[Plan, Verdict]:
    """The part of the base plan that a run is about, with other names of vehicles, checked."""
    of_area = {region.id for region in regions_in_area(instance, task.area)}
    names = of_area & {result.region_id for result in base.regions}
    components = tuple(one for one in base.components if names & set(one.regions))
    ids = {one.id for one in components}
    trips = tuple(_renamed(one, task.renamed) for one in base.trips if component_of(instance, one) in ids)
    plan = replace(
        base,
        instance_digest=digest(instance),
        instance_tables=table_digests(instance),
        options=replace(options, base=None).as_text(instance.clock),
        status=Status.worst_of(one.status for one in components),
        cost=sum(one.cost for one in components),
        components=components,
        trips=trips,
        regions=tuple(one for one in base.regions if one.region_id in names),
    )
    plan, verdict = checked(plan, instance.clock, instance)
    if verdict.violations:
        raise RejectedPlanError(verdict)
    return plan, verdict


def _renamed(trip: Trip, names: Mapping[str, str]) -> Trip:
    """A trip with other names of its vehicle and its dock."""
    dock = names.get(dock_name(trip.origin_id, trip.dock), "").rpartition("#")[2]
    return replace(
        trip,
        vehicle_id=names.get(trip.vehicle_id, trip.vehicle_id),
        dock=int(dock) if dock else trip.dock,
    )
