"""What was picked, as trips of a plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from planner.compose.solution import Assignment
from planner.instance.subjects import vehicle_id
from planner.plans.model import Trip
from planner.reasons.outcome import stops_of, trip_of
from planner.replanning.places import Place
from planner.replanning.rests import Rest
from planner.replanning.setting import Picked, Setting, dock_before

__all__ = ["trips_of"]


def trips_of(
    setting: Setting,
    picked: Sequence[Picked],
    rests: Mapping[str, Rest],
    taken_ids: set[str],
    used_ids: Collection[str],
    prefix: str,
) -> tuple[Trip, ...]:
    """The trips that were picked.

    Parameters
    ----------
    setting
        What they were picked for.
    picked
        The choices, with their times and vehicles.
    rests
        The trips under way that go on in another order, by id.
    taken_ids
        Ids that no trip may have that goes on from the plan in force: others have them; new ones are entered.
    used_ids
        Ids that trips of plans before have or had: no new trip gets one.
    prefix
        Of new ids.
    """
    docks = _docks(setting, picked)
    found: list[Trip] = []
    order = sorted(
        range(len(picked)),
        key=lambda idx: (picked[idx].timing.load_start_s, picked[idx].choice.origin_id, picked[idx].vehicle),
    )
    for idx in order:
        one = picked[idx]
        place = setting.places[one.choice.origin_id]
        if one.choice.rest_of:
            rest = rests[one.choice.rest_of]
            found.append(rest.trip if one.choice.same_as else _continued(place, one, rest))
            continue
        name = one.choice.same_as
        if not name or name in taken_ids:
            name = _new_id(prefix, taken_ids.union(used_ids))
        taken_ids.add(name)
        if one.choice.fetches:
            found.append(_fetching(place, one, name, docks[idx]))
        else:
            assert one.choice.candidate is not None
            kind = place.problem.fleet[one.choice.fleet]
            vehicle = kind.vehicle_numbers.index(one.vehicle + 1)
            assignment = Assignment(one.choice.candidate, one.timing, vehicle, docks[idx])
            found.append(trip_of(place.problem, assignment, name))
    return tuple(found)


def _new_id(prefix: str, taken: set[str]) -> str:
    number = 1
    while (name := f"{prefix}/{number:03d}") in taken:
        number += 1
    return name


def _docks(setting: Setting, picked: Sequence[Picked]) -> dict[int, int]:
    """A dock for each load: its old one where that is free, else the first free one."""
    found: dict[int, int] = {}
    docks = setting.taken.copy().docks
    order = sorted(
        range(len(picked)), key=lambda idx: (not picked[idx].choice.same_as, picked[idx].timing.load_start_s)
    )
    for idx in order:
        choice, timing = picked[idx].choice, picked[idx].timing
        begin, end = timing.load_start_s, timing.depart_s
        loads = begin < end and not choice.rest_of and not choice.fetches
        dock = docks[choice.origin_id].first_free(begin, end, dock_before(setting, choice)) if loads else 0
        found[idx] = 0 if dock is None else dock
        if begin < end:
            docks[choice.origin_id].keep(found[idx], begin, end)
    return found


def _continued(place: Place, one: Picked, rest: Rest) -> Trip:
    """A trip under way with its last stops in another order."""
    problem, trip = place.problem, rest.trip
    here = problem.place(place.position[rest.here])
    stops, back = stops_of(problem, problem.fleet[one.choice.fleet], one.timing, one.choice.stops, here)
    done = trip.stops[: rest.done]
    every = (*done, *stops)
    metres = sum(stop.leg.distance_m for stop in every) + (0 if back is None else back.distance_m)
    return replace(
        trip,
        stops=every,
        back=back,
        end_s=one.timing.end_s,
        distance_m=metres,
        paid_s=one.timing.paid_s,
        cost=one.choice.cost,
    )


def _fetching(place: Place, one: Picked, name: str, dock: int) -> Trip:
    """A trip that takes over goods from a vehicle that has broken down."""
    problem, choice, timing = place.problem, one.choice, one.timing
    kind = problem.fleet[choice.fleet]
    stops, back = stops_of(problem, kind, timing, choice.stops, kind.origin)
    goods = [place.legs[position].goods for position in choice.order]
    stops = (replace(stops[0], fetched=tuple(goods)), *stops[1:])
    return Trip(
        id=name,
        vehicle_id=vehicle_id(kind.id, one.vehicle + 1),
        vehicle_type=kind.id,
        origin_id=problem.id,
        dock=dock + 1,
        load_start_s=timing.load_start_s,
        depart_s=timing.depart_s,
        stops=stops,
        back=back,
        end_s=timing.end_s,
        mass_g=sum(load.mass_g for load in goods),
        volume_cm3=sum(load.volume_cm3 for load in goods),
        pieces=sum(load.pieces for load in goods),
        distance_m=sum(stop.leg.distance_m for stop in stops) + (0 if back is None else back.distance_m),
        paid_s=timing.paid_s,
        cost=choice.cost,
    )
