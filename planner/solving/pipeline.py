"""The pipeline: instance → components → search → plan → independent check."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from planner.base.errors import CheckFailedError, Fault, InputError
from planner.building.places import component_ids, regions_in_area
from planner.instance.area_names import area_ids
from planner.instance.schema import DecisionRule, Instance, Region
from planner.plans.file import write_plan
from planner.plans.model import Plan, Status, StopReason
from planner.proof.check import check_plan
from planner.proof.verdict import Verdict, Violation
from planner.propose.engines import made_ready
from planner.reasons.outcome import Outcome
from planner.solving.dispatch import Heard, run_jobs
from planner.solving.incumbent import IncumbentPlan, IncumbentWriter, Written, checked_with_base
from planner.solving.limits import with_limits
from planner.solving.options import SolveOptions
from planner.solving.partial import PartialBase, rebase
from planner.solving.phases import job_of, options_of, search_all
from planner.solving.promises import GivenUp, promises_given_up
from planner.solving.unsupported import refuse
from planner.solving.worker_pool import WorkerPool

__all__ = ["Progress", "RejectedPlanError", "SolveResult", "planned_regions", "solve"]

_LOG = logging.getLogger(__name__)
_SEARCH_SHARE = 0.95
_TRIED_SHARE, _TRIED_S = 0.1, 5.0  # of the limit, and seconds, for why somebody is late
_PUNCTUAL_S = 2.0  # so much later than the limit ends a search that did not go on beyond it


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a component is."""

    component: str
    name: str
    regions_planned: int
    regions_total: int
    cost: int
    smallest_margin_s: int | None
    left_s: float | None
    final: bool


@dataclass(frozen=True, slots=True)
class SolveResult:
    """A plan, what the independent check says of it, and the seconds it took.

    Parameters
    ----------
    given_up
        Promises that were given up so that fewer are late as planned.
    went_on_s
        For so many seconds the search went on beyond its limit, since somebody was late.
    """

    plan: Plan
    verdict: Verdict
    wall_s: float
    interrupted: bool = False
    given_up: tuple[GivenUp, ...] = ()
    went_on_s: float = 0.0

    @property
    def is_ended_by_clock(self) -> bool:
        """Whether the time was over while somebody was late and that is not proven to be unavoidable."""
        by_clock = (StopReason.TIME_LIMIT, StopReason.NOT_STARTED)
        return any(
            one.stop_reason in by_clock and one.status in (Status.LATE, Status.NOT_FOUND)
            for one in self.plan.components
        )


class RejectedPlanError(CheckFailedError):
    """The check rejected what the search found; carries the broken rules."""

    def __init__(self, verdict: Verdict) -> None:
        self.violations = verdict.violations
        super().__init__(f"{len(verdict.violations)} violations")


