"""An echelon as decisions leave it: vehicles apart where something is decided of some, days, bundles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from planner.instance.decisions import Hour, Ruling
from planner.instance.schema import DecisionRule
from planner.network.calendars import Interval, Openings
from planner.problem.fixings import Fixings
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem

__all__ = ["absent", "apart", "left_out", "with_fixings"]


def apart(vehicle: tuple[str, int]) -> Ruling:
    """Nothing but that a vehicle is a type of its own."""
    return Ruling("", DecisionRule.KEEP, "", vehicles=frozenset({vehicle}))


def absent(region: str) -> Ruling:
    """Nothing is brought to a region, although nobody has decided so."""
    return Ruling("", DecisionRule.LEAVE_OUT, "", regions=(region,))


def left_out(rulings: Iterable[Ruling]) -> frozenset[str]:
    """Ids of the regions that get nothing by decision."""
    return frozenset(name for one in rulings if one.rule is DecisionRule.LEAVE_OUT for name in one.regions)


def with_fixings(problem: Problem, rulings: Sequence[Ruling], wanted: Collection[str]) -> Problem:
    """An echelon's problem as decisions leave it.

    Parameters
    ----------
    problem
        Places, hours and vehicles; what consignments it has stays.
    rulings
        Decisions, of which those that bear on it are obeyed.
    wanted
        Ids of all regions that are to receive something, in any echelon.

    Notes
    -----
    A type of which something is decided for some vehicles becomes several types of the same id; each knows
    the numbers of its vehicles.
    """
    if not rulings:
        return problem
    places = {problem.places[problem.place(one)]: one for one in range(problem.num_regions)}
    kinds = {kind.id for kind in problem.fleet}
    if not any(_bears(one, places, kinds) for one in rulings):
        return problem
    fleet, of_type = _fleet(problem, rulings)
    days_at = _days_at(problem, rulings, places)
    bundles, scattered = _bundles(rulings, places, wanted)
    fixings = Fixings(
        rulings=tuple(rulings),
        bundles=bundles,
        scattered=scattered,
        barred=frozenset(_barred(rulings, places, fleet)),
        left_out={
            places[name]: one.id
            for one in rulings
            if one.rule is DecisionRule.LEAVE_OUT
            for name in one.regions
            if name in places
        },
        departures_to=_departures_to(problem, rulings, places),
        departures_of={
            idx: moments
            for idx, mine in enumerate(of_type)
            if (moments := _moments(problem, mine)) is not None
        },
        days_at=days_at,
        days_of={idx: days for idx, mine in enumerate(of_type) if (days := _days(problem, mine)) is not None},
        bearing={
            place: tuple(one for one in rulings if name in (*one.places, *one.after))
            for name, place in places.items()
        },
    )
    openings = tuple(
        _clipped(mine, days_at[one]) if one in days_at else mine
        for one, mine in enumerate(problem.region_openings)
    )
    return replace(
        problem,
        fleet=tuple(
            replace(kind, shifts=_clipped(kind.shifts, fixings.days_of[idx]))
            if idx in fixings.days_of
            else kind
            for idx, kind in enumerate(fleet)
        ),
        region_openings=openings,
        fixings=fixings,
        unfixed=problem,
    )


def _bears(one: Ruling, places: Mapping[str, int], kinds: Collection[str]) -> bool:
    """Whether a decision is about a place or a vehicle of an echelon."""
    return any(name in places for name in (*one.places, *one.after)) or any(
        kind in kinds for kind, _ in one.vehicles
    )


def _fleet(
    problem: Problem, rulings: Sequence[Ruling]
) -> tuple[tuple[FleetType, ...], list[tuple[Ruling, ...]]]:
    """Types, cut into those of which the same is decided, and what that is; without what drives nothing."""
    found: list[FleetType] = []
    fixings: list[tuple[Ruling, ...]] = []
    for kind in problem.fleet:
        by_rulings: dict[tuple[int, ...], list[int]] = {}
        for number in kind.vehicle_numbers:
            mine = tuple(idx for idx, one in enumerate(rulings) if one.about_vehicle(kind.id, number))
            by_rulings.setdefault(mine, []).append(number)
        for mine, numbers in by_rulings.items():
            of_these = tuple(rulings[idx] for idx in mine)
            if not any(one.bars_vehicles for one in of_these):
                found.append(_part(kind, numbers))
                fixings.append(of_these)
    return tuple(found), fixings


def _part(kind: FleetType, numbers: Sequence[int]) -> FleetType:
    """Some vehicles of a type."""
    if len(numbers) == kind.number:
        return kind
    position = {number - 1: at for at, number in enumerate(numbers)}
    out = tuple((position[one], begin, end) for one, begin, end in kind.out if one in position)
    return replace(kind, number=len(numbers), numbers=tuple(numbers), out=out)


def _barred(
    rulings: Sequence[Ruling], places: Mapping[str, int], fleet: Sequence[FleetType]
) -> Iterator[tuple[int, int]]:
    """Types and the places that they must not serve."""
    for one in rulings:
        if one.rule not in (DecisionRule.USE, DecisionRule.NEVER_USE):
            continue
        for idx, kind in enumerate(fleet):
            named = one.about_vehicle(kind.id, kind.vehicle_numbers[0])
            if named is not (one.rule is DecisionRule.USE):
                yield from ((idx, places[name]) for name in one.places if name in places)


def _bundles(
    rulings: Sequence[Ruling], places: Mapping[str, int], wanted: Collection[str]
) -> tuple[tuple[frozenset[int], ...], frozenset[int]]:
    """Places that are served on the same trips, and those for which not all of these are in the echelon."""
    groups: list[set[str]] = []
    for one in rulings:
        if one.rule is DecisionRule.TOGETHER:
            mine = {name for name in one.regions if name in wanted}
            apart = [other for other in groups if other.isdisjoint(mine)]
            for other in groups:
                mine |= other if not other.isdisjoint(mine) else set()
            groups = [*apart, mine]
    whole = [one for one in groups if len(one) > 1 and one <= places.keys()]
    parted = [one for one in groups if len(one) > 1 and not one <= places.keys()]
    return (
        tuple(frozenset(places[name] for name in one) for one in whole),
        frozenset(places[name] for one in parted for name in one if name in places),
    )


# ---------------------------------------------------------------- days and hours


def _days_at(
    problem: Problem, rulings: Sequence[Ruling], places: Mapping[str, int]
) -> dict[int, tuple[Interval, ...]]:
    """Days on which each place may be served, where that is decided."""
    found = {}
    for name, place in places.items():
        days = _days(problem, [one for one in rulings if name in one.places])
        if days is not None:
            found[place] = days
    return found


def _days(problem: Problem, rulings: Iterable[Ruling]) -> tuple[Interval, ...] | None:
    """Days that decisions leave, those that touch as one interval; None where none speaks of days."""
    sets = [set(one.days) for one in rulings if one.rule is DecisionRule.DAY]
    if not sets:
        return None
    clock = problem.clock
    merged: list[Interval] = []
    for day in sorted(set.intersection(*sets)):
        begin, end = clock.midnight(day), clock.at(day, 86_400)
        if merged and merged[-1][1] == begin:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((begin, end))
    return tuple(merged)


def _departures_to(
    problem: Problem, rulings: Sequence[Ruling], places: Mapping[str, int]
) -> dict[int, frozenset[int]]:
    found = {}
    for name, place in places.items():
        moments = _moments(problem, [one for one in rulings if name in one.places])
        if moments is not None:
            found[place] = moments
    return found


def _moments(problem: Problem, rulings: Iterable[Ruling]) -> frozenset[int] | None:
    """Moments of departure that decisions leave; None where none speaks of them."""
    sets = [
        frozenset(moment for hour in one.hours for moment in _moments_of(problem, hour))
        for one in rulings
        if one.rule is DecisionRule.DEPART_AT
    ]
    return frozenset.intersection(*sets) if sets else None


def _moments_of(problem: Problem, hour: Hour) -> Iterator[int]:
    if hour.moment_s is not None:
        yield hour.moment_s
        return
    for midnight in problem.midnights:
        moment = problem.clock.at(problem.clock.day(midnight), hour.clock_s or 0)
        if 0 <= moment < problem.horizon_s:
            yield moment


def _clipped(hours: Openings, days: Sequence[Interval]) -> Openings:
    """The part of opening hours that lies in some days; what only starts must lie in stays so."""
    found: list[Interval] = []
    starts_only: set[Interval] = set()
    for begin, end in hours.intervals:
        for low, high in days:
            part = max(begin, low), min(end, high)
            if part[0] < part[1]:
                found.append(part)
                if (begin, end) in hours.starts_only:
                    starts_only.add(part)
    return Openings(tuple(found), frozenset(starts_only))
