"""Components one after another where some send others something, and as many at once as there are processes.

What warehouses ask of others is found first, by drafts; who gives is searched before who receives. Where
somebody stays late as planned for that, all is tried once more with drafts as if no legs were late: goods are
then asked for later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from planner.building.decisions import left_out
from planner.building.places import component_of
from planner.instance.decisions import rulings_of
from planner.instance.kits import unit_loads
from planner.instance.schema import Instance, Overnight, Region
from planner.plans.model import Plan
from planner.reasons.outcome import Outcome
from planner.search.component import SearchOptions
from planner.solving.dispatch import Heard, Job, Seconds
from planner.solving.incumbent import IncumbentPlan
from planner.solving.partial import PartialBase
from planner.transshipment.exchange import seen_by
from planner.transshipment.orders import Arrival, may_come, orders_between, orders_of, phases

__all__ = ["job_of", "options_of", "search_all"]

Search = Callable[..., None]
"""`planner.solving.dispatch.run_jobs` of one solve."""

# Share of the time kept for another try where goods are exchanged and somebody stays late.
_AGAIN_SHARE = 0.25
_DRAFT_SHARE = 0.5  # so much of its work a component gets for what it asks of others
_SIZE_OF_NIGHTS = 30  # and where vehicles stay away overnight
_SIZE_OF_ANY = 30  # regions' worth of work that even the smallest component takes
_UNITS_LIKE_A_REGION = 4  # so many units that cannot be split are as much work, about


def search_all(
    state: IncumbentPlan,
    regions: Sequence[Region],
    search: Search,
    end: float | None,
    listen: Callable[[Heard], object],
    more_s: float = 0.0,
) -> None:
    """Search all components.

    Parameters
    ----------
    state
        Components to search; is told what they ask of each other.
    regions
        Those that are planned for.
    search
        Searches jobs for some seconds, and tells a listener.
    end
        When all of the search ends, by the monotonic clock; None: the effort says how long each takes.
    listen
        Told what is found.
    more_s
        Seconds for which the search may go on after that while somebody is late; where some send others
        something that is tried once more, only then.
    """
    options = options_of(state)
    coming = _may_come(state, regions)
    kept_s = (end - time.monotonic()) * _AGAIN_SHARE if end is not None and coming else 0.0
    first = None if end is None else end - kept_s
    _ask_others(state, regions, coming, search, first, options)
    may_try_again = bool(state.orders) and state.staying is None and options.guarantee != 0
    _search_groups(state, list(state.jobs), search, first, listen, 0.0 if may_try_again else more_s)
    if not may_try_again or not state.late:
        return
    names = [name for name in state.jobs if any(name in (one.giver, one.taker) for one in state.orders)]
    other = state.without(names)
    _ask_others(other, regions, coming, search, end, replace(options, guarantee=0))
    asked = {name for one in other.orders for name in (one.giver, one.taker)}
    names = [name for name in other.jobs if name in asked.union(names)]
    _search_groups(other, names, search, end, other.hear, more_s)
    if other.late < state.late:
        state.take(other)


def options_of(state: IncumbentPlan) -> SearchOptions:
    """How components are searched.

    Parameters
    ----------
    state
        What is searched, with what was asked for.
    """
    options = state.options
    return SearchOptions(options.engine, options.seed, options.effort, guarantee=options.guarantee)


def _may_come(state: IncumbentPlan, regions: Sequence[Region]) -> dict[str, list[Arrival]]:
    """What could come to warehouses; nothing more where a plan stays in part."""
    if state.staying is not None:
        return {}
    gone = left_out(rulings_of(state.instance))
    return may_come(state.instance, [one for one in regions if one.id not in gone])


def _ask_others(
    state: IncumbentPlan,
    regions: Sequence[Region],
    coming: Mapping[str, Sequence[Arrival]],
    search: Search,
    end: float | None,
    options: SearchOptions,
) -> None:
    """Find what warehouses ask of others; where a plan stays in part, that is what it has of transfers.

    Parameters
    ----------
    state
        Is told the orders.
    regions, search, end
        As for `search_all`.
    coming
        What could come to warehouses.
    options
        How to search drafts.
    """
    instance = state.instance
    if state.staying is not None:
        state.orders = orders_of(instance, state.staying.base)
        return
    drafts: dict[str, Outcome] = {}

    def listen(heard: Heard) -> None:
        if heard.outcome is not None and heard.outcome.latest_s:
            drafts[heard.warehouse_id] = heard.outcome

    jobs = [
        replace(state.jobs[name], view=seen_by(instance, name, (), come), is_draft=True)
        for name, come in coming.items()
    ]
    if not jobs:
        return
    size = _DRAFT_SHARE * sum(job.size for job in jobs)
    share = size / (size + sum(job.size for job in state.jobs.values()))
    time_s = None if end is None else (end - time.monotonic()) * share
    seconds = None if time_s is None else Seconds(time_s, is_kept=not state.options.goes_on)
    search(jobs, options=options, seconds=seconds, listen=listen)
    state.orders = orders_between(instance, drafts)
    for giver in {one.giver: None for one in state.orders}:
        if giver not in state.jobs:
            state.jobs[giver] = job_of(instance, giver, regions, state.options.base, None)


def _search_groups(
    state: IncumbentPlan,
    names: Sequence[str],
    search: Search,
    end: float | None,
    listen: Callable[[Heard], object],
    more_s: float,
) -> None:
    """Search components, givers first, each group with its share of the time that is left.

    Parameters
    ----------
    state
        Components, and what they ask of each other.
    names
        Ids of those to search.
    search, end, listen, more_s
        As for `search_all`.
    """
    jobs, options = state.jobs, options_of(state)
    groups = phases(state.orders, [one.id for one in state.instance.warehouses if one.id in names])
    for number, group in enumerate(groups):
        size = sum(jobs[name].size for name in group)
        rest = sum(jobs[name].size for later in groups[number:] for name in later)
        seconds = None
        if end is not None:
            time_s = (end - time.monotonic()) * size / max(1, rest)
            further_s = more_s * size / max(1, rest)
            seconds = Seconds(time_s, further_s, is_kept=not state.options.goes_on)
        search(state.jobs_of(group), options=options, seconds=seconds, listen=listen)


def job_of(
    instance: Instance,
    warehouse_id: str,
    regions: Sequence[Region],
    base: Plan | None,
    staying: PartialBase | None,
) -> Job:
    """A component to search: its regions, its share of the work, and the trips of a plan to go on from.

    Parameters
    ----------
    instance, warehouse_id
        The instance, and the component.
    regions
        Those that are planned for, of all components.
    base
        A plan to go on from; None: from nothing.
    staying
        What of it stays as it is; None: nothing.
    """
    mine = tuple(region for region in regions if region.warehouse == warehouse_id)
    away = any(
        kind.overnight is not Overnight.HOME for kind in instance.vehicles if kind.warehouse == warehouse_id
    )
    units = sum(len(loads) for region in mine for loads in unit_loads(instance, region).values())
    size = len(mine) + units // _UNITS_LIKE_A_REGION + _SIZE_OF_ANY + (_SIZE_OF_NIGHTS if away else 0)
    if staying is not None:
        trips = staying.trips_of(warehouse_id, instance)
        fixed = frozenset(one.id for one in trips if one.id in staying.fixed)
        closed_vehicles = frozenset(
            one
            for one in staying.closed_vehicles
            if instance.vehicle_type_of[one[0]].warehouse == warehouse_id
        )
        names = {one.id for one in mine}
        absent = tuple(one for one in staying.absent if one in names)
        return Job(warehouse_id, mine, size, trips, fixed, closed_vehicles, absent)
    known = () if base is None else (one for one in base.trips if component_of(instance, one) == warehouse_id)
    return Job(warehouse_id, mine, size, tuple(known))