def solve(
    instance: Instance,
    options: SolveOptions,
    *,
    output: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_written: Callable[[Written], None] | None = None,
    on_outcome: Callable[[Outcome], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    worker_pool: WorkerPool | None = None,
) -> SolveResult:
    """Plan an instance (or an area of it) and check the plan independently.

    Parameters
    ----------
    instance
        As read and validated.
    options
        How to search.
    output
        Where to write the best checked plan: every few seconds, as soon as it is complete, as soon as all is
        promised, and at the end.
    on_progress
        Told of each better outcome of a component.
    on_written
        Told of each complete plan that is written on the way.
    on_outcome
        Given the same outcomes.
    cancelled
        Says whether to stop with the best found so far. Asked several times a second; without processes
        only when a component tells something.
    worker_pool
        Processes that were started meanwhile; None: there are none.

    Raises
    ------
    InputError
        C701 if the area is unknown; R6xx (RefusedError) where the instance asks for what a solve does not
        obey.
    CheckFailedError
        If the independent check rejects the plan; then no plan is written over an accepted one.

    Notes
    -----
    Ctrl-C (KeyboardInterrupt) ends the search with the best found so far.
    """
    area = area_ids(instance, options.area)
    options = replace(options, engine=made_ready(options.engine, _LOG.info), area=area)
    began = time.monotonic()
    refuse(instance, options.base if options.base_stays else None)
    staying = _staying(instance, options)
    if staying is not None and options.guarantee is None:
        options = replace(options, guarantee=staying.guarantee)
    regions = planned_regions(instance, options.area) if staying is None else staying.regions
    touched = [one for one in component_ids(instance, regions) if staying is None or staying.touched(one)]
    jobs = {name: job_of(instance, name, regions, options.base, staying) for name in touched}
    state = IncumbentPlan(instance, options, jobs, staying)
    writer = IncumbentWriter(state, output, began, on_written)

    def listen(heard: Heard) -> None:
        heard = state.hear(heard)
        if on_progress is not None and heard.outcome is not None:
            on_progress(_progress(instance, heard, options, began))
        _give(heard, on_outcome)
        obey()

    def obey() -> None:
        if cancelled is not None and cancelled():
            raise KeyboardInterrupt

    def tick() -> None:
        writer.tick()
        obey()

    search = partial(run_jobs, instance, workers=options.workers, tick=tick, worker_pool=worker_pool)
    interrupted, end = False, _search_end(options, began)
    try:
        search_all(state, regions, search, end, listen, _more_s(options))
    except KeyboardInterrupt:
        interrupted = True
    went_on_s = time.monotonic() - end if end is not None and options.goes_on else 0.0
    found = state.plan()
    if not interrupted:
        as_it_was = () if staying is None else staying.base.regions
        anew = {one.region_id for one in found.regions if one not in as_it_was}
        views = {name: state.view_of(name) for name in jobs}
        found = with_limits(found, views, options_of(state), anew, _tried_until(options, end))
    plan, verdict = checked_with_base(found, instance, options.base)
    if verdict.violations:
        if staying is not None:
            _refuse_staying(staying, instance, verdict.violations)
        raise RejectedPlanError(verdict)
    if output is not None:
        write_plan(plan, instance.clock, output)
    given_up = promises_given_up(state, verdict)
    wall_s, went_on_s = time.monotonic() - began, went_on_s if went_on_s > _PUNCTUAL_S else 0.0
    return SolveResult(plan, verdict, wall_s, interrupted, given_up, went_on_s)


def planned_regions(instance: Instance, area: str) -> tuple[Region, ...]:
    """Regions that a solve plans for.

    Raises
    ------
    InputError
        C701 if the area is unknown.
    """
    try:
        return regions_in_area(instance, area)
    except KeyError as error:
        raise InputError([Fault("C701", "--area", value=str(error.args[0]))]) from error


def _staying(instance: Instance, options: SolveOptions) -> PartialBase | None:
    """What stays of the plan to go on from: all outside an area, and what decisions keep."""
    keeps = any(one.rule is DecisionRule.KEEP for one in instance.decisions)
    if options.base is None or not options.base_stays or not (options.area or keeps):
        return None
    staying = rebase(instance, options.base, options.area)
    _refuse_broken(staying.base, instance, lambda one: one.place.get("trip") in staying.fixed)
    return staying


def _refuse_staying(staying: PartialBase, instance: Instance, found: Sequence[Violation]) -> None:
    """Raise V243 or V244 where the new plan breaks rules because of what was to stay."""
    still = [(one.rule, one.place) for one in found]
    _refuse_broken(staying.base, instance, lambda one: (one.rule, one.place) in still)
    wrong = {one.place.get("region") for one in found} & set(staying.lacking)
    names = instance.place_name_of
    if wrong:  # the search brings them more than the plan
        raise InputError(
            Fault("V244", "--base", value=one, params={"name": names[one]})
            for one in staying.lacking
            if one in wrong
        )


def _refuse_broken(base: Plan, instance: Instance, stays: Callable[[Violation], bool]) -> None:
    """Raise V243 for each rule that a plan breaks by what is to stay."""
    verdict = check_plan(base, instance.clock, instance)
    faults = [
        Fault("V243", "--base", value=one.place.get("trip"), params={"rule": one.rule, "text": one.text})
        for one in verdict.violations
        if stays(one)
    ]
    if faults:
        raise InputError(faults)


def _search_end(options: SolveOptions, began: float) -> float | None:
    """When the search ends: by the limit, less a share of what is left for stopping, checking and writing."""
    if options.effort is not None:
        return None
    now = time.monotonic()
    return now + (options.time_limit_s - (now - began)) * _SEARCH_SHARE


def _tried_until(options: SolveOptions, search_end: float | None) -> float | None:
    """Until when it is tried what keeps late regions from being in time: so long beyond the search."""
    if search_end is None:
        return None
    return max(search_end, time.monotonic()) + min(_TRIED_S, _TRIED_SHARE * options.time_limit_s)


def _more_s(options: SolveOptions) -> float:
    """For how long the search may go on beyond its limit while somebody is late."""
    return options.most_s - options.time_limit_s if options.goes_on else 0.0


def _give(heard: Heard, on_outcome: Callable[[Outcome], None] | None) -> None:
    if on_outcome is not None and heard.outcome is not None:
        on_outcome(heard.outcome)


def _progress(instance: Instance, heard: Heard, options: SolveOptions, began: float) -> Progress:
    found = heard.outcome
    assert found is not None
    past_s = time.monotonic() - began
    left = None if options.effort is not None else max(0.0, options.time_limit_s - past_s)
    return Progress(
        component=heard.warehouse_id,
        name=instance.warehouse_of[heard.warehouse_id].name,
        regions_planned=found.regions_planned,
        regions_total=len(found.regions),
        cost=found.component.cost,
        smallest_margin_s=found.smallest_margin_s,
        left_s=left,
        final=heard.final,
    )


def is_as_asked(result: SolveResult) -> bool:
    """Whether the answer is as good as was asked for: then `plan solve` ends with exit code 0."""
    status, failed = result.plan.status, result.verdict.robustness.not_guaranteed
    return status is Status.GUARANTEED or (status is Status.ON_TIME and not failed)
