"""What has happened to a plan until now, what is believed of the rest, and where that leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from planner.events.schema import Event
from planner.instance.schema import Instance
from planner.plan import Delivery, Plan, Trip

__all__ = ["Assume", "BrokenVehicle", "Known", "State", "TripState", "state_of"]

TOLERANCE_S = 1800


class Assume(StrEnum):
    """What is believed of things that are due and not reported."""

    PLANNED = "planned"  # they happened as planned, shifted by what is known
    NOTHING = "nothing"  # they have not happened


class Known(StrEnum):
    """How much is known of one thing of the plan."""

    CONFIRMED = "confirmed"  # reported
    ASSUMED = "assumed"  # due, no report
    OVERDUE = "overdue"  # due since longer than the tolerance, no report
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class TripState:
    """One trip of the plan in force, as it went and is expected to go.

    Parameters
    ----------
    trip
        With the times as reported, or as expected under the policy (nothing leaves before its planned time;
        it leaves as soon as vehicle, goods and dock are there). Of a trip broken off only the stops reached
        are left.
    planned
        The trip as the plan has it.
    loaded, departed
        What is known of the end of loading and of the first departure.
    stops
        What is known of each stop of ``planned`` (its end of service).
    begun
        Loading had begun at `now` (reported, or believed): vehicle, origin, order and goods stand.
    last_report_s
        Time of the last report about it; None: there is none.
    """

    trip: Trip
    planned: Trip
    loaded: Known
    departed: Known
    stops: tuple[Known, ...]
    begun: bool
    last_report_s: int | None = None


@dataclass(frozen=True, slots=True)
class BrokenVehicle:
    """A vehicle that stands with goods aboard.

    Parameters
    ----------
    trip_id, vehicle_id
        Which.
    at_s, node_id
        Since when, and at or near which node of the network.
    deliveries
        Goods aboard that nobody has fetched yet.
    """

    trip_id: str
    vehicle_id: str
    at_s: int
    node_id: str
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True)
class State:
    """Where a plan stands at a moment.

    Parameters
    ----------
    trips
        All trips of the plan in force, in its order.
    broken
        Vehicles that stand with goods aboard.
    received_s
        Expected (or reported) receipt of each region of the plan under the policy; None: something is
        missing, or comes by a trip that cannot go on.
    on_time
        Whether that is before the region's deadline.
    projected
        The plan merely shifted: same vehicles, docks and orders. What cannot be driven any more (a vehicle
        out of use, an edge closed for good) is left out of it.
    stuck
        Trips left out of `projected`, with why: a key below ``field.stuck.`` of the catalogue.
    """

    now_s: int
    assume: Assume
    tolerance_s: int
    instance: Instance
    events: tuple[Event, ...]
    plan: Plan
    trips: tuple[TripState, ...]
    broken: tuple[BrokenVehicle, ...]
    received_s: Mapping[str, int | None]
    on_time: Mapping[str, bool]
    projected: Plan
    stuck: Mapping[str, str]


def state_of(
    plan: Plan,
    instance: Instance,
    events: Sequence[Event],
    now_s: int,
    assume: Assume = Assume.PLANNED,
    *,
    tolerance_s: int = TOLERANCE_S,
) -> State:
    """Where the plan stands at `now_s`.

    Parameters
    ----------
    plan
        The plan in force.
    instance
        As its files say; the reports are applied here.
    events
        Reports that hold (`planner.events.read.read_events`).
    """
    raise NotImplementedError
