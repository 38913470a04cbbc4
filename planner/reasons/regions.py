"""Why a region is late or goes without, from the solution alone, without solving again.

A reason has its texts below ``reasons`` in the catalogue: a ``why`` and an ``action``.
"""

from __future__ import annotations

from planner.building.blocked import Reason, hours_of
from planner.building.direct_trips import direct_trips
from planner.compose.component_solution import ComponentSolution
from planner.compose.relaxation import Relaxed
from planner.compose.solution import Solution
from planner.network.calendars import day_index
from planner.network.graph import Passage
from planner.plans.model import Proof, ProofKind, ReasonCode
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.supply import Stores
from planner.reasons.decisions import (
    decision_reason,
    departures_full,
    fleet_decisions,
    perhaps_decided,
)

__all__ = [
    "FULL_PERCENT",
    "lacking",
    "late_stock_proofs",
    "proven",
    "reason_for",
]

# A resource used for at least this share of its time until the deadline is named as the cause.
FULL_PERCENT = 60


def reason_for(problem: Problem, relaxed: Relaxed, region: int) -> Reason:
    """Key of the reason and what its text needs, from a solution of a problem.

    Notes
    -----
    Proven causes first, then stock that other warehouses did not send, then decisions and hours of edges,
    then stock that comes too late for the region's last trip.
    Otherwise what is named would bring the region in time if there were more of it alone, be it docks or the
    fullest of the vehicle types that serve it, and is busy for most of the time until the deadline where both
    would; or both, where only both together would. Else the cause is not determined.
    """
    known = proven(problem, region, problem) or lacking(problem, region)
    known = known or decision_reason(problem, region) or _edge_hours(problem, region)
    return known or _late_stock(problem, relaxed.solution, region) or _busy(problem, relaxed, region)


def proven(problem: Problem, region: int, root: Problem) -> Reason | None:
    """What a proof says of a region; `root` is the problem of the warehouse that supplies it."""
    name = problem.places[problem.place(region)]
    closed = _edge_hours(problem, region)
    for proof in problem.proofs:
        if name in proof.regions:
            if closed is not None and proof.kind is ProofKind.EARLIEST_ARRIVAL:
                return closed
            params = {"edges": ", ".join(proof.edges) or "-", "warehouse": root.name} | dict(proof.figures)
            key = _KEY_OF_PROOF[proof.kind]
            if "item" in proof.figures:
                comes = proof.figures["available"]
                key = ReasonCode.STOCK_COMES if comes else ReasonCode.STOCK_NEVER_COMES
            elif proof.figures.get("earliest") == "":  # not by any vehicle, not even late
                key = ReasonCode.NEVER_RECEIVES
            if "before" in proof.figures:
                key, params["available"] = ReasonCode.STOCK_EARLY, _enough_from(root, proof.figures["items"])
            params = {name: said for name, said in params.items() if said}
            return (ReasonCode.CUT_OFF if key is ReasonCode.CUT and not proof.edges else key), params
    return None


def lacking(problem: Problem, region: int) -> Reason | None:
    """Whether the region goes without for lack of stock that other warehouses may have."""
    items = problem.lacking.get(problem.places[problem.place(region)])
    if items is None:
        return None
    return ReasonCode.STOCK_ELSEWHERE, {"items": items, "warehouse": problem.name}


def late_stock_proofs(found: ComponentSolution) -> tuple[Proof, ...]:
    """That too little comes before the last deadline, for who is late in a plan, if that is so.

    Notes
    -----
    Listed are those for whom, beside all that are on time, there is not enough before the last deadline. So
    not all can be on time in any plan; who is late is for the search to choose.
    """
    echelons, problem = found.echelons, found.echelons.root
    if not problem.supplies or not echelons.regions:
        return ()
    deadlines = {
        name: echelons.each[number].problem.region_deadlines[stop]
        for name, (number, stop) in echelons.regions.items()
    }
    last_s = max(deadlines.values())
    timely = {
        name
        for name, got in found.received.items()
        if got.received_s is not None and got.received_s < deadlines[name]
    }
    listed: set[str] = set()
    items: list[str] = []
    for supply in problem.supplies:
        come = max(
            amount
            for moment, amount in zip(supply.moments, supply.amounts, strict=True)
            if moment < last_s or moment == 0
        )
        come = max(come, problem.may_come.get(supply.item, 0))
        needs = dict.fromkeys(echelons.regions, 0)
        for idx in problem.served:
            one = problem.consignments[idx]
            if idx not in echelons.straight.values():
                needs[one.for_region or problem.places[problem.place(one.region)]] += supply.needs[idx]
        left = come - sum(need for name, need in needs.items() if name in timely)
        short = {name for name, need in needs.items() if name not in timely and need > max(0, left)}
        listed |= short
        items += [supply.item] if short else []
    if not listed:
        return ()
    names = tuple(name for name in echelons.regions if name in listed)
    figures = {"items": "+".join(sorted(items)), "before": problem.clock.text(last_s)}
    return (Proof(ProofKind.STOCK, names, figures=figures),)


