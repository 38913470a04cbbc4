"""Which limits in the tables keep late regions from being in time: each is set aside, and that is searched.

A region that is late alone in its component is tried alone; where it is in time alone, others are in its way,
and its component is tried. Trials are first looks, at most so many; by
the clock they end with the time that a solve may take.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.instance.schema import Instance, Region
from planner.plans.model import Plan, ReasonCode, RegionResult, RegionStatus, Status, StopReason
from planner.reasons.lifts import Lift, lifts_for
from planner.reasons.outcome import outcome_of
from planner.search.component import ComponentSearch, SearchOptions

__all__ = ["with_limits"]

_LOG = logging.getLogger(__name__)

# So many trials are made for a plan, and so many of them for whole components of at most so many regions.
_TRIALS, _OF_COMPONENTS, _COMPONENT_REGIONS = 300, 60, 200
_LISTED = 4  # so many limits are named at most
_SHOWN = 3  # and so many rows of each

# Reasons that name rows already, or of which rows are no cause.
_KNOWN = frozenset(
    {
        ReasonCode.CAPACITY,
        ReasonCode.STOCK,
        ReasonCode.STOCK_COMES,
        ReasonCode.STOCK_NEVER_COMES,
        ReasonCode.STOCK_EARLY,
        ReasonCode.STOCK_ELSEWHERE,
        ReasonCode.STOCK_LATE,
        ReasonCode.LEFT_OUT,
        ReasonCode.DECIDED,
        ReasonCode.LEG_CAPACITY,
        ReasonCode.LEG_NO_ROOM,
        ReasonCode.NOT_SEARCHED,
        ReasonCode.WORKER_LOST,
        ReasonCode.SEARCH_FAILED,
    }
)


def with_limits(
    plan: Plan,
    views: Mapping[str, Instance],
    options: SearchOptions,
    planned: Collection[str],
    end: float | None = None,
) -> Plan:
    """A plan whose reasons name the limits in the tables without which late regions would be in time.

    Parameters
    ----------
    plan
        As it was found.
    views
        The instance as each component sees it, by its warehouse.
    options
        How the plan was searched.
    planned
        Ids of regions that the search planned; others stay as they are.
    end
        No trial begins after this moment of the monotonic clock; None: the number of trials alone ends them.

    Notes
    -----
    The reasons that do not come from rows (lack of stock, units that no vehicle holds, decisions that leave a
    region out) stay as they are. A trial that fails costs nobody a plan.
    """
    late = [
        one
        for one in plan.regions
        if one.status is not RegionStatus.ON_TIME and one.reason not in _KNOWN and one.region_id in planned
    ]
    if not late:
        return plan
    trials = _Trials(options, end)
    params: dict[str, Mapping[str, str]] = {}
    for warehouse, world in views.items():
        mine = [one for one in late if world.region_of[one.region_id].warehouse == warehouse]
        mine.sort(key=lambda one: -world.weight_of(world.region_of[one.region_id]))
        regions = [one for one in world.regions if one.warehouse == warehouse and one.id in planned]
        try:
            params |= _of_component(trials, world, regions, mine)
        except Exception as error:
            _LOG.warning("Why regions of %s are late could not be tried: %r", warehouse, error)
            _LOG.debug("its trace", exc_info=True)
    regions_with = tuple(
        replace(one, params={**one.params, **params.get(one.region_id, {})}) for one in plan.regions
    )
    return replace(plan, regions=regions_with)


def _of_component(
    trials: _Trials, world: Instance, regions: Sequence[Region], late: Sequence[RegionResult]
) -> dict[str, Mapping[str, str]]:
    """What the reasons of a component's late regions say besides, by region."""
    found: dict[str, Mapping[str, str]] = {}
    crowded: list[Region] = []
    for one in late:
        region = world.region_of[one.region_id]
        if trials.is_over:
            break
        if trials.in_time(world, [region]):
            crowded.append(region)
        else:
            found[region.id] = _said(trials.limits(world, [region], [region]), "region")
    if crowded and len(regions) <= _COMPONENT_REGIONS:
        of_all = _said(trials.limits(world, crowded, regions), "component")
        found |= {one.id: of_all for one in crowded}
    return {name: said for name, said in found.items() if said}


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit without which all would be in time: its name, and what stands in its rows."""

    name: str
    rows: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Limits:
    """Limits of which any one, or only all together, would have to go."""

    each: Sequence[_Limit]
    together: bool = False


def _said(limits: _Limits, of: str) -> Mapping[str, str]:
    """Params of a reason."""
    if not limits.each:
        return {}
    params = {
        "limits_of": of,
        "limits": ("+" if limits.together else ",").join(one.name for one in limits.each),
    }
    for one in limits.each:
        more = len(one.rows) - _SHOWN
        params[f"limit_{one.name}"] = ", ".join(one.rows[:_SHOWN]) + (f" (+{more})" if more > 0 else "")
    return params


class _Trials:
    """First looks at parts of an instance as it would be without some limits."""

    def __init__(self, options: SearchOptions, end: float | None) -> None:
        self._options = replace(options, guarantee=0)
        self._end = end
        self._left = _TRIALS
        self._of_components = _OF_COMPONENTS

    @property
    def is_over(self) -> bool:
        """Whether no further trial begins."""
        return self._left <= 0 or (self._end is not None and time.monotonic() >= self._end)

    def in_time(self, world: Instance, regions: Sequence[Region]) -> bool:
        """Whether all of these regions are in time if nobody else is served."""
        self._left -= 1
        self._of_components -= len(regions) > 1
        names = {one.id for one in regions}
        mine = [one for one in world.regions if one.id in names]
        search = ComponentSearch(world, mine[0].warehouse, mine, options=self._options, hear=lambda _: None)
        search.look()
        found = outcome_of(search.incumbent, stop_reason=StopReason.EFFORT, lower_bound=None)
        return found.component.status is Status.ON_TIME

    def limits(self, world: Instance, late: Sequence[Region], regions: Sequence[Region]) -> _Limits:
        """Limits of late regions without which all regions would be in time."""
        if len(regions) > 1 and (self._of_components <= 0 or self.in_time(world, regions)):
            return _Limits(())  # others may have had too little work, as a longer search would show
        lifts = lifts_for(world, late)
        found: list[_Limit] = []
        for lift in lifts:
            if len(found) == _LISTED or not self._may_go_on(regions):
                break
            if self.in_time(lift.without(world, lift.what), regions):
                rows = self._fewest(list(lift.what), self._without(world, lift, regions))
                found.append(_Limit(lift.name, [lift.what[one] for one in rows]))
        if found or len(lifts) < 2 or not self._may_go_on(regions):
            return _Limits(found)
        names = [one.name for one in lifts]

        def without(chosen: Collection[str]) -> bool:
            lifted = world
            for lift in lifts:
                lifted = lift.without(lifted, lift.what) if lift.name in chosen else lifted
            return self.in_time(lifted, regions)

        if not without(names):
            return _Limits(())
        kept = self._fewest(names, without)
        return _Limits([_Limit(one.name, list(one.what.values())) for one in lifts if one.name in kept], True)

    def _may_go_on(self, regions: Sequence[Region]) -> bool:
        return not self.is_over and (len(regions) == 1 or self._of_components > 0)

    def _without(
        self, world: Instance, lift: Lift, regions: Sequence[Region]
    ) -> Callable[[Collection[str]], bool]:
        return lambda chosen: self.in_time(lift.without(world, chosen), regions)

    def _fewest(self, names: list[str], suffices: Callable[[Collection[str]], bool]) -> list[str]:
        """Fewer of what suffices all together, none of which can be spared as far as trials go."""
        size = len(names) // 2
        while size and not self.is_over:
            position = 0
            while position < len(names) and len(names) > 1 and not self.is_over:
                rest = [*names[:position], *names[position + size :]]
                if rest and suffices(rest):
                    names = rest
                else:
                    position += size
            size //= 2
        return names
