"""Units of deliveries: the first of them and the others, and those that are still needed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from planner.events.apply import effective
from planner.events.drafts import Draft
from planner.events.schema import Event
from planner.instance.decisions import rulings_of
from planner.instance.kits import unit_loads
from planner.instance.schema import DecisionRule, Instance
from planner.plans.model import Delivery

__all__ = ["Units"]


class Units:
    """Parts deliveries.

    Parameters
    ----------
    instance
        What the files say, without reports.
    events
        All reports that hold.
    drafts
        The trips, of which consignments that came by way of hubs are parted too.
    """

    def __init__(self, instance: Instance, events: Sequence[Event], drafts: Iterable[Draft]) -> None:
        self._instance, self._events, self._drafts = instance, events, tuple(drafts)

    @cached_property
    def _tables(self) -> Instance:
        """What the files say with the reports applied."""
        return effective(self._instance, self._events)

    @cached_property
    def _left_out(self) -> frozenset[str]:
        """Regions to which nothing goes by decision."""
        rulings = rulings_of(self._tables)
        return frozenset(
            name for one in rulings if one.rule is DecisionRule.LEAVE_OUT for name in one.regions
        )

    def parted(
        self, goods: list[Delivery], number: int, event: Event
    ) -> tuple[list[Delivery], list[Delivery]]:
        """The first units of each consignment, and the others; the legs before are parted likewise."""
        kept: list[Delivery] = []
        rest: list[Delivery] = []
        for one in goods:
            if one.units <= number:
                kept.append(one)
            elif not number:
                rest.append(one)
            else:
                first, second = self._halves(one, number, event)
                kept.append(first)
                rest.append(second)
                self._part_before(one, (first, second))
        return kept, rest

    def _halves(self, one: Delivery, number: int, event: Event) -> tuple[Delivery, Delivery]:
        name = f"{one.consignment_id}~{event.id}"
        second = self._run_of(one, name, one.first_unit + number, one.units - number)
        return self._run_of(one, one.consignment_id, one.first_unit, number), second

    def _run_of(self, one: Delivery, name: str, first: int, units: int) -> Delivery:
        """Other units of a delivery's region and part, with their load."""
        region = self._tables.region_of[one.region_id]
        mine = unit_loads(self._tables, region).get(one.part, ())[first : first + units]
        return replace(
            one,
            consignment_id=name,
            first_unit=first,
            units=units,
            mass_g=sum(load.mass_g for load in mine),
            volume_cm3=sum(load.volume_cm3 for load in mine),
            pieces=sum(load.pieces for load in mine),
        )

    def _part_before(self, one: Delivery, halves: tuple[Delivery, Delivery]) -> None:
        """A consignment that came by way of hubs was two from the beginning."""
        for draft in self._drafts:
            for halt in draft.halts:
                if one in halt.goods and halt.stop.node_id != one.region_id:
                    at = halt.goods.index(one)
                    halt.goods[at : at + 1] = halves
                    draft.changed = True

    def _needed(self, one: Delivery, there: Collection[str]) -> Iterator[Delivery]:
        """What is still needed of a delivery: the same, the units before those that are not, or nothing.

        What is on its way already (`there`) stays together.
        """
        waived = self._tables.waived
        if one.region_id in self._left_out:
            return
        wanted = [
            unit
            for unit in range(one.first_unit, one.first_unit + one.units)
            if (one.region_id, one.part, unit) not in waived
        ]
        if len(wanted) == one.units:
            yield one
        elif (
            wanted
            and one.consignment_id not in there
            and wanted == list(range(one.first_unit, one.first_unit + len(wanted)))
        ):
            yield self._run_of(one, one.consignment_id, one.first_unit, len(wanted))
        elif wanted:
            yield one

    def leave_out(self, fresh: Sequence[Event]) -> Iterator[str]:
        """Take what is not needed any more off trips that had not begun when told; yield those left out."""
        if not fresh:
            return
        told_s = max(one.time_s for one in fresh)
        begun = [
            draft
            for draft in self._drafts
            if draft.trip.begun or draft.told or draft.trip.load_start_s < told_s
        ]
        there = {one.consignment_id for draft in begun for halt in draft.halts for one in halt.goods}
        for draft in self._drafts:
            if draft in begun:
                continue
            for halt in tuple(draft.halts):
                goods = [run for one in halt.goods for run in self._needed(one, there)]
                if goods != halt.goods:
                    draft.changed = True
                    halt.goods = goods
                    if not goods and len(draft.halts) > 1:
                        draft.halts.remove(halt)
            if draft.changed and not any(one.goods or one.stop.items for one in draft.halts):
                yield draft.trip.id
