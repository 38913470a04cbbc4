"""All moments at which a trip may start so that nothing on its way waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.instance.schema import Overnight
from planner.network.calendars import Interval, intersect
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.problem.visits import Visit, release_s, too_long

__all__ = ["latest_load_s", "legs_through", "offsets_of", "rigid_starts"]


def rigid_starts(
    problem: Problem, kind: FleetType, stops: Sequence[Visit]
) -> tuple[list[Interval], Timing] | None:
    """All moments from which a trip runs through without waiting or pausing, within one shift.

    Returns
    -------
    (list of closed intervals, Timing) or None
        The starts, and the trip's times as offsets from a start at 0 (its ``work`` has one entry, for
        the day of the start); None where no start is.
    """
    offsets = offsets_of(problem, kind, stops)
    if offsets is None or too_long(problem, kind, stops):
        return None
    total_s = offsets.end_s
    if any(limit_s is not None and total_s > limit_s for limit_s in (kind.work_s, kind.max_trip_s)):
        return None
    found = [(max(0, low), high) for low, high in kind.shifts.starts(total_s) if high >= 0]
    found = intersect(found, problem.origins[kind.origin].openings.starts(offsets.depart_s))
    for stop, (start, end) in zip(stops, offsets.services, strict=True):
        inside = problem.region_openings[stop.region].starts(end - start)
        found = intersect(found, [(low - start, high - start) for low, high in inside])
        found = intersect(found, [(int(problem.not_before_s[stop.region]) - end, problem.horizon_s)])
    for depart_s, through in legs_through(problem, kind, stops, offsets):
        found = intersect(found, [(low - depart_s, high - depart_s) for low, high in through])
    found = intersect(found, [(release_s(stops), problem.horizon_s - total_s)])
    found = _within_days(problem, found, total_s) if kind.work_s is not None else found
    return (found, offsets) if found else None


def legs_through(
    problem: Problem, kind: FleetType, stops: Sequence[Visit], offsets: Timing
) -> Iterator[tuple[int, list[Interval]]]:
    """For each leg with edges that are closed at times: its offset, and when it may depart and not wait.

    Parameters
    ----------
    problem, kind, stops
        The trip.
    offsets
        Its times for a start at 0.
    """
    if kind.timed is not None:
        places = [kind.origin, *(problem.place(stop.region) for stop in stops), kind.origin]
        for here, there, (depart_s, _) in zip(places, places[1:], offsets.legs, strict=False):
            timed = kind.timed_between(here, there)
            if timed is not None:
                yield depart_s, timed.through(here, there)


def latest_load_s(problem: Problem, kind: FleetType, stops: Sequence[Visit], end_s: int) -> int:
    """The latest start of loading from which a trip may end by a moment, working time and docks left out.

    Parameters
    ----------
    problem, kind
        The echelon, and a type of it, which does not pause on its way, on the ways that the trip takes.
    stops
        In order.
    end_s
        The moment.

    Notes
    -----
    From the end back, each leg and each service by its pseudo-inverse.
    """
    places = [kind.origin, *(problem.place(stop.region) for stop in stops)]
    moment = end_s if kind.open_end else _departs_by(kind, places[-1], kind.origin, end_s)
    for stop, here, there in zip(reversed(stops), places[-2::-1], places[:0:-1], strict=True):
        lasts_s = int(problem.handover_s[stop.region]) + kind.unload_piece_s * stop.pieces
        begin_s = _last_in(problem.region_openings[stop.region].starts(lasts_s), moment - lasts_s)
        moment = _departs_by(kind, here, there, begin_s)
    return moment - kind.load_fixed_s - kind.load_piece_s * sum(stop.pieces for stop in stops)


def _departs_by(kind: FleetType, here: int, there: int, moment: int) -> int:
    """The last departure of a leg that arrives by a moment; -1: there is none."""
    timed = kind.timed_between(here, there)

    def latest_s(by_s: int) -> int:
        if timed is None:
            return max(-1, by_s - kind.time_between(here, there))
        return timed.latest_s(here, there, by_s)

    if kind.overnight is Overnight.HOME:
        return latest_s(moment)
    for low, high in reversed(kind.shifts.intervals):
        depart_s = min(high, latest_s(min(moment, high)))
        if depart_s >= low:
            return depart_s
    return -1


def _last_in(intervals: Sequence[Interval], moment: int) -> int:
    """The last moment of some closed intervals up to a moment; -1: there is none."""
    return next((min(moment, high) for low, high in reversed(intervals) if low <= moment), -1)


def _within_days(problem: Problem, starts: list[Interval], total_s: int) -> list[Interval]:
    """Only starts whose whole trip lies on one local day, where working time is counted by day."""
    days = zip(problem.midnights, problem.midnights[1:], strict=False)
    return intersect(starts, [(begin, end - total_s) for begin, end in days if end - total_s >= begin])


def offsets_of(problem: Problem, kind: FleetType, stops: Sequence[Visit]) -> Timing | None:
    """Times of a trip without waiting, by least times, from a start at 0; None where there is no way."""
    depart = now = kind.load_fixed_s + kind.load_piece_s * sum(stop.pieces for stop in stops)
    here = kind.origin
    legs: list[tuple[int, int]] = []
    services: list[tuple[int, int]] = []
    for stop in stops:
        there = problem.place(stop.region)
        if not kind.reaches(here, there):
            return None
        arrive = now + kind.time_between(here, there)
        end = arrive + int(problem.handover_s[stop.region]) + kind.unload_piece_s * stop.pieces
        legs.append((now, arrive))
        services.append((arrive, end))
        now, here = end, there
    if not kind.open_end:
        if not kind.reaches(here, kind.origin):
            return None
        legs.append((now, now + kind.time_between(here, kind.origin)))
        now = legs[-1][1]
    return Timing(0, depart, tuple(legs), tuple(services), now, ((0, now),), now)
