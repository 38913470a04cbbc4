"""``replan`` and ``diff``: a new plan after reports from the field, and what changes from plan to plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.api.judging import plan_of, world_of
from planner.api.objects import PlanSource, Result, Rows
from planner.api.reading import table_of
from planner.base.errors import Fault, InputError
from planner.compare.comparison import TOLERANCE_S, differences
from planner.events.clocks import now_among
from planner.events.read import Reading, events_of, read_table, reading_of, rows_in
from planner.instance.raw import RawTable
from planner.plans.lineage import plans_before
from planner.replanning.moment import moment_after
from planner.replanning.options import DEFAULT_TIME_LIMIT_S, ReplanOptions
from planner.replanning.request import kept_of
from planner.replanning.state import Assume

if TYPE_CHECKING:
    import pandas as pd

    from planner.instance.schema import Instance
    from planner.plans.model import Plan

__all__ = ["Difference", "ReplanResult", "diff", "replan"]


@dataclass(frozen=True, repr=False)
class ReplanResult(Result):
    """A new plan after reports, and whom it changes.

    Parameters
    ----------
    regions_hit
        Ids of regions whose arrival moves beyond the tolerance, or whose goods are concerned, if all goes on
        as it was planned.
    regions_changed
        Ids of the other regions whose vehicle, day or arrival changes.
    """

    regions_hit: tuple[str, ...] = ()
    regions_changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What changes from one plan to another.

    Parameters
    ----------
    document
        All of it, as ``plan diff --json`` says it.
    """

    document: dict[str, Any]

    def __repr__(self) -> str:
        """What a notebook shows: how many regions and vehicles change."""
        changed, vehicles = self.document["regions_changed"], self.document["vehicles"]
        return f"<Difference: {len(changed)} regions, {len(vehicles)} vehicles>"

    @cached_property
    def regions(self) -> pd.DataFrame:
        """One row for each region of which anything differs; ``counts``: its people must hear of it."""
        from planner.api.dataframes import changed_regions_frame

        return changed_regions_frame(self.document)

    @cached_property
    def messages(self) -> pd.DataFrame:
        """What is to be told to whom, in the order of time; ``counts``: not only times move a little."""
        from planner.api.dataframes import messages_frame

        return messages_frame(self.document)


def replan(  # noqa: PLR0913
    plan: PlanSource,
    events: str | Path | Rows,
    instance: Instance | str | Path | None = None,
    *,
    now: datetime | str,
    previous: Sequence[PlanSource] = (),
    output: str | Path | None = None,
    time_limit_s: float | None = None,
    effort: int | None = None,
    seed: int = 1,
    tolerance_s: int = TOLERANCE_S,
    assume: str = "planned",
    area: str = "",
    guarantee: int | None = None,
    most_changes: int | None = None,
    notice_s: int | None = None,
) -> ReplanResult:
    """Plan anew after reports from the field, and change as little as possible.

    Parameters
    ----------
    plan
        The plan in force: a plan, a result, or the path of its file.
    events
        All reports so far: a path, or a table with the columns of ``docs/events.md``. For a replan those that
        it believed are among them. No rows: nothing was reported.
    instance
        What the plan was made for, or its path; may be left out for a result.
    now
        The moment of the replan: what has begun is kept, nothing else begins before. A moment without a zone
        is the instance's own time.
    previous
        Of a replan the plans before it, the oldest first; those that lie beside its file are found without.
    output
        Where the new plan is written as JSON; an older file is replaced.
    time_limit_s
        Seconds of work; None: 3.5, and up to 10 while somebody is late. Not used with an effort.
    effort, seed
        See `solve`.
    tolerance_s
        An arrival that moves by no more is no change.
    assume
        ``planned`` or ``nothing``: what is believed of things that are due and not reported.
    area
        Comma-separated ids: nothing else may change; empty for all.
    guarantee
        Late legs of each vehicle to withstand; None: as the plan in force was asked.
    most_changes
        No more regions may change than this; None: any number.
    notice_s
        No trip that is ordered anew begins sooner after now; None: as the instance says.

    Returns
    -------
    ReplanResult
        The new plan and the check of it, whatever the answer is: look at its ``status``.

    Raises
    ------
    InputError
        If a file cannot be read, with every fault of the reports (E9xx), or if reports that the plan believed
        are missing (D802), the moment is outside the plan (D805) or the area unknown (C701).
    ValueError
        If ``assume`` is unknown, or ``now`` no moment.
    """
    from planner.replanning.pipeline import replan as planned_anew

    world = world_of(plan, instance)
    old, clock = plan_of(plan, world), world.clock
    at_s = moment_after(old, world, _moment_s(now, world))
    rows = () if old.replan is None else events_of(old.replan.events, world, old)
    reading = _reading(events, world, old, at_s)
    kept = kept_of(rows, reading, str(events) if isinstance(events, str | Path) else "events")
    path = Path(plan) if isinstance(plan, str | Path) else None
    found = planned_anew(
        old,
        world,
        tuple(sorted((*reading.events, *kept), key=lambda one: one.order)),
        now_among(reading.events, at_s),
        ReplanOptions(
            time_limit_s=DEFAULT_TIME_LIMIT_S if time_limit_s is None else time_limit_s,
            longest_s=time_limit_s,
            effort=effort,
            seed=seed,
            tolerance_s=tolerance_s,
            assume=Assume(assume),
            area=area,
            guarantee=guarantee,
            most_changes=most_changes,
            notice_s=notice_s,
            only_told=frozenset(one.id for one in kept),
        ),
        previous=plans_before(path, old, clock, [plan_of(one, world) for one in previous]),
        output=None if output is None else Path(output),
    )
    return ReplanResult(
        found.plan,
        found.verdict,
        world,
        found.worked_s,
        regions_hit=found.regions_hit,
        regions_changed=found.regions_changed,
    )


