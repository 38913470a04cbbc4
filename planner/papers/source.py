"""A plan with all that papers ask of it: tables as reports leave them, names, boxes, what goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby

from planner.base.text import words
from planner.events.apply import effective
from planner.events.read import row_faults, rows_of
from planner.instance.boxes import Boxes
from planner.instance.schema import Edge, Instance
from planner.outputs.figures import number
from planner.outputs.transfers import hauls
from planner.papers.names import Names
from planner.papers.settings import Letters
from planner.plans.model import Delivery, Leg, Plan, StepKind, Stop, Trip

__all__ = ["Source", "source_of"]

_ENDS = 4  # names of a long way that stand before and after what is only counted


class Source:
    """What papers are made of.

    Parameters
    ----------
    plan
        The plan.
    instance
        As the plan's reports leave it.
    letters
        How the office writes.
    """

    def __init__(self, plan: Plan, instance: Instance, letters: Letters) -> None:
        self.plan, self.instance, self.letters = plan, instance, letters
        self.clock = instance.clock
        self.names = Names(instance, letters)
        self.boxes = Boxes(instance, letters.coded)
        self.deadline_s = {row.region_id: row.deadline_s for row in plan.regions}

    @cached_property
    def trips_of(self) -> Mapping[str, Sequence[Trip]]:
        """Trips of each vehicle in time."""
        found: dict[str, list[Trip]] = {}
        for trip in sorted(self.plan.trips, key=lambda each: (each.load_start_s, each.id)):
            found.setdefault(trip.vehicle_id, []).append(trip)
        return dict(sorted(found.items()))

    @cached_property
    def trips_from(self) -> Mapping[str, Sequence[Trip]]:
        """Trips that load at each place, in time."""
        found: dict[str, list[Trip]] = {}
        for trip in sorted(self.plan.trips, key=lambda each: (each.load_start_s, each.id)):
            found.setdefault(trip.origin_id, []).append(trip)
        return found

    @cached_property
    def _onward(self) -> Mapping[tuple[str, str, str], Trip]:
        found = {}
        for (region, consignment), its_hauls in hauls(self.plan).items():
            for before, after in zip(its_hauls, its_hauls[1:], strict=False):
                found[region, consignment, before.trip.id] = after.trip
        return found

    def onward(self, trip: Trip, given: Delivery) -> Trip | None:
        """The trip that takes a consignment on from where this one leaves it; None: it stays there."""
        return self._onward.get((given.region_id, given.consignment_id, trip.id))

    def slack_s(self, trip: Trip, stop: Stop) -> int | None:
        """How much later a stop may end: before deadlines, and before what is loaded there next."""
        found = []
        for given in stop.deliveries:
            if given.region_id == stop.node_id:
                found.append(self.deadline_s.get(given.region_id, stop.end_s) - 1 - stop.end_s)
            elif (after := self.onward(trip, given)) is not None:
                hub = next((row for row in self.instance.hubs if row.id == stop.node_id), None)
                takes_s = 0 if hub is None else hub.transfer_s(sum(row.pieces for row in stop.deliveries))
                found.append(after.load_start_s - takes_s - stop.end_s)
        return min(found, default=None)

    def day(self, seconds: int) -> date:
        """Local day of a moment."""
        return self.clock.day(seconds)

    # ------------------------------------------------------------ ways

    @cached_property
    def _edge_of(self) -> Mapping[str, Edge]:
        return {edge.id: edge for edge in self.instance.edges}

    def way_text(self, leg: Leg, trip: Trip) -> str:
        """A leg's way: mode after mode, each with its length and the places that it passes."""
        return "; ".join(self._parts(leg, trip))

    def _parts(self, leg: Leg, trip: Trip) -> Iterator[str]:
        pieces = []
        for step in leg.path:
            if step.kind is StepKind.KNOWN:
                kind = self.instance.vehicle_type_of.get(trip.vehicle_type)
                mode = "known" if kind is None else kind.modes[0].value
                pieces.append((mode, "", leg.distance_m, leg.to_node))
            elif (edge := self._edge_of.get(step.ref)) is not None:
                end = edge.to_node if step.kind is StepKind.FORWARD else edge.from_node
                pieces.append((edge.mode.value, edge.class_, edge.length_m, end))
        for mode, group in groupby(pieces, key=lambda piece: piece[0]):
            rows = list(group)
            passed = [self.names.place(row[3]) for row in rows]
            passed = [name for name in passed if name != self.names.place(leg.to_node)]
            classes = ", ".join(dict.fromkeys(row[1] for row in rows if row[1]))
            yield words(
                "papers.way.via" if passed else "papers.way.straight",
                mode=words(f"papers.mode.{mode}") + (f" ({classes})" if classes else ""),
                km=number(max(1, round(sum(row[2] for row in rows) / 1000))),
                places=" – ".join(_shortened(passed)),
            )


def _shortened(names: Sequence[str]) -> Sequence[str]:
    if len(names) <= 2 * _ENDS:
        return names
    left = len(names) - 2 * _ENDS
    return [*names[:_ENDS], words("papers.way.more", number=number(left)), *names[-_ENDS:]]


def source_of(plan: Plan, instance: Instance, letters: Letters) -> Source:
    """The plan with the tables as the reports that it holds leave them."""
    rows = () if plan.replan is None else plan.replan.events
    events, _ = row_faults(rows_of(rows), instance, plan)
    return Source(plan, effective(instance, events) if events else instance, letters)
