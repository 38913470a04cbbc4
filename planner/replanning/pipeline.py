"""The pipeline of a replan: reports → what goes on by itself → search where it matters → check."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.base.version import __version__
from planner.building.places import regions_in_area
from planner.events.rows import row_of
from planner.events.schema import Event
from planner.events.tellings import understood
from planner.instance.area_names import area_ids
from planner.instance.digest import digest, table_digests
from planner.instance.outages import with_closed_hours
from planner.instance.schema import Instance
from planner.plans.file import plan_digest, short_digest, write_plan
from planner.plans.model import (
    Component,
    Plan,
    RegionStatus,
    Replan,
    Status,
    StopReason,
    Trip,
)
from planner.proof.check import ancestry_of, checked
from planner.proof.evidence import past_of
from planner.proof.verdict import Verdict
from planner.proof.world import World
from planner.replanning.changes import Changes, changes_between, is_changed, region_ways
from planner.replanning.component import case_of, cases_with_less, judge_of
from planner.replanning.job import ReplanJob
from planner.replanning.judge import Judged
from planner.replanning.known_checks import KnownChecks
from planner.replanning.moment import moment_after
from planner.replanning.moved import moved_trips
from planner.replanning.net import Candidates, Taken, TakenKind, first_checked
from planner.replanning.options import DEFAULT_TIME_LIMIT_S, LONGEST_S, ReplanOptions
from planner.replanning.results import Results
from planner.replanning.scope import touched_warehouses
from planner.replanning.search import SearchLimits, candidates_of, still_of
from planner.replanning.state import State, state_of
from planner.replanning.work_clock import Work, WorkClock, WorkCount

__all__ = ["ReplanResult", "replan"]

_LOG = logging.getLogger(__name__)
# The checks (of the plan in force too) and the writing take so many times as long as reading the reports into
# the plan took.
_CHECK_FACTOR = 4.6
_LEAST_SEARCH_S = 0.3


@dataclass(frozen=True)
class ReplanResult:
    """A new plan, what the check says of it, and what it changes.

    Parameters
    ----------
    regions_hit
        Regions whose arrival moves beyond the tolerance, or whose goods are concerned, when the old plan is
        merely shifted.
    regions_changed
        Other regions whose vehicle, day or arrival changes.
    changes
        All that changes, hit or not.
    untouched
        Components that go on as they were.
    worked_s
        How long it took, in seconds of work (`WorkClock`).
    taken
        What each component that was searched took, and why.
    longer
        Components that were searched longer than was asked, as somebody was late or lost a guarantee.
    """

    plan: Plan
    verdict: Verdict
    state: State
    regions_hit: tuple[str, ...]
    regions_changed: tuple[str, ...]
    changes: Changes
    untouched: tuple[str, ...] = ()
    worked_s: float = 0.0
    taken: Mapping[str, Taken] = field(default_factory=dict)
    longer: tuple[str, ...] = ()


def replan(
    plan: Plan,
    instance: Instance,
    events: Sequence[Event],
    now_s: int,
    options: ReplanOptions,
    *,
    previous: Sequence[Plan] = (),
    output: Path | None = None,
    clock: WorkClock | None = None,
) -> ReplanResult:
    """Plan anew from a moment on, and change as little as possible.

    Parameters
    ----------
    plan
        The plan in force.
    instance
        As its files say; the reports are applied here.
    events
        Reports that hold.
    now_s
        The moment: what has begun is kept, nothing else begins before.
    options
        How to search.
    previous
        The plans before the one in force, the oldest first, for the check.
    output
        Where the checked plan is written.
    clock
        Counts the work to which the time limit holds; None: from now on.

    Raises
    ------
    InputError
        C701 if the area is unknown, D807 if the moment lies long before that of the plan.
    NoPlanError
        If the check rejects even that all goes on as it does by itself; then no plan is written.
    """
    clock = clock or WorkClock.started()
    now_s = moment_after(plan, instance, now_s)
    inside = _area(instance, options.area)
    called_s = clock.worked_s
    work = _prepared(plan, instance, tuple(events), now_s, options)
    touched = _touched(work)
    prepared_s = clock.worked_s
    spent_s = _CHECK_FACTOR * (prepared_s - called_s)
    ends = (max(options.time_limit_s - spent_s, prepared_s + _LEAST_SEARCH_S), options.most_s - spent_s)
    count: Work = clock
    if options.effort is not None:  # of the same amount, but counted
        count, ends = WorkCount(), (options.effort * DEFAULT_TIME_LIMIT_S, options.effort * LONGEST_S)
    found: dict[str, Candidates] = {}
    names = [one.id for one in plan.components if one.id in touched]
    for position, name in enumerate(names):
        best = [one.found[0] for one in found.values()]
        limits = _limits(options, count, ends, len(names) - position, best)
        found[name] = _candidates(work, name, inside, limits)
    told = [row_of(one, instance.clock) for one in events if one.id not in options.only_told]
    known = KnownChecks(instance, options.checks_folder)
    before = ancestry_of(work.frame, (*previous, plan), instance.clock, instance, told, known)
    result, verdict, taken = first_checked(
        found,
        lambda chosen: checked(_assembled(work, chosen), instance.clock, instance, before),
        lambda name: _candidates(work, name, inside, None),
        work.owner,
        work.instance,
    )
    for name, one in taken.items():
        if one.kind is not TakenKind.BEST:
            why = ", ".join(one.rules) or one.failed
            _LOG.error(
                "The check rejects what was found for %s (%s): taken is %s.", name, why, one.kind.value
            )
    if output is not None:
        write_plan(result, instance.clock, output)
        if verdict.history is not None:
            known.keep(plan_digest(result, instance.clock), before.digests, verdict.history.overrides)
    worked_s = clock.worked_s
    longer = tuple(name for name, one in found.items() if one.longer and options.effort is None)
    return replace(_result(work, result, verdict, touched), worked_s=worked_s, taken=taken, longer=longer)


def _area(instance: Instance, area: str) -> frozenset[str] | None:
    """Ids of the regions that may change; None: all."""
    if not area.strip():
        return None
    try:
        return frozenset(one.id for one in regions_in_area(instance, area_ids(instance, area)))
    except KeyError as error:
        raise InputError([Fault("C701", "--area", value=str(error.args[0]))]) from error


def _limits(
    options: ReplanOptions,
    work: Work,
    ends: tuple[float, float],
    components: int,
    before: Iterable[Judged] = (),
) -> SearchLimits:
    """A share of what is left of the time, and what changes are left, for one of several components."""
    now_s = work.worked_s
    mine_s, most_s = (now_s + max(0.0, one - now_s) / components for one in ends)
    most = options.most_changes
    if most is not None:
        most = max(0, most - sum(len(one.changes.regions) for one in before))
    return SearchLimits(
        work,
        mine_s,
        most_s,
        seed=options.seed,
        most_changes=most,
    )


def _prepared(
    plan: Plan, instance: Instance, events: tuple[Event, ...], now_s: int, options: ReplanOptions
) -> ReplanJob:
    state = state_of(plan, instance, events, now_s, options.assume, tolerance_s=options.tolerance_s)
    after = with_closed_hours(state.effective)
    texts = dict(plan.options)
    if options.guarantee is not None:
        texts["guarantee"] = str(options.guarantee)
    before = plan_digest(plan, instance.clock)
    meant = [understood(one, state.found, short_digest(before)) for one in state.events]
    frame = replace(
        plan,
        instance_digest=digest(instance),
        instance_tables=table_digests(instance),
        planner_version=__version__,
        options=texts,
        replan=Replan(
            now_s=now_s,
            previous_digest=before,
            assume=options.assume.value,
            tolerance_s=options.tolerance_s,
            events=tuple(row_of(one, instance.clock) for one in meant),
        ),
    )
    owner = {kind.id: kind.warehouse for kind in (*instance.vehicles, *after.vehicles)}
    return ReplanJob(
        plan=plan,
        files=instance,
        instance=after,
        now_s=now_s,
        options=options,
        state=state,
        world=World(after),
        past=past_of(frame, instance, judged=False),
        frame=frame,
        results=Results(after, {one.region_id: one for one in plan.regions}),
        begun=frozenset(one.planned.id for one in state.trips if one.begun),
        owner=owner,
        old=_by_component(state.plan.trips, owner),
        new=_by_component(_marked(state), owner),
        regions=after.region_of,
    )


def _marked(state: State) -> list[Trip]:
    """The trips as they go by themselves, those that have begun marked."""
    begun = {one.planned.id for one in state.trips if one.begun}
    return [
        trip if trip.begun == (trip.id in begun) else replace(trip, begun=not trip.begun)
        for trip in state.projected.trips
    ]


def _by_component(trips: Iterable[Trip], owner: Mapping[str, str]) -> dict[str, list[Trip]]:
    found: dict[str, list[Trip]] = {}
    for trip in trips:
        found.setdefault(owner.get(trip.vehicle_type, trip.origin_id), []).append(trip)
    return found


def _touched(work: ReplanJob) -> frozenset[str]:
    """Components that do not simply go on as planned."""
    found = set(touched_warehouses(work.files, work.state.effective, work.plan.trips, work.now_s))
    before, went = (_by_component(one.trips, work.owner) for one in (work.plan, work.state.plan))
    found |= {name for name in before if before[name] != went.get(name, [])}
    believed = () if work.plan.replan is None else work.plan.replan.events
    if {row.id for row in believed} - {one.id for one in work.state.events}:
        found |= {one.id for one in work.plan.components}  # what was planned by a report that is taken back
    for component in work.plan.components:
        old, new = work.old.get(component.id, []), work.new.get(component.id, [])
        if [replace(trip, begun=False) for trip in old] != [replace(trip, begun=False) for trip in new]:
            found.add(component.id)
        if work.options.guarantee is not None and work.plan.options.get("guarantee") != str(
            work.options.guarantee
        ):
            found.add(component.id)
    regions = work.regions
    for one in work.state.broken:
        found |= {
            regions[goods.region_id].warehouse for goods in one.deliveries if goods.region_id in regions
        }
    return frozenset(found)


def _candidates(
    work: ReplanJob, name: str, inside: frozenset[str] | None, limits: SearchLimits | None
) -> Candidates:
    """What a component may take; without limits nothing is searched."""
    new = tuple(work.new.get(name, ()))
    case, judge = case_of(work, name, inside, new), judge_of(work, name)
    work.concerned |= {leg.goods.region_id for leg in case.lacking}
    if limits is None:
        return still_of(case, judge, work.world_of_files)
    goods = {leg.goods.consignment_id for leg in case.lacking}
    forced = [
        trip.id
        for trip in new
        if any(one.consignment_id in goods for stop in trip.stops for one in stop.deliveries)
    ]
    others = cases_with_less(work, name, inside)
    return candidates_of(case, judge, limits, work.world_of_files, forced, others)


def _assembled(work: ReplanJob, found: Mapping[str, Judged]) -> Plan:
    """The whole plan, with statuses that the check may raise."""
    components: list[Component] = []
    trips: list[Trip] = []
    results = {one.region_id: one for one in work.plan.regions}
    reason = StopReason.TIME_LIMIT if work.options.effort is None else StopReason.EFFORT
    named = [one.id for one in work.plan.components]
    for name in dict.fromkeys([*named, *work.new]):
        if name in found:
            trips += found[name].trips
            results |= {one.region_id: one for one in found[name].results}
        else:
            trips += work.new.get(name, ())
    for component in work.plan.components:
        judged = found.get(component.id)
        components.append(component if judged is None else _as_found(component, judged, reason))
    order = {trip.id: position for position, trip in enumerate(work.plan.trips)}
    trips.sort(key=lambda one: (order.get(one.id, len(order)), one.id))
    replan = work.frame.replan
    assert replan is not None
    return replace(
        work.frame,
        replan=replace(replan, moved=moved_trips(work.plan, trips)),
        status=Status.worst_of((one.status for one in components), default=Status.ON_TIME),
        cost=sum(one.cost for one in components),
        components=tuple(components),
        trips=tuple(trips),
        regions=tuple(results[one.region_id] for one in work.plan.regions),
    )


def _as_found(component: Component, judged: Judged, reason: StopReason) -> Component:
    statuses = {one.status for one in judged.results}
    late = any(one is not RegionStatus.ON_TIME for one in statuses)
    delivers = any(stop.deliveries for trip in judged.trips for stop in trip.stops)
    status = Status.ON_TIME if not late else Status.LATE if delivers else Status.NOT_FOUND
    return replace(
        component,
        status=status,
        stop_reason=reason,
        cost=judged.worth.cost,
        lower_bound=None,
        proofs=(),
    )


def _result(work: ReplanJob, plan: Plan, verdict: Verdict, touched: frozenset[str]) -> ReplanResult:
    old, shifted = region_ways(work.plan), region_ways(work.state.projected)
    tolerance_s, clock = work.options.tolerance_s, work.files.clock
    hit = {
        name
        for name, way in old.items()
        if name not in shifted or is_changed(way, shifted[name], tolerance_s, clock)
    }
    hit |= work.concerned & old.keys()
    changes = changes_between(work.plan, plan, tolerance_s, clock, begun=work.begun)
    order = [one.region_id for one in plan.regions]
    return ReplanResult(
        plan=plan,
        verdict=verdict,
        state=work.state,
        regions_hit=tuple(name for name in order if name in hit),
        regions_changed=tuple(name for name in order if name in changes.regions - hit),
        changes=changes,
        untouched=tuple(one.id for one in plan.components if one.id not in touched),
    )
