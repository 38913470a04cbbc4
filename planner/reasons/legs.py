"""Why a region is late or goes without where goods pass hubs: on which leg of its way, and what is short.

The plan is compared with goods that travel alone. They are followed from the last leg back: the first leg
(seen from the region) at whose begin they could still have been in time, alone from there on, is to blame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from planner.building.blocked import Reason, leg_names, limits_on
from planner.building.direct_trips import direct_trips
from planner.compose.component_solution import ComponentSolution
from planner.compose.solution import Assignment
from planner.network.calendars import Interval, Openings
from planner.plans.model import ReasonCode
from planner.problem.consignment import Consignment
from planner.problem.fleet import FleetType
from planner.problem.ledger import Docks, Line
from planner.problem.problem import Problem
from planner.problem.supply import Stores
from planner.problem.trip_times import Timing
from planner.reasons.decisions import decision_reason
from planner.reasons.regions import FULL_PERCENT, lacking, proven, reason_for

__all__ = ["reason_in_chain"]


def reason_in_chain(found: ComponentSolution, name: str) -> Reason:
    """Key of the reason why a region of a component is late or goes without, and what its text needs.

    Notes
    -----
    Proven causes come first, then what no vehicle can bring on one leg, then what the plan shows. Where only
    a hub's deadline is missed, `because` names the reason for that.
    """
    echelons = found.echelons
    number, stop = echelons.regions[name]
    problem = found.parts[number].problem
    got, deadline_s = found.received[name], problem.region_deadlines[stop]
    if got.received_s is not None and got.received_s < deadline_s and got.hub_over_s > 0:
        return _late_at_hub(found, name)
    known = proven(problem, stop, echelons.root) or lacking(problem, stop) or _decided(found, name)
    if known is not None:
        return known
    if number == 0:
        return reason_for(problem, found.relaxed, stop)
    ids = {problem.consignments[idx].id for idx in problem.consignments_of[stop]}
    if name in echelons.blocked and not ids <= echelons.servable:
        key, params = echelons.blocked[name]
        return key, dict(params)
    return _Way(found, _last_consignment(found, name), deadline_s).reason()


def _decided(found: ComponentSolution, name: str) -> Reason | None:
    """Whether decisions are the cause, in the echelon from which the region is supplied or one before it."""
    for number, stop in found.echelons.legs(name):
        known = decision_reason(found.parts[number].problem, stop)
        if known is not None:
            return known
    return None


def _late_at_hub(found: ComponentSolution, name: str) -> Reason:
    """Only the deadline of a hub is missed: which one, and why."""
    got, echelons = found.received[name], found.echelons
    there = echelons.each[got.hub]
    above = echelons.each[there.above].problem
    deadline_s, clock = above.region_deadlines[there.stop], above.clock
    legs = _legs(found, *_latest_at(found, name, got.hub))
    key, params = _Way(found, legs, deadline_s).reason()
    return ReasonCode.HUB_LATE, params | {
        "hub": there.problem.id,
        "hub_name": there.problem.name,
        "deadline": clock.text(deadline_s),
        "arrival": clock.text(deadline_s + got.hub_over_s - 1),
        "because": key.value,
    }


@dataclass(frozen=True, slots=True)
class _Leg:
    """One leg of a consignment: its echelon, its position among that echelon's consignments, its trip."""

    echelon: int
    idx: int
    trip: Assignment | None
    end_s: int  # when it is handed over; 0 without a trip


def _legs(found: ComponentSolution, number: int, idx: int) -> tuple[_Leg, ...]:
    """The legs of a consignment of an echelon up to there, the warehouse's first."""
    legs: list[_Leg] = []
    while True:
        legs.append(_leg(found, number, idx))
        if number == 0:
            return tuple(legs[::-1])
        echelon = found.echelons.each[number]
        number, idx = echelon.above, echelon.source[idx]


def _leg(found: ComponentSolution, number: int, idx: int) -> _Leg:
    for one in found.parts[number].assignments:
        for stop, (_, end_s) in zip(one.candidate.stops, one.timing.services, strict=True):
            if idx in stop.consignments:
                return _Leg(number, idx, one, end_s)
    return _Leg(number, idx, None, 0)


