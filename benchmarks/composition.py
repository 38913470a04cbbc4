"""A plan's own trips scheduled greedily, beside what composition made of them.

The trips of a plan (vehicle type, goods, order of stops) are given hours one after another, from the
warehouse down: the most urgent first, each on time at the least further price and then as early as it can,
as `planner.compose.list_scheduling` does by itself. What a hub gets is there when it has come and been
transferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.building.echelons import build_echelons
from planner.compose.component_solution import ComponentSolution, unloadings
from planner.compose.list_scheduling import schedule_all
from planner.compose.solution import Assignment, Score, Solution
from planner.instance.digest import digest
from planner.instance.schema import Instance
from planner.plans.model import Plan, Trip
from planner.problem.echelons import Echelons
from planner.problem.problem import Route
from planner.propose.pool import Pool

# So many times greedy trips wait for room at a hub, at least a day where nothing leaves it.
WAITS, DAY_S = 60, 86_400
OBJECTIVE = Score._fields


@dataclass(frozen=True)
class Compared:
    """A component as the plan has it, and its trips scheduled greedily.

    Parameters
    ----------
    told
        Scheduled greedily by somebody who knows when the plan needs the goods at each hub.
    """

    component: str
    plan: ComponentSolution
    greedy: ComponentSolution
    told: ComponentSolution

    def against(self, other: ComponentSolution) -> str:
        """How the plan fares, and what decides; greedy trips may still overfill a hub."""
        if any(other.overfull(number) is not None for number in range(len(self.plan.echelons.each))):
            return "wins (hub_storage)"
        pairs = zip(OBJECTIVE, self.plan.score, other.score, strict=True)
        for name, mine, its in pairs:
            if mine != its:
                return f"{'wins' if mine < its else 'loses'} ({name})"
        return "ties"


def compared(instance: Instance, plan: Plan) -> Iterator[Compared]:
    """Each component of a plan."""
    if plan.instance_digest != digest(instance):
        raise ValueError("the plan was made for other tables")
    regions = {one.id: one for one in instance.regions}
    warehouse_of = {kind.id: kind.warehouse for kind in instance.vehicles}
    for one in plan.components:
        echelons = build_echelons(instance, one.id, [regions[name] for name in one.regions])
        trips = [trip for trip in plan.trips if warehouse_of[trip.vehicle_type] == one.id]
        pools = [Pool(echelon.problem) for echelon in echelons.each]
        mine = as_solution(echelons, pools, trips)
        if mine.cost != one.cost:
            raise ValueError(f"{one.id}: {mine.cost} recomputed, {one.cost} in the plan")
        yield Compared(
            one.id, mine, greedy(echelons, pools, mine), greedy(echelons, pools, mine, needed(mine))
        )


def as_solution(echelons: Echelons, pools: Sequence[Pool], trips: Sequence[Trip]) -> ComponentSolution:
    """A component's trips as the search saw them."""
    parts = []
    for echelon, pool in zip(echelons.each, pools, strict=True):
        problem = echelon.problem
        fleet_of = {one.id: idx for idx, one in enumerate(problem.fleet)}
        number = {(one.id, one.for_region): idx for idx, one in enumerate(problem.consignments)}
        found = []
        for trip in trips:
            fleet = fleet_of.get(trip.vehicle_type)
            if fleet is None:
                continue
            order = [  # what is handed over at a hub is a consignment of its own
                number[one.consignment_id, "" if stop.node_id == one.region_id else one.region_id]
                for stop in trip.stops
                for one in stop.deliveries
            ]
            (candidate,) = pool.add([Route(fleet, tuple(order))])
            timing = None if candidate is None else candidate.timing_at(problem, trip.load_start_s)
            if candidate is None or timing is None or timing.end_s != trip.end_s:
                raise ValueError(f"{trip.id} cannot be made again")
            vehicle = int(trip.vehicle_id.rpartition("-")[2]) - 1
            found.append(Assignment(candidate, timing, vehicle, trip.dock - 1))
        parts.append(Solution(problem, tuple(found)))
    return ComponentSolution(echelons, tuple(parts))