def _enough_from(problem: Problem, items: str) -> str:
    """When there is enough of all of these items for all."""
    moments = [
        moment
        for supply in problem.supplies
        if supply.item in items.split("+")
        for moment, amount in zip(supply.moments, supply.amounts, strict=True)
        if amount < supply.need_of(problem.served) or moment == 0
    ]
    later = [moment for moment in problem.arrivals if moment > max(moments, default=0)]
    return problem.clock.text(min(later, default=problem.horizon_s))


def _busy(problem: Problem, relaxed: Relaxed, region: int) -> Reason:
    """What there is too little of, if that is known."""
    mine = problem.consignments_of[region]
    if any(idx in problem.unserved for idx in mine):
        return ReasonCode.NO_TRIP, {"warehouse": problem.name}
    return departures_full(problem, relaxed.solution, region) or _too_few(problem, relaxed, region)


def _too_few(problem: Problem, relaxed: Relaxed, region: int) -> Reason:
    """The vehicles or docks that are too few for it to be in time, if it would be with more of them."""
    deadline, solution = problem.region_deadlines[region], relaxed.solution
    shares = {
        position: _fleet_percent(problem, solution, position, kind, deadline)
        for position, kind in enumerate(problem.fleet)
        if kind.serves[region]
    }
    origins = {problem.fleet[position].origin for position in shares}
    docks, origin = max(
        ((_docks_percent(problem, solution, one, deadline), one) for one in sorted(origins)), default=(0, 0)
    )
    of_docks = {"warehouse": problem.place_names[origin], "docks": str(problem.origins[origin].every.docks)}
    fullest = sorted(shares, key=lambda one: (-shares[one], problem.fleet[one].id))
    enough = next((one for one in fullest if relaxed.in_time(region, (one,))), None)
    if enough is None and fullest and relaxed.in_time(region, shares):
        enough = fullest[0]
    percent = 0 if enough is None else shares[enough]
    if enough is None or FULL_PERCENT <= docks > percent:
        if relaxed.in_time(region, docks=True):
            return ReasonCode.DOCKS_FULL, of_docks | {"percent": str(docks)}
        if enough is None and fullest and relaxed.in_time(region, shares, docks=True):
            return ReasonCode.FLEET_DOCKS_FULL, of_docks | _of_kind(problem.fleet[fullest[0]])
    if enough is not None and percent >= FULL_PERCENT:
        params = _of_kind(problem.fleet[enough]) | {"percent": str(percent)}
        decisions = fleet_decisions(problem, _serving(problem, region))
        if decisions:
            return ReasonCode.FLEET_DECIDED, params | {"decisions": decisions}
        return ReasonCode.FLEET_FULL, params
    params = {"percent": str(max(shares.values(), default=0))}
    perhaps = perhaps_decided(problem, region)
    if perhaps:
        return ReasonCode.PERHAPS_DECIDED, params | {"decisions": perhaps}
    return ReasonCode.NOT_DETERMINED, params


def _of_kind(kind: FleetType) -> dict[str, str]:
    return {"vehicle": kind.id, "number": str(kind.number)}


def _serving(problem: Problem, region: int) -> set[str]:
    """Vehicle types that would serve a region without decisions."""
    free = problem.unfixed
    there = problem.place(region)
    return {kind.id for kind in free.fleet if kind.reaches(kind.origin, there)} if free else set()


