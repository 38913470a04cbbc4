"""Trips under way whose last stops may have another order: where they are free to go on, and the price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.plans.model import Trip
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.problem.visits import Visit, trip_cost
from planner.replanning.places import Place

__all__ = ["Rest", "as_planned", "price_of_rest", "stops_of"]


@dataclass(frozen=True)
class Rest:
    """A trip under way whose last stops may have another order.

    Parameters
    ----------
    trip
        With its times as they happened or are expected.
    done
        Number of its stops that stay as they are.
    here, moment_s
        Node where it is free to go on, and when.
    worst_s
        From when for sure.
    work, whole_work
        What it has worked by then on each local day, and will have by its end if it goes on as planned.
    handling
        Price of what it has unloaded at hubs by then.
    late_s, end_late_s
        By how much its last stops, and its end, may be later where it goes on as planned.
    """

    trip: Trip
    done: int
    here: str
    moment_s: int
    worst_s: int
    work: tuple[tuple[int, int], ...]
    whole_work: tuple[tuple[int, int], ...]
    handling: int
    late_s: tuple[int, ...]
    end_late_s: int


def as_planned(kind: FleetType, rest: Rest) -> Timing:
    """Times of a rest that goes on as planned.

    Parameters
    ----------
    kind, rest
        The type of its vehicle, and the rest.
    """
    trip = rest.trip
    stops = trip.stops[rest.done :]
    worst = tuple(stop.end_s + late_s for stop, late_s in zip(stops, rest.late_s, strict=True))
    return Timing(
        trip.load_start_s,
        trip.depart_s,
        tuple((stop.leg.depart_s, stop.leg.arrive_s) for stop in stops),
        tuple((stop.start_s, stop.end_s) for stop in stops),
        trip.end_s,
        rest.whole_work,
        trip.paid_s,
        worst_ends_s=worst if kind.gamma else (),
        worst_end_s=trip.end_s + rest.end_late_s if kind.gamma else 0,
    )


def stops_of(place: Place, rest: Rest, names: Mapping[str, int]) -> tuple[Visit, ...]:
    """Its last stops as they are planned.

    Parameters
    ----------
    place, rest
        Where its goods were loaded, and the rest.
    names
        Positions of the goods of that place, by consignment.
    """
    return tuple(
        Visit(
            place.position[stop.node_id],
            sum(goods.pieces for goods in stop.deliveries),
            tuple(names[goods.consignment_id] for goods in stop.deliveries),
        )
        for stop in rest.trip.stops[rest.done :]
    )


def price_of_rest(
    problem: Problem, kind: FleetType, rest: Rest, here: int, timing: Timing, stops: Sequence[Visit]
) -> int:
    """Price of the whole trip where its rest is driven so.

    Parameters
    ----------
    problem, kind, rest
        Of its origin, the type of its vehicle, and the rest.
    here
        Position of the place where it goes on.
    timing, stops
        How it goes on.
    """
    places = [here, *(problem.place(stop.region) for stop in stops)]
    places += [] if kind.open_end else [kind.origin]
    metres = sum(kind.distance_between(*ends) for ends in zip(places, places[1:], strict=False))
    metres += sum(stop.leg.distance_m for stop in rest.trip.stops[: rest.done])
    handling = rest.handling + problem.handling(idx for stop in stops for idx in stop.consignments)
    return handling + trip_cost(kind, metres + timing.further_m, timing.paid_s)
