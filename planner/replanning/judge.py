"""What a plan is worth in a replan: the checker says what is late at worst, this what it changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from planner.instance.schema import Instance, Region
from planner.plans.model import Component, Plan, ReasonCode, RegionResult, RegionStatus, Status, Trip
from planner.proof.check import CHECKS
from planner.proof.evidence import Past
from planner.proof.facts import PlanFacts
from planner.proof.verdict import Recorder, Violation
from planner.proof.world import World
from planner.replanning.changes import Changes, changes_of, ways_of
from planner.replanning.results import Results

__all__ = ["Ground", "Judge", "Judged", "Worth", "lacks"]

# What is about the plan as a whole, not about the trips of one component.
_NOT_JUDGED = (
    "plan_digest", "instance_digest", "header", "regions_complete", "margin", "trip_cost", "cost", "bound",
    "guarantee", "proof", "status", "reasons", "history", "received", "deadline",
)  # fmt: skip


class Worth(NamedTuple):
    """Smaller is better, compared from the left.

    Weights are those of regions; `broken` counts violations that the trips cause.
    """

    broken: int
    undelivered: int
    late: int
    not_guaranteed: int
    lateness_s: int
    changed: int
    people: int
    cost: int


@dataclass(frozen=True)
class Judged:
    """Trips of a component, and what they are worth."""

    trips: tuple[Trip, ...]
    results: tuple[RegionResult, ...]
    worth: Worth
    violations: tuple[Violation, ...]
    not_guaranteed: frozenset[str]
    changes: Changes


@dataclass(frozen=True)
class Ground:
    """What trips of one component are judged by.

    Parameters
    ----------
    instance
        The effective one.
    world, past
        The checker's view of it, and of what has been.
    component, regions
        The component, and its regions.
    results
        Makes results of trips.
    frame
        A plan with the new header, whose trips are replaced.
    begun
        Ids of trips that had begun.
    others
        Trips of other components that bring or take stock.
    old_trips, old_results
        Those of the plan in force.
    tolerance_s
        What moves by no more is no change.
    """

    instance: Instance
    world: World
    past: Past | None
    component: Component
    regions: tuple[Region, ...]
    results: Results
    frame: Plan
    begun: Collection[str]
    others: tuple[Trip, ...]
    old_trips: tuple[Trip, ...]
    old_results: tuple[RegionResult, ...]
    tolerance_s: int


class Judge:
    """Judges trips of one component.

    Parameters
    ----------
    ground
        What they are judged by.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        names = {one.id for one in ground.regions}
        received = {one.region_id: one.received_s for one in ground.old_results if one.region_id in names}
        self._old_ways = ways_of(ground.old_trips, received)
        self._excused: frozenset[str] = frozenset()
        self._last: tuple[Judged, PlanFacts] | None = None
        weight_of = ground.instance.weight_of
        self.weights: Mapping[str, int] = {one.id: weight_of(one) for one in ground.regions}

    @property
    def component_id(self) -> str:
        """Id of the component."""
        return self._ground.component.id

    @property
    def world(self) -> World:
        """The checker's view of the instance with the reports applied."""
        return self._ground.world

    def excuse(self, world: World, judged: Judged) -> Judged:
        """Do not count regions that were not guaranteed though nothing had been reported.

        What was guaranteed stays so without news: fewer legs are left that may be late. Whose guarantee the
        plan in force did not have either is no reason to change anybody's plan.

        Parameters
        ----------
        world
            The checker's view of the files without the reports.
        judged
            What was judged without that.

        Returns
        -------
        Judged
            The same with that.
        """
        now_s = 0 if self._ground.frame.replan is None else self._ground.frame.replan.now_s
        trips = [replace(trip, begun=trip.load_start_s < now_s) for trip in self._ground.old_trips]
        facts = self._facts(trips, self._ground.results.of(self._ground.regions, trips), world, None)
        self._excused = frozenset(one.region for one in facts.worst.values() if not one.guaranteed)
        left = judged.not_guaranteed - self._excused
        worth = judged.worth._replace(not_guaranteed=self._weigh(left))
        excused = replace(judged, worth=worth, not_guaranteed=left)
        if self._last is not None and self._last[0] is judged:
            self._last = excused, self._last[1]
        return excused

    def judge(self, trips: Sequence[Trip]) -> Judged:
        """What some trips are worth."""
        if self._last is not None and self._last[0].trips == tuple(trips):
            return self._last[0]
        results = self._ground.results.of(self._ground.regions, trips)
        before = None if self._last is None else self._last[1]
        facts = self._facts(trips, results, self._ground.world, before)
        violations: list[Violation] = []
        for rule, check in CHECKS.items():
            if rule not in _NOT_JUDGED:
                recorder = Recorder(rule, self._ground.instance.clock)
                check(facts, recorder)
                violations += recorder.violations
        others = {one.id for one in self._ground.others}  # they may serve regions that are not looked at here
        violations = [one for one in violations if one.place.get("trip") not in others]
        not_guaranteed: frozenset[str] = frozenset()
        if any(facts.gammas.values()):
            failed = frozenset(one.region for one in facts.worst.values() if not one.guaranteed)
            not_guaranteed = failed - self._excused
        changes = changes_of(
            self._ground.old_trips,
            trips,
            self._old_ways,
            ways_of(trips, {one.region_id: one.received_s for one in results}),
            tolerance_s=self._ground.tolerance_s,
            clock=self._ground.instance.clock,
            begun=self._ground.begun,
        )
        judged = Judged(
            tuple(trips),
            results,
            self._worth(trips, results, len(violations), not_guaranteed, changes),
            tuple(violations),
            not_guaranteed,
            changes,
        )
        self._last = judged, facts
        return judged

    def _facts(
        self,
        trips: Sequence[Trip],
        results: Sequence[RegionResult],
        world: World,
        before: PlanFacts | None,
    ) -> PlanFacts:
        ground = self._ground
        component = replace(ground.component, status=Status.ON_TIME, proofs=(), lower_bound=None)
        plan = replace(
            self._ground.frame,
            components=(component,),
            trips=(*trips, *self._ground.others),
            regions=tuple(results),
        )
        return PlanFacts(plan, ground.instance.clock, world, past=ground.past, before=before)

    def _worth(
        self,
        trips: Sequence[Trip],
        results: Sequence[RegionResult],
        broken: int,
        not_guaranteed: frozenset[str],
        changes: Changes,
    ) -> Worth:
        late = {one.region_id: one for one in results if one.status is RegionStatus.LATE}
        lateness = sum(self.weights[name] * max(0, -(one.margin_s or 0)) for name, one in late.items())
        return Worth(
            broken,
            self._weigh([one.region_id for one in results if lacks(one)]),
            self._weigh(list(late)),
            self._weigh(not_guaranteed),
            lateness,
            self._weigh(changes.regions),
            changes.people,
            self._ground.results.cost(trips),
        )

    def _weigh(self, names: Collection[str]) -> int:
        return sum(self.weights.get(name, 0) for name in names)


def lacks(one: RegionResult) -> bool:
    """Whether a region is to receive something and does not; nothing goes to who is left out by decision."""
    return one.status is RegionStatus.UNDELIVERED and one.reason is not ReasonCode.LEFT_OUT
