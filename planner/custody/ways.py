"""The way of each box by a plan: by which trips it comes where, and which boxes a hand-over should have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.instance.boxes import Box, Boxes, as_scanned
from planner.instance.schema import Instance
from planner.plans.model import Plan, Trip

__all__ = ["Call", "Move", "Ways"]


@dataclass(frozen=True, slots=True)
class Call:
    """One hand-over of a plan: what a trip loads at a place, or unloads at a stop.

    Parameters
    ----------
    trip, vehicle
        Whose it is.
    place
        Where.
    stop
        Number of the stop at which is unloaded, from 0; None: it is loaded.
    at_s
        When, by the plan.
    """

    trip: str
    vehicle: str
    place: str
    stop: int | None
    at_s: int


@dataclass(frozen=True, slots=True)
class Move:
    """One box on one trip: where it is loaded, and where unloaded (None: it is still aboard at the end)."""

    load: Call
    unload: Call | None


class Ways:
    """All boxes of an instance, and what a plan does with each.

    Parameters
    ----------
    plan
        The plan in force.
    instance
        As the reports that the plan holds leave it.
    coded
        Items whose boxes have codes (`planner.instance.boxes.Boxes`).
    """

    def __init__(self, plan: Plan, instance: Instance, coded: Sequence[str] = ()) -> None:
        boxes = Boxes(instance, coded)
        self.box_of: dict[str, Box] = {}
        units: dict[tuple[str, str, int], list[str]] = {}
        for region in instance.regions:
            for box in boxes.of_region(region):
                code = as_scanned(box.code)
                if self.box_of.setdefault(code, box) is box:
                    units.setdefault((box.region_id, box.part, box.index), []).append(code)
        self._moves: dict[str, list[Move]] = {}
        self._expected: dict[Call, dict[str, None]] = {}
        self._calls: dict[tuple[str, bool], dict[Call, None]] = {}
        for trip in plan.trips:
            for move, unit in _moves_of(trip):
                for code in units.get(unit, ()):
                    self._add(move, code)
        for moves in self._moves.values():
            moves.sort(key=lambda one: one.load.at_s)

    def _add(self, move: Move, code: str) -> None:
        self._moves.setdefault(code, []).append(move)
        for call in (move.load, move.unload):
            if call is not None:
                self._expected.setdefault(call, {})[code] = None
                self._calls.setdefault((call.place, call.stop is None), {})[call] = None

    def moves_of(self, code: str) -> Sequence[Move]:
        """How the plan moves a box, in time; nothing where it leaves it where it is."""
        return self._moves.get(code, ())

    def expected(self, call: Call) -> Mapping[str, None]:
        """Boxes of a hand-over."""
        return self._expected[call]

    def calls(self, place: str, vehicle: str, *, loads: bool) -> Sequence[Call]:
        """Hand-overs at a place, in time: those of a vehicle, or all where none is named."""
        found = self._calls.get((place, loads), ())
        mine = (one for one in found if vehicle in ("", one.vehicle))
        return sorted(mine, key=lambda one: (one.at_s, one.trip))


def _moves_of(trip: Trip) -> Iterator[tuple[Move, tuple[str, str, int]]]:
    """Moves of a trip, each with the unit that makes it."""
    origin = Call(trip.id, trip.vehicle_id, trip.origin_id, None, trip.load_start_s)
    taken: dict[tuple[str, str, int], Call] = {}
    for stop in trip.stops:
        for given in stop.fetched:
            fetched = Call(trip.id, trip.vehicle_id, stop.node_id, None, stop.start_s)
            taken |= {
                (given.region_id, given.part, given.first_unit + at): fetched for at in range(given.units)
            }
    for number, stop in enumerate(trip.stops):
        call = Call(trip.id, trip.vehicle_id, stop.node_id, number, stop.end_s)
        for given in stop.deliveries:
            for at in range(given.units):
                unit = (given.region_id, given.part, given.first_unit + at)
                yield Move(taken.get(unit, origin), call), unit
    for given in () if trip.broken is None else trip.broken.deliveries:
        for at in range(given.units):
            unit = (given.region_id, given.part, given.first_unit + at)
            yield Move(taken.get(unit, origin), None), unit