def _moment_s(now: datetime | str, instance: Instance) -> int:
    """Seconds of a moment that lies within the plan's time."""
    at = datetime.fromisoformat(now) if isinstance(now, str) else now
    clock, horizon_s = instance.clock, instance.settings.horizon_s
    at_s = clock.seconds(at if at.tzinfo is not None else at.replace(tzinfo=clock.instant(0).tzinfo))
    if not 0 <= at_s < horizon_s:
        params = {"start": clock.text(0), "end": clock.text(horizon_s)}
        raise InputError([Fault("D805", "now", value=clock.text(at_s), params=params)])
    return at_s


def _reading(events: str | Path | Rows, instance: Instance, plan: Plan, now_s: int) -> Reading:
    """What a file or a table of reports says."""
    if isinstance(events, str | Path):
        return read_table(Path(events), instance, plan, now_s)
    table, faults = table_of("events", events)
    if not isinstance(table, RawTable):
        if faults:
            raise InputError(faults)
        return Reading()
    rows, more = rows_in(table)
    found = reading_of(rows, instance, plan, now_s)
    if wrong := [*faults, *more, *found.faults]:
        raise InputError(wrong)
    return found


def diff(
    before: PlanSource,
    after: PlanSource,
    instance: Instance | str | Path | None = None,
    *,
    tolerance_s: int = TOLERANCE_S,
) -> Difference:
    """What changes from one plan to another, and for whom.

    Parameters
    ----------
    before, after
        Plans, results, or paths of plans' files.
    instance
        What the second plan was made for, or its path; may be left out where one of both is a result.
    tolerance_s
        A time that moves by no more is no change; for who loads, an earlier one always is.

    Returns
    -------
    Difference
        What was over before the moment of a replan ``after`` is no change.

    Raises
    ------
    InputError
        If a file cannot be read.
    TypeError
        If there is no instance.

    Examples
    --------
    >>> from planner.api.solving import solve
    >>> one = solve("instances/toy", effort=1, workers=0)
    >>> diff(one, one)
    <Difference: 0 regions, 0 vehicles>
    """
    from planner.events.told import with_contacts
    from planner.outputs.diff_areas import area_rows
    from planner.outputs.diff_json import diff_document
    from planner.outputs.diff_names import DiffNames
    from planner.outputs.diff_words import messages

    given = after if isinstance(after, Result) else before
    world = world_of(given, instance)
    plans = (plan_of(before, world), plan_of(after, world))
    found = differences(*plans, world.clock, tolerance_s=tolerance_s)
    names = DiffNames(with_contacts(world, plans[1]))
    told = messages(found, plans[1], names, world.clock)
    rows = area_rows(plans, world, world.clock)
    return Difference(diff_document(found, plans, rows, told, names, world.clock))
