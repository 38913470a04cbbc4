"""Plans between the cheapest and the one with the largest smallest margin.

The epsilon-constraint method: every run asks for the cheapest plan in which everybody who can be on time is
so by at least some margin, that is, with all deadlines earlier by so much. About half of the runs push the
margin up, by bisection between the largest one found and a bound; the others fill the widest gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from planner.assemble import deadline_of
from planner.clock import MINUTE_S
from planner.instance.digest import digest
from planner.instance.schema import Deadline, Echelon, Instance
from planner.plan import Component, Plan, RegionResult, RegionStatus, Status
from planner.proof.check import check_plan, with_guarantee
from planner.proof.proofs import earliest_receipt
from planner.proof.world import World
from planner.solve import Progress, SolveOptions, SolveResult, solve
from planner.spares import Spares

__all__ = ["Front", "Point", "tightened", "tradeoff"]

# Margins that differ by less are not told apart.
_LEAST_GAP_S = 5 * MINUTE_S


@dataclass(frozen=True, slots=True)
class Point:
    """A checked plan of a trade-off.

    Parameters
    ----------
    asked_s
        By how much deadlines were earlier in its search.
    margin_s
        Its smallest margin, of the regions that are on time in the cheapest plan; None where there are none.
    """

    result: SolveResult
    asked_s: int
    margin_s: int | None

    @property
    def cost(self) -> int:
        """Cost of the plan."""
        return self.result.plan.cost


@dataclass(frozen=True)
class Front:
    """What a trade-off found.

    Parameters
    ----------
    points
        The plans of which none is both dearer and tighter than another, by cost.
    others
        Plans that are no better than one of these in either.
    failed
        Runs whose plan had somebody late who is on time in the cheapest plan, or guaranteed less.
    bound_s
        No plan has a larger smallest margin; None: not known.
    left_out
        Regions that are not on time in the cheapest plan; their margins do not count.
    """

    points: tuple[Point, ...]
    others: tuple[Point, ...] = ()
    failed: int = 0
    bound_s: int | None = None
    left_out: tuple[str, ...] = ()

    @property
    def runs(self) -> int:
        """Searches that were made."""
        return len(self.points) + len(self.others) + self.failed


def tradeoff(
    instance: Instance,
    options: SolveOptions,
    most: int,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_run: Callable[[int, int], None] | None = None,
    spares: Spares | None = None,
) -> Front:
    """Find up to so many plans from the cheapest to the one with the largest smallest margin.

    Parameters
    ----------
    instance, options
        As for `planner.solve.solve`; the limit holds for all runs together, an effort for each.
    most
        Runs, and so at most so many plans.
    on_progress, spares
        See `planner.solve.solve`.
    on_run
        Told of each run before it begins: its number from 1, and by how much its deadlines are earlier.

    Raises
    ------
    InputError, CheckFailedError
        As `planner.solve.solve` does.

    Notes
    -----
    Deadlines of hubs stay. Who is late in the cheapest plan keeps his own. Each run goes on from the cheapest
    plan known that has the margin asked for, so that it finds nothing worse. Ctrl-C ends with what is there.
    """
    each = replace(options, time_limit_s=options.time_limit_s / most)
    search = _Search(instance, each, on_progress, on_run, spares)
    search.first()
    for number in range(2, most + 1):
        asked_s = None if search.is_over else search.next_s(number, most)
        if asked_s is None:
            break
        search.run(number, asked_s)
    return search.front()


def tightened(instance: Instance, names: Collection[str], by_s: int) -> Instance:
    """The instance with the deadlines of some regions earlier by so much."""
    own = {row.place: row for row in instance.deadlines if row.echelon is Echelon.REGION}
    others = [
        row for row in instance.deadlines if row.echelon is not Echelon.REGION or row.place not in names
    ]
    rows = [
        replace(own.get(one.id, Deadline(place=one.id)), deadline_s=deadline_of(instance, one) - by_s)
        for one in instance.regions
        if one.id in names
    ]
    return replace(instance, deadlines=(*others, *rows))


@dataclass
class _Search:
    """The runs so far."""

    instance: Instance
    options: SolveOptions
    on_progress: Callable[[Progress], None] | None
    on_run: Callable[[int, int], None] | None
    spares: Spares | None
    points: list[Point] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)  # what was asked for and not found
    asked: list[int] = field(default_factory=list)
    is_over: bool = False
    names: frozenset[str] = frozenset()
    bound_s: int | None = None

    def first(self) -> None:
        """The cheapest plan, and who is on time in it."""
        found = self._solved(1, 0, self.instance, None)
        plan = found.plan
        self.names = _on_time(plan)
        self.points.append(Point(found, 0, _margin_s(plan, self.names)))
        self.bound_s = self._bound_s()
        self.is_over = self.is_over or self.bound_s is None

    def _bound_s(self) -> int | None:
        """Least, over the regions, of the deadline less the earliest receipt in any plan."""
        world = World(self.instance)
        bounds = []
        for name in sorted(self.names):
            region = self.instance.region_of[name]
            earliest_s = earliest_receipt(world, region)
            if earliest_s is not None:
                bounds.append(world.deadline_s(region) - earliest_s)
        return min(bounds, default=None)

    def _solved(self, number: int, asked_s: int, instance: Instance, base: Plan | None) -> SolveResult:
        if self.on_run is not None:
            self.on_run(number, asked_s)
        options = self.options if base is None else replace(self.options, base=base, base_stays=False)
        found = solve(instance, options, on_progress=self.on_progress, spares=self.spares)
        self.asked.append(asked_s)
        self.is_over = found.interrupted
        return found

    def run(self, number: int, asked_s: int) -> None:
        """Search with deadlines earlier by so much."""
        enough = [one for one in self.points if (one.margin_s or 0) >= asked_s]
        base = min(enough, key=lambda one: one.cost) if enough else max(self.points, key=_margin_of)
        hard = tightened(self.instance, self.names, asked_s)
        found = self._solved(number, asked_s, hard, base.result.plan)
        result = _as_asked(self.instance, found, self.points[0].result, asked_s)
        if result is None or not _on_time(result.plan) >= self.names:
            self.failed.append(asked_s)
            return
        point = Point(result, asked_s, _margin_s(result.plan, self.names))
        if (point.margin_s or 0) < asked_s:
            self.failed.append(asked_s)  # in time, but not by so much: a point all the same
        self.points.append(point)

    def next_s(self, number: int, most: int) -> int | None:
        """What to ask for next; None where nothing lies between any more."""
        largest_s = max(one.margin_s or 0 for one in self.points)
        above_s = min([self.bound_s or 0, *(one for one in self.failed if one > largest_s)])
        pushes = number <= 1 + most // 2
        if pushes and above_s - largest_s > _LEAST_GAP_S:
            return largest_s + (above_s - largest_s + 1) // 2
        gaps = sorted(self._gaps(), key=lambda gap: gap[0] - gap[1])
        if gaps:
            return gaps[0][0] + (gaps[0][1] - gaps[0][0] + 1) // 2
        if above_s - largest_s > _LEAST_GAP_S:
            return largest_s + (above_s - largest_s + 1) // 2
        return None

    def _gaps(self) -> Iterator[tuple[int, int]]:
        """Margins between neighbours of the front, up to what was asked for in vain."""
        front = _front(self.points)
        for one, other in zip(front, front[1:], strict=False):
            begin, end = one.margin_s or 0, other.margin_s or 0
            end = min([end, *(asked for asked in self.asked if begin < asked)])
            if end - begin > _LEAST_GAP_S:
                yield begin, end

    def front(self) -> Front:
        """What was found."""
        points = _front(self.points)
        plan = self.points[0].result.plan
        return Front(
            points,
            tuple(one for one in self.points if one not in points),
            len(self.asked) - len(self.points),
            self.bound_s,
            tuple(one.region_id for one in plan.regions if one.status is not RegionStatus.ON_TIME),
        )


def _on_time(plan: Plan) -> frozenset[str]:
    """Regions that receive something, on time."""
    return frozenset(
        one.region_id
        for one in plan.regions
        if one.status is RegionStatus.ON_TIME and one.received_s is not None
    )


def _margin_of(point: Point) -> int:
    return point.margin_s or 0


def _front(points: Sequence[Point]) -> tuple[Point, ...]:
    """Those of which none is both dearer and tighter than another; of equal ones the first."""
    found: list[Point] = []
    for one in sorted(points, key=lambda point: (point.cost, -(point.margin_s or 0))):
        if not found or (one.margin_s or 0) > (found[-1].margin_s or 0):
            found.append(one)
    return tuple(found)


def _margin_s(plan: Plan, names: Collection[str]) -> int | None:
    margins = [one.margin_s for one in plan.regions if one.region_id in names and one.margin_s is not None]
    return min(margins, default=None)


def _as_asked(instance: Instance, found: SolveResult, first: SolveResult, asked_s: int) -> SolveResult | None:
    """A plan found for earlier deadlines, as one of the instance; None where the check refuses it."""
    regions = tuple(_result(instance, one) for one in found.plan.regions)
    results = {one.region_id: one for one in regions}
    proofs = {one.id: one for one in first.plan.components}
    components = tuple(
        _component(one, proofs.get(one.id), results, found.plan) for one in found.plan.components
    )
    plan = replace(
        found.plan,
        instance_digest=digest(instance),
        options={**found.plan.options, "deadlines_earlier": f"{asked_s} s"},
        status=max((one.status for one in components), key=lambda one: one.rank),
        components=components,
        regions=regions,
    )
    plan = with_guarantee(plan, instance.clock, instance)
    verdict = check_plan(plan, instance.clock, instance)
    less = set(verdict.robustness.not_guaranteed) - set(first.verdict.robustness.not_guaranteed)
    if verdict.violations or less:
        return None
    return replace(found, plan=plan, verdict=verdict)


def _result(instance: Instance, one: RegionResult) -> RegionResult:
    """A region's result against its own deadline; who is late at a hub stays so."""
    deadline_s = deadline_of(instance, instance.region_of[one.region_id])
    at_hub = one.status is RegionStatus.LATE and one.margin_s is not None and one.margin_s > 0
    if one.received_s is None or one.received_s >= deadline_s or at_hub:
        return replace(one, deadline_s=deadline_s)
    return RegionResult(one.region_id, RegionStatus.ON_TIME, one.received_s, deadline_s)


def _component(
    one: Component, first: Component | None, results: dict[str, RegionResult], plan: Plan
) -> Component:
    """A component with the proofs of the cheapest plan, which are about the instance itself."""
    proofs = () if first is None else first.proofs
    bound = None if first is None or one.lower_bound is None else first.lower_bound
    statuses = {results[name].status for name in one.regions}
    if statuses <= {RegionStatus.ON_TIME}:
        status = Status.ON_TIME
    elif proofs:
        status = Status.IMPOSSIBLE
    else:
        drives = any(trip.id.startswith(f"{one.id}/") for trip in plan.trips)
        status = Status.LATE if drives else Status.NOT_FOUND
    return replace(one, status=status, proofs=proofs, lower_bound=bound)