def _last_consignment(found: ComponentSolution, name: str) -> tuple[_Leg, ...]:
    """The legs of what a region does not get, else of what it gets last."""
    echelons = found.echelons
    number, stop = echelons.regions[name]
    problem = found.parts[number].problem
    ways = []
    for idx in problem.consignments_of[stop]:
        straight = echelons.straight.get(echelons.first(number, idx))
        legs = _legs(found, number, idx)
        if straight is not None and straight in found.parts[0].delivered:
            legs = (_leg(found, 0, straight),)
        ways.append(legs)
    return min(ways, key=lambda legs: (legs[-1].trip is not None, -legs[-1].end_s))


def _latest_at(found: ComponentSolution, name: str, hub: int) -> tuple[int, int]:
    """Echelon above a hub and the position there of what a region's goods come last with."""
    echelon = found.echelons.each[hub]
    consignments = found.echelons.each[echelon.above].problem.consignments
    mine = [idx for idx in echelon.source if consignments[idx].for_region == name]
    return echelon.above, max(mine, key=lambda idx: _leg(found, echelon.above, idx).end_s)


class _Way:
    """The way of one consignment in a plan, and a deadline at its end."""

    def __init__(self, found: ComponentSolution, legs: tuple[_Leg, ...], deadline_s: int) -> None:
        self._found, self._legs, self._deadline_s = found, legs, deadline_s

    def _problem(self, position: int) -> Problem:
        return self._found.parts[self._legs[position].echelon].problem

    def _goods(self, position: int) -> Consignment:
        return self._problem(position).consignments[self._legs[position].idx]

    def _names(self, position: int) -> dict[str, str]:
        return leg_names(self._problem(position), self._goods(position).region)

    # ------------------------------------------------------------- alone

    def _kinds(self, position: int) -> Iterator[tuple[int, FleetType]]:
        """Types that can bring it over a leg, with their positions."""
        problem, goods = self._problem(position), self._goods(position)
        for number, kind in enumerate(problem.fleet):
            if (
                kind.serves[goods.region]
                and goods.mass_g <= kind.mass_g
                and goods.volume_cm3 <= kind.volume_cm3
                and (kind.pieces is None or goods.pieces <= kind.pieces)
            ):
                yield number, kind

    def _alone(self, position: int, ready_s: int, *, always_open: bool = False) -> tuple[int, int] | None:
        """(begin of loading, hand-over) of a leg driven alone from a moment on; None: not to be done."""
        best: tuple[int, int] | None = None
        for _, kind in self._kinds(position):
            by = kind.always_open if always_open else kind
            one = _first_trip(self._problem(position), by, self._goods(position), ready_s)
            if one is not None and (best is None or one.services[0][1] < best[1]):
                best = one.load_start_s, one.services[0][1]
        return best

    def _transfer_s(self, position: int) -> int:
        """Time of transfer after a leg, alone."""
        echelon = self._found.echelons.each[self._legs[position + 1].echelon]
        return echelon.transfer_s(self._goods(position).pieces)

    def _ends(self, position: int, ready_s: int, *, always_open: bool = False) -> list[int]:
        """Hand-overs of all legs from one on, alone; fewer where one cannot be done."""
        ends: list[int] = []
        for number in range(position, len(self._legs)):
            trip = self._alone(number, ready_s, always_open=always_open)
            if trip is None:
                break
            ends.append(trip[1])
            if number + 1 < len(self._legs):
                ready_s = trip[1] + self._transfer_s(number)
        return ends

    def _in_time(self, position: int, ready_s: int, *, always_open: bool = False) -> bool:
        """Whether it is in time, alone from the begin of a leg on."""
        ends = self._ends(position, ready_s, always_open=always_open)
        return len(ends) == len(self._legs) - position and ends[-1] < self._deadline_s

    # ------------------------------------------------------------- as planned

    @cached_property
    def _ready(self) -> Mapping[int, int]:
        """From when it may be loaded on each leg, in the plan; none of legs to which it does not come."""
        found = {0: 0}
        for position, leg in enumerate(self._legs[1:], start=1):
            ready_s = self._found.ready_s(leg.echelon).get(leg.idx)
            if ready_s is not None:
                found[position] = ready_s
        return found

    def reason(self) -> Reason:
        """The reason."""
        position = max(self._ready)
        while position >= 0 and not self._in_time(position, self._ready[position]):
            position -= 1
        if position < 0:
            return self._never()
        if position == 0 and (late := self._late_stock()) is not None:
            return late
        if position + 1 in self._ready and (by_hours := self._by_hours(position + 1)) is not None:
            return by_hours
        return self._on_leg(position)

    def _by_hours(self, position: int) -> Reason | None:
        """Whether it would be in time from the begin of a leg on if all edges were always open."""
        ready_s = self._ready[position]
        if not self._in_time(position, ready_s, always_open=True):
            return None
        ends, as_open = (self._ends(position, ready_s, always_open=one) for one in (False, True))
        for at, number in enumerate(range(position, len(self._legs))):
            if at >= len(ends) or ends[at] > as_open[at]:  # the first leg that is slower than with open edges
                leave_s = ready_s if at == 0 else ends[at - 1] + self._transfer_s(number - 1)
                kinds = [kind for _, kind in self._kinds(number)]
                limits = limits_on(self._problem(number), kinds, self._goods(number).region, leave_s)
                if limits is not None:
                    ready = self._when("ready", leave_s)
                    return ReasonCode.LEG_EDGE_HOURS, self._names(number) | limits | ready
        return None

    def _never(self) -> Reason:
        """It is late even alone from the begin on: edges' hours are to blame, or the longest leg is named."""
        if (by_hours := self._by_hours(0)) is not None:
            return by_hours
        ends = self._ends(0, 0)
        begins = [0, *(end + self._transfer_s(at) for at, end in enumerate(ends[: len(self._legs) - 1]))]
        if len(ends) < len(self._legs):
            at = len(ends)
            return ReasonCode.LEG_TOO_LATE, self._names(at) | self._when("ready", begins[at])
        spans = [end - begin for begin, end in zip(begins, ends, strict=True)]
        longest = max(range(len(spans)), key=lambda at: spans[at])
        times = {"earliest": ends[-1], "ready": begins[longest], "arrival": ends[longest]}
        found = self._names(longest)
        for key, moment_s in times.items():
            found |= self._when(key, moment_s)
        return ReasonCode.LEG_SLOW, found

    def _when(self, key: str, moment_s: int) -> dict[str, str]:
        return {key: self._found.echelons.root.clock.text(moment_s)}

    def _late_stock(self) -> Reason | None:
        """Whether what the plan leaves of the stock is enough for its trip only when it is too late."""
        problem, trip = self._problem(0), self._legs[0].trip
        if not problem.supplies:
            return None
        stores = Stores(problem)
        for one in self._found.parts[0].assignments:
            if one is not trip:
                stores.take(one.candidate.route.consignments, one.timing.load_start_s)
        mine = (self._legs[0].idx,) if trip is None else trip.candidate.route.consignments
        come_s, item = stores.earliest(mine)
        if come_s is None or not item or self._in_time(0, come_s):
            return None
        params = {"item": item, "warehouse": problem.name}
        return ReasonCode.STOCK_LATE, params | self._when("available", come_s)

    # ------------------------------------------------------------- one leg

    def _on_leg(self, position: int) -> Reason:
        """What holds goods up on a leg from whose begin on, alone, they would be in time."""
        leg, names = self._legs[position], self._names(position)
        ready_s = self._ready[position]
        alone = self._alone(position, ready_s)
        assert alone is not None  # for it would be in time
        slack_s = self._deadline_s - 1 - self._ends(position, ready_s)[-1]
        if (room := self._no_room(position, alone[1])) is not None:
            return ReasonCode.LEG_ROOM_FULL, names | room
        if leg.trip is not None and leg.end_s <= alone[1] + slack_s:  # what comes with it is moved on, too
            there = self._problem(position + 1)
            ready = self._when("ready", self._ready[position + 1])
            return ReasonCode.TRANSFER_LATE, {"hub": there.id, "hub_name": there.name} | ready
        busy = self._first_busy(position, slack_s)
        if busy is not None:
            return busy
        if leg.trip is not None:
            begin_s = leg.trip.timing.load_start_s
            if begin_s <= alone[0]:
                return ReasonCode.LEG_ROUND, names | self._when("arrival", leg.end_s)
            if self._waited_for(position) == begin_s:
                waits = self._when("ready", alone[0]) | self._when("until", begin_s)
                return ReasonCode.LEG_WAITS, names | waits
        return ReasonCode.LEG_NOT_DETERMINED, names

    def _first_busy(self, position: int, slack_s: int) -> Reason | None:
        """What is busy when goods that travel alone from one leg on would be loaded, there or further on.

        Notes
        -----
        In a plan in which somebody is late anyway, nobody hurries on the legs before; so the first leg is not
        always the one on which something is short.
        """
        ready_s = self._ready[position]
        for number in range(position, len(self._legs)):
            alone = self._alone(number, ready_s)
            assert alone is not None  # for it would be in time
            trip = self._legs[number].trip
            until_s = alone[0] + slack_s + 1
            if trip is not None:
                until_s = min(until_s, trip.timing.load_start_s)
            if until_s > alone[0] and (busy := self._busy(number, ready_s, (alone[0], until_s))) is not None:
                return busy
            if number + 1 < len(self._legs):
                ready_s = alone[1] + self._transfer_s(number)
        return None

    def _busy(self, position: int, ready_s: int, window: tuple[int, int]) -> Reason | None:
        """What is busy while goods could be loaded for a leg and be in time, if anything is.

        Named is what other trips leave none of for long enough, or else what they use most of the time.
        """
        problem = self._problem(position)
        trips = self._found.parts[self._legs[position].echelon].assignments
        shares = {
            number: _busy_percent(problem, trips, number, needs_s, window)
            for number, kind in self._kinds(position)
            if (needs_s := self._work_in_time_s(kind, position, ready_s)) is not None
        }
        if not shares:
            return None
        idlest, docks = min(shares.values()), _docks_percent(problem, trips, window)
        no_dock = not any(self._can_load(position, number, window) for number in shares)
        no_vehicle = not any(self._can_drive(position, number, window) for number in shares)
        if not no_dock and not no_vehicle:
            no_dock = docks >= FULL_PERCENT and docks > idlest
            no_vehicle = idlest >= FULL_PERCENT and not no_dock
        busiest = max(shares, key=lambda number: shares[number])
        kind = problem.fleet[busiest]
        of_kind = {"vehicle": kind.id, "number": str(kind.number)}
        of_docks = {"docks": str(problem.origins[0].every.docks)}
        figures = self._names(position) | self._when("ready", window[0]) | self._when("until", window[1])
        if no_dock and no_vehicle:
            return ReasonCode.LEG_FLEET_DOCKS_FULL, figures | of_docks | of_kind
        if no_dock:
            return ReasonCode.LEG_DOCKS_FULL, figures | of_docks | {"percent": str(docks)}
        if no_vehicle:
            return ReasonCode.LEG_FLEET_FULL, figures | of_kind | {"percent": str(shares[busiest])}
        return None

    def _others(self, position: int) -> list[Assignment]:
        """Trips of a leg's echelon besides the one that carries the goods."""
        leg = self._legs[position]
        return [one for one in self._found.parts[leg.echelon].assignments if one is not leg.trip]

    def _can_load(self, position: int, number: int, window: tuple[int, int]) -> bool:
        """Whether other trips leave a dock for long enough to load the goods alone, from some moment on."""
        problem = self._problem(position)
        kind, docks = problem.fleet[number], Docks(problem.origins[0].every)
        for one in self._others(position):
            docks.occupy(one.dock, one.timing)
        takes_s = kind.load_fixed_s + kind.load_piece_s * self._goods(position).pieces
        return any(docks.any_free(start, start + takes_s) for start in _from(window, docks.ends))

    def _can_drive(self, position: int, number: int, window: tuple[int, int]) -> bool:
        """Whether other trips leave a vehicle for long enough to bring the goods alone, from then on."""
        problem, goods = self._problem(position), self._goods(position)
        kind = problem.fleet[number]
        lines = [Line(out=kind.out_of(vehicle)) for vehicle in range(kind.number)]
        for one in self._others(position):
            if one.candidate.route.fleet == number:
                lines[one.vehicle].take(one.timing, (), gone=kind.open_end)
        ends = {end for line in lines for _, end in line.busy}
        trips = [_first_trip(problem, kind, goods, start) for start in _from(window, ends)]
        return any(
            trip.load_start_s < window[1]
            and line.free(trip.load_start_s, trip.free_s)
            and line.has_work_room(trip.work, kind.work_s)
            for trip in trips
            if trip is not None
            for line in lines
        )

    def _work_in_time_s(self, kind: FleetType, position: int, ready_s: int) -> int | None:
        """Work of a leg driven alone by one type; None where it is late then, fast as the rest may be."""
        trip = _first_trip(self._problem(position), kind, self._goods(position), ready_s)
        if trip is None:
            return None
        end_s = trip.services[0][1]
        if position + 1 == len(self._legs):
            in_time = end_s < self._deadline_s
        else:
            in_time = self._in_time(position + 1, end_s + self._transfer_s(position))
        return sum(seconds for _, seconds in trip.work) if in_time else None

    def _waited_for(self, position: int) -> int:
        """From when all that its trip on a leg carries may be loaded."""
        leg = self._legs[position]
        assert leg.trip is not None
        ready = self._found.ready_s(leg.echelon)
        return max((ready.get(idx, 0) for idx in leg.trip.candidate.route.consignments), default=0)

    def _no_room(self, position: int, alone_s: int) -> dict[str, str] | None:
        """Whether there is no room for it at the hub at the end of a leg when it could come there alone."""
        leg = self._legs[position]
        here = self._found.echelons.each[leg.echelon]
        number = here.hubs[self._goods(position).region]
        storage_cm3 = None if number < 0 else self._found.echelons.each[number].storage_cm3
        if storage_cm3 is None:
            return None
        mine = (leg.idx,) if leg.trip is None else leg.trip.candidate.route.consignments
        above, stop = self._problem(position), self._goods(position).region
        loads = [above.consignments[idx] for idx in mine]
        volume_cm3 = sum(one.volume_cm3 for one in loads if one.region == stop)
        until_s = above.horizon_s if leg.trip is None else leg.end_s
        lies_cm3 = self._found.most_lies_cm3(number, alone_s, until_s)
        waits = leg.trip is None and not self._found.parts[number].assignments  # all was left behind
        every_cm3 = sum(
            above.consignments[idx].volume_cm3 for idx in self._found.echelons.each[number].source
        )
        if lies_cm3 + volume_cm3 <= storage_cm3 and not (waits and every_cm3 > storage_cm3):
            return None
        needed_cm3 = every_cm3 if waits else lies_cm3 + volume_cm3
        return {"room": str(storage_cm3 // 1000), "needed": str(-(-needed_cm3 // 1000))}


def _from(window: tuple[int, int], ends: Iterable[int]) -> list[int]:
    """Moments in a window from which more is free than before."""
    return sorted({window[0], *(end for end in ends if window[0] < end < window[1])})


def _first_trip(problem: Problem, kind: FleetType, goods: Consignment, ready_s: int) -> Timing | None:
    """The trip that brings goods alone first; None: there is none."""
    best: Timing | None = None
    for timing in direct_trips(problem, kind, goods.region, goods.pieces, ready_s):
        if best is not None and timing.load_start_s >= best.services[0][1]:
            break
        if best is None or timing.services[0][1] < best.services[0][1]:
            best = timing
    return best


def _busy_percent(
    problem: Problem, trips: Sequence[Assignment], position: int, needs_s: int, window: tuple[int, int]
) -> int:
    """Share of a type's shifts in a window in which all its vehicles are on trips or have worked enough.

    Where there is a limit to a day's work, who has less left of it than the goods need is busy all day.
    """
    kind = problem.fleet[position]
    lines: dict[int, Line] = {}
    for one in trips:
        if one.candidate.route.fleet == position:
            lines.setdefault(one.vehicle, Line()).take(one.timing, (), gone=False)
    for line in lines.values():
        line.out = tuple(
            (problem.midnights[day], problem.midnights[day + 1])
            for day in line.work
            if not line.has_work_room([(day, needs_s)], kind.work_s)
        )
    return _full_percent([line.spans for line in lines.values()], kind.number, kind.shifts, window)


def _docks_percent(problem: Problem, trips: Sequence[Assignment], window: tuple[int, int]) -> int:
    """Share of the opening hours in a window in which all docks of an echelon's origin are loaded at."""
    spans = [[(one.timing.load_start_s, one.timing.depart_s)] for one in trips]
    return _full_percent(spans, problem.origins[0].every.docks, problem.origins[0].openings, window)


def _full_percent(
    spans: Iterable[Sequence[Interval]], number: int, hours: Openings, window: tuple[int, int]
) -> int:
    """Share of hours in a window in which at least so many spans hold."""
    changes: dict[int, int] = {window[0]: 0, window[1]: 0}
    for span in (one for mine in spans for one in mine):
        begin, end = max(span[0], window[0]), min(span[1], window[1])
        if begin < end:
            changes[begin] = changes.get(begin, 0) + 1
            changes[end] = changes.get(end, 0) - 1
    moments, busy, full_s = sorted(changes), 0, 0
    for here, there in zip(moments, moments[1:], strict=False):
        busy += changes[here]
        if busy >= number:
            full_s += hours.overlap_s(here, there)
    return 100 * full_s // max(1, hours.overlap_s(*window))
