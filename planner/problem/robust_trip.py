"""The worst case of a trip: when its stops and its end are reached though some of its legs are late.

The policy is that of ``docs/concepts.md``, "When something is late": nothing leaves before its planned time;
overtaken by the end of a shift a driver pauses where he is until the next one, and so he does when he has
worked as long as a late crew may on a day (`planner.problem.late_crews`). Of a vehicle any `gamma` legs
take their largest delay at once. A trip by itself may have them all; one that follows another of its vehicle
may be given when that one ends with so many late legs (`planner.compose.delay_propagation`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from planner.instance.schema import Overnight
from planner.network.calendars import Openings, intersect
from planner.network.graph import Passage
from planner.network.pieces import Piece
from planner.problem.fleet import FleetType
from planner.problem.late_crews import LateCrews
from planner.problem.late_work import Crew, Crews
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.problem.visits import NEVER, UNPROMISED_S, Visit

__all__ = ["Worst", "firm_starts", "with_that_worst", "with_worst", "worst_case"]


class Worst(NamedTuple):
    """Ends of the services and of the trip in the worst case; NEVER where nothing can be promised.

    ``free_s`` is the end of the trip by the number of late legs so far, ``late_by_s`` by how much later it
    begins to load than planned. Where late crews may work only so long, ``crews`` are those at the end of the
    trip by the number of late legs so far, and ``planned`` is the crew as planned.
    """

    ends_s: tuple[int, ...]
    end_s: int
    free_s: tuple[int, ...]
    late_by_s: int = 0
    crews: tuple[Crews, ...] = ()
    planned: Crew | None = None


def worst_case(
    problem: Problem,
    kind: FleetType,
    stops: Sequence[Visit],
    timing: Timing,
    begins_s: Sequence[int] | None = None,
    *,
    before: Worst | None = None,
) -> Worst:
    """Worst case of a trip, each service and the end by themselves.

    Parameters
    ----------
    problem, kind, stops, timing
        The trip as it is planned.
    begins_s
        When its vehicle is there by the number of late legs that it has had; None: as planned.
    before
        The trip before of its vehicle, where late crews may work only so long; None: it has done nothing.

    Notes
    -----
    By position and number of late legs: a leg that is late takes its time and its delay, from the worst
    moment with one late leg less. All functions from a moment to a later one are monotone, so this is exact
    (brute force over all sets of late legs: ``tests/test_robust_trip.py``). On its way a vehicle waits where
    an edge is closed. One that must be home by the end of its next shift and is not promises nothing at all.
    """
    if kind.gamma == 0:
        return Worst(tuple(end for _, end in timing.services), timing.end_s, (timing.end_s,))
    if kind.late_work_s is not None:
        return _worst_of_crews(problem, kind, stops, timing, begins_s, before)
    places = [kind.origin, *(problem.place(stop.region) for stop in stops)]
    ways = timing.ways or (None,) * len(timing.legs)
    loads = [_loads_s(problem, kind, timing, moment) for moment in begins_s or [0] * (kind.gamma + 1)]
    moments = [min(NEVER, load + timing.depart_s - timing.load_start_s) for load in loads]
    ends: list[int] = []
    for position, (leg, service) in enumerate(zip(timing.legs, timing.services, strict=False)):
        pieces = kind.pieces_between(places[position], places[position + 1], ways[position])
        moments = _arrivals(kind, pieces, leg, moments)
        moments = [_served_s(problem, kind, stops[position], moment, service) for moment in moments]
        ends.append(max(moments))
    if not kind.open_end:
        pieces = kind.pieces_between(places[-1], kind.origin, ways[-1])
        moments = _arrivals(kind, pieces, timing.legs[-1], moments)
    end_s, free, late_by_s = max(moments), tuple(moments), loads[-1] - timing.load_start_s
    if end_s > _home_by_s(problem, kind, timing):
        ends = [NEVER] * len(ends)
    return Worst(tuple(ends), min(NEVER, end_s), free, late_by_s)


def _worst_of_crews(
    problem: Problem,
    kind: FleetType,
    stops: Sequence[Visit],
    timing: Timing,
    begins_s: Sequence[int] | None,
    before: Worst | None,
) -> Worst:
    """`worst_case` where late crews may work only so long."""
    late = LateCrews(problem, kind, stops, timing, None if before is None else before.planned)
    ready: Sequence[Crews]
    if before is not None and before.crews and begins_s is None:
        ready = before.crews
    else:
        ready = [(Crew(moment_s),) for moment_s in begins_s or [0] * (kind.gamma + 1)]
    services, crews, late_by_s = late.driven(ready)
    free = tuple(there[-1].at_s for there in crews)
    if free[-1] > _home_by_s(problem, kind, timing):
        services = [NEVER] * len(services)
    return Worst(tuple(services), free[-1], free, late_by_s, tuple(crews), late.ended)


def _home_by_s(problem: Problem, kind: FleetType, timing: Timing) -> int:
    """When a late vehicle that must be home is to be back: by the end of its next shift."""
    if kind.overnight is not Overnight.HOME:
        return NEVER
    shift = kind.shifts.around(timing.load_start_s)
    if shift is None:
        return -1
    following = next((one for one in kind.shifts.intervals if one[0] >= shift[1]), shift)
    return min(following[1], max(shift[1], problem.horizon_s))


def with_worst(
    problem: Problem,
    kind: FleetType,
    stops: Sequence[Visit],
    timing: Timing,
    begins_s: Sequence[int] | None = None,
) -> Timing:
    """The same times with their worst case; where nothing is promised the vehicle is free as planned.

    Where all is promised but that it ever comes back, nothing follows.

    Parameters
    ----------
    problem, kind, stops, timing, begins_s
        As for `worst_case`.
    """
    if kind.gamma == 0:
        return timing
    return with_that_worst(problem, timing, worst_case(problem, kind, stops, timing, begins_s))


def with_that_worst(problem: Problem, timing: Timing, worst: Worst) -> Timing:
    """The same times with a worst case that is known; without a promised return nothing follows."""
    end_s = worst.end_s
    if end_s >= NEVER:
        promised = all(late < NEVER for late in worst.ends_s)
        end_s = max(timing.end_s, problem.horizon_s) if promised else timing.end_s
    ends = zip(worst.ends_s, timing.services, strict=True)
    ends_s = tuple(end + UNPROMISED_S if late >= NEVER else late for late, (_, end) in ends)
    return replace(timing, worst_ends_s=ends_s, worst_end_s=end_s, late_by_s=worst.late_by_s)


def firm_starts(
    problem: Problem,
    kind: FleetType,
    stops: Sequence[Visit],
    offsets: Timing,
    starts: Sequence[tuple[int, int]],
) -> tuple[list[tuple[int, int]], Timing]:
    """Starts from which a trip that runs through does so with late legs too, and its offsets with the worst.

    Parameters
    ----------
    problem, kind, stops
        The trip.
    offsets
        Times for a start at 0.
    starts
        Closed intervals of starts from which it runs through without late legs.
    """
    places = [kind.origin, *(problem.place(stop.region) for stop in stops)]
    places += [] if kind.open_end else [kind.origin]
    delays = [kind.delay_between(*ends) for ends in zip(places, places[1:], strict=False)]
    over = [sum(sorted(delays[: number + 1], reverse=True)[: kind.gamma]) for number in range(len(delays))]
    ends = tuple(end + late for (_, end), late in zip(offsets.services, over, strict=False))
    end_s = offsets.end_s + over[-1]
    found = intersect(starts, kind.shifts.starts(end_s))
    if kind.late_work_s is not None and end_s > kind.late_work_s:
        found = []  # who is late pauses
    legs = zip(places, places[1:], offsets.legs, over, strict=False)
    for here, there, (depart_s, _), late in legs:
        timed = kind.timed_between(here, there)
        if timed is not None:  # passed on the same chance, however late
            able = [(low, high - late) for low, high in timed.through(here, there) if high - late >= low]
            found = intersect(found, [(low - depart_s, high - depart_s) for low, high in able])
    for stop, (start, end), late in zip(stops, offsets.services, over, strict=False):
        openings = problem.region_openings[stop.region]
        inside = [(low, high) for low, high in openings.starts(end - start) if high - late >= low]
        found = intersect(found, [(low - start, high - late - start) for low, high in inside])
    return found, replace(offsets, worst_ends_s=ends, worst_end_s=end_s)


def _arrivals(
    kind: FleetType, pieces: Sequence[Piece], leg: tuple[int, int], moments: Sequence[int]
) -> list[int]:
    """Worst arrivals at the end of a leg, by the number of late legs so far."""
    nominal_s = sum(piece.time_s for piece in pieces)
    found: list[int] = []
    for late, moment in enumerate(moments):
        on_time = leg[1]
        if late or moment > leg[0]:
            on_time = _travelled_s(kind, pieces, _departs_s(kind, max(leg[0], moment), nominal_s))
        if late == 0:
            found.append(max(leg[1], on_time))
            continue
        departs_s = _departs_s(kind, max(leg[0], moments[late - 1]), nominal_s)
        found.append(max(leg[1], on_time, _travelled_s(kind, pieces, departs_s, late=True)))
    return found


def _loads_s(problem: Problem, kind: FleetType, timing: Timing, moment_s: int) -> int:
    """Start of loading as planned or, by who comes later, as soon as hours and shift allow."""
    if moment_s <= timing.load_start_s:
        return timing.load_start_s
    length_s, openings = timing.depart_s - timing.load_start_s, problem.origins[kind.origin].openings
    for start_s in _starts(kind, openings, moment_s):
        if kind.shifts.allows(start_s, length_s) and openings.allows(start_s, length_s):
            return start_s
    return NEVER


def _travelled_s(kind: FleetType, pieces: Sequence[Piece], depart_s: int, *, late: bool = False) -> int:
    """End of a leg begun at a moment; before an edge that is closed the vehicle waits."""
    now = depart_s
    if len(pieces) == 1 and pieces[0].passages is None:
        return _driven_s(kind, now, pieces[0].time_s + (pieces[0].delay_s if late else 0))
    known = kind.known_ends
    key = (id(pieces), kind.shifts.intervals, depart_s, late)  # `PathDelays` keeps the pieces of each way
    if key not in known:
        known[key] = _travelled_over_hours_s(kind, pieces, depart_s, late=late)
    return known[key]


def _travelled_over_hours_s(kind: FleetType, pieces: Sequence[Piece], depart_s: int, *, late: bool) -> int:
    """`_travelled_s` where an edge is closed at times."""
    now = depart_s
    for time_s, delay_s, passages in pieces:
        whole_s = time_s + delay_s if late else time_s
        now = _driven_s(kind, now, whole_s) if passages is None else _passed_s(kind, passages, now, whole_s)
    return now


def _passed_s(kind: FleetType, passages: Sequence[Passage], now: int, time_s: int) -> int:
    """End of an edge that is passed, all of it, on the first chance that there is from a moment on."""
    for opens_s, closes_s, clear_by_s in passages:
        if now >= min(closes_s, NEVER):
            continue
        begin_s = max(now, opens_s)
        shift = kind.shifts.around_or_next(begin_s) if time_s else (begin_s, begin_s)
        if shift is None:
            return NEVER
        end_s = _driven_s(kind, begin_s, time_s)
        if max(begin_s, shift[0]) < closes_s and end_s <= clear_by_s:
            return end_s
    return NEVER


def _departs_s(kind: FleetType, moment_s: int, time_s: int) -> int:
    """When a driver sets out: where he stops for the night, only if the leg's time fits his shift."""
    if kind.overnight is not Overnight.STOP or moment_s >= NEVER:
        return moment_s
    fits = (
        max(moment_s, begin) for begin, end in kind.shifts.intervals if max(moment_s, begin) + time_s <= end
    )
    return next(fits, NEVER)


