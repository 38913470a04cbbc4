"""Where a region's goods cannot go on at all: which leg of its chain, and what stands in the way.

That is found while echelons are built, where single units and vehicles without loads are at hand. It holds
for trips to one place alone: so it is a reason, and no proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.base.clock import Clock
from planner.building.direct_trips import direct_trips, each_fits
from planner.instance.kits import Load
from planner.network.graph import Passage
from planner.plans.model import ReasonCode
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem

__all__ = ["Reason", "blocked_at", "hours_of", "late_for_leg", "leg_names", "limits_on"]

Reason = tuple[ReasonCode, dict[str, str]]
"""The name of a reason, and what its text needs."""
# So many of an edge's hours before a moment are named.
_HOURS_NAMED = 2


def leg_names(problem: Problem, stop: int) -> dict[str, str]:
    """Where trips of an echelon begin and one of the places they go to, by id and by name."""
    there = problem.place(stop)
    return {
        "from": problem.places[0],
        "from_name": problem.place_names[0],
        "to": problem.places[there],
        "to_name": problem.place_names[there],
    }


def blocked_at(bare: Problem, stop: int, units: Sequence[Load], storage_cm3: int | None) -> Reason:
    """Why no vehicle brings some unit from where an echelon begins to one of its receiving places.

    Parameters
    ----------
    bare
        The echelon; its consignments do not matter.
    stop
        The receiving place.
    units
        What should be brought.
    storage_cm3
        Room at the receiving place; None: enough.
    """
    names, there = leg_names(bare, stop), bare.place(stop)
    if not bare.fleet:
        return ReasonCode.LEG_NO_VEHICLE, names
    reaching = [
        kind
        for kind in bare.fleet
        if kind.reaches(kind.origin, there) and (kind.open_end or kind.reaches(there, kind.origin))
    ]
    if not reaching:
        return ReasonCode.LEG_NO_WAY, names
    biggest_cm3 = max(one.volume_cm3 for one in units)
    if storage_cm3 is not None and biggest_cm3 > storage_cm3:
        return ReasonCode.LEG_NO_ROOM, names | {"volume": _dm3(biggest_cm3), "room": str(storage_cm3 // 1000)}
    for one in units:
        if not each_fits(reaching, [one]):
            return ReasonCode.LEG_CAPACITY, names | {"mass": _kg(one.mass_g), "volume": _dm3(one.volume_cm3)}
    if _goes(bare, [kind.always_open for kind in reaching], stop, min(one.pieces for one in units), 0):
        limits = limits_on(bare, reaching, stop, bare.horizon_s)
        if limits is not None:
            return ReasonCode.LEG_EDGES_SHUT, names | limits
    return ReasonCode.LEG_HOURS, names


def late_for_leg(bare: Problem, stop: int, units: Sequence[Load], ready_s: int) -> Reason:
    """Why nobody brings units on that can leave where an echelon begins from a moment on.

    Parameters
    ----------
    bare, stop, units
        As for `blocked_at`.
    ready_s
        From when the units can leave, in seconds.
    """
    names = leg_names(bare, stop) | {"ready": bare.clock.text(ready_s)}
    pieces = sum(one.pieces for one in units)
    if _goes(bare, [kind.always_open for kind in bare.fleet], stop, pieces, ready_s):
        limits = limits_on(bare, bare.fleet, stop, ready_s)
        if limits is not None:
            return ReasonCode.LEG_EDGE_HOURS, names | limits
    return ReasonCode.LEG_TOO_LATE, names


def _goes(bare: Problem, kinds: Iterable[FleetType], stop: int, pieces: int, ready_s: int) -> bool:
    return any(next(direct_trips(bare, kind, stop, pieces, ready_s), None) is not None for kind in kinds)


def limits_on(problem: Problem, kinds: Iterable[FleetType], stop: int, about_s: int) -> dict[str, str] | None:
    """Edges on the least-time way to a place and back that are closed at times; None: there are none.

    Parameters
    ----------
    problem
        The echelon.
    kinds
        Vehicle types; the first with such an edge says which they are.
    stop
        Number of the receiving place.
    about_s
        Hours are named that lie about this moment, in seconds.
    """
    there = problem.place(stop)
    for kind in kinds:
        found: dict[str, tuple[Passage, ...]] = {}
        for here, to in ((kind.origin, there), (there, kind.origin)):
            timed = kind.timed_between(here, to)
            if timed is not None and not (kind.open_end and here == there):
                found |= timed.limited_on(here, to)
        if found:
            return {"edges": ", ".join(found), "hours": hours_of(problem.clock, found.items(), about_s)}
    return None


def hours_of(clock: Clock, edges: Iterable[tuple[str, Sequence[Passage]]], about_s: int) -> str:
    """Of each edge the last times before a moment in which it is open, and the first ones after it."""
    return "; ".join(f"{edge} {_spans(clock, passages, about_s)}" for edge, passages in edges)


def _spans(clock: Clock, passages: Sequence[Passage], about_s: int) -> str:
    before = [one for one in passages if one.opens_s < about_s][-_HOURS_NAMED:]
    after = [one for one in passages if one.opens_s >= about_s][:1]
    return ", ".join(
        f"{clock.instant(one.opens_s):%Y-%m-%d %H:%M} – {clock.instant(one.closes_s):%Y-%m-%d %H:%M}"
        for one in (*before, *after)
    )


def _kg(mass_g: int) -> str:
    return f"{mass_g / 1000:g}"


def _dm3(volume_cm3: int) -> str:
    return f"{volume_cm3 / 1000:g}"
