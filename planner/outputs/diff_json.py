"""What changes from one plan to another, for machines: enough to make the second plan of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from planner.base.clock import Clock
from planner.compare.changes import Calling, Differences, RegionChange, VehicleChange, Visit
from planner.outputs.diff_areas import AreaFigures, AreaRow
from planner.outputs.diff_names import DiffNames
from planner.outputs.diff_words import Message
from planner.plans.model import Plan, RegionResult, Stop, Trip

__all__ = ["diff_document"]


def diff_document(
    found: Differences,
    plans: tuple[Plan, Plan],
    rows: Sequence[AreaRow],
    told: Sequence[Message],
    names: DiffNames,
    clock: Clock,
) -> dict[str, Any]:
    """The object that ``plan diff --json`` prints, but for the files' names.

    Parameters
    ----------
    found
        What changes.
    plans
        The first and the second plan.
    rows
        Both plans by area; the last row is for all.
    told
        The messages, in the order of time.
    names, clock
        By which places are called, and moments are written.
    """
    made = _Document(names, clock)
    return {
        "same_instance": plans[0].instance_digest == plans[1].instance_digest,
        "from": None if found.from_s is None else clock.text(found.from_s),
        "tolerance_s": found.tolerance_s,
        "regions_changed": list(found.regions_changed),
        "areas": [made.area(row) for row in rows],
        "regions": [made.region(one) for one in found.regions],
        "vehicles": [made.vehicle(one, plans) for one in found.vehicles],
        "places": [
            {
                "id": one.place_id,
                "name": names.place(one.place_id),
                "what": [what.value for what in one.what],
                "counts": one.counts,
                "changes": [
                    {"before": made.calling(pair.before), "after": made.calling(pair.after)}
                    for pair in one.pairs
                ],
            }
            for one in found.places
        ],
        "messages": [made.message(one) for one in told],
    }


class _Document:
    def __init__(self, names: DiffNames, clock: Clock) -> None:
        self._names, self._clock = names, clock

    def _at(self, seconds: int | None) -> str | None:
        return None if seconds is None else self._clock.text(seconds)

    def area(self, row: AreaRow) -> dict[str, Any]:
        """One area; `id` is empty for all together."""
        return {
            "id": row.id,
            "name": row.name,
            "before": _figures(row.before),
            "after": _figures(row.after),
        }

    def region(self, one: RegionChange) -> dict[str, Any]:
        """One region, with who comes in both plans."""
        return {
            "id": one.region_id,
            "name": self._names.place(one.region_id),
            "what": [what.value for what in one.what],
            "counts": one.counts,
            "past": one.past,
            "before": self._result(one.before, one.visits_before),
            "after": self._result(one.after, one.visits_after),
        }

    def _result(self, one: RegionResult | None, visits: Sequence[Visit]) -> dict[str, Any] | None:
        if one is None and not visits:
            return None
        return {
            "status": None if one is None else one.status.value,
            "received": None if one is None else self._at(one.received_s),
            "deadline": None if one is None else self._at(one.deadline_s),
            "visits": [
                {
                    "vehicle": visit.vehicle_id,
                    "trip": visit.trip_id,
                    "origin": visit.origin_id,
                    "arrive": self._at(visit.arrive_s),
                    "end": self._at(visit.end_s),
                    "units": dict(visit.units),
                }
                for visit in visits
            ],
        }

    def vehicle(self, one: VehicleChange, plans: tuple[Plan, Plan]) -> dict[str, Any]:
        """One vehicle, with the whole of its trips in both plans."""
        before, after = (
            [self._trip(trip) for trip in sorted(plan.trips, key=_start) if trip.vehicle_id == one.vehicle_id]
            for plan in plans
        )
        return {
            "id": one.vehicle_id,
            "type": one.vehicle_type,
            "name": self._names.vehicle(one.vehicle_id, one.vehicle_type),
            "call_sign": self._names.sign(one.vehicle_id),
            "what": [what.value for what in one.what],
            "counts": one.counts,
            "before": before,
            "after": after,
        }

    def _trip(self, one: Trip) -> dict[str, Any]:
        return {
            "id": one.id,
            "origin": one.origin_id,
            "dock": one.dock,
            "load_start": self._at(one.load_start_s),
            "depart": self._at(one.depart_s),
            "stops": [self._stop(stop) for stop in one.stops],
            "back": None if one.back is None else [self._at(one.back.depart_s), self._at(one.back.arrive_s)],
            "end": self._at(one.end_s),
            "broken": None if one.broken is None else one.broken.node_id,
        }

    def _stop(self, one: Stop) -> dict[str, Any]:
        return {
            "node": one.node_id,
            "name": self._names.place(one.node_id),
            "depart": self._at(one.leg.depart_s),
            "arrive": self._at(one.leg.arrive_s),
            "start": self._at(one.start_s),
            "end": self._at(one.end_s),
            "deliveries": [
                [item.consignment_id, item.region_id, item.part, item.first_unit, item.units]
                for item in one.deliveries
            ],
            "fetched": [item.consignment_id for item in one.fetched],
            "items": {item.item_id: item.quantity for item in one.items},
        }

    def calling(self, one: Calling | None) -> dict[str, Any] | None:
        """A vehicle that loads or unloads somewhere."""
        if one is None:
            return None
        return {
            "vehicle": one.vehicle_id,
            "trip": one.trip_id,
            "loads": one.loads,
            "at": self._at(one.at_s),
            "end": self._at(one.end_s),
            "dock": one.dock,
            "pieces": one.pieces,
            "regions": list(one.regions),
        }

    def message(self, one: Message) -> dict[str, Any]:
        """What is to be told to whom, and their telephones."""
        return {
            "recipient": one.recipient,
            "id": one.id,
            "name": one.name,
            "time": self._at(one.at_s),
            "what": [what.value for what in one.what],
            "counts": one.counts,
            "text": one.text,
            "contacts": [
                {"name": who.name, "role": who.role, "phone": who.phone}
                for who in self._names.contacts(*one.called)
            ],
        }


def _start(trip: Trip) -> tuple[int, str]:
    return trip.load_start_s, trip.id


def _figures(one: AreaFigures) -> Mapping[str, Any]:
    return asdict(one)