def _late_stock(problem: Problem, solution: Solution, region: int) -> Reason | None:
    """Whether the last trip to a region is late even if begun as soon as its load has come.

    What the other trips of the plan load is theirs.
    """
    ends = {
        position: end
        for position, one in enumerate(solution.assignments)
        for stop, (_, end) in zip(one.candidate.stops, one.timing.services, strict=True)
        if stop.region == region
    }
    if not problem.supplies or not ends:
        return None
    last = max(ends, key=lambda position: ends[position])
    stores = Stores(problem)
    for position, one in enumerate(solution.assignments):
        if position != last:
            stores.take(one.candidate.route.consignments, one.timing.load_start_s)
    trip = solution.assignments[last]
    come_s, item = stores.earliest(trip.candidate.route.consignments)
    takes_s = ends[last] - trip.timing.load_start_s
    if come_s is None or not item or come_s + takes_s < problem.region_deadlines[region]:
        return None
    params = {"item": item, "available": problem.clock.text(come_s), "warehouse": problem.name}
    return ReasonCode.STOCK_LATE, params


def _edge_hours(problem: Problem, region: int) -> Reason | None:
    """The edges that make a region late, where it would be on time alone if they were always open."""
    if all(kind.timed is None for kind in problem.fleet):
        return None
    deadline = problem.region_deadlines[region]
    there = problem.place(region)
    found: dict[str, tuple[Passage, ...]] = {}
    for kind in problem.fleet:
        if _alone_in_time(problem, kind, region):
            return None
        if kind.timed is not None and _alone_in_time(problem, kind.always_open, region):
            ways = [(kind.origin, there), *([] if kind.open_end else [(there, kind.origin)])]
            for way in ways if not found else []:
                timed = kind.timed_between(*way)
                found |= {} if timed is None else timed.limited_on(*way)
    if not found:
        return None
    hours = hours_of(problem.clock, found.items(), deadline)
    return ReasonCode.EDGE_HOURS, {"edges": ", ".join(found), "hours": hours}


def _alone_in_time(problem: Problem, kind: FleetType, region: int) -> bool:
    """Whether the region's smallest load would be on time if it went alone."""
    mine = [problem.consignments[idx] for idx in problem.consignments_of[region]]
    pieces, release_s = (min((getattr(one, of) for one in mine), default=0) for of in ("pieces", "release_s"))
    deadline = problem.region_deadlines[region]
    return any(
        trip.services[-1][1] < deadline for trip in direct_trips(problem, kind, region, pieces, release_s)
    )


_KEY_OF_PROOF = {
    ProofKind.CUT: ReasonCode.CUT,
    ProofKind.EARLIEST_ARRIVAL: ReasonCode.EARLIEST_ARRIVAL,
    ProofKind.CAPACITY: ReasonCode.CAPACITY,
    ProofKind.STOCK: ReasonCode.STOCK,
}


def _first_moment(problem: Problem) -> int:
    """Begin of the first day on which somebody may receive."""
    first = int(problem.not_before_s.min(initial=problem.horizon_s))
    return max(0, problem.midnights[day_index(problem.midnights, first)])


def _fleet_percent(
    problem: Problem, solution: Solution, position: int, kind: FleetType, deadline: int
) -> int:
    """Share of the type's shift and working time until a deadline that its trips take."""
    first = _first_moment(problem)
    there_is = 0
    for begin, end in zip(problem.midnights, problem.midnights[1:], strict=False):
        if first < end and begin < deadline:
            inside = kind.shifts.overlap_s(max(begin, first), min(end, deadline))
            there_is += inside if kind.work_s is None else min(inside, kind.work_s)
    used = sum(
        kind.shifts.overlap_s(max(first, one.timing.load_start_s), min(one.timing.end_s, deadline))
        for one in solution.assignments
        if one.candidate.route.fleet == position and one.timing.load_start_s < deadline
    )
    return min(100, 100 * used // max(1, kind.number * there_is))


def _docks_percent(problem: Problem, solution: Solution, origin: int, deadline: int) -> int:
    """Share of the opening time of an origin's docks until a deadline in which they are loaded at."""
    first = _first_moment(problem)
    there = problem.origins[origin].every
    there_is = there.docks * there.openings.overlap_s(first, deadline)
    used = sum(
        min(one.timing.depart_s, deadline) - one.timing.load_start_s
        for one in solution.assignments
        if one.timing.load_start_s < deadline and problem.fleet[one.candidate.route.fleet].origin == origin
    )
    return 100 * used // max(1, there_is)