def greedy(
    echelons: Echelons, pools: Sequence[Pool], mine: ComponentSolution, dues: Sequence[Mapping[int, int]] = ()
) -> ComponentSolution:
    """The same trips, each echelon scheduled by itself once the one above it has its hours.

    Where a hub would hold more than it has room for, what would come then waits at its warehouse or hub until
    a trip leaves it, as long as that helps.
    """
    held: dict[tuple[int, int], int] = {}
    for _ in range(WAITS):
        found = downwards(echelons, pools, mine, dues, held)
        full = [
            (moment, number)
            for number in range(len(echelons.each))
            if (moment := found.overfull(number)) is not None
        ]
        if not full:
            break
        moment, number = min(full)
        echelon = echelons.each[number]
        starts = [one.timing.load_start_s for one in found.parts[number].assignments]
        free_s = min((start for start in starts if start > moment), default=moment + DAY_S)
        for one in found.parts[echelon.above].assignments:
            unloads = zip(one.candidate.stops, one.timing.services, strict=True)
            if any(stop.region == echelon.stop and end == moment for stop, (_, end) in unloads):
                start_s = one.timing.load_start_s + free_s - moment
                held.update(
                    dict.fromkeys(((echelon.above, idx) for idx in one.candidate.route.consignments), start_s)
                )
    return found


def downwards(
    echelons: Echelons,
    pools: Sequence[Pool],
    mine: ComponentSolution,
    dues: Sequence[Mapping[int, int]],
    held: Mapping[tuple[int, int], int],
) -> ComponentSolution:
    """Echelon after echelon; `held` says from when some goods may be loaded at all."""
    parts: list[Solution] = []
    for number, echelon in enumerate(echelons.each):
        problem = echelon.problem
        ready = {idx: one.release_s for idx, one in enumerate(problem.consignments)}
        if echelon.above >= 0:
            ready = {
                echelons.below[number, idx]: one.ready_s
                for one in unloadings(echelons, number, parts[echelon.above].assignments)
                for idx in one.consignments
            }
        due = dues[number] if dues else {}
        consignments = tuple(
            replace(
                one,
                release_s=max(one.release_s, ready.get(idx, 0), held.get((number, idx), 0)),
                due_s=due.get(idx, one.due_s),
            )
            for idx, one in enumerate(problem.consignments)
        )
        lost = problem.unserved | (set(range(len(consignments))) - set(ready))
        now = replace(problem, consignments=consignments, unserved=lost)
        trips = Pool(now, pools[number]).add([one.candidate.route for one in mine.parts[number].assignments])
        able = [one for one in trips if one is not None and lost.isdisjoint(one.route.consignments)]
        scheduled = schedule_all(now, able).assignments
        back = pools[number].add([one.candidate.route for one in scheduled])
        pairs = zip(scheduled, back, strict=True)
        parts.append(Solution(problem, tuple(replace(one, candidate=old) for one, old in pairs if old)))
    return ComponentSolution(echelons, tuple(parts))


def needed(found: ComponentSolution) -> list[dict[int, int]]:
    """Of each echelon, before when goods must be at a hub so that its trips can go as they do."""
    dues: list[dict[int, int]] = [{} for _ in found.echelons.each]
    for number, echelon in enumerate(found.echelons.each):
        ready = {idx: one.ready_s - one.end_s for one in found.unloadings(number) for idx in one.consignments}
        for one in found.parts[number].assignments if echelon.above >= 0 else ():
            for idx in one.candidate.route.consignments:
                source = echelon.source[idx]
                dues[echelon.above][source] = one.timing.load_start_s - ready[source] + 1
    return dues


def figures(found: ComponentSolution) -> dict[str, object]:
    """What the objective sees of a solution, and how many vehicles it uses."""
    vehicles = {(number, one.candidate.route.fleet, one.vehicle) for number, one in found.assignments}
    margins = [
        found.echelons.each[number].problem.region_deadlines[stop] - got
        for name, (number, stop) in found.echelons.regions.items()
        if (got := found.received[name].received_s) is not None
    ]
    return dict(zip(OBJECTIVE[:-1], found.score[:-1], strict=True)) | {
        "relative_margin": -found.score.margin,
        "smallest_margin_s": min(margins, default=None),
        "vehicles": len(vehicles),
        "trips": sum(1 for _ in found.assignments),
    }
