"""Reports as lines of a list; those of one confirmation of many are one line unless all are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from planner.base.text import words
from planner.events.schema import Event
from planner.instance.call_signs import call_signs
from planner.instance.schema import Instance
from planner.outputs.figures import moment, number
from planner.plans.model import Plan

__all__ = ["event_lines"]


def event_lines(
    events: Sequence[Event],
    sentence: Callable[[Event], str],
    instance: Instance,
    plan: Plan,
    *,
    apart: Collection[str] = (),
    everything: bool = False,
) -> Iterator[tuple[Event, str]]:
    """Yield each report and its line, in their order.

    Parameters
    ----------
    events
        In order.
    sentence
        Says what one means.
    instance, plan
        What they are about.
    apart
        Ids of reports that have lines of their own in any case, as those without effect.
    everything
        Whether each of a confirmation of many has a line of its own; else they have one where the first
        of them stands.
    """
    groups: dict[str, list[Event]] = {}
    for one in events:
        if one.bulk and one.id not in apart:
            groups.setdefault(one.bulk, []).append(one)
    for one in events:
        mine = [] if one.id in apart else groups.get(one.bulk, [])
        if everything or len(mine) < 2:
            yield one, sentence(one)
        elif one is mine[0]:
            yield one, _folded(mine, instance, plan)


def _folded(events: Sequence[Event], instance: Instance, plan: Plan) -> str:
    """A confirmation of many in one sentence: by whom, of which vehicles, and when it was expected."""
    signs, vehicle_of = call_signs(instance), {trip.id: trip.vehicle_id for trip in plan.trips}
    vehicles = dict.fromkeys(vehicle_of.get(name, name) for one in events for name in one.subject)
    moments = [one.begins_s for one in events]
    return words(
        "events.told.folded",
        first=events[0].id,
        last=events[-1].id,
        number=number(len(events)),
        by=events[0].by or "–",
        subjects=", ".join(signs.of(one) or one for one in vehicles),
        begins=moment(min(moments), instance.clock),
        until=moment(max(moments), instance.clock),
    )
