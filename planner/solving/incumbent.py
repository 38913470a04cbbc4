"""The best plan so far: what components have told, put together, checked, and written every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from planner.base.rules import CLAIMED
from planner.base.version import __version__
from planner.building.places import deadline_of
from planner.instance.digest import digest, table_digests
from planner.instance.kits import unit_loads
from planner.instance.schema import Instance
from planner.plans.file import write_plan
from planner.plans.model import Component, Plan, ReasonCode, RegionStatus, Status, StopReason
from planner.proof.check import checked
from planner.proof.verdict import Verdict
from planner.reasons.outcome import Outcome, outcome_of_nothing
from planner.solving.dispatch import Heard, Job
from planner.solving.options import SolveOptions
from planner.solving.partial import PartialBase
from planner.transshipment.exchange import arrivals_of, as_deliveries, as_transfers, receivers, seen_by
from planner.transshipment.orders import Arrival, Order

__all__ = ["IncumbentPlan", "IncumbentWriter", "Written", "checked_with_base"]

_WRITE_EVERY_S, _WRITE_INCOMPLETE_EVERY_S = 6.0, 20.0


@dataclass(frozen=True, slots=True)
class Written:
    """A checked plan that was written on the way, so many seconds after the start."""

    plan: Plan
    after_s: float


@dataclass
class IncumbentPlan:
    """Best outcome of each component so far."""

    instance: Instance
    options: SolveOptions
    jobs: dict[str, Job]
    staying: PartialBase | None = None
    orders: tuple[Order, ...] = ()
    best: dict[str, Outcome] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)  # what failed; empty: its worker was ended
    finished: set[str] = field(default_factory=set)
    _views: dict[str, Instance] = field(default_factory=dict)  # of components, as they are searched

    def jobs_of(self, group: Iterable[str]) -> list[Job]:
        """Components to search, with what they are to send to others, and what has been found to come."""
        found = []
        come = self._arrivals()
        for name in group:
            job, view = self.jobs[name], seen_by(self.instance, name, self.orders, come)
            if view is not self.instance:
                self._views[name] = view
                job = replace(
                    job,
                    regions=(*job.regions, *receivers(view)),
                    trips=as_deliveries(job.trips, view),
                    view=view,
                )
            found.append(job)
        return found

    def view_of(self, name: str) -> Instance:
        """The instance as a component was searched, with what others send it."""
        return self._views.get(name, self.instance)

    def _arrivals(self) -> list[Arrival]:
        """What has been found to come to warehouses from others; of what stays as it was, as planned."""
        givers = {one.giver: None for one in self.orders}
        found = [
            one
            for name in givers
            if name in self.best
            for one in arrivals_of(self.best[name].trips, self.best[name].sure_s)
        ]
        if self.staying is not None:
            found += arrivals_of(one for one in self.staying.base.trips if one.origin_id not in self.jobs)
        return found

    @property
    def late(self) -> tuple[int, int]:
        """Weight of the regions that go without in the best outcomes (or have none), and of those late."""
        found = [one for name in self.jobs for one in self._best_of(name).regions]
        weights = {one.id: self.instance.weight_of(one) for one in self.instance.regions}
        gone, late = (
            sum(weights[one.region_id] for one in found if one.status is status)
            for status in (RegionStatus.UNDELIVERED, RegionStatus.LATE)
        )
        return gone, late

    def without(self, names: Collection[str]) -> IncumbentPlan:
        """The same without what was found for some components."""
        best = {name: one for name, one in self.best.items() if name not in names}
        return replace(
            self,
            best=best,
            orders=(),
            jobs=dict(self.jobs),
            lost=dict(self.lost),
            finished=set(self.finished),
            _views={},
        )

    def take(self, other: IncumbentPlan) -> None:
        """Go on with what another one has found."""
        self.jobs, self.orders, self.best = other.jobs, other.orders, other.best
        self.lost, self.finished = other.lost, other.finished

    def hear(self, heard: Heard) -> Heard:
        """Take in what a component told; the same as it stands in a plan."""
        if heard.outcome is not None and heard.warehouse_id in self._views:
            found = as_transfers(heard.outcome, self._views[heard.warehouse_id])
            heard = replace(heard, outcome=found)
        if heard.final:
            self.finished.add(heard.warehouse_id)
        if heard.outcome is None:
            self.lost[heard.warehouse_id] = heard.failure
        else:
            self.best[heard.warehouse_id] = heard.outcome
        return heard

    def plan(self) -> Plan:
        """The outcomes as one plan; what it withstands, the check says."""
        outcomes = [
            self._best_of(one.id)
            for one in self.instance.warehouses
            if one.id in self.jobs or self._stays(one.id)
        ]
        regions = {one.region_id: one for found in outcomes for one in found.regions}
        order = [region.id for region in self.instance.regions if region.id in regions]
        components = [self._component(found) for found in outcomes]
        return Plan(
            instance_name=self.instance.settings.name,
            instance_digest=digest(self.instance),
            instance_tables=table_digests(self.instance),
            planner_version=__version__,
            options=self._options(),
            status=Status.worst_of(one.component.status for one in components),
            gamma=0,  # what it withstands, the check says
            currency=self.instance.settings.currency,
            cost=sum(one.component.cost for one in components),
            components=tuple(one.component for one in components),
            trips=tuple(trip for found in outcomes for trip in found.trips),
            regions=tuple(regions[name] for name in order),
        )

    def _options(self) -> dict[str, str]:
        """What was asked for; where a plan stays in part, the plan is for all of it."""
        options = self.options.as_text(self.instance.clock)
        if self.staying is None:
            return options | {"rules": " ".join(CLAIMED)}
        rules = self.staying.base.options.get("rules")
        claimed = {} if rules is None else {"rules": rules}
        return options | {"area": self.staying.area, "planned_anew": self.options.area} | claimed

    def _stays(self, name: str) -> bool:
        return self.staying is not None and any(one.id == name for one in self.staying.base.components)

    def _best_of(self, name: str) -> Outcome:
        """Best outcome of a warehouse; it may have no regions itself."""
        found = self.best.get(name)
        if self.staying is not None:
            found = self.staying.outcome(name, found, self.instance)
        if found is None and name in self.jobs:
            found = self._nothing(self.jobs[name])
        return found or Outcome(self._no_component(name), (), ())

    def _no_component(self, name: str) -> Component:
        return Component(name, Status.ON_TIME, StopReason.COMPLETE, (), 0, 0)

    def _component(self, found: Outcome) -> Outcome:
        """An outcome on the way is one of an interrupted search."""
        name, stop_reason = found.component.id, found.component.stop_reason
        if name in self.finished or name not in self.jobs or stop_reason is StopReason.NOT_STARTED:
            return found
        return replace(found, component=replace(found.component, stop_reason=StopReason.INTERRUPTED))

    def _nothing(self, job: Job) -> Outcome:
        failure = self.lost.get(job.warehouse_id)
        if failure is None:
            reason = ReasonCode.NOT_SEARCHED
        else:
            reason = ReasonCode.SEARCH_FAILED if failure else ReasonCode.WORKER_LOST
        deadlines = [deadline_of(self.instance, region) for region in job.regions]
        names = [region.id for region in job.regions]
        return outcome_of_nothing(
            job.warehouse_id,
            names,
            deadlines,
            needing={region.id for region in job.regions if unit_loads(self.instance, region)},
            reason=reason,
            params={"what": failure} if failure else {},
            stop_reason=StopReason.NOT_STARTED,
        )


class IncumbentWriter:
    """Writes the best checked plan so far every few seconds, and at once when it is complete or promised."""

    def __init__(
        self,
        state: IncumbentPlan,
        output: Path | None,
        began: float,
        on_written: Callable[[Written], None] | None,
    ) -> None:
        self._state = state
        self._output = output
        self._began = began
        self._tell = on_written
        self._last = time.monotonic()
        self._found: Plan | None = None  # what was written last
        self._reached = 0  # how good that was

    def tick(self) -> None:
        """Called several times a second."""
        if self._output is None or not self._state.best:
            return
        reached = self._reach()
        every_s = _WRITE_EVERY_S if reached else _WRITE_INCOMPLETE_EVERY_S
        if time.monotonic() - self._last < every_s and reached <= self._reached:
            return
        found = self._state.plan()
        if found != self._found:
            plan, verdict = checked_with_base(found, self._state.instance, self._state.options.base)
            if not verdict.violations:
                write_plan(plan, self._state.instance.clock, self._output)
                self._found = found
                self._reached = reached
                if reached and self._tell is not None:
                    self._tell(Written(plan, time.monotonic() - self._began))
        self._last = time.monotonic()

    def _reach(self) -> int:
        """0, or 1 where every component has a plan, or 2 where all of it is promised."""
        found = self._state.best.values()
        if len(found) < len(self._state.jobs):
            return 0
        return 1 + all(one.is_promised for one in found)


def checked_with_base(plan: Plan, instance: Instance, base: Plan | None) -> tuple[Plan, Verdict]:
    """A plan with what the check alone may say, that it is guaranteed, and the check of that."""
    return checked(plan, instance.clock, instance, () if base is None else (base,))