def _driven_s(kind: FleetType, depart_s: int, time_s: int) -> int:
    """End of driving so long from a moment on, with pauses between shifts."""
    if depart_s >= NEVER:
        return NEVER
    left_s, now = time_s, depart_s
    while left_s > 0:
        shift = kind.shifts.around_or_next(now)
        if shift is None:
            return NEVER
        now = max(now, shift[0])
        part_s = min(left_s, shift[1] - now)
        now, left_s = now + part_s, left_s - part_s
    return now


def _served_s(problem: Problem, kind: FleetType, stop: Visit, arrive_s: int, planned: tuple[int, int]) -> int:
    """End of a service that begins as planned or, after a later arrival, as soon as hours allow."""
    if arrive_s <= planned[0]:
        return planned[1]
    duration_s = planned[1] - planned[0]
    openings = problem.region_openings[stop.region]
    for start_s in _starts(kind, openings, arrive_s):
        if kind.shifts.allows(start_s, duration_s) and openings.allows(start_s, duration_s):
            return start_s + duration_s
    return NEVER


def _starts(kind: FleetType, openings: Openings, now: int) -> Iterator[int]:
    if now >= NEVER:
        return
    yield now
    yield from sorted({*kind.shifts.begins_after(now), *openings.begins_after(now)})
